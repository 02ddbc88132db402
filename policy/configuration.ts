/** Reads `policy-config.json` beside the pack: levels and parameters that hold in every preview. */
import { existsSync, readFileSync } from "node:fs";
import type { Policies, PolicyPackConfig } from "@pulumi/policy";
import { RunError } from "@pulumi/pulumi";

const LEVELS = ["advisory", "mandatory", "disabled"] as const;

/**
 * A configuration that cannot be taken. Nothing is checked then, so that no rule is off by a slip of the pen. Of a
 * `RunError` Pulumi shows the message alone.
 */
export class ConfigurationError extends RunError {
  public constructor(
    file: string,
    public readonly mistakes: readonly string[],
    public override readonly cause?: unknown,
  ) {
    super(`${file} cannot be used:\n${mistakes.map((mistake) => `  ${mistake}`).join("\n")}`);
    this.name = "ConfigurationError";
  }
}

/**
 * What the file says: for `all`, or for a rule by its name, a level, or a map with `enforcementLevel` and parameters.
 * Pulumi checks the parameters themselves, and puts what `--policy-pack-config` says above all of it.
 * @returns `undefined` where there is no such file
 * @throws ConfigurationError with every mistake: names of rules that do not exist above all, which Pulumi would overlook
 */
export function readConfiguration(file: string, rules: Policies): PolicyPackConfig | undefined {
  if (!existsSync(file)) return undefined;
  const configuration = parse(file);
  const names = ["all", ...rules.map(({ name }) => name)];
  const mistakes = Object.entries(configuration).flatMap(([name, value]) => {
    if (!names.includes(name)) return [`${name}: there is no such rule; ${suggestion(name, names)}`];
    const parameters = rules.find((rule) => rule.name === name)?.configSchema?.properties ?? {};
    return entryMistakes(name, value, Object.keys(parameters));
  });
  if (mistakes.length > 0) throw new ConfigurationError(file, mistakes);
  return configuration as PolicyPackConfig;
}

function parse(file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ConfigurationError(file, ["it is not valid JSON, or cannot be read"], cause);
  }
  if (!isMap(value)) throw new ConfigurationError(file, ['it must be a map of rules, such as { "all": "advisory" }']);
  return value;
}

function entryMistakes(name: string, value: unknown, parameters: readonly string[]): string[] {
  const wrong = `must be one of ${LEVELS.join(", ")}`;
  if (typeof value === "string") return isLevel(value) ? [] : [`${name}: ${wrong}`];
  if (!isMap(value)) return [`${name}: must be a level, or a map with enforcementLevel and parameters`];
  const known = name === "all" ? ["enforcementLevel"] : ["enforcementLevel", ...parameters];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!known.includes(key)) return [`${name}.${key}: there is no such parameter; ${suggestion(key, known)}`];
    return key === "enforcementLevel" && !isLevel(inner) ? [`${name}.${key}: ${wrong}`] : [];
  });
}

function isLevel(value: unknown): boolean {
  return LEVELS.some((level) => level === value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The nearest of the names, else all of them. */
function suggestion(name: string, names: readonly string[]): string {
  const [nearest] = names
    .map((known) => ({ known, likeness: likeness(name, known) }))
    .toSorted((left, right) => right.likeness - left.likeness);
  return nearest !== undefined && nearest.likeness > 0.5
    ? `did you mean ${nearest.known}?`
    : `there are ${names.join(", ")}`;
}

/** Share of the pairs of letters that two words have in common, from 0 to 1. */
function likeness(left: string, right: string): number {
  const pairs = (word: string): Set<string> => new Set(Array.from(word, (_, index) => word.slice(index, index + 2)));
  const [first, second] = [pairs(left), pairs(right)];
  return (2 * [...first].filter((pair) => second.has(pair)).length) / (first.size + second.size);
}
