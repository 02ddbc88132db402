/** Reads a YAML file into plain data, and remembers where each part of it stands. */
import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from "yaml";
import { locateCredential } from "./credentials";
import type { Problem } from "./problem";
import { quote } from "./rule";

/** A property path: keys of maps and indexes of lists. */
export type PropertyPath = readonly (string | number)[];

/** Bytes of a file, and the name that its problems carry. */
export interface SourceFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Largest YAML file in bytes: real ones have under 4 kB. */
export const LARGEST_FILE = 64 * 1024;

const DEEPEST = 12;

/** A YAML file after reading. `value` is `undefined` where the file could not be read as one map. */
export interface YamlFile {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** Problems found so far, all of the file's form. */
  readonly problems: readonly Problem[];
  /** A problem at the value of a property; where that is missing, at the map that should have it. */
  at(path: PropertyPath, message: string, mend: string): Problem;
  /** A problem at the key of a property. */
  atKey(path: PropertyPath, message: string, mend: string): Problem;
  /** The text of a scalar as written, without quotes; `undefined` for anything else. */
  sourceOf(path: PropertyPath): string | undefined;
}

/** `scripts[0]`, `env.LOG_LEVEL`. Keys that are no plain words stand in quotes. */
export function showPath(path: PropertyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") {
        return `[${part}]`;
      }
      const plain = /^[A-Za-z_*][A-Za-z0-9_*-]*$/.test(part);
      return plain ? `${index === 0 ? "" : "."}${part}` : `[${quote(part)}]`;
    })
    .join("");
}

/** The text of a UTF-8 file without byte order mark, or the problem with it. */
export function decode(source: SourceFile): string | Problem {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(source.bytes);
  } catch {
    return { ...firstBadByte(source), message: "it is not UTF-8 text", mend: "save the file as UTF-8" };
  }
}

function firstBadByte(source: SourceFile): Pick<Problem, "file" | "line" | "column" | "path"> {
  const loose = new TextDecoder("utf-8", { ignoreBOM: true }).decode(source.bytes);
  const before = loose.slice(0, Math.max(0, loose.indexOf("\ufffd")));
  const lines = before.split("\n");
  return { file: source.file, line: lines.length, column: (lines.at(-1) ?? "").length + 1, path: "" };
}

/** Reads one YAML file. Whatever is wrong with it is in `problems`; this never throws. */
export function readYaml(source: SourceFile): YamlFile {
  const text = decode(source);
  if (typeof text !== "string") {
    return unreadable(source.file, [text]);
  }
  try {
    return readText(source.file, text);
  } catch (error) {
    const why = error instanceof RangeError ? "it is nested too deeply" : "it cannot be read as YAML";
    return unreadable(source.file, [
      {
        file: source.file,
        line: 1,
        column: 1,
        path: "",
        message: why,
        mend: "write plain keys and values, as in the samples",
      },
    ]);
  }
}

function unreadable(file: string, problems: readonly Problem[]): YamlFile {
  const at = (path: PropertyPath, message: string, mend: string): Problem => ({
    file,
    line: 1,
    column: 1,
    path: showPath(path),
    message,
    mend,
  });
  return { file, value: undefined, problems, at, atKey: at, sourceOf: () => undefined };
}

function readText(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    version: "1.2",
    merge: false,
  });
  const place = (offset: number, path: PropertyPath, message: string, mend: string): Problem => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: showPath(path), message, mend };
  };
  const root = document.contents;
  const malformed = [
    ...document.errors.map((error) => place(error.pos[0], [], ...syntax(error))),
    ...forms(document, place),
  ];
  if (malformed.length === 0 && !isMap(root)) {
    malformed.push(
      place(0, [], emptyOrNot(root), "write name: … and the rest, one property a line, as in the samples"),
    );
  }
  const offsetOf = (path: PropertyPath): number => nodeAt(root, path)?.range?.[0] ?? keyAt(root, path)?.range?.[0] ?? 0;
  return {
    file,
    value: malformed.length === 0 ? asRecord(document.toJS({ maxAliasCount: 0 })) : undefined,
    problems: [...malformed, ...credentials(text, place)],
    at: (path, message, mend) => place(offsetOf(nearestExisting(root, path)), path, message, mend),
    atKey: (path, message, mend) => place(keyAt(root, path)?.range?.[0] ?? offsetOf(path), path, message, mend),
    sourceOf: (path) => {
      const node = nodeAt(root, path);
      return isScalar(node) && typeof node.source === "string" ? node.source : undefined;
    },
  };
}

