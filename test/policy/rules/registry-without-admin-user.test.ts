import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import { registry } from "../declared";

const rule = "registry-without-admin-user";
describe(rule, () => {
  it("lets a registry pass that has it off, or says nothing of it", () => {
    assert.deepEqual(found(rule, [registry("off", { adminUserEnabled: false }), registry("silent")]), []);
  });

  it("refuses a registry that has it on, as a switch or as a word, in any version of Azure's interface", () => {
    const versioned = "azure-native:containerregistry/v20230701:Registry";
    assert.deepEqual(
      found(rule, [
        registry("on", { adminUserEnabled: true }),
        registry("word", { adminUserEnabled: "true" }),
        { ...registry("versioned", { adminUserEnabled: true }), token: versioned },
      ]),
      ["on", "word", "versioned"],
    );
    assert.deepEqual(places(rule, [registry("on", { adminUserEnabled: true })]), ["adminUserEnabled"]);
  });

  it("waits where it is not known yet", () => {
    assert.deepEqual(found(rule, [registry("later", { adminUserEnabled: UNKNOWN })]), []);
  });
});
