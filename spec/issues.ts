/** Turns what zod finds into problems: with words that a reader of YAML knows, and a mend for each. */
import { z } from "zod";
import { showPath } from "./document";
import type { PropertyPath } from "./yaml-forms";
import { nearest, suggest } from "./nearest";
import { quote } from "./rule";

/** A finding at a property, before it has a place in a file. */
export interface Finding {
  readonly path: PropertyPath;
  readonly message: string;
  readonly mend: string;
  /** Whether the key itself is wrong, rather than its value. */
  readonly atKey: boolean;
  /** The known key that an unknown one is taken for. */
  readonly meantKey?: string | undefined;
}

/** Every finding about a value that a schema refuses. */
export function findings(schema: z.ZodType, value: unknown): readonly Finding[] {
  const result = schema.safeParse(value);
  return result.success
    ? []
    : withoutMisspelt(result.error.issues.flatMap((issue) => fromIssue(issue, schema, value, [])));
}

/** Without "is missing" for a property of which another finding says that it is there, misspelt. */
function withoutMisspelt(found: readonly Finding[]): Finding[] {
  const meant = new Set(
    found.flatMap(({ path, meantKey }) => (meantKey === undefined ? [] : [showPath([...path.slice(0, -1), meantKey])])),
  );
  return found.filter(({ path, message }) => message !== MISSING || !meant.has(showPath(path)));
}

const MISSING = "is missing";

type Issue = z.core.$ZodIssue;

function fromIssue(issue: Issue, schema: z.ZodType, value: unknown, parent: PropertyPath): Finding[] {
  const path = [...parent, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  const found = (message: string, mend: string): Finding[] => [{ path, message, mend, atKey: false }];
  switch (issue.code) {
    case "custom":
      return found(issue.message, typeof issue.params?.mend === "string" ? issue.params.mend : "");
    case "invalid_type":
      return found(...wrongType(issue.expected, valueAt(value, path), path));
    case "invalid_value":
      return found(...notOneOf(issue.values.map(String), valueAt(value, path)));
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `${quote(key)} is not a property here`,
        mend: suggest(key, keysAt(schema, path)),
        atKey: true,
        meantKey: nearest(key, keysAt(schema, path)),
      }));
    case "invalid_union":
      return issue.discriminator !== undefined && "options" in issue
        ? found(...noSuchForm((issue.options ?? []).map(String), valueAt(value, path)))
        : fromUnion(issue.errors, schema, value, path);
    case "invalid_key":
      return issue.issues
        .flatMap((inner) => fromIssue(inner, schema, value, []))
        .map((finding) => ({ ...finding, path, atKey: true }));
    case "too_small":
      return found(...tooSmall(issue.origin, Number(issue.minimum)));
    case "too_big":
      return found(...tooBig(issue.origin, Number(issue.maximum)));
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_element":
      return found(issue.message, "see the description of the property in the schema");
  }
}

/** The findings of the branch that the writer meant: the one that takes a value of this kind, and refuses least of it. */
function fromUnion(
  branches: readonly (readonly Issue[])[],
  schema: z.ZodType,
  value: unknown,
  path: PropertyPath,
): Finding[] {
  const actual = valueAt(value, path);
  const meant = branches.filter((issues) => !issues.some((issue) => isOfOtherKind(issue, actual)));
  const [first, ...others] = meant.map((issues) =>
    withoutMisspelt(issues.flatMap((issue) => fromIssue(issue, schema, value, path))),
  );
  if (first !== undefined) {
    return others.reduce((best, found) => (weight(found) < weight(best) ? found : best), first);
  }
  const kinds = new Set(branches.flatMap((issues) => issues.flatMap(kindsOf)));
  const message = `it must be ${[...kinds].join(" or ")}, but it is ${kindOf(actual)}`;
  return [{ path, message, mend: mendForType([...kinds].join(" or "), actual, path), atKey: false }];
}

