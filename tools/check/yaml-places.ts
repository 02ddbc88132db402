/** A YAML file of Pulumi's with the places of its values, for messages that editors can jump to. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from "yaml";
import type { Problem } from "../../spec/problem";
import { readInside } from "../../spec/paths";
import * as path from "node:path";

/** Keys of maps and indexes of lists. */
export type ValuePath = readonly (string | number)[];

export interface PlacedYaml {
  readonly file: string;
  /** `undefined` where the file has problems, or nothing in it. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly problems: readonly Problem[];
  /** Line and column of a value or, with `key`, of its key; of what is nearest where it is missing. Both from 1. */
  placeOf(where: ValuePath, key?: "key"): { readonly line: number; readonly column: number };
}

/** A stack's configuration with many upstreams has under 10 kB. */
const LARGEST = 256 * 1024;

/** Reads a file; whatever is wrong with its form is in `problems`. */
export function readPlacedYaml(file: string): PlacedYaml {
  const whole = (message: string, mend: string): PlacedYaml => ({
    file,
    value: undefined,
    problems: [{ file, line: 1, column: 1, path: "", message, mend }],
    placeOf: () => ({ line: 1, column: 1 }),
  });
  const read = readInside(path.dirname(file), path.basename(file), LARGEST);
  if (read.kind === "missing") return whole("there is no such file", "name a file that is there");
  if (read.kind === "refused") return whole(read.refusal.message, read.refusal.mend);
  try {
    return placed(file, new TextDecoder("utf-8", { fatal: true }).decode(read.bytes));
  } catch (error) {
    return error instanceof TypeError
      ? whole("it is not UTF-8 text", "save the file as UTF-8")
      : whole("it cannot be read as YAML", "write plain keys and values");
  }
}

function placed(file: string, text: string): PlacedYaml {
  const counter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, version: "1.2", lineCounter: counter });
  const root = document.contents;
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = document.errors.map((error) => ({
    file,
    ...at(error.pos[0]),
    path: "",
    // The parser's own words would show parts of the file, which can be a credential.
    message: `not valid YAML (${error.code.toLowerCase().replaceAll("_", " ")})`,
    mend: "mend the line; quote a text that has : # { } [ ] , & * ! | > ' \" % @ or ` in it",
  }));
  if (problems.length === 0 && root !== null && !isMap(root) && !(isScalar(root) && root.value === null)) {
    problems.push({
      file,
      ...at(0),
      path: "",
      message: "the file is not a map of properties",
      mend: "write key: value, one a line",
    });
  }
  const value: unknown = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
  return {
    file,
    value: isRecord(value) ? value : undefined,
    problems: problems.slice(0, 5),
    placeOf: (where, key) => at(offsetOf(root, where, key)),
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function offsetOf(root: Node | null, where: ValuePath, key: "key" | undefined): number {
  let node: unknown = root;
  let offset = 0;
  for (const [index, part] of where.entries()) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(part)] : pair?.value;
    const start = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    if (pair === undefined && next === undefined) return offset;
    offset = (index === where.length - 1 && key === "key" ? start : (rangeStart(next) ?? start)) ?? offset;
    node = next;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}
