/** Reads the stack's `wheelhouse:*` keys into {@link Settings}: defaults filled in, every mistake at once. */
import { showPath } from "./document";
import { findings, type Finding } from "./issues";
import type { Settings } from "./model";
import { suggest } from "./nearest";
import { throwIfAny, type Problem } from "./problem";
import { quote } from "./rule";
import { CONFIG_KEYS, configSchema, toSettings, type ConfigKind } from "./settingsSchema";

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
  const alreadyTold = new Set(problems.map(({ file }) => file));
  const told = findings(configSchema, written).map(toProblem);
  throwIfAny([...problems, ...told.filter(({ file }) => !alreadyTold.has(file))]);
  return toSettings(configSchema.parse(written));
}

type KeyRead = { readonly value: unknown } | { readonly problem: Problem };

function readKey(config: ConfigReader, key: string, kind: ConfigKind): KeyRead {
  try {
    const text = config.get(key);
    if (kind === "structure") {
      return { value: config.getObject(key) };
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

function toProblem(finding: Finding): Problem {
  const [first = "", ...rest] = finding.path;
  const key = String(first);
  const mend =
    rest.length === 0 && finding.message === "is missing" ? command(key) : `${finding.mend}; ${command(key)}`;
  return configProblem(key, showPath(rest), finding.message, mend);
}

function command(key: string): string {
  const kind: ConfigKind = Object.entries(CONFIG_KEYS).find(([known]) => known === key)?.[1] ?? "text";
  return kind === "structure"
    ? `set it with: pulumi config set --path 'wheelhouse:${key}…' …`
    : `set it with: pulumi config set wheelhouse:${key} …`;
}

function configProblem(key: string, path: string, message: string, mend: string): Problem {
  return { file: `config wheelhouse:${key}`, line: 0, column: 0, path, message, mend };
}

/** The feed's simple index: the only place that packages come from. Without credentials. */
export function indexUrl(settings: Pick<Settings, "addresses" | "project" | "feed">): string {
  const project = settings.feed.scope === "project" ? `/${encodeURIComponent(settings.project)}` : "";
  return `${settings.addresses.packages}${project}/_packaging/${encodeURIComponent(settings.feed.name)}/pypi/simple/`;
}