/** Whether the issue says that the value is not of the kind that the branch takes at all. */
function isOfOtherKind(issue: Issue, actual: unknown): boolean {
  return (
    issue.path.length === 0 &&
    (issue.code === "invalid_type" || (issue.code === "invalid_value" && typeof actual !== "string"))
  );
}

function kindsOf(issue: Issue): string[] {
  if (issue.path.length > 0) {
    return [];
  }
  return issue.code === "invalid_type" ? [kind(issue.expected)] : issue.code === "invalid_value" ? ["a text"] : [];
}

/** Unknown keys weigh most, since they say that another form was meant. */
function weight(found: readonly Finding[]): number {
  return found.reduce((sum, { meantKey, atKey }) => sum + (meantKey !== undefined || atKey ? 10 : 1), 0);
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function kind(expected: string): string {
  return KINDS[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === undefined) {
    return "missing";
  }
  if (value === null) {
    return "empty";
  }
  return Array.isArray(value) ? "a list" : (KINDS[typeof value] ?? typeof value);
}

function wrongType(expected: string, actual: unknown, path: PropertyPath): [string, string] {
  if (actual === undefined) {
    return [MISSING, `write ${String(path.at(-1) ?? "it")}: …`];
  }
  return [`it must be ${kind(expected)}, but it is ${kindOf(actual)}`, mendForType(kind(expected), actual, path)];
}

function mendForType(expected: string, actual: unknown, path: PropertyPath): string {
  const key = path.findLast((part) => typeof part === "string") ?? "it";
  if (actual === null) {
    return "give it a value, or take the line out";
  }
  if (expected.includes("text") && (typeof actual === "number" || typeof actual === "boolean")) {
    return `put it in quotes: "${String(actual)}"`;
  }
  switch (expected) {
    case "a list":
      return `write ${showKey(key)}: [one, two]`;
    case "a map":
      return `write ${showKey(key)}: { key: value }`;
    default:
      return `write ${expected}`;
  }
}

function showKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : quote(key);
}

/** The property that tells the forms of a map apart has none of their names. */
function noSuchForm(values: readonly string[], actual: unknown): [string, string] {
  return actual === undefined ? [MISSING, `write one of ${values.join(", ")}`] : notOneOf(values, actual);
}

function notOneOf(values: readonly string[], actual: unknown): [string, string] {
  return typeof actual === "string"
    ? [`${quote(actual)} is not one of the values that it can have`, suggest(actual, values)]
    : [`it must be one of ${values.join(", ")}, but it is ${kindOf(actual)}`, suggest("", values)];
}

function tooSmall(origin: string, minimum: number): [string, string] {
  return origin === "array"
    ? ["the list is too short", `give at least ${minimum}`]
    : ["the number is too small", `the least is ${minimum}`];
}

function tooBig(origin: string, maximum: number): [string, string] {
  return origin === "array"
    ? ["the list is too long", `give at most ${maximum}`]
    : ["the number is too large", `the most is ${maximum}`];
}

/** What stands at a path of plain data. */
export function valueAt(value: unknown, path: PropertyPath): unknown {
  let current = value;
  for (const part of path) {
    current =
      typeof current === "object" && current !== null && Object.hasOwn(current, part)
        ? Reflect.get(current, part)
        : undefined;
  }
  return current;
}

/** The keys that a schema knows at a path. */
export function keysAt(schema: z.core.$ZodType, path: PropertyPath): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return keysAt(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodUnion) {
    return [...new Set(schema.options.flatMap((option) => keysAt(option, path)))];
  }
  const [first, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
    const property = typeof first === "string" ? shape[first] : undefined;
    return first === undefined ? Object.keys(shape) : property === undefined ? [] : keysAt(property, rest);
  }
  if (schema instanceof z.ZodArray && first !== undefined) {
    return keysAt(schema.element, rest);
  }
  return [];
}
