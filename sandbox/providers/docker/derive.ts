/** Which of the docker package's resources the stand-in has. */
import { deriveSchema as derive } from "../derive";
import type { Schema } from "../schema";
import { imageToken, type ResourceName } from "./tokens";

const resources: readonly ResourceName[] = ["RegistryImage", "RemoteImage", "Tag"];

/**
 * The reduced schema, from the installed package. What is secret stands in no declaration: it is what
 * kreuzwerker/terraform-provider-docker 4.5, which the package wraps, calls sensitive.
 */
export function deriveSchema(): Schema {
  return derive({
    package: "@pulumi/docker",
    resources: resources.map((name) => ({
      token: imageToken(name),
      file: `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`,
      name,
    })),
    functions: [],
    secrets: ["RegistryImageAuthConfig.password", "ProviderRegistryAuth.password"],
  });
}
