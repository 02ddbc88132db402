/** Writes new files: whole or not at all, and never over one that is there. */
import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import * as path from "node:path";
import { UsageError } from "../errors";

/**
 * Writes one file that must not be there yet; makes its folder.
 * @throws UsageError where it is there, also when it came while this ran.
 */
export async function writeNewFile(file: string, shown: string, text: string): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString("hex")}`);
  await outside(shown, async () => {
    await fs.mkdir(folder, { recursive: true });
    try {
      await fs.writeFile(temporary, text, { flag: "wx" });
      // Unlike a rename, a link is refused where something has its name.
      await fs.link(temporary, file);
    } finally {
      await fs.rm(temporary, { force: true });
    }
  });
}

/**
 * Writes a folder of files that must not be there yet.
 * @param files texts by name.
 * @throws UsageError where it is there.
 */
export async function writeNewFolder(folder: string, shown: string, files: ReadonlyMap<string, string>): Promise<void> {
  const parent = path.dirname(folder);
  const temporary = path.join(parent, `.${path.basename(folder)}.${randomBytes(6).toString("hex")}`);
  await outside(shown, async () => {
    await fs.mkdir(parent, { recursive: true });
    try {
      await fs.mkdir(temporary);
      for (const [name, text] of files) await fs.writeFile(path.join(temporary, name), text, { flag: "wx" });
      // An empty folder would be replaced: it holds nothing. Any other refuses.
      await fs.rename(temporary, folder);
    } finally {
      await fs.rm(temporary, { recursive: true, force: true });
    }
  });
}

async function outside(shown: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(code)) throw isThere(shown);
    throw new UsageError(
      `${shown} cannot be written (${code})`,
      "check the folder and its permissions; nothing was written",
      {
        cause: error,
      },
    );
  }
}

export function isThere(shown: string): UsageError {
  return new UsageError(`${shown} is there already`, "edit it, or choose another name; nothing was written");
}
