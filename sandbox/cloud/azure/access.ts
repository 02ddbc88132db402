/** What a principal may do in Azure, by the roles that are assigned to it. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { forbidden } from "../errors";
import { text } from "../kind";
import type { Properties } from "../state";
import type { Principal } from "./principal";
import { groupId, tokens } from "./resource-manager";

/** Types by which Azure calls what is done with each. */
const types: Readonly<Record<string, string>> = {
  [tokens.resourceGroup]: "Microsoft.Resources/subscriptions/resourceGroups",
  [tokens.registry]: "Microsoft.ContainerRegistry/registries",
  [tokens.task]: "Microsoft.ContainerRegistry/registries/tasks",
  [tokens.userAssignedIdentity]: "Microsoft.ManagedIdentity/userAssignedIdentities",
  [tokens.federatedIdentityCredential]: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
  [tokens.roleAssignment]: "Microsoft.Authorization/roleAssignments",
};

const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

function textOf(value: unknown): string {
  return z.string().catch("").parse(value);
}

/** What a verb does, and to what. */
function deedOf(cloud: Cloud, verb: string, body: Properties): { readonly action: string; readonly scope: string } {
  const type = types[textOf(body.token)] ?? "*";
  const subscription = `/subscriptions/${cloud.subscriptionId}`;
  switch (verb) {
    case "read":
      return { action: `${type}/read`, scope: textOf(body.id) };
    case "update":
      return { action: `${type}/write`, scope: textOf(body.id) };
    case "delete":
      return { action: `${type}/delete`, scope: textOf(body.id) };
    case "create": {
      const inputs = z.record(z.string(), z.unknown()).catch({}).parse(body.inputs);
      const group = textOf(inputs.resourceGroupName);
      const inGroup = body.token === tokens.resourceGroup || group === "" ? subscription : groupId(cloud, group);
      return { action: `${type}/write`, scope: textOf(inputs.scope) || inGroup };
    }
    default:
      return { action: `${type}/read`, scope: subscription };
  }
}

/** Roles that allow an action. Who may contribute gives no roles. */
function rolesFor(action: string): readonly string[] {
  if (action.endsWith("/read")) return [owner, contributor, reader];
  return action.startsWith("Microsoft.Authorization/") ? [owner] : [owner, contributor];
}

/** Refuses what no role of the principal covers. @throws ServiceError in Azure's words */
export function checkAccess(cloud: Cloud, { clientId, principalId }: Principal, verb: string, body: Properties): void {
  // Who one is, everybody may ask.
  if (verb === "invoke") return;
  const { action, scope } = deedOf(cloud, verb, body);
  const roles = rolesFor(action);
  const may = cloud.state
    .list(tokens.roleAssignment)
    .some(
      (entity) =>
        text(entity, "principalId") === principalId &&
        roles.includes(text(entity, "roleDefinitionId").replace(/^.*\//, "").toLowerCase()) &&
        covers(text(entity, "scope"), scope),
    );
  if (may) return;
  throw forbidden(
    "AuthorizationFailed",
    `The client '${clientId}' with object id '${principalId}' does not have authorization to perform action '${action}' ` +
      `over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** A role on a resource group or a subscription is one on what is in it. */
function covers(outer: string, inner: string): boolean {
  const [scope, id] = [outer.toLowerCase().replace(/\/+$/, ""), inner.toLowerCase()];
  return id === scope || id.startsWith(`${scope}/`);
}
