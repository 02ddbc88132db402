import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { PROJECT, REGISTRY_ID, roleDefinition, ROLES, SUBSCRIPTION, type Declared } from "../declared";

const rule = "role-assignments-on-the-registry";
const assignment = (scope: unknown, role: string = ROLES.pull): Declared => ({
  token: "azure-native:authorization:RoleAssignment",
  name: "assignment",
  args: { principalId: PROJECT, roleDefinitionId: roleDefinition(role), scope },
});

const group = `${SUBSCRIPTION}/resourceGroups/rg`;

describe(rule, () => {
  it("lets a registry pass, however its id is written", () => {
    assert.deepEqual(
      found(rule, [assignment(REGISTRY_ID), assignment(`${REGISTRY_ID}/`), assignment(REGISTRY_ID.toLowerCase())]),
      [],
    );
  });

  it("refuses what is around it: group, subscription, management group, another resource", () => {
    const scopes = [
      group,
      SUBSCRIPTION,
      "/",
      "/providers/Microsoft.Management/managementGroups/contoso",
      `${group}/providers/Microsoft.Storage/storageAccounts/state`,
      `${group}/providers/Microsoft.ContainerRegistry/registries`,
      `${REGISTRY_ID}/../../..`,
    ];
    for (const scope of scopes) assert.deepEqual(found(rule, [assignment(scope)]), ["assignment"], scope);
  });

  it("lets a scope pass that the organization names", () => {
    const otherScopes = ["/storageAccounts/state$"];
    const state = `${group}/providers/Microsoft.Storage/storageAccounts/state`;
    assert.deepEqual(found(rule, [assignment(state)], { otherScopes }), []);
    assert.deepEqual(found(rule, [assignment(group)], { otherScopes }), ["assignment"]);
  });

  it("waits for the id of a registry that is not made yet", () => {
    assert.deepEqual(found(rule, [assignment(UNKNOWN)]), []);
  });
});
