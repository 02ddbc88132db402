import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import { definition, devops, PROJECT, type Declared } from "../declared";

const rule = "no-secrets-in-pipeline-variables";
const group = (...variables: unknown[]): Declared => ({
  token: devops("VariableGroup"),
  name: "group",
  args: { projectId: PROJECT, name: "group", variables },
});

describe(rule, () => {
  it("lets plain variables pass, and secrets that are marked", () => {
    const marked = { name: "NPM_TOKEN", isSecret: true, secretValue: "of no use" };
    assert.deepEqual(found(rule, [group({ name: "PULUMI_STACK", value: "production" }, marked)]), []);
    assert.deepEqual(found(rule, [definition("pipeline", { variables: [marked] })]), []);
  });

  it("refuses a variable that is named as a secret, of a group or a pipeline", () => {
    assert.deepEqual(places(rule, [group({ name: "A", value: "b" }, { name: "dbPassword", value: "of no use" })]), [
      "variables[1].value",
    ]);
    const variables = [{ name: "FEED_TOKEN", value: UNKNOWN }];
    assert.deepEqual(found(rule, [definition("pipeline", { variables })]), ["pipeline"]);
  });

  it("refuses a value that is a credential, whatever its name", () => {
    const value = `https://user:${"x".repeat(12)}@packages.example.com/simple/`;
    assert.deepEqual(found(rule, [group({ name: "INDEX", value })]), ["group"]);
  });

  it("waits where it is not known whether it is marked", () => {
    assert.deepEqual(found(rule, [group({ name: "NPM_TOKEN", value: "x", isSecret: UNKNOWN }, UNKNOWN)]), []);
  });
});
