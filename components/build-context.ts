/** What of a folder a build gets to see, and a hash of it. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Whether a path of a build context is left out by its `.dockerignore`. As docker reads that file: one pattern a line, `#` begins a
 * comment, `*` and `?` stop at a slash, `**` does not, `!` takes back, the last pattern that fits wins, and what fits a folder fits all
 * below it.
 */
export function ignored(dockerignore: string): (path: string) => boolean {
  const patterns = dockerignore
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ back: line.startsWith("!"), pattern: expression(line.replace(/^!/, "")) }));
  return (path) =>
    patterns.reduce((out, { back, pattern }) => (out === back && pattern.test(path) ? !back : out), false);
}

function expression(line: string): RegExp {
  const pattern = line
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  return new RegExp(`^${pattern.replace(/\*\*\/?|\[\^?[^\]]+\]|\\[\s\S]|[\s\S]/g, token)}(?:/.*)?$`);

  function token(text: string, offset: number): string {
    if (text.startsWith("**")) return offset + text.length === pattern.length ? ".*" : "(?:.*/)?";
    if (text === "*") return "[^/]*";
    if (text === "?") return "[^/]";
    if (text.startsWith("[") && text.length > 1) return text;
    return text.replace(/^\\(?=.)/, "").replace(/[.+*?^${}()|[\]\\]/g, "\\$&");
  }
}

/**
 * SHA-256, in hexadecimal, of what a build sees of a folder: paths, contents, and whether a file may be executed. Times, owners and the
 * order of reading are no part of it, so that it is the same on every machine.
 *
 * @param dockerfile where the Dockerfile lies in the folder, for the build's main context: it is always seen, and may have a list of its own
 * @throws Error where the folder cannot be read, or git's own folder, in which credentials may lie, would be part of it
 */
export function contextHash(folder: string, dockerfile?: string): string {
  const own = join(folder, ".dockerignore");
  const special = join(folder, `${dockerfile ?? ""}.dockerignore`);
  const file = existsSync(special) ? special : own;
  const leftOut = ignored(existsSync(file) ? readFileSync(file, "utf8") : "");
  const hash = createHash("sha256");
  for (const path of pathsIn(folder).filter((each) => each === dockerfile || !leftOut(each))) {
    if (path === ".git" || path.startsWith(".git/")) {
      throw new Error(
        `${folder} holds git's own folder, which would get into the image: add ".git" to ${own}, ` +
          'or name a folder that "git archive" filled',
      );
    }
    hash.update(`${JSON.stringify([path, ...content(join(folder, path))])}\n`);
  }
  return hash.digest("hex");
}

/** Files and links, in the same order everywhere. */
function pathsIn(folder: string, below = ""): string[] {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  return entries
    .map((entry) => ({ entry, path: below === "" ? entry.name : `${below}/${entry.name}` }))
    .sort((left, right) => (left.path < right.path ? -1 : 1))
    .flatMap(({ entry, path }) => (entry.isDirectory() ? pathsIn(folder, path) : [path]));
}

function content(file: string): string[] {
  const link = linkTarget(file);
  if (link !== undefined) return ["link", link];
  const executable = (statSync(file).mode & 0o111) !== 0;
  return [executable ? "program" : "file", createHash("sha256").update(readFileSync(file)).digest("hex")];
}

function linkTarget(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
