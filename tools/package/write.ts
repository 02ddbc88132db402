/** Writes laid-out files with fixed times and modes, so that the same files are the same layer. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { PlacedFile } from "./layout";

/** 1980-01-01, the earliest time that zip archives know; recipes give the same to what they install. */
export const fileTime = 315_532_800;

/** @param folder a new one. */
export function writeFiles(folder: string, files: readonly PlacedFile[]): void {
  for (const { path: relative, content, executable } of files) {
    const target = path.join(folder, relative);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
    chmodSync(target, executable ? 0o755 : 0o644);
  }
  stamp(folder);
}

/** Folders last: to write into one changes its time. */
function stamp(entry: string): void {
  if (lstatSync(entry).isDirectory()) {
    for (const name of readdirSync(entry)) stamp(path.join(entry, name));
    chmodSync(entry, 0o755);
  }
  utimesSync(entry, fileTime, fileTime);
}
