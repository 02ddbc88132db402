/** Reads a rendered recipe: the folder with `docker-bake.json`, and the facts that it tells about itself. */
import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { readRecipeFacts, type RecipeFacts } from "../spec/recipe-facts";
import { UsageError } from "./errors";

export interface Recipe {
  /** Absolute. */
  readonly folder: string;
  readonly bakeFile: string;
  readonly facts: RecipeFacts;
  /** Names of the variables that the bake file declares. */
  readonly variables: readonly string[];
  readonly targets: Readonly<Record<string, RecipeTarget>>;
}

/** What the tools read of a target. */
export interface RecipeTarget {
  readonly context: string;
  readonly caches: boolean;
}

/** @throws UsageError for a folder without a bake file, or with one that Wheelhouse did not render. */
export function readRecipe(folder: string): Recipe {
  const bakeFile = path.join(folder, "docker-bake.json");
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(bakeFile, "utf8"));
  } catch (error) {
    throw new UsageError(
      error instanceof SyntaxError ? `${bakeFile} is not JSON: ${error.message}` : `there is no recipe in ${folder}`,
      "name a folder that Wheelhouse rendered, such as apps/orders or base-images/python-web, with --recipe",
      { cause: error },
    );
  }
  try {
    const targets = Object.entries(objectAt(document, "target"));
    return {
      folder,
      bakeFile,
      facts: readRecipeFacts(document),
      variables: Object.keys(objectAt(document, "variable")),
      targets: Object.fromEntries(
        targets.map(([name, target]) => [
          name,
          {
            context: textAt(target, "context"),
            caches: typeof target === "object" && target !== null && "cache-to" in target,
          },
        ]),
      ),
    };
  } catch (error) {
    throw new UsageError(`${bakeFile}: ${error instanceof Error ? error.message : String(error)}`, "", {
      cause: error,
    });
  }
}

function objectAt(document: unknown, key: string): Record<string, unknown> {
  const value: unknown = typeof document === "object" && document !== null ? Reflect.get(document, key) : undefined;
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textAt(document: unknown, key: string): string {
  const value: unknown = typeof document === "object" && document !== null ? Reflect.get(document, key) : undefined;
  return typeof value === "string" ? value : "";
}

/** @throws UsageError unless the folder of an option is there. */
export function existingFolder(option: string, folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`${option}: there is no folder ${folder}`, "");
  }
  return folder;
}
