/** The secret variables of a run: asked for when its job begins, and given to that job alone. */
import type { JobVariable } from "../job";
import type { Plan } from "./plan";
import { variableGroupsOf } from "./run-variables";
import { devopsTokens, type CloudClient, type DefinitionVariable, type World } from "./world";

function holdsSecrets({ variables }: { readonly variables: readonly DefinitionVariable[] }): boolean {
  return variables.some(({ isSecret }) => isSecret);
}

/**
 * By name; those of the definition itself win over those of its variable groups.
 * @throws SecretsWithheld, CloudAway, CloudRefused
 */
export async function secretVariables(
  plan: Plan,
  world: World,
  cloud: CloudClient,
): Promise<ReadonlyMap<string, string>> {
  const groups = variableGroupsOf(plan.definition, world).filter(holdsSecrets);
  const found: ReadonlyMap<string, string>[] = [];
  for (const { id } of groups) found.push(await cloud.secrets(devopsTokens.variableGroup, String(id)));
  if (holdsSecrets(plan.definition)) {
    found.push(await cloud.secrets(devopsTokens.definition, String(plan.definition.id)));
  }
  return new Map(found.flatMap((each) => [...each]));
}

/** A job's variables: what is known of the run, and secrets. Where the run or the file gives a value, that one counts, as a secret still. */
export function jobVariables(
  known: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string>,
): ReadonlyMap<string, JobVariable> {
  const hidden = new Set([...secrets.keys()].map((name) => name.toLowerCase()));
  const variables = new Map<string, JobVariable>(
    [...known].map(([name, value]) => [name, { value, secret: hidden.has(name.toLowerCase()) }]),
  );
  const given = new Set([...known.keys()].map((name) => name.toLowerCase()));
  for (const [name, value] of secrets) if (!given.has(name.toLowerCase())) variables.set(name, { value, secret: true });
  return variables;
}
