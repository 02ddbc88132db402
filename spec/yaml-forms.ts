/** What YAML allows and a specification does not: forms that could hide what a file says, and credentials. */
import { isAlias, isCollection, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import { findCredential, locateCredential } from "./credentials";
import type { Problem } from "./problem";

/** A property path: keys of maps and indexes of lists. */
export type PropertyPath = readonly (string | number)[];

/** Makes a problem at an offset of the file's text. */
export type Place = (offset: number, path: PropertyPath, message: string, mend: string) => Problem;

/** Levels of maps and lists in a file; the deepest that means anything is 3. */
const DEEPEST = 12;

/** Anchors, aliases, merge keys, tags, and keys that are no words, each with its place. */
export function checkForms(root: Node | null, place: Place): Problem[] {
  return root === null ? [] : checkNode(root, [], place);
}

function checkNode(node: unknown, path: PropertyPath, place: Place): Problem[] {
  if (!isScalar(node) && !isCollection(node) && !isAlias(node)) {
    return [];
  }
  const offset = node.range?.[0] ?? 0;
  if (path.length > DEEPEST) {
    return [place(offset, path, "it is nested too deeply", "write plain keys and values, as in the samples")];
  }
  if (isAlias(node) || node.anchor !== undefined) {
    const mend = "write the value out; put a text that begins with & or * in quotes";
    return [place(offset, path, "anchors and aliases (& and *) are not used here", mend)];
  }
  if (node.tag !== undefined) {
    const mend = "write the value without one; put a text that begins with ! in quotes";
    return [place(offset, path, "tags (!) are not used here", mend)];
  }
  if (isMap(node)) {
    return node.items.flatMap((pair) => checkPair(pair, path, offset, place));
  }
  return isSeq(node) ? node.items.flatMap((item, index) => checkNode(item, [...path, index], place)) : [];
}

function checkPair(pair: Pair, path: PropertyPath, offsetOfMap: number, place: Place): Problem[] {
  const { key, value } = pair;
  const offset = isScalar(key) || isCollection(key) || isAlias(key) ? (key.range?.[0] ?? offsetOfMap) : offsetOfMap;
  if (!isScalar(key) || typeof key.value !== "string" || key.value === "__proto__") {
    return [
      place(
        offset,
        path,
        "this key is not a word",
        "write key: value; quote a key that is a number, true, false or null",
      ),
    ];
  }
  if (key.value === "<<") {
    return [place(offset, path, "merge keys (<<) are not used here", "write the properties out")];
  }
  return [...checkNode(key, path, place), ...checkNode(value, [...path, key.value], place)];
}

const MEND = "take it out and revoke it: everyone who can read the repository has it";

/** Whatever looks like a credential: in a value, as YAML reads it, or anywhere in the file's text, comments included. */
export function findCredentials(root: Node | null, text: string, place: Place): Problem[] {
  const inValues = root === null ? [] : credentialsIn(root, [], place);
  const lines = new Set(inValues.map(({ line }) => line));
  return [...inValues, ...credentialsInText(text, place).filter(({ line }) => !lines.has(line))];
}

function credentialsIn(node: unknown, path: PropertyPath, place: Place): Problem[] {
  if (path.length > DEEPEST) {
    return [];
  }
  if (isScalar(node) && typeof node.value === "string") {
    const what = findCredential(node.value);
    return what === undefined ? [] : [place(node.range?.[0] ?? 0, path, `looks like ${what}`, MEND)];
  }
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) =>
      credentialsIn(value, [...path, isScalar(key) ? String(key.value) : "?"], place),
    );
  }
  return isSeq(node) ? node.items.flatMap((item, index) => credentialsIn(item, [...path, index], place)) : [];
}

function credentialsInText(text: string, place: Place): Problem[] {
  let start = 0;
  const problems: Problem[] = [];
  for (const line of text.split("\n")) {
    const found = locateCredential(line);
    if (found !== undefined) {
      problems.push(place(start + found.offset, [], `looks like ${found.what}`, MEND));
    }
    start += line.length + 1;
  }
  return problems;
}
