import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { definition } from "../declared";

const rule = "project-job-scope";
const scoped = (jobAuthorizationScope: unknown) => definition("pipeline", { jobAuthorizationScope });

describe(rule, () => {
  it("lets a pipeline pass whose jobs act for the project", () => {
    assert.deepEqual(found(rule, [definition("pipeline")]), []);
  });

  it("refuses the collection, named or by default, and what only looks like project", () => {
    for (const scope of ["projectCollection", undefined, "Project", ""]) {
      assert.deepEqual(found(rule, [scoped(scope)]), ["pipeline"], String(scope));
    }
  });

  it("waits where it is not known yet", () => {
    assert.deepEqual(found(rule, [scoped(UNKNOWN)]), []);
  });
});
