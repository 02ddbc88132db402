/** Azure roles that matter for a container registry, and what they are given on. */
import { textOf, type Value } from "./values";

/**
 * Built-in roles, by the GUID that they have in every tenant.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const ROLES = {
  AcrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  AcrPush: "8311e382-0749-4cb8-b61a-304f252e45ec",
  AcrDelete: "c2f4ef07-c644-48eb-af81-4b1b4947fb11",
  "Container Registry Repository Reader": "b93aa761-3e63-49ed-ac28-beffa264f7ac",
  "Container Registry Repository Writer": "2a1e307c-b015-4ebd-883e-5b7698a07328",
  "Container Registry Repository Contributor": "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
  "Container Registry Repository Catalog Lister": "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
  Reader: "acdd72a7-3385-48ef-bd42-f980b9b2d2c5",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  Owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
} as const;

export type RoleName = keyof typeof ROLES;

const READING: readonly string[] = [
  ROLES.AcrPull,
  ROLES["Container Registry Repository Reader"],
  ROLES["Container Registry Repository Catalog Lister"],
  ROLES.Reader,
];
const PUSHING: readonly string[] = [
  ROLES.AcrPush,
  ROLES["Container Registry Repository Writer"],
  ROLES["Container Registry Repository Contributor"],
  ROLES.Contributor,
  ROLES.Owner,
];

/** GUID of the role of an assignment, in lower case; `undefined` where it is not known. */
export function roleOf(roleDefinitionId: Value | undefined): string | undefined {
  const text = textOf(roleDefinitionId);
  return text?.slice(text.lastIndexOf("/") + 1).toLowerCase();
}

/**
 * Whether a role lets its holder push images. On a registry every role does of which it is not known that it only reads; a
 * role of an organization's own, say. On something else, only those that do so by definition: most are about other things.
 */
export function mayPush(role: string, onRegistry: boolean): boolean {
  return onRegistry ? !READING.includes(role) : PUSHING.includes(role);
}

const REGISTRY_SCOPE =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerRegistry\/registries\/[^/]+$/i;

/** Whether an assignment is for one registry and nothing else; `undefined` where that is not known. */
export function isRegistryScope(scope: Value | undefined): boolean | undefined {
  const text = textOf(scope);
  return text === undefined ? undefined : REGISTRY_SCOPE.test(text.replace(/\/$/, ""));
}
