/** Resolves what a recipe's images need: requirements, the base image's lock as constraints, and the locks as the result. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { ApplicationFacts, BaseImageFacts, PackageSetFacts } from "../../spec/recipe-facts";
import type { CommandContext } from "../context";
import { UsageError } from "../errors";
import type { PackageSource } from "../uv";
import type { BaseLock } from "./base-lock";
import { compile } from "./compile";
import { formatLock, parseLock, type Pin } from "./lock";
import type { TargetEnvironment } from "./markers";
import { checkPython, checkScripts, readProject, selectExtras, type Project } from "./project";
import { checkRequirementsFile } from "./requirements-file";
import { conflicts, pinsForTargets, refuseConflicts, withoutBase } from "./subtract";

/** One lock, ready to be written. */
export interface ResolvedSet {
  /** Folder in the folder of locks; "" for a base image, whose lock lies in it. */
  readonly folder: string;
  /** End of the names of the set's bake variables. */
  readonly suffix: string;
  readonly extras: readonly string[];
  /** Number of packages that it installs. */
  readonly packages: number;
  /** Text of the lock: pins and hashes. */
  readonly text: string;
  /** Of the text, in hexadecimal. */
  readonly sha256: string;
}

export interface ResolveInput<Facts> {
  readonly facts: Facts;
  /** Absolute folder of the requirements: the application's source, or the recipe of a base image. */
  readonly source: string;
  readonly packages: PackageSource;
}

/** The lock of a base image. */
export async function resolveBaseImage(
  { facts, source, packages }: ResolveInput<BaseImageFacts>,
  context: CommandContext,
  folder: string,
): Promise<ResolvedSet[]> {
  checkRequirementsFile(source, facts.requirements);
  const pins = await compile(
    {
      folder: source,
      requirements: facts.requirements,
      extras: [],
      python: facts.python,
      base: undefined,
      source: packages,
    },
    context,
    folder,
  );
  const header = [headerLine(facts)];
  return [resolved({ folder: "", suffix: "", extras: [] }, pinsForTargets(pins, targetsOf(facts)), header)];
}

/** The locks of an application, one a set of packages, without what the base image has. */
export async function resolveApplication(
  input: ResolveInput<ApplicationFacts>,
  base: BaseLock,
  context: CommandContext,
  folder: string,
): Promise<ResolvedSet[]> {
  const { facts, source } = input;
  const project = projectOf(facts, source);
  const header = [headerLine(facts), `Installation: ${facts.installation}`, ...systemPackagesLine(facts, source)];
  return await Promise.all(
    facts.sets.map(async (set, index) => {
      const extras = project === undefined ? [] : selectExtras(project, set.extras, set.conventionalExtras, facts.name);
      const own = path.join(folder, String(index));
      mkdirSync(own);
      const pins =
        facts.lock === undefined
          ? await compiledSet(input, extras, base, context, own)
          : committedLock(facts, source, facts.lock, base);
      return resolved({ ...set, extras }, pins, header);
    }),
  );
}

/** What the project is called and defines; `undefined` where the requirements are no project's. */
function projectOf(facts: ApplicationFacts, source: string): Project | undefined {
  const isProject = path.basename(facts.requirements) === "pyproject.toml";
  if (facts.lock === undefined && !isProject) checkRequirementsFile(source, facts.requirements);
  if (!isProject && !facts.project) return undefined;
  const project = readProject(source, isProject ? facts.requirements : "pyproject.toml");
  const wanted = facts.sets.flatMap((set) => set.images.flatMap(({ script }) => script ?? []));
  if (project.scripts !== undefined) checkScripts(wanted, project.scripts, facts.name, project.file);
  checkPython(project, facts.python, facts.base);
  return isProject ? project : undefined;
}

async function compiledSet(
  { facts, source, packages }: ResolveInput<ApplicationFacts>,
  extras: readonly string[],
  base: BaseLock,
  context: CommandContext,
  folder: string,
): Promise<Pin[]> {
  const { requirements, python } = facts;
  const pins = await compile({ folder: source, requirements, extras, python, base, source: packages }, context, folder);
  const targets = targetsOf(facts);
  return pinsForTargets(withoutBase(pins, base.pins, targets), targets);
}

/** The team's own lock: checked, not resolved. Its pins stay as they are. */
function committedLock(facts: ApplicationFacts, source: string, file: string, base: BaseLock): Pin[] {
  let text: string;
  try {
    text = readFileSync(path.join(source, file), "utf8");
  } catch (error) {
    throw new UsageError(
      `the lock ${file} is not in the source`,
      "correct `lock` in the application's spec, commit the file, or take `lock` out to have it resolved in each run",
      { cause: error },
    );
  }
  const pins = parseLock(text, file);
  const targets = targetsOf(facts);
  refuseConflicts(conflicts(pins, base.pins, targets), file, base.name);
  return withoutBase(pins, base.pins, targets);
}

export function targetsOf({ python, platforms }: Pick<ApplicationFacts, "python" | "platforms">): TargetEnvironment[] {
  return platforms.map((platform) => ({ python, platform }));
}

function headerLine({ python, platforms }: Pick<ApplicationFacts, "python" | "platforms">): string {
  return `Python ${python} on ${platforms.join(", ")}`;
}

/** Compiled packages depend on the headers that the builder was given, so these are part of what the hash covers. */
function systemPackagesLine(facts: ApplicationFacts, source: string): string[] {
  if (facts.systemPackages === undefined) return [];
  try {
    return [`System packages: ${sha256(readFileSync(path.join(source, facts.systemPackages)))}`];
  } catch (error) {
    throw new UsageError(
      `${facts.systemPackages} is not in the source`,
      "correct `systemPackages` in the application's spec, or add the file",
      { cause: error },
    );
  }
}

function resolved(
  { folder, suffix, extras }: Pick<PackageSetFacts, "folder" | "suffix" | "extras">,
  pins: readonly Pin[],
  header: readonly string[],
): ResolvedSet {
  const text = formatLock(pins, header);
  const packages = new Set(pins.map(({ name }) => name)).size;
  return { folder, suffix, extras, packages, text, sha256: sha256(text) };
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
