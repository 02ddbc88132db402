import { strict as assert } from "node:assert";
import { leaves, mends, places } from "../expect";

const rule = "old-frontend";
const run = "FROM a\nRUN --mount=type=secret,id=t,env=T,required=true true\n";

describe(rule, () => {
  it("finds versions before 1.10, and names the newest of version 1", () => {
    for (const version of ["1.2", "1.4.3", "1.9"]) {
      assert.deepEqual(places(rule, `# syntax=docker/dockerfile:${version}\n${run}`), ["1:10 error"], version);
    }
    mends(rule, `# syntax = docker/dockerfile:1.7-labs\n${run}`, `# syntax = docker/dockerfile:1-labs\n${run}`);
  });

  it("does not mend one that is pinned", () => {
    assert.deepEqual(places(rule, `# syntax=docker/dockerfile:1.7@sha256:abc\n${run}`), []);
    leaves("secret-shown", `# syntax=docker/dockerfile:1\n${run.replace("true true", "true echo $T")}`);
  });

  it("lets newer ones, none, and files without such mounts be", () => {
    for (const version of ["1", "1.10", "1.21.0", "2", "latest"]) {
      assert.deepEqual(places(rule, `# syntax=docker/dockerfile:${version}\n${run}`), [], version);
    }
    assert.deepEqual(places(rule, run), []);
    assert.deepEqual(places(rule, "# syntax=docker/dockerfile:1.2\nFROM a\nRUN --mount=type=secret,id=t true\n"), []);
  });
});
