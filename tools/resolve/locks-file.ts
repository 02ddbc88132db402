/** `locks.json` and the locks beside it: what `resolve` leaves for `bake`. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { UsageError } from "../errors";
import type { ResolvedSet } from "./resolve";

/** Changes when a reader of the old form would misread it. */
const schema = 1;

/** A base image, pinned. */
export interface BaseReference {
  /** As it was named, such as `contoso.azurecr.io/python-web:latest`. */
  readonly reference: string;
  readonly digest: string;
}

export interface LocksDocument {
  readonly schema: typeof schema;
  readonly recipe: { readonly kind: string; readonly name: string };
  /** The base image whose lock was the constraint; absent for a base image, and for a lock that was a file. */
  readonly base?: BaseReference;
  readonly sets: readonly LockedSet[];
}

export interface LockedSet {
  /** Its lock is `<folder>/requirements.txt`; "" is the folder of `locks.json`. */
  readonly folder: string;
  readonly suffix: string;
  readonly extras: readonly string[];
  /** Of the lock's file. */
  readonly sha256: string;
  readonly packages: number;
}

export const lockFile = "requirements.txt";
const documentFile = "locks.json";

export function locksDocument(
  recipe: LocksDocument["recipe"],
  base: LocksDocument["base"] | undefined,
  sets: readonly ResolvedSet[],
): LocksDocument {
  return {
    schema,
    recipe: { kind: recipe.kind, name: recipe.name },
    ...(base === undefined ? {} : { base }),
    sets: sets.map(({ folder, suffix, extras, sha256, packages }) => ({ folder, suffix, extras, sha256, packages })),
  };
}

/** Writes the locks, and last the document: what it names is there, whole. Locks of an earlier run are replaced. */
export function writeLocks(output: string, document: LocksDocument, sets: readonly ResolvedSet[]): void {
  mkdirSync(output, { recursive: true });
  rmSync(path.join(output, documentFile), { force: true });
  for (const { folder, text } of sets) {
    mkdirSync(path.join(output, folder), { recursive: true });
    writeWhole(path.join(output, folder, lockFile), text);
  }
  writeWhole(path.join(output, documentFile), `${JSON.stringify(document, undefined, 2)}\n`);
}

function writeWhole(file: string, text: string): void {
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, text);
  renameSync(part, file);
}

/**
 * What an earlier `resolve` wrote, checked against the locks beside it.
 * @throws UsageError where it is missing, another recipe's, or a lock was changed since.
 */
export function readLocks(folder: string, recipe: LocksDocument["recipe"]): LocksDocument {
  const file = path.join(folder, documentFile);
  const mend = `run first: wheelhouse resolve … --output ${folder}`;
  let document: Omit<LocksDocument, "schema"> & { readonly schema: number };
  try {
    document = JSON.parse(readFileSync(file, "utf8")) as typeof document;
  } catch (error) {
    throw new UsageError(`${file} is missing or cannot be read`, mend, { cause: error });
  }
  if (document.schema !== schema) {
    throw new UsageError(`${file} is of another version of wheelhouse`, mend);
  }
  if (document.recipe.kind !== recipe.kind || document.recipe.name !== recipe.name) {
    throw new UsageError(`${file} has the locks of ${document.recipe.name}, not of ${recipe.name}`, mend);
  }
  for (const set of document.sets) {
    const lock = path.join(folder, set.folder, lockFile);
    let content: Buffer;
    try {
      content = readFileSync(lock);
    } catch (error) {
      throw new UsageError(`${lock} is missing`, mend, { cause: error });
    }
    if (createHash("sha256").update(content).digest("hex") !== set.sha256) {
      throw new UsageError(`${lock} is not what was resolved: it was changed since`, mend);
    }
  }
  return { ...document, schema };
}
