/** What requests to the REST side may hold: known parameters, and members of the service's enumerations by name or number. */
import { z } from "zod";
import type { Call } from "../call";
import { invalid } from "../errors";
import type { Properties } from "../state";

/** Refuses a query with a parameter that is not served, since its effect would be missing. Empty ones count as absent. */
export function checkQuery({ query }: Call, known: readonly string[]): void {
  const names = known.map((name) => name.toLowerCase());
  for (const [name, value] of query) {
    if (value !== "" && !names.includes(name.toLowerCase()) && name !== "api-version") {
      throw invalid(
        "QueryParameterNotServed",
        `the parameter "${name}" is not served here; there are ${[...known, "api-version"].join(", ")}`,
      );
    }
  }
}

/** Reads a body strictly: an unknown or malformed property is refused by its name. */
export function readBody<T>(schema: z.ZodType<T>, body: Properties, what: string): T {
  const result = schema.safeParse(body);
  if (result.success) {
    return result.data;
  }
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`);
  throw invalid("InvalidArgumentValueException", `${what}: ${problems.join("; ")}`);
}

/** A member of an enumeration: the service's clients send its name, in any case, or its number. */
export function memberOf<N extends string>(numbers: Readonly<Record<N, number>>): z.ZodType<N> {
  return z.union([z.string(), z.number()]).transform((given, context) => {
    const member = findMember(numbers, String(given));
    if (member === undefined) {
      context.addIssue({ code: "custom", message: `is one of ${Object.keys(numbers).join(", ")}` });
      return z.NEVER;
    }
    return member;
  });
}

function findMember<N extends string>(numbers: Readonly<Record<N, number>>, given: string): N | undefined {
  const wanted = given.trim().toLowerCase();
  return (Object.keys(numbers) as N[]).find(
    (name) => name.toLowerCase() === wanted || String(numbers[name]) === wanted,
  );
}

/** A parameter with one or more members of an enumeration of flags: names with commas between them, or the sum of numbers. */
export function flagsOf<N extends string>(
  { query }: Call,
  parameter: string,
  numbers: Readonly<Record<N, number>>,
): ReadonlySet<N> | undefined {
  const given = query.get(parameter)?.trim() ?? "";
  if (given === "") {
    return undefined;
  }
  const names = Object.keys(numbers) as N[];
  if (/^\d+$/.test(given)) {
    return new Set(names.filter((name) => numbers[name] > 0 && (Number(given) & numbers[name]) === numbers[name]));
  }
  return new Set(
    given.split(",").map((part) => {
      const member = findMember(numbers, part);
      if (member === undefined) {
        throw invalid("InvalidArgumentValueException", `${parameter}: "${part}" is none of ${names.join(", ")}`);
      }
      return member;
    }),
  );
}

/** A whole number of at least 1, or what is given for its absence. */
export function numberOf({ query }: Call, parameter: string, absent: number): number {
  const given = query.get(parameter);
  if (given === null || given === "") {
    return absent;
  }
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1) {
    throw invalid("InvalidArgumentValueException", `${parameter}: "${given}" is no whole number above 0`);
  }
  return number;
}

/** Values with commas between them; undefined where the parameter is absent. */
export function listOf({ query }: Call, parameter: string): readonly string[] | undefined {
  const given = query.get(parameter);
  return given === null || given === "" ? undefined : given.split(",").map((part) => part.trim());
}
