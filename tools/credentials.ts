/** The feed's credentials on this machine: a netrc file that must be there, be filled and know the feed's host. */
import { readFileSync } from "node:fs";
import { OutsideError, UsageError } from "./errors";

export interface NetrcEntry {
  /** Host without port; `undefined` for the entry `default`. */
  readonly machine: string | undefined;
  readonly login: string;
  readonly password: string;
}

/** Entries of a netrc file, as curl and Python read it: words between blanks; a word may be in double quotes. */
export function parseNetrc(text: string): NetrcEntry[] {
  const words = text
    .split("\n")
    .map((line) => line.replace(/^\s*#.*$/, ""))
    .join("\n")
    .match(/"(?:[^"\\]|\\.)*"|\S+/g);
  const entries: { machine: string | undefined; login: string; password: string }[] = [];
  const queue = (words ?? []).map((word) =>
    word.startsWith('"') && word.endsWith('"') && word.length > 1 ? word.slice(1, -1).replace(/\\(.)/g, "$1") : word,
  );
  for (let index = 0; index < queue.length; index++) {
    const value = queue[index + 1] ?? "";
    const last = entries.at(-1);
    switch (queue[index] ?? "") {
      case "machine":
        entries.push({ machine: value, login: "", password: "" });
        index++;
        break;
      case "default":
        entries.push({ machine: undefined, login: "", password: "" });
        break;
      case "login":
      case "account":
        if (last !== undefined && queue[index] === "login") last.login = value;
        index++;
        break;
      case "password":
        if (last !== undefined) last.password = value;
        index++;
        break;
    }
  }
  return entries;
}

/**
 * The text of a secret file.
 * @throws OutsideError where it is missing or empty: then the step that authenticates did not do its work.
 */
export function readSecretFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new OutsideError(
      `the secret file ${file} cannot be read`,
      "let the step that authenticates to the feed (PipAuthenticate@1) run before this one",
      { cause: error },
    );
  }
  if (text.trim() === "") {
    throw new OutsideError(
      `the secret file ${file} is empty`,
      "look at the step that authenticates to the feed (PipAuthenticate@1): it gave no token",
    );
  }
  return text;
}

/**
 * The feed's address, checked: credentials are in no argument and no image, so they may not be in the address.
 * @throws UsageError
 */
export function checkedIndexUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new UsageError("--index-url: it is not a URL", "give the feed's simple index, without credentials", {
      cause: error,
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "--index-url has credentials in it",
      "take them out, and name a netrc file that holds them; then have the token revoked, as it was in an argument",
    );
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new UsageError(`--index-url: ${url.protocol} is no protocol of an index`, "give an address with https://");
  }
  return text;
}

/**
 * Entries of the netrc file for the feed, checked before anything is run.
 * @throws OutsideError where the file is missing or empty, or has no password for the feed's host.
 */
export function feedCredentials(netrcFile: string, indexUrl: string): readonly NetrcEntry[] {
  const entries = parseNetrc(readSecretFile(netrcFile));
  const host = new URL(indexUrl).hostname;
  const entry = entries.find(({ machine }) => machine === host) ?? entries.find(({ machine }) => machine === undefined);
  if (entry === undefined || entry.password === "") {
    throw new OutsideError(
      `${netrcFile} has no ${entry === undefined ? "entry" : "password"} for ${host}, the feed's host`,
      "write it as: machine <host> login <any name> password <token>",
    );
  }
  return entries;
}

/**
 * Takes secrets out of text that other programs wrote, in the forms in which they could show up.
 * @param values passwords and tokens; those under 4 characters are left, as they would tear up every text.
 */
export function redactor(values: readonly string[]): (text: string) => string {
  const forms = values
    .filter((value) => value.length >= 4)
    .flatMap((value) => [value, encodeURIComponent(value), Buffer.from(value).toString("base64").replace(/=+$/, "")])
    .sort((left, right) => right.length - left.length);
  return (text) => forms.reduce((result, form) => result.replaceAll(form, "***"), text);
}
