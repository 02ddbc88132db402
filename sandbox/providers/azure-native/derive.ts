/** Which of the azure-native package's resources the stand-in has. */
import { deriveSchema as derive, type Declared } from "../derive";
import type { Schema } from "../schema";

/** Module and class. */
const resources = [
  ["authorization", "RoleAssignment"],
  ["containerregistry", "Registry"],
  ["containerregistry", "Task"],
  ["managedidentity", "FederatedIdentityCredential"],
  ["managedidentity", "UserAssignedIdentity"],
  ["resources", "ResourceGroup"],
] as const;

const functions = [["authorization", "getClientConfig"]] as const;

/** The reduced schema, from the installed package. */
export function deriveSchema(): Schema {
  return derive({
    package: "@pulumi/azure-native",
    resources: resources.map(declared),
    functions: functions.map(declared),
  });
}

function declared([module, name]: readonly [string, string]): Declared {
  const file = `${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`;
  return { token: `azure-native:${module}:${name}`, file, name };
}
