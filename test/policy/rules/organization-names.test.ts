import assert from "node:assert/strict";
import { ask, found, UNKNOWN } from "../asking";
import { definition, feed, registry } from "../declared";

const rule = "organization-names";
describe(rule, () => {
  it("lets every name pass until the organization has a rule", () => {
    assert.deepEqual(found(rule, [registry("Anything"), feed("any thing"), definition("x")]), []);
  });

  it("refuses a name that does not fit, for that kind of thing alone", () => {
    const parameters = { registry: "^contoso[a-z]+$", pipeline: "^[a-z-]+$" };
    const things = [registry("contosoimages"), registry("other"), definition("Orders"), feed("Anything")];
    assert.deepEqual(found(rule, things, parameters), ["other", "Orders"]);
  });

  it("shows the pattern and not the name", () => {
    const [finding] = ask(rule, [registry("r", { registryName: "hidden" })], { registry: "^contoso" });
    assert.match(finding!.message, /registryName: it does not fit \^contoso/);
    assert.ok(!finding!.message.includes("hidden"));
  });

  it("waits where the name is not known, or made up by the provider", () => {
    const unnamed = registry("r", { registryName: undefined });
    assert.deepEqual(found(rule, [registry("r", { registryName: UNKNOWN }), unnamed], { registry: "^contoso" }), []);
  });

  it("takes no pattern that is none, and no word that it does not know", () => {
    assert.throws(() => ask(rule, [registry("r")], { registry: "(" }), /organization-names is wrong: registry: is not/);
    assert.throws(() => ask(rule, [registry("r")], { registries: "x" }), /organization-names is wrong: .*registries/);
  });
});
