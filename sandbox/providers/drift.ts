/** Carries changes that others made at the service into a resource's inputs, so that the next preview shows them. */
import { equal, isList, isMap, isSecret, secretOf, type PropertyMap, type PropertyValue } from "./properties";
import { sameMembers } from "./difference";
import { patternOf } from "./paths";
import type { ResourceRules } from "./rules";
import { propertiesOf, type Properties, type PropertyType, type Schema } from "./schema";

/**
 * The inputs with what differs between the state before and the state now. Nothing else is touched: a service shows
 * much that no program ever gave.
 */
export function withDrift(
  rules: ResourceRules,
  properties: Properties,
  inputs: PropertyMap,
  before: PropertyMap,
  now: PropertyMap,
): PropertyMap {
  const entries = Object.keys(properties).map((name): [string, PropertyValue] => {
    const silent = inputs[name] === undefined && (rules.serviceChooses ?? []).includes(name);
    const value = silent ? null : carry(rules, name, inputs[name] ?? null, before[name] ?? null, now[name] ?? null);
    return [name, value];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

function carry(
  rules: ResourceRules,
  path: string,
  input: PropertyValue,
  before: PropertyValue,
  now: PropertyValue,
): PropertyValue {
  const unordered = (rules.unordered ?? []).includes(patternOf(path));
  if (equal(before, now) || (unordered && isList(before) && isList(now) && sameMembers(before, now))) {
    return input;
  }
  if (isSecret(input)) {
    return isSecret(now) || now === null ? now : secretOf(now);
  }
  if (isMap(input) && isMap(before) && isMap(now)) {
    const names = new Set([...Object.keys(input), ...Object.keys(before), ...Object.keys(now)]);
    const entries = [...names].map((name): [string, PropertyValue] => [
      name,
      carry(rules, `${path}.${name}`, input[name] ?? null, before[name] ?? null, now[name] ?? null),
    ]);
    return Object.fromEntries(entries.filter(([, value]) => value !== null));
  }
  if (isList(input) && isList(before) && isList(now) && !unordered) {
    return now.map((item, index) => {
      const known = index < input.length && index < before.length;
      return known ? carry(rules, `${path}[${index}]`, input[index] ?? null, before[index] ?? null, item) : item;
    });
  }
  return now;
}

/** What a program would have to give to get this resource: for an import, where nothing is known of a program. */
export function inputsForImport(schema: Schema, properties: Properties, shown: PropertyMap): PropertyMap {
  const result: Record<string, PropertyValue> = {};
  for (const [name, property] of Object.entries(properties)) {
    const value = shown[name] ?? null;
    if (!isEmpty(value)) {
      result[name] = pruneValue(schema, property, value);
    }
  }
  return result;
}

function pruneValue(schema: Schema, type: PropertyType, value: PropertyValue): PropertyValue {
  if (type.type === "object" && isMap(value)) {
    return inputsForImport(schema, propertiesOf(schema, type.ref), value);
  }
  if (type.type === "array" && isList(value)) {
    return value.map((item) => pruneValue(schema, type.items, item));
  }
  return value;
}

function isEmpty(value: PropertyValue): boolean {
  return (
    value === null ||
    value === "" ||
    (isList(value) && value.length === 0) ||
    (isMap(value) && Object.keys(value).length === 0)
  );
}
