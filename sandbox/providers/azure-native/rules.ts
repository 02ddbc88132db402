/**
 * Rules of the azure-native resources. Sources of the facts: the resource paths and mutability of the Azure REST API versions that the
 * package names, and the behaviour that pulumi/pulumi-azure-native documents: names from the path replace, `location` replaces,
 * top-level names get eight random hexadecimal digits, children take the resource's own name, role assignments a UUID.
 */
import type { Autonaming, ResourceRules } from "../rules";

const random = (property: string): Autonaming => ({ property, kind: "plain", digits: 8 });
const copied = (property: string): Autonaming => ({ property, kind: "copy" });

/** `West Europe` and `westeurope` are one location. */
export const normalizeLocation = (text: string): string => text.replaceAll(" ", "").toLowerCase();

const lowerCase = (text: string): string => text.toLowerCase();
const located = { location: normalizeLocation };

export const rules: Readonly<Record<string, ResourceRules>> = {
  "azure-native:resources:ResourceGroup": {
    autonaming: random("resourceGroupName"),
    required: ["location"],
    replaces: ["resourceGroupName", "location"],
    normalize: located,
  },
  "azure-native:containerregistry:Registry": {
    autonaming: random("registryName"),
    replaces: ["resourceGroupName", "registryName", "location"],
    normalize: { ...located, resourceGroupName: lowerCase },
    unordered: ["networkRuleSet.ipRules"],
  },
  "azure-native:containerregistry:Task": {
    autonaming: copied("taskName"),
    replaces: ["resourceGroupName", "registryName", "taskName", "location"],
    normalize: { ...located, resourceGroupName: lowerCase },
    required: ["step"],
  },
  "azure-native:managedidentity:UserAssignedIdentity": {
    autonaming: random("resourceName"),
    replaces: ["resourceGroupName", "resourceName", "location"],
    normalize: { ...located, resourceGroupName: lowerCase },
  },
  "azure-native:managedidentity:FederatedIdentityCredential": {
    autonaming: copied("federatedIdentityCredentialResourceName"),
    replaces: ["resourceGroupName", "resourceName", "federatedIdentityCredentialResourceName"],
    normalize: { resourceGroupName: lowerCase },
    unordered: ["audiences"],
  },
  "azure-native:authorization:RoleAssignment": {
    autonaming: { property: "roleAssignmentName", kind: "uuid" },
    uuids: ["roleAssignmentName", "principalId"],
    replaces: ["roleAssignmentName", "scope", "principalId"],
    normalize: { scope: lowerCase, roleDefinitionId: lowerCase },
  },
};

/** Where a resource of the type stands in Azure Resource Manager, with the inputs that its path holds. */
export const paths: Readonly<Record<string, string>> = {
  "azure-native:resources:ResourceGroup": "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
  "azure-native:containerregistry:Registry":
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ContainerRegistry/registries/{registryName}",
  "azure-native:containerregistry:Task":
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ContainerRegistry/registries/{registryName}/tasks/{taskName}",
  "azure-native:managedidentity:UserAssignedIdentity":
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
  "azure-native:managedidentity:FederatedIdentityCredential":
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
  "azure-native:authorization:RoleAssignment":
    "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
};

/** The inputs that an id holds. Throws where the id is not one of this type. */
export function inputsFromId(token: string, id: string): Record<string, string> {
  const path = paths[token] ?? "";
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const pattern = path.replace(/\{scope\}/, "(.+)").replace(/\{\w+\}/g, "([^/]+)");
  const match = new RegExp(`^${pattern}$`, "i").exec(id);
  if (match === null) {
    throw new Error(`"${id}" is not an id of ${token}: write ${path}`);
  }
  const values = names.map((name, index): [string, string] => [name, match[index + 1] ?? ""]);
  return Object.fromEntries(values.filter(([name]) => name !== "subscriptionId"));
}
