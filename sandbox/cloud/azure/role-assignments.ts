/** Who has which role on what in Azure. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid, missing } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import { newGuid, type Entity, type Reference } from "../state";
import { byId, idOf, ownObjectId, refuseChange, systemData, tokens } from "./resource-manager";

/** Built-in roles that have to do with a registry, by the ids that Azure publishes. */
const roles: Readonly<Record<string, string>> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
  "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
  "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
  "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
  "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
};

const inputs = z.looseObject({
  principalId: z.string(),
  principalType: z.string().default("ServicePrincipal"),
  roleDefinitionId: z.string(),
  scope: z.string(),
  roleAssignmentName: z.string().optional(),
  description: z.string().optional(),
  condition: z.string().optional(),
  conditionVersion: z.string().optional(),
});

type Assignment = z.infer<typeof inputs>;

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What the scope names: an entity, or undefined for the subscription itself. Refuses a scope that does not exist. */
function scopeOf(cloud: Cloud, scope: string): Entity | undefined {
  const subscription = `/subscriptions/${cloud.subscriptionId}`.toLowerCase();
  const wanted = scope.toLowerCase();
  if (wanted === subscription) {
    return undefined;
  }
  const kinds = [tokens.resourceGroup, tokens.registry, tokens.userAssignedIdentity];
  const found = kinds.map((token) => byId(cloud, token, wanted)).find((entity) => entity !== undefined);
  if (found === undefined) {
    throw missing("ResourceNotFound", `the scope ${scope} does not exist`);
  }
  return found;
}

function checkPrincipal(cloud: Cloud, principalId: string, principalType: string): void {
  const known =
    principalId === ownObjectId(cloud) ||
    cloud.state.list(tokens.userAssignedIdentity).some((entity) => text(entity, "principalId") === principalId);
  if (!known) {
    throw invalid(
      "PrincipalNotFound",
      `the principal ${principalId} does not exist in the directory ${cloud.tenantId}`,
    );
  }
  if (principalType !== "ServicePrincipal") {
    throw invalid(
      "UnmatchedPrincipalType",
      `the principal ${principalId} is a ServicePrincipal and no ${principalType}`,
    );
  }
}

function roleOf({ roleDefinitionId }: Assignment): string {
  const id = /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([^/]+)$/i.exec(roleDefinitionId)?.[1] ?? "";
  if (!Object.hasOwn(roles, id.toLowerCase())) {
    throw invalid("RoleDefinitionDoesNotExist", `there is no role definition ${roleDefinitionId}`);
  }
  return id.toLowerCase();
}

/** The same role of the same principal on the same scope may be given only once, whatever its name. */
function refuseTwice(cloud: Cloud, wanted: Assignment, current: Entity | undefined): void {
  const twin = sameAs(cloud, wanted);
  if (twin !== undefined && twin.id !== current?.id) {
    throw conflict("RoleAssignmentExists", `the role assignment exists already, as ${text(twin, "name")}`);
  }
}

function sameAs(cloud: Cloud, wanted: Assignment): Entity | undefined {
  return cloud.state.list(tokens.roleAssignment).find((entity) => {
    const other = inputs.parse(entity.properties);
    return (
      other.principalId === wanted.principalId &&
      other.scope.toLowerCase() === wanted.scope.toLowerCase() &&
      roleOf(other) === roleOf(wanted)
    );
  });
}

const record = recordKind<Assignment & { roleAssignmentName: string }>({
  token: tokens.roleAssignment,
  called: "role assignment",
  inputs: inputs.extend({ roleAssignmentName: z.string() }),
  key: ({ scope, roleAssignmentName }) => assignmentId(scope, roleAssignmentName).toLowerCase(),
  newId: ({ scope, roleAssignmentName }) => assignmentId(scope, roleAssignmentName),
  idOf: idOf(tokens.roleAssignment),
  within(wanted, cloud): Reference[] {
    const owner = scopeOf(cloud, wanted.scope);
    return owner === undefined ? [] : [{ token: owner.token, id: owner.id }];
  },
  check(wanted, cloud, current) {
    if (!guid.test(wanted.roleAssignmentName)) {
      throw invalid("InvalidRoleAssignmentId", `the role assignment name "${wanted.roleAssignmentName}" is no GUID`);
    }
    scopeOf(cloud, wanted.scope);
    roleOf(wanted);
    if (current !== undefined) {
      refuseChange(current, wanted, ["principalId", "roleDefinitionId", "scope"]);
      return;
    }
    checkPrincipal(cloud, wanted.principalId, wanted.principalType);
    refuseTwice(cloud, wanted, current);
  },
  duplicate: ({ roleAssignmentName }) =>
    conflict("RoleAssignmentExists", `a role assignment named ${roleAssignmentName} exists already on this scope`),
  computed(wanted, cloud, _id, current) {
    const now = new Date().toISOString();
    return {
      name: wanted.roleAssignmentName,
      createdBy: ownObjectId(cloud),
      createdOn: current?.properties.createdOn ?? now,
      updatedBy: ownObjectId(cloud),
      updatedOn: now,
      systemData: systemData(cloud, current),
      type: "Microsoft.Authorization/roleAssignments",
      azureApiVersion: "2022-04-01",
    };
  },
});

function assignmentId(scope: string, name: string): string {
  return `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
}

/** Role assignments; without a name they get a new GUID. */
export const roleAssignment: Kind = {
  ...record,
  create: (cloud, properties) => record.create(cloud, { roleAssignmentName: newGuid(), ...properties }),
  update(cloud, id, olds, news) {
    const current = byId(cloud, tokens.roleAssignment, id);
    return record.update(cloud, id, olds, {
      roleAssignmentName: current === undefined ? "" : text(current, "name"),
      ...news,
    });
  },
  find: (cloud, properties) => sameAs(cloud, inputs.parse(properties))?.id,
};
