/** Finds paths inside the folder of an image's files, as a process finds them whose root that folder is. */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import * as path from "node:path";

import { ContainerError } from "./errors";

/** As many links as Linux follows for one path. */
const MOST_LINKS = 40;

/** What is there, the link itself and not what it points to; nothing where nothing is. */
export function lookAt(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/**
 * The place of `inside` under `root`. Links on the way are followed within the root: an absolute one begins there, and
 * `..` does not lead above it. What is not there yet is taken as it is written. The last part is followed only where
 * `followLast` says so.
 * @throws ContainerError for links that lead in a circle.
 */
export function resolveIn(root: string, inside: string, { followLast }: { followLast: boolean }): string {
  const left = inside.split("/").reverse();
  const found: string[] = [];
  let links = 0;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      found.pop();
      continue;
    }
    const candidate = path.join(root, ...found, part);
    const last = left.every((rest) => rest === "" || rest === ".");
    if ((last && !followLast) || lookAt(candidate)?.isSymbolicLink() !== true) {
      found.push(part);
      continue;
    }
    if (++links > MOST_LINKS) {
      throw new ContainerError(`${inside} of the image leads through more than ${MOST_LINKS} links`, "Mend the image.");
    }
    const target = readlinkSync(candidate);
    if (target.startsWith("/")) found.length = 0;
    left.push(...target.split("/").reverse());
  }
  return path.join(root, ...found);
}
