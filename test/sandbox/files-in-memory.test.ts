import { match, strictEqual } from "node:assert/strict";

import { mayHaveOwnMounts, memoryMountOptions } from "../../sandbox/files-in-memory";

const gibibyte = 2 ** 30;

describe("files in memory", () => {
  it("take half of the memory that is available, and are their user's alone", () => {
    strictEqual(memoryMountOptions(12 * gibibyte), `mode=0700,size=${6 * gibibyte}`);
    match(memoryMountOptions(12 * gibibyte + 1) ?? "", /^mode=0700,size=\d+$/);
  });

  it("are for machines with enough of it", () => {
    strictEqual(memoryMountOptions(12 * gibibyte - 1), undefined);
  });

  it("are not possible without the program that makes namespaces", async () => {
    strictEqual(await mayHaveOwnMounts({ PATH: "/nowhere" }), false);
  });
});
