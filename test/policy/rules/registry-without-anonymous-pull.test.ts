import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import { registry } from "../declared";

const rule = "registry-without-anonymous-pull";
describe(rule, () => {
  it("lets a registry pass that has it off, or says nothing of it", () => {
    assert.deepEqual(found(rule, [registry("off", { anonymousPullEnabled: false }), registry("silent")]), []);
  });

  it("refuses a registry that has it on, as a switch or as a word, in any version of Azure's interface", () => {
    const versioned = "azure-native:containerregistry/v20230701:Registry";
    assert.deepEqual(
      found(rule, [
        registry("on", { anonymousPullEnabled: true }),
        registry("word", { anonymousPullEnabled: "true" }),
        { ...registry("versioned", { anonymousPullEnabled: true }), token: versioned },
      ]),
      ["on", "word", "versioned"],
    );
    assert.deepEqual(places(rule, [registry("on", { anonymousPullEnabled: true })]), ["anonymousPullEnabled"]);
  });

  it("waits where it is not known yet", () => {
    assert.deepEqual(found(rule, [registry("later", { anonymousPullEnabled: UNKNOWN })]), []);
  });
});
