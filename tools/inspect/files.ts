/** Reads a repository that anybody may have written: few files, small ones, and none outside of it. */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import * as path from "node:path";
import { readInside } from "../../spec/paths";

/** Bytes of a file that a person writes; a lock with hashes is the largest of them. */
const LARGEST = 1_000_000;
/** Folders below the root in which Dockerfiles and pipelines are looked for. */
const DEEPEST = 3;
const MOST_ENTRIES = 5_000;
const SKIPPED = new Set([
  "node_modules",
  "site-packages",
  "__pycache__",
  "venv",
  "env",
  "build",
  "dist",
  "vendor",
  "htmlcov",
]);

/** A repository while it is inspected. */
export interface RepositoryFiles {
  /** Every file found, relative, with `/`: those nearest to the root first, then by name. Links are not in it, unless at the root. */
  readonly paths: readonly string[];
  /** The text of a file; `undefined` where there is none. One that cannot be read is noted. */
  read(relative: string): string | undefined;
  readonly notes: string[];
}

/** Lists the files of a folder that exists. */
export async function listFiles(folder: string): Promise<RepositoryFiles> {
  const notes: string[] = [];
  const paths = await walk(folder, notes);
  const texts = new Map<string, string | undefined>();
  return {
    paths,
    notes,
    read(relative) {
      if (!texts.has(relative)) texts.set(relative, readText(folder, relative, notes));
      return texts.get(relative);
    },
  };
}

async function walk(folder: string, notes: string[]): Promise<string[]> {
  const files: string[] = [];
  let left = MOST_ENTRIES;
  let level = [""];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const below: string[] = [];
    for (const place of level) {
      const entries = await entriesOf(path.join(folder, place), notes, place);
      for (const entry of entries.slice(0, left)) {
        const relative = place === "" ? entry.name : `${place}/${entry.name}`;
        // A link at the root is read as far as it stays inside; one to a folder is never followed.
        if (entry.isFile() || (depth === 0 && entry.isSymbolicLink())) files.push(relative);
        else if (entry.isDirectory() && isSearched(entry.name)) below.push(relative);
      }
      left -= entries.length;
      if (left <= 0) {
        notes.push(`the repository has many files: only the first ${MOST_ENTRIES} were looked at`);
        return files;
      }
    }
    level = below;
  }
  return files;
}

async function entriesOf(folder: string, notes: string[], relative: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    notes.push(`${relative === "" ? "." : relative} cannot be read (${codeOf(error)})`);
    return [];
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** Hidden folders are tools' own, but for those in which pipelines are kept. */
function isSearched(name: string): boolean {
  return /^\.(?:azure-?pipelines|azuredevops|pipelines|docker|devops)$/i.test(name)
    ? true
    : !name.startsWith(".") && !SKIPPED.has(name);
}

function readText(folder: string, relative: string, notes: string[]): string | undefined {
  const read = readInside(folder, relative, LARGEST);
  if (read.kind === "missing") return undefined;
  if (read.kind === "refused") {
    notes.push(`${relative} was not read: ${read.refusal.message}`);
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(read.bytes);
  } catch {
    notes.push(`${relative} was not read: it is not UTF-8 text`);
    return undefined;
  }
}
