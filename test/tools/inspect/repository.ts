/** Repositories of teams for tests: files by their paths, in a folder that is removed. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A new folder with these files. The caller removes it. */
export function makeFolder(files: Files, name = "orders"): string {
  const folder = path.join(realpathSync(mkdtempSync(path.join(tmpdir(), "wheelhouse-test-"))), name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(path.dirname(folder), { recursive: true, force: true });
}

/** Runs with a folder of these files, and removes it. */
export async function withFolder<Result>(
  files: Files,
  run: (folder: string) => Result | Promise<Result>,
  name?: string,
): Promise<Result> {
  const folder = makeFolder(files, name);
  try {
    return await run(folder);
  } finally {
    removeFolder(folder);
  }
}
