/** Finds the Dockerfile that Docker@2's input means: a path, or a pattern below the working folder. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";

/** More files than this are no source folder that a pattern should be looked for in. */
const mostFiles = 200_000;

/**
 * @param folder Where relative paths begin.
 * @throws Error where there is none
 */
export function findDockerfile(given: string, folder: string): string {
  const pattern = resolve(folder, given);
  const found = /[*?]/.test(given) ? firstMatch(folder, pattern) : pattern;
  if (found === undefined || !existsSync(found) || !statSync(found).isFile()) {
    throw new Error(`No Dockerfile matching  ${pattern}  was found.`);
  }
  return found;
}

/** A pattern without a folder is held against the name alone (minimatch's `matchBase`). */
function matcher(folder: string, pattern: string): (path: string) => boolean {
  const parts = pattern.split("/").map((part) => (part === "**" ? "(?:[^/]+/)*" : `${partSource(part)}/`));
  const whole = new RegExp(`^${parts.join("").replace(/\/$/, "")}$`);
  return (path) => whole.test(pattern.includes("/") ? relative(folder, path) : basename(path));
}

function partSource(part: string): string {
  const literal = part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return literal.replaceAll("*", "[^/]*").replaceAll("?", "[^/]");
}

function firstMatch(folder: string, pattern: string): string | undefined {
  const matches = matcher(folder, relative(folder, pattern));
  let files = 0;
  const visit = (below: string): string | undefined => {
    for (const entry of readdirSync(below, { withFileTypes: true })) {
      files += 1;
      if (files > mostFiles) throw new Error(`${folder} has more than ${mostFiles} files: give the Dockerfile's path`);
      const path = join(below, entry.name);
      const match = entry.isDirectory() ? visit(path) : matches(path) ? path : undefined;
      if (match !== undefined) return match;
    }
    return undefined;
  };
  return existsSync(folder) ? visit(folder) : undefined;
}
