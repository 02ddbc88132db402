import assert from "node:assert/strict";
import { ask, found, UNKNOWN } from "../asking";
import { PROJECT, REGISTRY_ID, roleDefinition, ROLES, SUBSCRIPTION, type Declared } from "../declared";

const rule = "registry-roles-are-narrow";
const assignment = (scope: unknown, role: string): Declared => ({
  token: "azure-native:authorization:RoleAssignment",
  name: "assignment",
  args: { principalId: PROJECT, roleDefinitionId: roleDefinition(role), scope },
});

const ofYourOwn = "AAAAAAAA-1111-4222-8333-444444444444";

describe(rule, () => {
  it("lets pulling and pushing pass", () => {
    assert.deepEqual(found(rule, [assignment(REGISTRY_ID, ROLES.pull), assignment(REGISTRY_ID, ROLES.push)]), []);
  });

  it("refuses an owner by name, and a role that it does not know", () => {
    const [owner, own] = ask(rule, [assignment(REGISTRY_ID, ROLES.owner), assignment(REGISTRY_ID, ofYourOwn)]);
    assert.match(owner!.message, /roleDefinitionId: the role is Owner/);
    assert.match(own!.message, /roleDefinitionId: the role is not one for images/);
    assert.ok(!own!.message.includes(ofYourOwn));
  });

  it("refuses an owner of a registry that is not made yet", () => {
    assert.deepEqual(found(rule, [assignment(UNKNOWN, ROLES.owner)]), ["assignment"]);
  });

  it("says nothing of what is no registry: that is for another rule", () => {
    assert.deepEqual(found(rule, [assignment(SUBSCRIPTION, ROLES.owner)]), []);
  });

  it("lets roles pass that the organization names", () => {
    const deleting = "c2f4ef07-c644-48eb-af81-4b1b4947fb11";
    assert.deepEqual(found(rule, [assignment(REGISTRY_ID, deleting)]), ["assignment"]);
    assert.deepEqual(found(rule, [assignment(REGISTRY_ID, deleting)], { roles: ["AcrDelete"] }), []);
    assert.deepEqual(found(rule, [assignment(REGISTRY_ID, ofYourOwn)], { otherRoles: [ofYourOwn.toLowerCase()] }), []);
  });

  it("waits where the role is not known yet", () => {
    const later = assignment(REGISTRY_ID, "");
    assert.deepEqual(found(rule, [{ ...later, args: { ...later.args, roleDefinitionId: UNKNOWN } }]), []);
  });
});
