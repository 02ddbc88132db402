/** The files of a build context that BuildKit would send: all but those that .dockerignore leaves out. */
import { existsSync, promises as fs, readFileSync } from "node:fs";
import * as path from "node:path";
import { UsageError } from "../errors";
import { readIgnore } from "./ignore-file";
import type { ContextFiles } from "./subject";

/** More files than a context should have; the walk ends there. */
const MOST = 200_000;

/**
 * @param folder absolute path of the context.
 * @param dockerfile absolute path; `<its name>.dockerignore` beside it goes before the context's own.
 * @throws UsageError where the folder cannot be read, or is not one.
 */
export async function contextFiles(folder: string, dockerfile: string, given: string): Promise<ContextFiles> {
  const own = `${dockerfile}.dockerignore`;
  const ignore = path.join(folder, ".dockerignore");
  const file = existsSync(own) ? own : existsSync(ignore) ? ignore : undefined;
  const isIgnored = readIgnore(file === undefined ? "" : await fs.readFile(file, "utf8"));
  const files: string[] = [];
  try {
    await walk(folder, "", files);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `the context ${given} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      "Name the folder that the build is given.",
      { cause: error },
    );
  }
  const kept = files.filter((name) => !isIgnored(name));
  return {
    files: kept,
    read(name) {
      if (!kept.includes(name)) return undefined;
      try {
        return readFileSync(path.join(folder, name), "utf8");
      } catch {
        return undefined;
      }
    },
  };
}

async function walk(folder: string, below: string, files: string[]): Promise<void> {
  for (const entry of await fs.readdir(path.join(folder, below), { withFileTypes: true })) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    // What git keeps has no credentials of these names, and is the largest folder.
    if (entry.isDirectory() && name !== ".git") await walk(folder, name, files);
    else if (!entry.isDirectory()) files.push(name);
    if (files.length > MOST)
      throw new UsageError(`the context has more than ${MOST} files`, "Name the folder that the build is given.");
  }
}
