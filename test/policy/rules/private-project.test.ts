import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { devops, type Declared } from "../declared";

const rule = "private-project";
const project = (visibility?: string): Declared => ({
  token: devops("Project"),
  name: "project",
  args: { name: "Platform", ...(visibility === undefined ? {} : { visibility }) },
});

describe(rule, () => {
  it("lets a private project pass, which is the default", () => {
    assert.deepEqual(found(rule, [project("private"), project(), project(UNKNOWN)]), []);
  });

  it("refuses a public one", () => {
    assert.deepEqual(found(rule, [project("public")]), ["project"]);
  });
});
