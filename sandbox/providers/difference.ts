/** Compares a resource's old and new inputs: what changes, where, and what of it replaces the resource. */
import { equal, isList, isMap, reveal, revealMap, isSecret, type PropertyMap, type PropertyValue } from "./properties";
import { patternOf } from "./paths";
import type { ProviderDefinition, ResourceRules } from "./rules";
import { propertiesOf, type Properties, type Property, type PropertyType } from "./schema";

export interface Difference {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

/** What it takes to compare the inputs of one resource. */
export interface Comparison {
  readonly definition: ProviderDefinition;
  readonly rules: ResourceRules;
  readonly properties: Properties;
  /** Paths as in the resource option of this name: `tags`, `settings.scopes[0]`, `tags["team"]`, `features[*]`. */
  readonly ignoreChanges: readonly string[];
}

export function differences(comparison: Comparison, olds: PropertyMap, news: PropertyMap): readonly Difference[] {
  const { replaces = [] } = comparison.rules;
  const replacing = typeof replaces === "function" ? replaces(revealMap(olds), revealMap(news)) : replaces;
  const rules = { ...comparison.rules, replaces: replacing };
  const found = compareMaps({ ...comparison, rules }, comparison.properties, olds, news, "", false);
  const ignored = comparison.ignoreChanges.map(segmentsOf);
  return found.filter(({ path }) => !ignored.some((pattern) => covers(pattern, segmentsOf(path))));
}

/** A comparison whose resource is known, and so what replaces it. */
type Resolved = Comparison & { readonly rules: { readonly replaces: readonly string[] } };

function compareMaps(
  comparison: Resolved,
  properties: Properties | undefined,
  olds: PropertyMap,
  news: PropertyMap,
  prefix: string,
  replacing: boolean,
): readonly Difference[] {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  return names.flatMap((name) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const property = properties?.[name];
    const replaces = replacing || property?.replaces === true || comparison.rules.replaces.includes(patternOf(path));
    return compareValues(comparison, property, plain(olds[name]), plain(news[name]), path, replaces);
  });
}

function compareValues(
  comparison: Resolved,
  type: Property | PropertyType | undefined,
  old: PropertyValue,
  now: PropertyValue,
  path: string,
  replaces: boolean,
): readonly Difference[] {
  if (same(comparison, old, now, path)) {
    return [];
  }
  if (isMap(old) && isMap(now)) {
    const properties = type?.type === "object" ? propertiesOf(comparison.definition.schema, type.ref) : undefined;
    return compareMaps(comparison, properties, old, now, path, replaces);
  }
  if (isList(old) && isList(now)) {
    if ((comparison.rules.unordered ?? []).includes(patternOf(path))) {
      return [{ path, kind: "update", replaces }];
    }
    const items = type?.type === "array" ? type.items : undefined;
    const longest = old.length > now.length ? old : now;
    return longest.flatMap((_, index) =>
      compareValues(comparison, items, plain(old[index]), plain(now[index]), `${path}[${index}]`, replaces),
    );
  }
  const { zeroIsAbsent } = comparison.definition;
  const kind = isAbsent(old, zeroIsAbsent) ? "add" : isAbsent(now, zeroIsAbsent) ? "delete" : "update";
  return [{ path, kind, replaces }];
}

function same(comparison: Comparison, old: PropertyValue, now: PropertyValue, path: string): boolean {
  const { definition, rules } = comparison;
  const pattern = patternOf(path);
  if (isAbsent(now, definition.zeroIsAbsent)) {
    const chosen = now === null && (rules.serviceChooses ?? []).includes(pattern);
    return chosen || isAbsent(old, definition.zeroIsAbsent);
  }
  const normalize = rules.normalize?.[pattern];
  if (normalize !== undefined && typeof old === "string" && typeof now === "string") {
    return normalize(old) === normalize(now);
  }
  if ((rules.unordered ?? []).includes(pattern) && isList(old) && isList(now)) {
    return sameMembers(old, now);
  }
  return equal(old, now);
}

export function sameMembers(left: readonly PropertyValue[], right: readonly PropertyValue[]): boolean {
  const rest = [...right];
  return (
    left.length === right.length &&
    left.every((item) => {
      const index = rest.findIndex((other) => equal(item, other));
      if (index >= 0) {
        rest.splice(index, 1);
      }
      return index >= 0;
    })
  );
}

function isAbsent(value: PropertyValue, zeroIsAbsent: boolean): boolean {
  if (value === null || (isList(value) && value.length === 0) || (isMap(value) && Object.keys(value).length === 0)) {
    return true;
  }
  return zeroIsAbsent && (value === "" || value === false || value === 0);
}

function plain(value: PropertyValue | undefined): PropertyValue {
  return value === undefined ? null : isSecret(value) ? reveal(value) : value;
}

function segmentsOf(path: string): readonly string[] {
  const matches = path.matchAll(/\["([^"]*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...matches].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function covers(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length <= path.length && pattern.every((segment, index) => segment === "*" || segment === path[index]);
}