function emptyOrNot(root: Node | null): string {
  return root === null || (isScalar(root) && root.value === null)
    ? "the file is empty"
    : "the file is not a map of properties";
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

function syntax(error: YAMLError): readonly [string, string] {
  switch (error.code) {
    case "DUPLICATE_KEY":
      return ["this key stands twice in its map", "keep one of the two"];
    case "MULTIPLE_DOCS":
      return ["the file has more than one document", "take out the --- and what follows it"];
    case "TAB_AS_INDENT":
      return ["it is indented with a tab", "indent with spaces"];
    default:
      return [
        `not valid YAML (${error.code.toLowerCase().replaceAll("_", " ")})`,
        "mend the line; quote a text that has : # { } [ ] , & * ! | > ' \" % @ or ` in it",
      ];
  }
}

type Place = (offset: number, path: PropertyPath, message: string, mend: string) => Problem;

/** Anchors, aliases, merge keys and tags, and keys that are no text: YAML that could hide what a file says. */
function forms(document: Document, place: Place): Problem[] {
  const problems: Problem[] = [];
  visit(document, (_key, node, ancestors) => {
    if (ancestors.length > DEEPEST * 2) {
      problems.push(
        place(
          isPair(node) ? 0 : ((node as Node).range?.[0] ?? 0),
          [],
          "it is nested too deeply",
          "write plain keys and values, as in the samples",
        ),
      );
      return visit.BREAK;
    }
    if (isPair(node)) {
      problems.push(...keyForm(node, place));
    } else if (isAlias(node) || ((isScalar(node) || isCollection(node)) && node.anchor !== undefined)) {
      problems.push(
        place(
          node.range?.[0] ?? 0,
          [],
          "anchors and aliases (& and *) are not used here",
          "write the value out; put a text that begins with & or * in quotes",
        ),
      );
    } else if ((isScalar(node) || isCollection(node)) && node.tag !== undefined) {
      problems.push(
        place(
          node.range?.[0] ?? 0,
          [],
          "tags (!) are not used here",
          "write the value without one; put a text that begins with ! in quotes",
        ),
      );
    }
    return undefined;
  });
  return problems;
}

function keyForm(pair: Pair, place: Place): Problem[] {
  const { key } = pair;
  if (!isScalar(key)) {
    const offset = isCollection(key) || isAlias(key) ? (key.range?.[0] ?? 0) : 0;
    return [place(offset, [], "this key is not a word", "write key: value")];
  }
  const offset = key.range?.[0] ?? 0;
  if (key.value === "<<") {
    return [place(offset, [], "merge keys (<<) are not used here", "write the properties out")];
  }
  if (typeof key.value !== "string" || key.value === "__proto__") {
    return [place(offset, [], "this key is not a word", "quote it, or take it out")];
  }
  return [];
}

function credentials(text: string, place: Place): Problem[] {
  let start = 0;
  const problems: Problem[] = [];
  for (const line of text.split("\n")) {
    const found = locateCredential(line);
    if (found !== undefined) {
      problems.push(
        place(
          start + found.offset,
          [],
          `looks like ${found.what}`,
          "take it out and revoke it: everyone who can read the repository has it",
        ),
      );
    }
    start += line.length + 1;
  }
  return problems;
}

function nodeAt(root: Node | null, path: PropertyPath): Node | undefined {
  let node: unknown = root;
  for (const part of path) {
    node = isCollection(node) ? node.get(part, true) : undefined;
  }
  return isScalar(node) || isCollection(node) || isAlias(node) ? node : undefined;
}

function keyAt(root: Node | null, path: PropertyPath): Node | undefined {
  const parent = nodeAt(root, path.slice(0, -1));
  const pair = isMap(parent)
    ? parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1))
    : undefined;
  return isScalar(pair?.key) ? pair.key : undefined;
}

function nearestExisting(root: Node | null, path: PropertyPath): PropertyPath {
  return path.length === 0 || nodeAt(root, path) !== undefined || keyAt(root, path) !== undefined
    ? path
    : nearestExisting(root, path.slice(0, -1));
}
