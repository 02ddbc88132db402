/** Takes into the engine's state what a cloud already holds for creations that were interrupted before the engine learned their ids. */
import { azureNative } from "./azure-native/definition";
import { azuredevops } from "./azuredevops/definition";
import { readConfiguration } from "./configuration";
import type { PlainMap } from "./properties";
import type { ProviderDefinition } from "./rules";

/** What to look for: a type token, and inputs as the engine keeps them. Secrets may be encrypted: nothing is found by them. */
export interface Creation {
  readonly token: string;
  readonly inputs: PlainMap;
}

/** One resource in what `pulumi stack export` prints; the properties that are not named here are kept as they are. */
export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: PlainMap;
  readonly delete?: boolean;
}

/** What `pulumi stack export` prints and `pulumi stack import` takes. */
export interface ExportedStack {
  readonly deployment: {
    readonly resources?: readonly ExportedResource[];
    readonly pending_operations?: readonly { readonly type: string; readonly resource: ExportedResource }[];
  };
}

const definitions: readonly ProviderDefinition[] = [azuredevops, azureNative];

function definitionOf(token: string): ProviderDefinition | undefined {
  return definitions.find(({ schema }) => schema.resources[token] !== undefined);
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
  const definition = definitionOf(creation.token);
  if (definition === undefined) {
    throw new Error(`the sandbox has no resource ${creation.token}: its providers are azuredevops and azure-native`);
  }
  const complete = readConfiguration(definition, configuration, environment) ?? {};
  return definition.connect(complete).find(creation.token, creation.inputs);
}

/**
 * The stack with each interrupted creation settled: what the cloud holds becomes a resource of the state, the rest is forgotten and so created
 * again. The engine's own `refresh --import-pending-creates` forgets all of them, at least in version 3.200 with a state in files. Run
 * `pulumi refresh` after the import: adopted resources have no outputs yet.
 *
 * @param find see {@link findExisting}
 * @returns the stack, and the URNs of what was adopted; the stack itself where no creation was interrupted
 */
export async function adoptInterrupted<Stack extends ExportedStack>(
  stack: Stack,
  find: (creation: Creation) => Promise<string | undefined> = findExisting,
): Promise<{ readonly stack: Stack; readonly adopted: readonly string[] }> {
  const operations = stack.deployment.pending_operations ?? [];
  const creations = operations.filter(({ type }) => type === "creating");
  if (creations.length === 0) {
    return { stack, adopted: [] };
  }
  let resources = [...(stack.deployment.resources ?? [])];
  const adopted: string[] = [];
  for (const { resource } of creations) {
    const known = definitionOf(resource.type) !== undefined;
    const id = known ? await find({ token: resource.type, inputs: resource.inputs ?? {} }) : undefined;
    if (id !== undefined && !resources.some((held) => held.type === resource.type && held.id === id)) {
      resources = withResource(resources, { ...resource, id });
      adopted.push(resource.urn);
    }
  }
  const rest = operations.filter(({ type }) => type !== "creating");
  return { stack: { ...stack, deployment: { ...stack.deployment, resources, pending_operations: rest } }, adopted };
}

/** A resource of the same URN is the one that was being replaced: it stays behind the new one, to be deleted. */
function withResource(resources: readonly ExportedResource[], adopted: ExportedResource): ExportedResource[] {
  const index = resources.findIndex(({ urn, delete: doomed }) => urn === adopted.urn && doomed !== true);
  const replaced = resources[index];
  return replaced === undefined
    ? [...resources, adopted]
    : [...resources.slice(0, index), adopted, { ...replaced, delete: true }, ...resources.slice(index + 1)];
}
