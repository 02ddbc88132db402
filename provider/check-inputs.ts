/** Holds what a program gave a component against the schema: a language without types finds out here, and nothing is declared yet. */
import * as pulumi from "@pulumi/pulumi";
import { findCredential } from "../spec";
import { suggest } from "../spec/nearest";
import { quote } from "../spec/rule";
import { pathOf, type Mistake } from "./mistakes";
import { referred, type ComponentSchema, type PropertySchema } from "./schema";

const WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
};

/**
 * Every mistake of form. What is left out may also be given as null.
 * @param inputs as the engine hands them over: values, and outputs of resources where a value comes from one.
 */
export function mistakesIn(schema: ComponentSchema, inputs: Readonly<Record<string, unknown>>): Mistake[] {
  return checkObject("", schema.inputProperties, schema.requiredInputs, inputs);
}

/** The same value without what is null, which some languages write for what is left out. */
export function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== "object" || value === null || isFromResource(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
      inner === null || inner === undefined ? [] : [[key, withoutNull(inner)]],
    ),
  );
}

function checkObject(
  path: string,
  properties: Readonly<Record<string, PropertySchema>>,
  required: readonly string[],
  value: object,
): Mistake[] {
  const given = new Map<string, unknown>(Object.entries(value));
  const missing = required
    .filter((name) => given.get(name) === undefined || given.get(name) === null)
    .map((name) => ({ propertyPath: pathOf(path, name), reason: "is missing" }));
  const wrong = [...given].flatMap(([name, inner]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property === undefined
      ? [{ propertyPath: pathOf(path, name), reason: `is not known; ${suggest(name, Object.keys(properties))}` }]
      : checkValue(pathOf(path, name), property, inner);
  });
  return [...missing, ...wrong];
}

function checkValue(path: string, schema: PropertySchema, value: unknown): Mistake[] {
  if (value === undefined || value === null) return [];
  if (isFromResource(value)) {
    return schema.plain === true
      ? [
          {
            propertyPath: path,
            reason:
              "comes from another resource, or is a secret, but it decides what is declared: give a value that the program itself knows",
          },
        ]
      : [];
  }
  if (schema.$ref !== undefined) return checkReferred(path, schema, value);
  const actual = typeOf(value);
  if (actual !== schema.type) {
    return [{ propertyPath: path, reason: `must be ${word(schema.type)}, but it is ${word(actual)}` }];
  }
  if (typeof value === "string" && schema.plain === true) return checkText(path, value);
  if (Array.isArray(value)) return checkEach(value, (index) => `${path}[${index}]`, schema.items);
  if (typeof value === "object")
    return checkEach(Object.values(value), (index) => keyed(path, value, index), schema.additionalProperties);
  return [];
}

function checkReferred(path: string, schema: PropertySchema, value: unknown): Mistake[] {
  const type = referred(schema);
  if (type === undefined) return [];
  if (type.enum !== undefined) {
    const known = type.enum.map((member) => member.value);
    return typeof value === "string" && known.includes(value)
      ? []
      : [{ propertyPath: path, reason: `must be one of ${known.join(", ")}, but it is ${shown(value)}` }];
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? checkObject(path, type.properties ?? {}, type.required ?? [], value)
    : [{ propertyPath: path, reason: `must be a map, but it is ${word(typeOf(value))}` }];
}

function checkEach(
  values: readonly unknown[],
  place: (index: number) => string,
  schema: PropertySchema | undefined,
): Mistake[] {
  return schema === undefined ? [] : values.flatMap((inner, index) => checkValue(place(index), schema, inner));
}

/** What is plain gets into names, repositories and pipelines, which many may read. */
function checkText(path: string, value: string): Mistake[] {
  const what = findCredential(value);
  return what === undefined
    ? []
    : [
        {
          propertyPath: path,
          reason: `looks like ${what}: take it out and revoke it; credentials come from the environment`,
        },
      ];
}

function isFromResource(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || pulumi.Resource.isInstance(value);
}

function keyed(path: string, value: object, index: number): string {
  const key = Object.keys(value)[index] ?? "";
  return /^\w+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

function word(type: string | undefined): string {
  return WORDS[type ?? ""] ?? "something else";
}

function shown(value: unknown): string {
  return typeof value === "string" ? quote(value) : word(typeOf(value));
}
