/** Finds everything that is wrong with a resource's inputs, by its schema and its rules, all at once. */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { places } from "./paths";
import { isList, isMap, unknown, type PlainMap, type PlainValue } from "./properties";
import type { ResourceRules } from "./rules";
import { propertiesOf, type Properties, type PropertyType, type Schema } from "./schema";
import { hint } from "./suggestion";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Failures of the inputs against the kinds of the schema: unknown, missing and ill-typed properties at every depth. */
export function checkKinds(schema: Schema, properties: Properties, inputs: PlainMap): readonly CheckFailure[] {
  return checkObject(schema, properties, inputs, "");
}

function checkObject(schema: Schema, properties: Properties, value: PlainMap, path: string): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  const inside = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const [name, item] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) {
      failures.push({ property: inside(name), reason: `unknown property${hint(name, Object.keys(properties))}` });
    } else if (item !== null) {
      failures.push(...checkValue(schema, property, item, inside(name)));
    }
  }
  for (const [name, property] of Object.entries(properties)) {
    if (property.required === true && (value[name] ?? null) === null) {
      failures.push({ property: inside(name), reason: "missing required property" });
    }
  }
  return failures;
}

function checkValue(schema: Schema, type: PropertyType, value: PlainValue, path: string): readonly CheckFailure[] {
  if (value === unknown) {
    return [];
  }
  switch (type.type) {
    case "any":
      return [];
    case "string":
      return typeof value === "string" ? checkText(value, type.values, path) : wrongKind("a text", value, path);
    case "boolean":
      return typeof value === "boolean" ? [] : wrongKind("true or false", value, path);
    case "integer":
      return Number.isInteger(value) ? [] : wrongKind("a whole number", value, path);
    case "number":
      return typeof value === "number" ? [] : wrongKind("a number", value, path);
    case "array":
      return isList(value)
        ? value.flatMap((item, index) => checkValue(schema, type.items, item, `${path}[${index}]`))
        : wrongKind("a list", value, path);
    case "map":
      return isMap(value)
        ? Object.entries(value).flatMap(([name, item]) => checkValue(schema, type.values, item, `${path}.${name}`))
        : wrongKind("a map", value, path);
    case "object":
      return isMap(value)
        ? checkObject(schema, propertiesOf(schema, type.ref), value, path)
        : wrongKind("an object", value, path);
    case "union":
      return checkUnion(schema, type.refs, value, path);
  }
}

/** The members of a union each hold one property whose only text tells them apart. */
function checkUnion(schema: Schema, refs: readonly string[], value: PlainValue, path: string): readonly CheckFailure[] {
  if (!isMap(value)) {
    return wrongKind("an object", value, path);
  }
  const fitting = refs.find((ref) =>
    Object.entries(propertiesOf(schema, ref)).every(([name, property]) => {
      const tag = property.type === "string" && property.values?.length === 1 ? property.values[0] : undefined;
      return tag === undefined || value[name] === tag || value[name] === unknown;
    }),
  );
  if (fitting !== undefined) {
    return checkObject(schema, propertiesOf(schema, fitting), value, path);
  }
  return [{ property: path, reason: `fits none of ${refs.join(", ")}: look at the property that names its kind` }];
}

function checkText(value: string, values: readonly string[] | undefined, path: string): readonly CheckFailure[] {
  if (values === undefined || values.includes(value)) {
    return [];
  }
  return [{ property: path, reason: `must be one of ${values.join(", ")}${nearest(value, values)}` }];
}

function nearest(value: string, values: readonly string[]): string {
  const near = hint(value, values);
  return near.includes("did you mean") ? near : "";
}

// The value itself is not shown: it may be what is secret.
function wrongKind(wanted: string, value: PlainValue, path: string): readonly CheckFailure[] {
  const got = value === null ? "nothing" : isList(value) ? "a list" : isMap(value) ? "an object" : `a ${typeof value}`;
  return [{ property: path, reason: `must be ${wanted}, but is ${got}` }];
}

/** Failures of the inputs against what the provider refuses at run time although its schema allows it. */
export function checkRules(rules: ResourceRules, inputs: PlainMap): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const pattern of rules.required ?? []) {
    for (const { path } of places(inputs, pattern).filter(({ value }) => value === undefined || value === "")) {
      failures.push({ property: path, reason: "missing; the service requires it although the schema does not" });
    }
  }
  for (const [pattern, values] of Object.entries(rules.values ?? {})) {
    for (const { path, value } of places(inputs, pattern)) {
      failures.push(...(typeof value === "string" ? checkText(value, values, path) : []));
    }
  }
  for (const [pattern, [least, most]] of Object.entries(rules.ranges ?? {})) {
    for (const { path, value } of places(inputs, pattern)) {
      if (typeof value === "number" && (value < least || value > most)) {
        failures.push({ property: path, reason: `must be from ${least} to ${most}, but is ${value}` });
      }
    }
  }
  for (const pattern of rules.uuids ?? []) {
    for (const { path, value } of places(inputs, pattern)) {
      if (typeof value === "string" && !uuid.test(value)) {
        failures.push({ property: path, reason: "must be a UUID" });
      }
    }
  }
  for (const pattern of rules.notBlank ?? []) {
    for (const { path, value } of places(inputs, pattern)) {
      if (typeof value === "string" && value.trim() === "") {
        failures.push({ property: path, reason: "must not be empty" });
      }
    }
  }
  const given = (name: string): boolean => (inputs[name] ?? null) !== null;
  for (const group of rules.conflicts ?? []) {
    const together = group.filter(given);
    if (together.length > 1) {
      failures.push({ property: together[1] ?? "", reason: `cannot be given together with ${together[0] ?? ""}` });
    }
  }
  for (const group of rules.oneOf ?? []) {
    if (!group.some(given)) {
      failures.push({ property: group[0] ?? "", reason: `one of ${group.join(", ")} must be given` });
    }
  }
  return [...failures, ...(rules.check?.(inputs) ?? [])];
}
