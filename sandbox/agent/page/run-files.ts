/** Finds what a run left in its folder, and nothing outside of it. */
import { createReadStream } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Readable } from "node:stream";

/** Bytes of a summary or a pipeline's text that are shown. */
const mostShownBytes = 1024 * 1024;
/** Files of one artifact that are listed. */
const mostListed = 2000;

export interface FoundFile {
  /** Below the artifact, with slashes. */
  readonly path: string;
  readonly size: number;
}

/**
 * The real path of something in a run's folder.
 * @returns nothing for what is not there, or lies elsewhere: a link in an artifact must not show the rest of the machine.
 */
export async function inside(folder: string, ...parts: readonly string[]): Promise<string | undefined> {
  if (parts.some((part) => part === "" || part.includes("\0"))) return undefined;
  try {
    const root = await realpath(folder);
    const found = await realpath(join(root, ...parts));
    return found.startsWith(root + sep) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The beginning of a text file, as much as is shown. */
export async function readText(file: string): Promise<{ text: string; isCut: boolean }> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, mostShownBytes));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return { text: buffer.subarray(0, bytesRead).toString("utf8"), isCut: size > mostShownBytes };
  } finally {
    await handle.close();
  }
}

/** All files below a folder, sorted; links are not followed. */
export async function listFiles(folder: string): Promise<{ files: FoundFile[]; isCut: boolean }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  const paths = found.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  const shown = paths.slice(0, mostListed);
  const files = await Promise.all(
    shown.map(async (path) => ({ path: path.split(sep).join("/"), size: (await stat(join(folder, path))).size })),
  );
  return { files, isCut: paths.length > mostListed };
}

/** A file as it is by now. */
export async function openFile(file: string): Promise<{ size: number; stream: () => Readable } | undefined> {
  const found = await stat(file);
  if (!found.isFile()) return undefined;
  const { size } = found;
  // What is written meanwhile is left out, so that it is as long as was said.
  return { size, stream: () => createReadStream(file, size === 0 ? { end: 0 } : { end: size - 1 }) };
}
