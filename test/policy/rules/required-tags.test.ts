import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import { registry, repositoryFile } from "../declared";

const rule = "required-tags";
const tags = { owner: ".+", "cost-center": "^[0-9]{4}$" };
const tagged = (given: unknown) => registry("registry", { tags: given });

describe(rule, () => {
  it("asks for no tag until the organization does", () => {
    assert.deepEqual(found(rule, [tagged(undefined)]), []);
  });

  it("lets a resource with all tags pass, and what takes none", () => {
    const file = repositoryFile("file", "README.md", "");
    assert.deepEqual(found(rule, [tagged({ owner: "platform", "cost-center": "4711", more: "" }), file], { tags }), []);
  });

  it("refuses a tag that is missing, empty or of another form", () => {
    assert.deepEqual(places(rule, [tagged({ owner: "platform" })], { tags }), ["tags.cost-center"]);
    assert.deepEqual(places(rule, [tagged({ owner: "", "cost-center": "4711" })], { tags }), ["tags.owner"]);
    assert.deepEqual(places(rule, [tagged({ owner: "x", "cost-center": "none" })], { tags }), ["tags.cost-center"]);
    assert.deepEqual(places(rule, [tagged(undefined)], { tags }), ["tags.owner", "tags.cost-center"]);
  });

  it("refuses further types that the organization names", () => {
    const account = { token: "azure-native:storage:StorageAccount", name: "state", args: {} };
    assert.deepEqual(found(rule, [account], { tags: { owner: ".+" } }), []);
    assert.deepEqual(found(rule, [account], { tags: { owner: ".+" }, types: [account.token] }), ["state"]);
  });

  it("waits for values that are not known yet", () => {
    assert.deepEqual(found(rule, [tagged(UNKNOWN), tagged({ owner: UNKNOWN, "cost-center": UNKNOWN })], { tags }), []);
  });
});
