/** The functions of Azure Pipelines' expressions that are the same while templates are expanded and while a job runs. */
import type { Budget } from "./budget";
import type { Place } from "./error";
import type { Arity } from "./expression";
import { format } from "./format";
import { scalar, sequence } from "./node";
import { fold } from "./primitive";
import {
  booleanOf,
  compareValues,
  isPrimitive,
  jsonOf,
  nameOfKind,
  textOf,
  ValueError,
  valueOf,
  valuesEqual,
  type Value,
} from "./value";

/** Arguments that are evaluated when they are asked for: some functions never ask for the later ones. */
export type Arguments = readonly (() => Value)[];

export interface Call {
  readonly budget: Budget;
  /** Of the expression. */
  readonly place: Place;
}

export interface FunctionDefinition extends Arity {
  readonly name: string;
  /** @throws ValueError for arguments that the service refuses. */
  readonly run: (given: Arguments, call: Call) => Value;
}

/** Functions by their lower-case names. */
export type Functions = ReadonlyMap<string, FunctionDefinition>;

export function functionTable(definitions: readonly FunctionDefinition[]): Functions {
  return new Map(definitions.map((definition) => [definition.name.toLowerCase(), definition]));
}

function at(given: Arguments, index: number): Value {
  return given[index]?.() ?? null;
}

function textAt(given: Arguments, index: number, { budget }: Call): string {
  const text = textOf(at(given, index));
  budget.look(text.length);
  return text;
}

function define(
  name: string,
  least: number,
  most: number | undefined,
  run: FunctionDefinition["run"],
): FunctionDefinition {
  return most === undefined ? { name, least, run } : { name, least, most, run };
}

/** Compares two values and counts the characters that it looks at. */
function same(left: Value, right: Value, { budget }: Call): boolean {
  budget.look(lengthOf(left) + lengthOf(right));
  return valuesEqual(left, right);
}

function lengthOf(value: Value): number {
  return typeof value === "string" ? value.length : 1;
}

function ordered(name: string, holds: (order: number) => boolean): FunctionDefinition {
  return define(name, 2, 2, (given, { budget }) => {
    const [left, right] = [at(given, 0), at(given, 1)];
    budget.look(lengthOf(left) + lengthOf(right));
    return holds(compareValues(left, right));
  });
}

function textTest(name: string, holds: (text: string, part: string) => boolean): FunctionDefinition {
  return define(name, 2, 2, (given, call) => holds(fold(textAt(given, 0, call)), fold(textAt(given, 1, call))));
}

function changed(name: string, change: (text: string) => string): FunctionDefinition {
  return define(name, 1, 1, (given, call) => change(textAt(given, 0, call)));
}

function isOneOf(given: Arguments, call: Call): boolean {
  const left = at(given, 0);
  return given.slice(1).some((right) => same(left, right(), call));
}

function containsValue(given: Arguments, call: Call): boolean {
  const [collection, wanted] = [at(given, 0), at(given, 1)];
  if (isPrimitive(collection)) return false;
  const nodes = collection.kind === "sequence" ? collection.items : collection.entries.map(({ value }) => value);
  return nodes.some((node) => same(wanted, valueOf(node), call));
}

function coalesce(given: Arguments): Value {
  let value: Value = null;
  for (const next of given) {
    value = next();
    if (value !== null && value !== "") return value;
  }
  return value;
}

function join(given: Arguments, call: Call): string {
  const separator = textAt(given, 0, call);
  const items = at(given, 1);
  if (isPrimitive(items)) return textOf(items);
  if (items.kind === "mapping") return "";
  const texts = items.items.map((item) => {
    const value = valueOf(item);
    return isPrimitive(value) ? textOf(value) : "";
  });
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  call.budget.make(length);
  return texts.join(separator);
}

function split(given: Arguments, call: Call): Value {
  const [text, delimiter] = [textAt(given, 0, call), textAt(given, 1, call)];
  if (delimiter.length !== 1) {
    throw new ValueError(
      "split() takes one character as its delimiter here",
      "the service's reading of none or several is not documented: replace() them by one first",
    );
  }
  const parts = text.split(delimiter);
  for (const part of parts) call.budget.make(part.length);
  return sequence(
    parts.map((part) => scalar(part, call.place)),
    call.place,
  );
}

function replace(given: Arguments, call: Call): string {
  const [text, old, other] = [textAt(given, 0, call), textAt(given, 1, call), textAt(given, 2, call)];
  if (old === "") throw new ValueError("replace() cannot look for an empty text", "name what is to be replaced");
  const parts = text.split(old);
  call.budget.make(text.length + (parts.length - 1) * other.length);
  return parts.join(other);
}

function length(given: Arguments): number {
  const value = at(given, 0);
  if (isPrimitive(value)) return textOf(value).length;
  if (value.kind === "sequence") return value.items.length;
  throw new ValueError(`length() takes a text or a list, not ${nameOfKind(value)}`, "give it a list");
}

function json(given: Arguments, { budget }: Call): string {
  return jsonOf(at(given, 0), (made) => budget.make(made));
}

/**
 * Sources: https://learn.microsoft.com/azure/devops/pipelines/process/expressions#functions; texts are compared without
 * letter case, and the right value is cast to the kind of the left one.
 */
export const GENERAL_FUNCTIONS: readonly FunctionDefinition[] = [
  define("and", 2, undefined, (given) => given.every((value) => booleanOf(value()))),
  define("or", 2, undefined, (given) => given.some((value) => booleanOf(value()))),
  define("not", 1, 1, (given) => !booleanOf(at(given, 0))),
  define("xor", 2, 2, (given) => booleanOf(at(given, 0)) !== booleanOf(at(given, 1))),
  define("eq", 2, 2, (given, call) => same(at(given, 0), at(given, 1), call)),
  define("ne", 2, 2, (given, call) => !same(at(given, 0), at(given, 1), call)),
  ordered("lt", (order) => order < 0),
  ordered("le", (order) => order <= 0),
  ordered("gt", (order) => order > 0),
  ordered("ge", (order) => order >= 0),
  define("in", 1, undefined, isOneOf),
  define("notIn", 1, undefined, (given, call) => !isOneOf(given, call)),
  textTest("contains", (text, part) => text.includes(part)),
  textTest("startsWith", (text, part) => text.startsWith(part)),
  textTest("endsWith", (text, part) => text.endsWith(part)),
  define("containsValue", 2, 2, containsValue),
  define("coalesce", 2, undefined, coalesce),
  define("format", 1, undefined, (given, call) => {
    const values = given.slice(1).map((value) => () => textOf(value()));
    return format(textAt(given, 0, call), values, (length_) => call.budget.make(length_));
  }),
  define("join", 2, 2, join),
  define("split", 2, 2, split),
  define("replace", 3, 3, replace),
  changed("lower", (text) => text.toLowerCase()),
  changed("upper", (text) => text.toUpperCase()),
  changed("trim", (text) => text.trim()),
  define("length", 1, 1, length),
  define("convertToJson", 1, 1, json),
  define("iif", 3, 3, (given) => {
    const [condition, then, otherwise] = [at(given, 0), at(given, 1), at(given, 2)];
    return booleanOf(condition) ? then : otherwise;
  }),
];
