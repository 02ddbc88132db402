/** Tests the table that a run of bake ends with. */
import { strict as assert } from "node:assert";
import { table, type BakeReport } from "../../../tools/bake/result";

describe("the table of baked images", () => {
  it("shows size, base image, packages, time and leaks", () => {
    const report: BakeReport = {
      kind: "application",
      name: "orders",
      pushed: true,
      base: { reference: "contoso.azurecr.io:443/base/python-web:latest", digest: `sha256:3f2a1b9${"0".repeat(57)}` },
      images: [
        {
          name: "orders-api",
          tags: ["1"],
          platforms: [{ platform: "linux/amd64", size: 61_400_000, layers: [] }],
          packages: 24,
        },
        { name: "orders-worker", tags: [], platforms: [], packages: 0 },
      ],
      built: [],
      leaks: [],
      seconds: { total: 0.34 },
      transferred: { requests: 1, fetchedBytes: 1, pushedBytes: 1 },
    };
    assert.deepEqual(table(report), [
      " image          size        base                adds  built in  leaks",
      " orders-api     61 MB       python-web@3f2a1b9  24    0.3 s     none",
      " orders-worker  not pushed  python-web@3f2a1b9  0     0.3 s     none",
    ]);
  });
});
