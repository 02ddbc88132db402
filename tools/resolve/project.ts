/** What a `pyproject.toml` says of its project: name, console scripts, extras, requirements. */
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse, TomlError } from "smol-toml";
import { suggest } from "../../spec/nearest";
import { UsageError } from "../errors";
import { normalizeName } from "./lock";
import { pythonVersion, specifierTakes } from "./versions";
import { checkListedRequirements } from "./requirements-file";

export interface Project {
  /** Relative to the source. */
  readonly file: string;
  readonly name: string | undefined;
  /** Names of the console scripts; `undefined` where the build backend alone knows them. */
  readonly scripts: readonly string[] | undefined;
  /** Such as `>=3.11`, where it is said. */
  readonly requiresPython: string | undefined;
  /** Names of the extras as they are written. */
  readonly extras: readonly string[];
}

/**
 * @param file relative to `source`.
 * @throws UsageError for a file that is missing, no TOML, or requires packages by URL.
 */
export function readProject(source: string, file: string): Project {
  const absolute = path.join(source, file);
  if (!existsSync(absolute)) {
    throw new UsageError(`${file} is not in the source`, "correct `requirements` in the application's spec, or add it");
  }
  const text = readFileSync(absolute, "utf8");
  const document = parseToml(text, file);
  const project = table(document.project);
  const poetry = table(table(document.tool).poetry);
  const optional = table(project["optional-dependencies"]);
  checkListedRequirements([...strings(project.dependencies), ...Object.values(optional).flatMap(strings)], text, file);
  const dynamic = strings(project.dynamic);
  const declared = [...Object.keys(table(project.scripts)), ...Object.keys(table(poetry.scripts))];
  // Without a project table, setup.py or setup.cfg may define them; the wheel that is built tells.
  const unknown =
    dynamic.includes("scripts") ||
    dynamic.includes("entry-points") ||
    (document.project === undefined && declared.length === 0);
  return {
    file,
    name: typeof project.name === "string" ? project.name : undefined,
    requiresPython: typeof project["requires-python"] === "string" ? project["requires-python"] : undefined,
    scripts: unknown ? undefined : declared,
    extras: [...new Set([...Object.keys(optional), ...Object.keys(table(poetry.extras))])],
  };
}

function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
    throw new UsageError(`${file}:${error.line}:${error.column}  it is not TOML: ${why}`, "", { cause: error });
  }
}

function table(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** @throws UsageError where the project is not for the base image's Python. */
export function checkPython({ requiresPython, file }: Project, python: string, base: string): void {
  if (requiresPython === undefined || specifierTakes(requiresPython, pythonVersion(python)) !== false) return;
  throw new UsageError(
    `${file}: requires-python is ${JSON.stringify(requiresPython)}, and the base image ${base} has Python ${python}`,
    "correct requires-python, or choose another base image",
  );
}

/**
 * @param application name of it, for the error.
 * @throws UsageError for a script of the spec that the project does not define.
 */
export function checkScripts(
  wanted: readonly string[],
  defined: readonly string[],
  application: string,
  file: string,
): void {
  for (const [index, script] of wanted.entries()) {
    if (defined.includes(script)) continue;
    throw new UsageError(
      `apps/${application}.yaml  scripts[${index}]: ${JSON.stringify(script)} is not a console script of ${application}`,
      defined.length === 0
        ? `${file} defines none: add it under [project.scripts]`
        : `${file} defines: ${[...defined].sort().join(", ")}`,
    );
  }
}

/**
 * The extras to resolve with, as the project writes them.
 * @param wanted the spec's: each must be there.
 * @param conventional taken where they are there: named as the script, and `<app>_base`.
 * @throws UsageError for one of the spec's that the project lacks.
 */
export function selectExtras(
  project: Project,
  wanted: readonly string[],
  conventional: readonly string[],
  application: string,
): string[] {
  const byName = new Map(project.extras.map((extra) => [normalizeName(extra), extra]));
  const missing = wanted.find((extra) => !byName.has(normalizeName(extra)));
  if (missing !== undefined) {
    throw new UsageError(
      `apps/${application}.yaml  extras: ${JSON.stringify(missing)} is not an extra of ${application}`,
      project.extras.length === 0
        ? `${project.file} defines none: add it under [project.optional-dependencies]`
        : `${project.file}: ${suggest(missing, project.extras)}`,
    );
  }
  const chosen = [...wanted, ...conventional].flatMap((extra) => byName.get(normalizeName(extra)) ?? []);
  return [...new Set(chosen)].sort();
}
