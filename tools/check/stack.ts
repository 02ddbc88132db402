/** Checks a stack's configuration file against the platform's settings, without Pulumi and without its secrets. */
import { findCredential, isSecretName } from "../../spec/credentials";
import type { Settings } from "../../spec/model";
import { SpecError, type Problem } from "../../spec/problem";
import { readSettings, type ConfigReader } from "../../spec/settings";
import { CONFIG_KEYS } from "../../spec/settings-schema";
import { isRecord, readPlacedYaml, type PlacedYaml, type ValuePath } from "./yaml-places";

/** A stack's file after its check. */
export interface CheckedStack {
  readonly file: string;
  readonly problems: readonly Problem[];
  /** `undefined` where there are problems, or where something that is needed is a secret or comes from elsewhere. */
  readonly settings: Settings | undefined;
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
}

const NAMESPACE = "wheelhouse";
const OTHER_PLACE = "value from an environment of Pulumi ESC";

/**
 * @param projectFile absolute path of `Pulumi.yaml`, whose values and defaults hold where the stack says nothing.
 */
export function checkStack(file: string, projectFile: string): CheckedStack {
  const yaml = readPlacedYaml(file);
  if (yaml.problems.length > 0) return { file, problems: yaml.problems, settings: undefined, notes: [] };
  const { config } = yaml.value ?? {};
  if (config !== undefined && config !== null && !isRecord(config)) {
    const problem = problemAt(
      yaml,
      ["config"],
      "config",
      "it must be a map",
      "write wheelhouse:<key>: <value> under config:",
    );
    return { file, problems: [problem], settings: undefined, notes: [] };
  }
  const written = byName(config ?? {});
  const unknown = secretPaths(written);
  const hasEnvironment = yaml.value?.environment !== undefined;
  const values = new Map([
    ...projectValues(projectFile),
    ...[...written].map(([key, { value }]) => [key, value] as const),
  ]);
  const { settings, problems } = read(values);
  const told = problems
    .map((problem) => ({ problem, where: whereOf(problem, written) }))
    .filter(({ problem, where }) => !isUnknown(where.inner, problem, unknown, hasEnvironment))
    .map(({ problem, where }) => placed(yaml, problem, where));
  return {
    file,
    problems: [...told, ...plainSecrets(yaml, written)],
    settings,
    notes:
      settings === undefined && told.length === 0
        ? [`the values that need others were not checked: some are secrets, or a ${OTHER_PLACE}`]
        : [],
  };
}

interface Written {
  /** As it stands in the file: `wheelhouse:feedName`, or the older `wheelhouse:config:feedName`. */
  readonly key: string;
  readonly value: unknown;
}

function byName(config: Readonly<Record<string, unknown>>): ReadonlyMap<string, Written> {
  return new Map(
    Object.entries(config).map(([key, value]) => [key.replace(/^([^:]+):config:/, "$1:"), { key, value }] as const),
  );
}

/** What `Pulumi.yaml` gives by itself: `value` or `default` of a key, or the plain value. Broken, it gives nothing: Pulumi tells. */
function projectValues(file: string): (readonly [string, unknown])[] {
  const project = readPlacedYaml(file).value;
  if (!isRecord(project?.config)) return [];
  const own = typeof project.name === "string" ? project.name : NAMESPACE;
  return Object.entries(project.config).flatMap(([key, declared]) => {
    const name = key.includes(":") ? key : `${own}:${key}`;
    const value = isRecord(declared) ? (declared.value ?? declared.default) : declared;
    return value === undefined || value === null ? [] : [[name, value] as const];
  });
}

function isSecure(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 1 && typeof value.secure === "string";
}

/** Paths of encrypted values: key, then the way into it. */
function secretPaths(written: ReadonlyMap<string, Written>): ValuePath[] {
  const within = (value: unknown, at: ValuePath): ValuePath[] => {
    if (isSecure(value)) return [at];
    if (typeof value !== "object" || value === null || at.length > 8) return [];
    return Object.entries(value).flatMap(([part, inner]) =>
      within(inner, [...at, Array.isArray(value) ? Number(part) : part]),
    );
  };
  return [...written].flatMap(([name, { value }]) => within(value, [name]));
}

function read(values: ReadonlyMap<string, unknown>): { settings?: Settings; problems: readonly Problem[] } {
  const valueOf = (key: string): unknown => {
    const value = values.get(`${NAMESPACE}:${key}`);
    return isSecure(value) || value === null ? undefined : value;
  };
  const reader: ConfigReader = {
    get: (key) => {
      const value = valueOf(key);
      return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
    },
    getObject: (key) => {
      const value = valueOf(key);
      return typeof value === "string" ? (JSON.parse(value) as unknown) : value;
    },
  };
  try {
    return { settings: readSettings(reader, [...values.keys()]), problems: [] };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { problems: error.problems };
  }
}

interface Where {
  /** Name of the key with its namespace, then the way into its value. */
  readonly inner: ValuePath;
  /** The same in the file. */
  readonly outer: ValuePath;
}

/** `config wheelhouse:upstreams` and `[0].name` as a path. */
function whereOf(problem: Problem, written: ReadonlyMap<string, Written>): Where {
  const name = problem.file.replace(/^config /, "");
  const rest = [...problem.path.matchAll(/\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(
    ([, index, quoted, word]) =>
      index !== undefined ? Number(index) : quoted !== undefined ? unquoted(quoted) : (word ?? ""),
  );
  return { inner: [name, ...rest], outer: ["config", written.get(name)?.key ?? name, ...rest] };
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text; // Shortened for the message: the place is then that of what holds it.
  }
}

/** Whether a problem may be none: what it is about is encrypted, or may come from elsewhere. */
function isUnknown(inner: ValuePath, problem: Problem, unknown: readonly ValuePath[], elsewhere: boolean): boolean {
  const beginsWith = (whole: ValuePath, start: ValuePath) => start.every((part, index) => whole[index] === part);
  const isMissing = problem.path === "" && problem.message === "is missing";
  return unknown.some((secret) => beginsWith(inner, secret)) || (isMissing && elsewhere);
}

function placed(yaml: PlacedYaml, problem: Problem, { inner, outer }: Where): Problem {
  const [name = ""] = inner;
  const within = problem.path === "" || problem.path.startsWith("[") ? problem.path : `.${problem.path}`;
  const isKnown = Object.hasOwn(CONFIG_KEYS, String(name).slice(NAMESPACE.length + 1));
  return {
    ...problem,
    file: yaml.file,
    ...yaml.placeOf(outer, isKnown ? undefined : "key"),
    path: `${String(name)}${within}`,
  };
}

function problemAt(yaml: PlacedYaml, where: ValuePath, shown: string, message: string, mend: string): Problem {
  return { file: yaml.file, ...yaml.placeOf(where), path: shown, message, mend };
}

/** Secrets of other programs and providers that stand in the file as they are. Those of the platform's keys are found as these are read. */
function plainSecrets(yaml: PlacedYaml, written: ReadonlyMap<string, Written>): Problem[] {
  const others = [...written].filter(([name]) => !name.startsWith(`${NAMESPACE}:`));
  return others.flatMap(([name, { key, value }]) => {
    if (typeof value !== "string" || value === "") return [];
    const word = name.slice(name.lastIndexOf(":") + 1);
    const what = findCredential(value) ?? (isSecretName(word) ? "a secret, by its name" : undefined);
    const mend = `revoke it, and set it encrypted: pulumi config set --secret ${name}`;
    return what === undefined
      ? []
      : [problemAt(yaml, ["config", key], name, `looks like ${what}, and is not encrypted`, mend)];
  });
}
