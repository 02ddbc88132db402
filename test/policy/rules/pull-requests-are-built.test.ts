import assert from "node:assert/strict";
import { found } from "../asking";
import { buildValidation, definition } from "../declared";

const rule = "pull-requests-are-built";
const application = { ...definition("orders"), parent: "wheelhouse:index:Platform$wheelhouse:index:AppImagePipeline" };
const preview = { ...definition("preview"), parent: "wheelhouse:index:PreviewPipeline" };

describe(rule, () => {
  it("lets pipelines pass that a build validation runs", () => {
    const policies = [buildValidation("a", "orders"), buildValidation("b", "preview")];
    assert.deepEqual(found(rule, [application, preview, ...policies]), []);
  });

  it("refuses applications and the preview without one, and where it is another's", () => {
    assert.deepEqual(found(rule, [application, preview, buildValidation("a", "preview")]), ["orders"]);
    assert.deepEqual(found(rule, [preview]), ["preview"]);
  });

  it("knows the pipeline by its number, where that is written out", () => {
    const numbered = { ...application, args: { ...application.args, id: "42" } };
    const policy = buildValidation("policy", "nothing", {}, { buildDefinitionId: 42 });
    assert.deepEqual(found(rule, [numbered, policy]), []);
    assert.deepEqual(found(rule, [{ ...numbered, args: { ...numbered.args, id: "4" } }, policy]), ["orders"]);
  });

  it("lets base images pass, which no pull request starts", () => {
    assert.deepEqual(found(rule, [{ ...definition("base"), parent: "wheelhouse:index:BaseImagePipeline" }]), []);
  });
});
