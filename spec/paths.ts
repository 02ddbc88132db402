/** Paths that stay in their folder: the rule for what users write, and the check for files that are read. */
import { lstatSync, readFileSync, realpathSync } from "node:fs";
import { posix, resolve, sep } from "node:path";
import { quote, type Refusal, type Rule } from "./rule";

/** A path relative to a repository's root: parts of letters, digits and `. _ - +`, parted by `/`; at most 200 characters. */
export const relativePath: Rule = (text) => {
  if (text.includes("\\")) {
    return refuse(text, "it has a backslash", `write it with slashes: ${quote(text.replaceAll("\\", "/"))}`);
  }
  if (text.startsWith("/") || text.startsWith("~") || /^[A-Za-z]:/.test(text)) {
    return refuse(text, "it is absolute", "write it relative to the repository's root, such as requirements.txt");
  }
  const parts = text.split("/");
  if (parts.includes("..")) {
    return refuse(text, "it leaves its folder", "name a file inside the repository, without ..");
  }
  if (parts.includes(".")) {
    return refuse(text, "it has a . part", `write it without: ${quote(posix.normalize(text))}`);
  }
  if (!parts.every((part) => /^[A-Za-z0-9._+][A-Za-z0-9._+-]*$/.test(part)) || text.length > 200) {
    return refuse(
      text,
      "it has an empty part, or characters that cannot be used here",
      "use at most 200 letters, digits and . _ - + with single slashes between the parts",
    );
  }
  return parts[0] === ".git" ? refuse(text, "it is in git's own folder", "name a file of the repository") : undefined;
};

function refuse(text: string, why: string, mend: string): Refusal {
  return { message: `${quote(text)} is not a path inside the repository: ${why}`, mend };
}

/** `pyproject.toml`, or a requirements file (`.txt` or `.in`). */
export const requirementsPath: Rule = (text) =>
  relativePath(text) ??
  (/(?:^|\/)pyproject\.toml$|\.(?:txt|in)$/.test(text)
    ? undefined
    : {
        message: `${quote(text)} is neither pyproject.toml nor a requirements file`,
        mend: "name pyproject.toml, or a file that ends in .txt or .in",
      });

/** A lock in the form of requirements with hashes: `.txt` or `.lock`, but not the private format of another tool. */
export const lockPath: Rule = (text) => {
  const refusal = relativePath(text);
  if (refusal !== undefined) {
    return refusal;
  }
  if (/(?:^|\/)(?:uv|poetry|pdm|Pipfile)\.lock$/.test(text)) {
    return {
      message: `${quote(text)} is in its tool's own format`,
      mend: "export it with hashes, for example: uv export --format requirements-txt -o requirements.lock",
    };
  }
  return /\.(?:txt|lock)$/.test(text)
    ? undefined
    : { message: `${quote(text)} is not a lock file`, mend: "name a file with hashes that ends in .txt or .lock" };
};

/** Main file of a pipeline. */
export const pipelinePath: Rule = (text) =>
  relativePath(text) ??
  (/\.ya?ml$/.test(text)
    ? undefined
    : {
        message: `${quote(text)} is not a pipeline's file`,
        mend: "name a file that ends in .yml, such as azure-pipelines.yml",
      });

/** What reading a file inside a folder came to. */
export type FileRead =
  | { readonly kind: "content"; readonly bytes: Buffer }
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/**
 * Reads a file of a folder: only a regular file of at most `largest` bytes, and only when it, after following every
 * symbolic link, lies in the folder.
 */
export function readInside(folder: string, relative: string, largest: number): FileRead {
  try {
    const root = realpathSync(folder);
    const real = realpathSync(resolve(folder, relative));
    if (real !== root && !real.startsWith(root + sep)) {
      return {
        kind: "refused",
        refusal: { message: "it is a symbolic link that leaves its folder", mend: "put the file itself there" },
      };
    }
    const status = lstatSync(real);
    if (!status.isFile()) {
      return { kind: "refused", refusal: { message: "it is not a file", mend: "put a text file there" } };
    }
    if (status.size > largest) {
      return { kind: "refused", refusal: tooLarge(status.size, largest) };
    }
    return { kind: "content", bytes: readFileSync(real) };
  } catch (error) {
    return unreadable(error);
  }
}

/** Refusal of a file by its size in bytes. */
export function tooLarge(size: number, largest: number): Refusal {
  return { message: `it has ${Math.ceil(size / 1024)} kB`, mend: `keep it under ${Math.floor(largest / 1024)} kB` };
}

function unreadable(error: unknown): FileRead {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return code === "ENOENT"
    ? { kind: "missing" }
    : {
        kind: "refused",
        refusal: { message: `it cannot be read (${code})`, mend: "check the file and its permissions" },
      };
}
