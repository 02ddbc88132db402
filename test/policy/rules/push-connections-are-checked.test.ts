import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { check, connection, reference, registry, REGISTRY_ID, roleDefinition, ROLES, SUBSCRIPTION } from "../declared";

const rule = "push-connections-are-checked";
const pushing = () => connection("push", roleDefinition(ROLES.push));
const pulling = () => connection("pull", roleDefinition(ROLES.pull));

describe(rule, () => {
  it("lets pass a connection that pushes with a check, and one that pulls without", () => {
    assert.deepEqual(found(rule, [...pushing(), check("check", "push"), ...pulling()]), []);
  });

  it("refuses one that pushes without, and where the check is on another one, or names no template", () => {
    assert.deepEqual(found(rule, [...pushing(), ...pulling(), check("check", "pull")]), ["push"]);
    const toothless = check("check", "push");
    const args = { ...toothless.args, requiredTemplates: [] };
    assert.deepEqual(found(rule, [...pushing(), { ...toothless, args }]), ["push"]);
  });

  it("takes every role on a registry for one that pushes, but for those that only read", () => {
    const ofYourOwn = roleDefinition("aaaaaaaa-1111-4222-8333-444444444444");
    assert.deepEqual(found(rule, connection("own", ofYourOwn)), ["own"]);
    assert.deepEqual(found(rule, connection("reader", roleDefinition("ACDD72A7-3385-48EF-BD42-F980B9B2D2C5"))), []);
  });

  it("takes an owner of the whole group for one that pushes, and no one with a role on other things", () => {
    const group = `${SUBSCRIPTION}/resourceGroups/rg`;
    const storage = roleDefinition("ba92f5b4-2d11-453d-a403-e96b0029c9fe");
    assert.deepEqual(found(rule, connection("owner", roleDefinition(ROLES.owner), group)), ["owner"]);
    assert.deepEqual(found(rule, connection("storage", storage, group)), []);
  });

  it("refuses one whose identity Azure DevOps makes by itself: that one may push", () => {
    const [, automatic] = pushing();
    const args = Object.fromEntries(Object.entries(automatic!.args).filter(([name]) => name !== "credentials"));
    assert.deepEqual(found(rule, [{ ...automatic!, args }]), ["push"]);
  });

  it("knows who is whose by what is written out, where nothing is to be waited for", () => {
    const [identity, endpoint, assignment] = pushing();
    const written = [
      { ...identity!, args: { ...identity!.args, clientId: "client", principalId: "principal" } },
      { ...endpoint!, args: { ...endpoint!.args, id: "1234", credentials: { serviceprincipalid: "client" } } },
      { ...assignment!, args: { ...assignment!.args, principalId: "principal" } },
    ];
    assert.deepEqual(found(rule, written), ["push"]);
    const checking = check("check", "push");
    const byId = { ...checking, args: { ...checking.args, targetResourceId: "1234" } };
    assert.deepEqual(found(rule, [...written, byId]), []);
  });

  it("knows a registry that is not made yet by what the scope is made of", () => {
    const scope = reference("registry");
    assert.deepEqual(found(rule, [registry("registry"), ...connection("push", roleDefinition(ROLES.push), scope)]), [
      "push",
    ]);
  });

  it("waits where the role is not known yet, and where the identity is not of this stack", () => {
    assert.deepEqual(found(rule, connection("push", UNKNOWN, REGISTRY_ID)), []);
    const [, endpoint] = pushing();
    assert.deepEqual(found(rule, [endpoint!]), []);
  });
});
