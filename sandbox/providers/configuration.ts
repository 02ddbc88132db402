/** The configuration of a provider: what the engine sends, the environment, and what is wrong with it. */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { reveal, isSecret, secretOf, unknown, type PropertyMap, type PropertyValue } from "./properties";
import type { ProviderDefinition } from "./rules";
import { hint } from "./suggestion";

// What the engine itself keeps among a provider's inputs.
const engineKeys = new Set(["version", "pluginDownloadURL", "pluginChecksums", "parameterization", "__internal"]);

/** Unknown keys are failures; what the schema calls secret becomes so. */
export function checkConfiguration(
  definition: ProviderDefinition,
  news: PropertyMap,
): { readonly inputs: PropertyMap; readonly failures: readonly CheckFailure[] } {
  const { config, name } = definition.schema;
  const failures: CheckFailure[] = [];
  const inputs: Record<string, PropertyValue> = {};
  for (const [key, value] of Object.entries(news)) {
    const property = config[key];
    if (property === undefined && !engineKeys.has(key)) {
      failures.push({ property: key, reason: `${name} has no such configuration${hint(key, Object.keys(config))}` });
    }
    const hidden = property?.secret === true && !isSecret(value) && value !== null;
    inputs[key] = hidden ? secretOf(value) : value;
  }
  return { inputs, failures };
}

/** Plain texts by key, with the environment for what is not given. Nothing where a value is not known yet. */
export function readConfiguration(
  definition: ProviderDefinition,
  given: PropertyMap,
  environment: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> | undefined {
  const configuration: Record<string, string> = {};
  for (const [key, variable] of Object.entries(definition.environment)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") {
      configuration[key] = value;
    }
  }
  for (const [key, wrapped] of Object.entries(given)) {
    const value = reveal(wrapped);
    if (value === unknown) {
      return undefined;
    }
    if (value !== null && value !== "") {
      configuration[key] = typeof value === "string" ? value : JSON.stringify(value);
    }
  }
  return configuration;
}

/** The address of a stand-in. Throws for one beyond this machine: credentials for a real service are not sent anywhere. */
export function loopbackAddress(text: string, key: string): string {
  let address: URL;
  try {
    address = new URL(text);
  } catch (cause) {
    throw new Error(`${key} is not an address: give one such as http://127.0.0.1:<port>/…`, { cause });
  }
  const local = ["127.0.0.1", "localhost", "[::1]"].includes(address.hostname);
  if (!local || address.protocol !== "http:" || address.username !== "" || address.password !== "") {
    throw new Error(
      `${key} must be an http address on 127.0.0.1 without credentials, but names ${address.protocol}//${address.host}: ` +
        `this plugin is the sandbox's stand-in; take the sandbox's folder of plugins from PATH to use the published one`,
    );
  }
  return text.replace(/\/+$/, "");
}

/** The value of a key. Throws where it is not given. */
export function requireKey(
  definition: Pick<ProviderDefinition, "schema" | "environment">,
  configuration: Readonly<Record<string, string>>,
  key: string,
): string {
  const value = configuration[key];
  if (value === undefined) {
    const variable = definition.environment[key];
    const otherwise = variable === undefined ? "" : `, or the environment variable ${variable}`;
    throw new Error(
      `${definition.schema.name}: ${key} is missing: set the configuration ${definition.schema.name}:${key}${otherwise}`,
    );
  }
  return value;
}
