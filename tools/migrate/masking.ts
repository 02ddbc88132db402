/** Finds credentials that are written out in a repository's files, and takes them out of whatever is shown. */
import { findCredential } from "../../spec/credentials";
import { userParts } from "../lint/addresses";
import { isCredentialName, isHarmlessValue } from "../lint/names";
import type { FoundCredential } from "./proposal";

const HIDDEN = "***";
/** Shorter ones would hide half of every word. */
const SHORTEST = 4;
const LONGEST_LINE = 20_000;

/** A credential of one line: its value, and what it is in words. */
interface Written {
  readonly value: string;
  readonly what: string;
}

export interface Findings {
  readonly credentials: readonly FoundCredential[];
  /** Their values, the longest first. */
  readonly secrets: readonly string[];
}

/** @param files texts by their path, relative to the repository. */
export function findCredentials(files: ReadonlyMap<string, string>): Findings {
  const credentials: FoundCredential[] = [];
  const secrets = new Set<string>();
  for (const [file, text] of files) {
    const isNetrc = /(?:^|\/)[._]?netrc$/.test(file);
    for (const [index, line] of text.split("\n").entries()) {
      const found = inLine(line.slice(0, LONGEST_LINE), isNetrc);
      for (const { value } of found) secrets.add(value);
      const [first] = found;
      if (first === undefined) continue;
      const at = `${file}:${index + 1}`;
      const todo = "revoke it: everyone who can read the repository, or its history, has it";
      credentials.push({ at, what: first.what, todo });
    }
  }
  return { credentials, secrets: [...secrets].sort(longestFirst) };
}

function inLine(line: string, isNetrc: boolean): Written[] {
  const found = [
    ...inAddresses(line),
    ...(isNetrc || NETRC_LINE.test(line) ? inNetrc(line) : []),
    ...assigned(line),
    ...inHeaders(line),
    ...inOptions(line),
    ...byPattern(line),
  ];
  return found.filter(({ value }) => value.length >= SHORTEST);
}

const NETRC_LINE = /\b(?:machine|login)\s+\S+.*\bpassword\s|^\s*password\s+\S+\s*$/;

function inAddresses(line: string): Written[] {
  return userParts(line).flatMap(({ text }) => {
    const colon = text.indexOf(":");
    const value = text.slice(colon + 1);
    const literal = value !== "" && !isReference(value) && !(colon < 0 && /^git$/i.test(text));
    return literal ? [{ value, what: "an address with a password or a token" }] : [];
  });
}

function inNetrc(line: string): Written[] {
  return Array.from(line.matchAll(/\bpassword\s+(\S+)/g), (match) => match[1] ?? "")
    .filter((value) => !isReference(value))
    .map((value) => ({ value, what: "a password" }));
}

/** `NAME=value`, `NAME: value`, `name = value` where the name is that of a credential. */
function assigned(line: string): Written[] {
  const pattern = /(?<![\w-])["']?([A-Za-z_][A-Za-z0-9_.-]*)["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s"',#}\]]+))/g;
  return Array.from(line.matchAll(pattern)).flatMap((match) => {
    const name = (match[1] ?? "").replace(/[.-]/g, "_");
    const value = match[2] ?? match[3] ?? match[4] ?? "";
    return isCredentialName(name) && !NO_VALUE.test(name) && !isHarmlessValue(value) && !isReference(value)
      ? [{ value, what: `the value of ${match[1] ?? ""}` }]
      : [];
  });
}

/** Inputs of tasks that say which secret, and have none: `SecretsFilter` of AzureKeyVault. */
const NO_VALUE = /(?:filter|names?|vault|connection|scope)$/i;

function inHeaders(line: string): Written[] {
  const values = Array.from(line.matchAll(/\b(?:Bearer|Basic)\s+([A-Za-z0-9+/_.=~-]{8,})/g), (match) => match[1] ?? "");
  return values.map((value) => ({ value, what: "a header with a credential" }));
}

/** `docker login -u name -p value`, `--password value`, `curl -u name:value`. */
function inOptions(line: string): Written[] {
  const pattern =
    /\s(?:--password|--token|(?<=\b(?:login|twine)\b.*)-p)(?:\s+|=)["']?([^\s"']+)|\scurl\b.*\s(?:-u|--user)\s+["']?[^\s:"']+:([^\s"']+)/g;
  return Array.from(` ${line}`.matchAll(pattern), (match) => match[1] ?? match[2] ?? "")
    .filter((value) => !isReference(value) && !value.startsWith("-"))
    .map((value) => ({ value, what: "the password of a command" }));
}

/** Words that have the form of a token. The sums of a lock are long words, and none. */
function byPattern(line: string): Written[] {
  const text = line.replace(/--hash[= ][a-z0-9]+:[0-9a-f]+/g, "").replace(/(?:sha256|sha512)[:=-][A-Za-z0-9+/=]+/g, "");
  return (text.match(/[A-Za-z0-9_.+/=~-]{16,}/g) ?? []).flatMap((word) => {
    const what = findCredential(word);
    return what === undefined || !/[0-9]/.test(word) ? [] : [{ value: word, what }];
  });
}

/** A variable, a macro, a substitution or a placeholder: no value of its own. */
function isReference(value: string): boolean {
  return /^[$%<{*]|\$[({A-Za-z_]|\{\{|^(?:__+|@@|#\{|~~)[A-Za-z][\w.-]*?(?:__+|@@|\}#?|~~)$/.test(value);
}

/** The text without any credential: neither those that were found in the repository, nor what only looks like one. */
export function masked(text: string, secrets: readonly string[]): string {
  return without(text, secrets)
    .split("\n")
    .map((line) => {
      const own = inLine(line.slice(0, LONGEST_LINE), false).map(({ value }) => value);
      return without(line, own.sort(longestFirst));
    })
    .join("\n");
}

/** A text of this tool's own, in which names and values of the repository's files may stand. */
export function maskedWords(text: string, secrets: readonly string[]): string {
  const words = [...inAddresses(text), ...byPattern(text)].map(({ value }) => value);
  return without(text, [...secrets, ...words.sort(longestFirst)]);
}

function without(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.split(secret).join(HIDDEN), text);
}

function longestFirst(left: string, right: string): number {
  return right.length - left.length;
}
