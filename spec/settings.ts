/** Reads the stack's `wheelhouse:*` keys into {@link Settings}: defaults filled in, every mistake at once. */
import { findCredential } from "./credentials";
import { showPath } from "./document";
import { findings, type Finding } from "./issues";
import type { Settings } from "./model";
import { suggest } from "./nearest";
import { throwIfAny, type Problem } from "./problem";
import { quote } from "./rule";
import type { PropertyPath } from "./yaml-forms";
import { CONFIG_KEYS, configSchema, toSettings, type ConfigKind } from "./settings-schema";

/** What is needed of `pulumi.Config`, without its package. */
export interface ConfigReader {
  get(key: string): string | undefined;
  getObject(key: string): unknown;
}

/**
 * The platform's settings.
 * @param config the reader of the namespace `wheelhouse`, such as `new pulumi.Config("wheelhouse")`.
 * @param keys every configuration key of the stack with its namespace, such as `Object.keys(pulumi.runtime.allConfig())`;
 *   where it is given, unknown keys of the namespace are refused.
 * @throws SpecError with every mistake.
 */
export function readSettings(config: ConfigReader, keys: readonly string[] = []): Settings {
  const written: Record<string, unknown> = {};
  const problems: Problem[] = unknownKeys(keys);
  for (const [key, kind] of Object.entries(CONFIG_KEYS)) {
    const read = readKey(config, key, kind);
    if ("problem" in read) {
      problems.push(read.problem);
    } else if (read.value !== undefined) {
      written[key] = read.value;
    }
  }
  problems.push(...Object.entries(written).flatMap(([key, value]) => credentials(key, [], value)));
  const alreadyTold = new Set(problems.map(({ file }) => file));
  const told = findings(configSchema, written).map(toProblem);
  throwIfAny([...problems, ...told.filter(({ file }) => !alreadyTold.has(file))]);
  return toSettings(configSchema.parse(written));
}

type KeyRead = { readonly value: unknown } | { readonly problem: Problem };

function readKey(config: ConfigReader, key: string, kind: ConfigKind): KeyRead {
  try {
    const text = config.get(key);
    // An empty text is what a project file gives as a default for "not set".
    if (text === "") {
      return { value: undefined };
    }
    if (kind === "structure" || kind === "optionalStructure") {
      const value = config.getObject(key);
      return { value: kind === "optionalStructure" && isEmptyMap(value) ? undefined : value };
    }
    return kind === "structureOrText" && (text === undefined || /^\s*[{[]/.test(text))
      ? { value: config.getObject(key) }
      : { value: scalar(text, kind) };
  } catch (error) {
    const message = `it is not valid JSON${error instanceof SyntaxError ? "" : ", or cannot be read"}`;
    return {
      problem: configProblem(
        key,
        "",
        message,
        `write it as a structure under wheelhouse:${key} in Pulumi.<stack>.yaml`,
      ),
    };
  }
}

/** What a project file gives as a default for "not set", where a structure is wanted. */
function isEmptyMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** Configuration values are texts; a number or a truth value is recognized by how it is written. */
function scalar(text: string | undefined, kind: ConfigKind): unknown {
  if (kind === "boolean") {
    return text === "true" ? true : text === "false" ? false : text;
  }
  return kind === "number" && text !== undefined && /^-?[0-9]{1,9}$/.test(text) ? Number(text) : text;
}

function unknownKeys(keys: readonly string[]): Problem[] {
  return keys
    .filter((key) => key.startsWith("wheelhouse:"))
    .map((key) => key.slice("wheelhouse:".length))
    .filter((key) => !Object.hasOwn(CONFIG_KEYS, key))
    .map((key) =>
      configProblem(
        key,
        "",
        `${quote(key)} is not a configuration key of the platform`,
        `${suggest(key, Object.keys(CONFIG_KEYS))}; remove it with: pulumi config rm wheelhouse:${key}`,
      ),
    );
}

/** Every text of a key that looks like a credential. Those come from the environment, and never get into the state. */
function credentials(key: string, path: PropertyPath, value: unknown): Problem[] {
  if (typeof value === "string") {
    const what = findCredential(value);
    const mend = `take it out and revoke it: credentials come from the environment; ${command(key)}`;
    return what === undefined ? [] : [configProblem(key, showPath(path), `looks like ${what}`, mend)];
  }
  return typeof value === "object" && value !== null && path.length < 8
    ? Object.entries(value).flatMap(([part, inner]) =>
        credentials(key, [...path, Array.isArray(value) ? Number(part) : part], inner),
      )
    : [];
}

function toProblem(finding: Finding): Problem {
  const [first = "", ...rest] = finding.path;
  const key = String(first);
  const mend =
    rest.length === 0 && finding.message === "is missing" ? command(key) : `${finding.mend}; ${command(key)}`;
  return configProblem(key, showPath(rest), finding.message, mend);
}

function command(key: string): string {
  const kind: ConfigKind = Object.entries(CONFIG_KEYS).find(([known]) => known === key)?.[1] ?? "text";
  return kind === "structure" || kind === "optionalStructure"
    ? `set it with: pulumi config set --path 'wheelhouse:${key}…' …`
    : `set it with: pulumi config set wheelhouse:${key} …`;
}

function configProblem(key: string, path: string, message: string, mend: string): Problem {
  return { file: `config wheelhouse:${key}`, line: 0, column: 0, path, message, mend };
}

/** The feed's simple index: the only place that packages come from. Without credentials. */
export function indexUrl(settings: Pick<Settings, "addresses" | "project" | "feed">): string {
  const project = settings.feed.scope === "project" ? `/${urlPart(settings.project)}` : "";
  return `${settings.addresses.packages}${project}/_packaging/${urlPart(settings.feed.name)}/pypi/simple/`;
}

/** A part of a URL's path, with everything encoded that a shell could take for its own. */
function urlPart(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
