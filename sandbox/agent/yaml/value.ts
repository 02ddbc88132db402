/** What an expression can be: a primitive, or a list or map that keeps the place where it was written. */
import { toJson } from "./json";
import { scalar, type MappingNode, type Node, type SequenceNode } from "./node";
import { areEqual, compare, toBoolean, toText, Version, type Primitive } from "./primitive";
import type { Place } from "./error";

export type Value = Primitive | SequenceNode | MappingNode;

/** A cast that the service does not make, or anything else that fails while an expression is evaluated. */
export class ValueError extends Error {
  readonly mend: string;

  constructor(what: string, mend: string) {
    super(what);
    this.name = "ValueError";
    this.mend = mend;
  }
}

export function isPrimitive(value: Value): value is Primitive {
  return value === null || typeof value !== "object" || value instanceof Version;
}

export function valueOf(node: Node): Value {
  return node.kind === "scalar" ? node.value : node;
}

export function nodeOf(value: Value, place: Place): Node {
  return isPrimitive(value) ? scalar(value, place) : value;
}

/** @throws ValueError for a list or a map. */
export function textOf(value: Value): string {
  if (isPrimitive(value)) return toText(value);
  throw new ValueError(
    `${nameOfKind(value)} cannot be put into a text`,
    "use join(), convertToJson(), or one of its entries",
  );
}

/** Lists and maps are true, also empty ones. */
export function booleanOf(value: Value): boolean {
  return isPrimitive(value) ? toBoolean(value) : true;
}

/** A list or a map equals only itself. */
export function valuesEqual(left: Value, right: Value): boolean {
  if (!isPrimitive(left)) return left === right;
  if (isPrimitive(right)) return areEqual(left, right);
  return typeof left === "boolean" && left;
}

/** @throws ValueError where the right value cannot be cast to the kind of the left one. */
export function compareValues(left: Value, right: Value): number {
  const result =
    isPrimitive(left) && isPrimitive(right)
      ? compare(left, right)
      : typeof left === "boolean"
        ? Number(left) - Number(booleanOf(right))
        : undefined;
  if (result !== undefined) return result;
  throw new ValueError(
    `${nameOfKind(left)} and ${nameOfKind(right)} cannot be compared`,
    "compare two numbers, two texts, or two versions",
  );
}

export function nameOfKind(value: Value): string {
  if (value === null) return "null";
  if (value instanceof Version) return "a version";
  if (typeof value === "object") return value.kind === "sequence" ? "a list" : "a map";
  return `a ${typeof value === "string" ? "text" : typeof value}`;
}

/** @param made is told the length of every piece of the result */
export function jsonOf(value: Value, made: (length: number) => void): string {
  return toJson(nodeOf(value, { file: "", line: 0, column: 0 }), made);
}
