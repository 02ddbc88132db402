/** What a look into the team's repository proposes for its specification, each with the file that says it. */
import { scriptName } from "../../spec/texts";
import { repositoryName } from "../../spec/names";
import { lockPath, relativePath, requirementsPath } from "../../spec/paths";
import type { Rule } from "../../spec/rule";
import type { Inspection } from "../inspect";

/** An answer that was found, and where. */
export interface Found<Value> {
  readonly value: Value;
  readonly from: string;
}

/** Everything in it can stand in a specification: what its rules refuse is left out, and noted. */
export interface FoundInRepository {
  readonly name?: Found<string>;
  readonly description?: Found<string>;
  readonly repository?: Found<string>;
  readonly requirements?: Found<string>;
  readonly lock?: Found<string>;
  readonly scripts?: Found<readonly string[]>;
  readonly systemPackages?: Found<string>;
  readonly dockerfile?: Found<string>;
  readonly ports?: Found<readonly number[]>;
  readonly notes: readonly string[];
}

/** Images of one application; beyond that it is several applications. */
const MOST_SCRIPTS = 100;

export function foundIn(inspection: Inspection): FoundInRepository {
  const notes = [...inspection.notes];
  const allowed = (value: string | undefined, rule: Rule, what: string): string | undefined => {
    const refusal = value === undefined ? undefined : rule(value);
    if (refusal !== undefined) notes.push(`${what} was left out: ${refusal.message}`);
    return refusal === undefined ? value : undefined;
  };
  const { saidBy = {} } = inspection;
  const scripts = inspection.scripts.filter((script) => allowed(script, scriptName, "a console script") !== undefined);
  const lock = allowed(inspection.lock, lockPath, "the lock");
  // A lock that is the only list of packages is said once, as the lock.
  const requirements = allowed(inspection.requirements, requirementsPath, "the requirements");
  const [first] = inspection.dockerfiles;
  const dockerfile = allowed(first, relativePath, "the Dockerfile");
  const bindep = allowed(inspection.bindep, relativePath, "the bindep file");
  return {
    ...found("name", inspection.name, saidBy.name ?? "the name of its folder"),
    ...found("description", inspection.description, saidBy.description ?? "the repository"),
    ...found("repository", allowed(inspection.remote?.name, repositoryName, "the remote's repository"), ".git/config"),
    ...found("requirements", requirements === lock ? undefined : requirements, "the repository"),
    ...found("lock", lock, "the repository"),
    ...found(
      "scripts",
      scripts.length === 0 ? undefined : scripts.slice(0, MOST_SCRIPTS),
      saidBy.scripts ?? "the repository",
    ),
    ...found("systemPackages", bindep, "the repository"),
    ...found("dockerfile", dockerfile, "the repository"),
    ...found("ports", inspection.ports.length === 0 ? undefined : inspection.ports, first ?? "the Dockerfile"),
    notes,
  };
}

function found<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
  from: string,
): Partial<Record<Key, Found<Value>>> {
  return value === undefined ? {} : ({ [key]: { value, from } } as Partial<Record<Key, Found<Value>>>);
}
