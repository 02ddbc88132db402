/** What AppImage knows of a recipe before anything is built: its targets, the variables it wants, and hashes of what lies on this machine. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readRecipeFacts, type RecipeFacts } from "../spec";
import {
  isFolder,
  neededVariables,
  readBake,
  type Bake,
  type ContextHashes,
  type TargetBuild,
  type Variables,
} from "./app-image-build";
import { AppImageInputError, checkedVariable } from "./app-image-inputs";
import { contextHash } from "./build-context";

/** Which input gives which of bake's variables. */
export const inputOf = {
  REGISTRY: "registry",
  INDEX_URL: "indexUrl",
  BASE_DIGEST: "baseDigest",
  BUILDER_DIGEST: "builderDigest",
  UPSTREAM: "upstream",
  UPSTREAM_DIGEST: "upstreamDigest",
  SOURCE: "source",
  LOCK: "lock",
} as const;

export interface Recipe {
  readonly folder: string;
  readonly bake: Bake;
  readonly facts: RecipeFacts;
}

/** What is on this machine, and so known at once. */
export interface LocalInputs {
  readonly lock?: string | undefined;
  readonly source?: string | undefined;
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** @throws Error for a folder without a recipe of this version. */
export function readRecipe(folder: string): Recipe {
  const file = join(folder, "docker-bake.json");
  if (!existsSync(file)) {
    throw new AppImageInputError(
      "recipe",
      `names ${folder}, which has no docker-bake.json`,
      "give a rendered recipe's folder",
    );
  }
  const text = readFileSync(file, "utf8");
  try {
    return { folder, bake: readBake(text), facts: readRecipeFacts(JSON.parse(text)) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`AppImage: ${file}: ${why}`, { cause });
  }
}

/**
 * The values of bake's variables that are known before anything is created, the locks' hashes among them.
 * @throws AppImageInputError for a variable that the recipe does not have, and for a lock that is not there.
 */
export function localVariables({ lock, source, variables = {} }: LocalInputs, { bake, facts }: Recipe): Variables {
  for (const [name, value] of Object.entries(variables)) {
    const input = Object.entries(inputOf).find(([variable]) => variable === name)?.[1];
    if (bake.variable[name] === undefined || input !== undefined) {
      const mend =
        input === undefined ? `it has ${Object.keys(bake.variable).join(", ")}` : `give ${input} in its place`;
      throw new AppImageInputError(`variables.${name}`, "is no variable to be set here", mend);
    }
    checkedVariable(name, value);
  }
  return {
    ...lockHashes(facts, lock, source),
    ...variables,
    ...(source === undefined ? {} : { SOURCE: source }),
    ...(lock === undefined ? {} : { LOCK: lock }),
  };
}

/** @throws AppImageInputError for a target that wants a variable which nothing gives. */
export function requireVariables(recipe: Recipe, target: string, given: ReadonlySet<string>): void {
  for (const name of neededVariables(recipe.bake, target).filter(
    (variable) => !given.has(variable) && variable !== "SECRETS",
  )) {
    const input = Object.entries(inputOf).find(([variable]) => variable === name)?.[1] ?? `variables.${name}`;
    throw new AppImageInputError(input, "is missing", `the recipe's target ${target} wants it (${name})`);
  }
}

/** The main context of a build. */
export function mainContext(recipe: Recipe, { context }: TargetBuild): string {
  return context ?? recipe.folder;
}

/** Hashes of all that a build takes from this machine. @throws Error where that cannot be read. */
export function contextHashes(recipe: Recipe, build: TargetBuild): ContextHashes {
  const main = mainContext(recipe, build);
  const others = Object.entries(build.contexts).filter(([, context]) => isFolder(context));
  return {
    recipe: contextHash(main, build.dockerfile),
    ...Object.fromEntries(others.map(([name, folder]) => [name, contextHash(folder)])),
  };
}

/** Docker speaks plain HTTP with a registry of this machine; the provider must be told so. */
export function registryAddress(host: string): string {
  return /^(localhost|127(\.\d+){3})(:\d+)?$/.test(host) ? `http://${host}` : host;
}

function lockHashes(facts: RecipeFacts, lock: string | undefined, source: string | undefined): Variables {
  switch (facts.kind) {
    case "own-dockerfile":
      return {};
    case "base-image":
      return lock === undefined ? {} : { LOCK_HASH: fileHash(join(lock, "requirements.txt")) };
    case "application": {
      const files = facts.sets.map(({ folder, suffix }) => ({
        suffix,
        file: facts.lock === undefined ? place(lock, `${folder}/requirements.txt`) : place(source, facts.lock),
      }));
      return Object.fromEntries(
        files.flatMap(({ suffix, file }) => (file === undefined ? [] : [[`LOCK_HASH${suffix}`, fileHash(file)]])),
      );
    }
  }
}

function place(folder: string | undefined, file: string): string | undefined {
  return folder === undefined ? undefined : join(folder, file);
}

function fileHash(file: string): string {
  if (!existsSync(file)) {
    throw new AppImageInputError("lock", `has no ${file}`, 'let "wheelhouse resolve" write it');
  }
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
