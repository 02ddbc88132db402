/** Reads a YAML file into plain data, and remembers where each part of it stands. */
import { isAlias, isCollection, isMap, isScalar, parseDocument, type Node, type YAMLError } from "yaml";
import { tooLarge } from "./paths";
import type { Problem } from "./problem";
import { checkForms, findCredentials, type Place, type PropertyPath } from "./yaml-forms";
import { quote } from "./rule";

/** Bytes of a file, and the name that its problems carry. */
export interface SourceFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * Largest YAML file in bytes. Real ones have under 4 kB, lines under 200 characters and hardly a bracket; the limits keep
 * hostile ones from costing more than they should, since reading nested YAML takes the square of its depth.
 */
export const LARGEST_FILE = 16 * 1024;
const MOST_LINES = 1000;
const LONGEST_LINE = 1500;
const MOST_BRACKETS = 400;

/** Mistakes of form that are told of one file: the first ones cause the others. */
const MOST_TOLD = 5;

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
  const text = source.bytes.length > LARGEST_FILE ? oversize(source) : decode(source);
  if (typeof text !== "string") {
    return unreadable(source.file, [text]);
  }
  const excess = outOfProportion(text);
  if (excess !== undefined) {
    return unreadable(source.file, [
      { file: source.file, path: "", mend: "write plain keys and values, as in the samples", ...excess },
    ]);
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

function outOfProportion(text: string): Pick<Problem, "line" | "column" | "message"> | undefined {
  const lines = text.split("\n");
  const long = lines.findIndex((line) => line.length > LONGEST_LINE);
  if (long !== -1) {
    return { line: long + 1, column: 1, message: `the line has more than ${LONGEST_LINE} characters` };
  }
  if (lines.length > MOST_LINES) {
    return { line: MOST_LINES, column: 1, message: `the file has more than ${MOST_LINES} lines` };
  }
  const brackets = text.match(/[[{]/g)?.length ?? 0;
  return brackets > MOST_BRACKETS
    ? { line: 1, column: 1, message: `the file has more than ${MOST_BRACKETS} brackets` }
    : undefined;
}

function oversize(source: SourceFile): Problem {
  return { file: source.file, line: 1, column: 1, path: "", ...tooLarge(source.bytes.length, LARGEST_FILE) };
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
  const document = parseDocument(text, { prettyErrors: false, strict: true, version: "1.2", merge: false });
  const place: Place = (offset, path, message, mend) => ({
    file,
    ...lineAndColumn(text, offset),
    path: showPath(path),
    message,
    mend,
  });
  const root = document.contents;
  const twice = document.errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const malformed = [
    ...document.errors
      .filter((error) => !twice.includes(error))
      .map((error) => place(error.pos[0], [], ...syntax(error))),
    ...checkForms(root, place),
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
    // A key that stands twice leaves a map that can be checked.
    problems: [
      ...malformed.slice(0, MOST_TOLD),
      ...twice.slice(0, MOST_TOLD).map((error) => place(error.pos[0], [], ...syntax(error))),
      ...findCredentials(root, text, place),
    ],
    at: (path, message, mend) => place(offsetOf(nearestExisting(root, path)), path, message, mend),
    atKey: (path, message, mend) => place(keyAt(root, path)?.range?.[0] ?? offsetOf(path), path, message, mend),
    sourceOf: (path) => {
      const node = nodeAt(root, path);
      return isScalar(node) && typeof node.source === "string" ? node.source : undefined;
    },
  };
}

/** Counted from the text itself: in YAML that is broken early, the parser's own count stops there. */
function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
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

const SYNTAX: Readonly<Partial<Record<YAMLError["code"], readonly [string, string]>>> = {
  DUPLICATE_KEY: ["this key stands twice in its map", "keep one of the two"],
  MULTIPLE_DOCS: ["the file has more than one document", "take out the --- and what follows it"],
  TAB_AS_INDENT: ["it is indented with a tab", "indent with spaces"],
};

/** Words for a mistake of YAML. The parser's own would show parts of the file, which may be a credential. */
function syntax(error: YAMLError): readonly [string, string] {
  return (
    SYNTAX[error.code] ?? [
      `not valid YAML (${error.code.toLowerCase().replaceAll("_", " ")})`,
      "mend the line; quote a text that has : # { } [ ] , & * ! | > ' \" % @ or ` in it",
    ]
  );
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
