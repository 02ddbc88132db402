/** Finds what a cloud already holds for a creation that was interrupted before the engine learned its id. */
import { azureNative } from "./azure-native/definition";
import { azuredevops } from "./azuredevops/definition";
import { Cloud } from "./cloud";
import { readConfiguration } from "./configuration";
import type { PlainMap } from "./properties";

/** What to look for: a type token, and inputs as the engine keeps them, in plain text. */
export interface Creation {
  readonly token: string;
  readonly inputs: PlainMap;
}

/**
 * The id that the cloud has for these inputs, or nothing. Nothing is created or changed.
 *
 * @param configuration the provider's configuration by key, such as `orgServiceUrl`; the environment stands in for what is absent
 * @throws where the token is of neither provider, the configuration does not do, or the cloud does not answer
 */
export async function findExisting(
  creation: Creation,
  configuration: Readonly<Record<string, string>> = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const name = creation.token.split(":")[0] ?? "";
  const definition = [azuredevops, azureNative].find(({ schema }) => schema.name === name);
  if (definition === undefined || definition.schema.resources[creation.token] === undefined) {
    throw new Error(`the sandbox has no resource ${creation.token}: its providers are azuredevops and azure-native`);
  }
  const complete = readConfiguration(definition, configuration, environment) ?? {};
  return new Cloud(definition.connect(complete)).find(creation.token, creation.inputs);
}
