/** Reads and fills properties by path, such as `repository.branchName` or `features[].skipFirstRun`. */
import {
  isList,
  isMap,
  isSecret,
  secretOf,
  type PlainMap,
  type PlainValue,
  type PropertyMap,
  type PropertyValue,
} from "./properties";

/** A place that a path leads to: the value is undefined where the object is there but not the property. */
export interface Place {
  readonly path: string;
  readonly value: PlainValue | undefined;
}

/** Every place that the path leads to; `*` stands for every key of a map. None where an object or list on the way is absent or unknown. */
export function places(inputs: PlainMap, pattern: string): readonly Place[] {
  return descend(inputs, pattern.split("."), "");
}

function descend(holder: PlainValue | undefined, segments: readonly string[], prefix: string): readonly Place[] {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    return [{ path: prefix, value: holder }];
  }
  if (!isMap(holder)) {
    return [];
  }
  if (segment === "*") {
    return Object.entries(holder).flatMap(([key, item]) =>
      descend(item, rest, prefix === "" ? key : `${prefix}.${key}`),
    );
  }
  const name = segment.replace(/\[\]$/, "");
  const path = prefix === "" ? name : `${prefix}.${name}`;
  const child = holder[name] ?? undefined;
  if (name === segment) {
    return rest.length === 0 ? [{ path, value: child }] : descend(child, rest, path);
  }
  return isList(child) ? child.flatMap((item, index) => descend(item, rest, `${path}[${index}]`)) : [];
}

/** The same properties with `value` wherever the path leads to nothing, and the object that would hold it is there. */
export function fill(inputs: PropertyMap, pattern: string, value: PlainValue): PropertyMap {
  return fillValue(inputs, pattern.split("."), value) as PropertyMap;
}

function fillValue(holder: PropertyValue, segments: readonly string[], value: PlainValue): PropertyValue {
  if (isSecret(holder)) {
    return secretOf(fillValue(holder.value, segments, value));
  }
  const [segment, ...rest] = segments;
  if (segment === undefined || !isMap(holder)) {
    return holder;
  }
  const name = segment.replace(/\[\]$/, "");
  const child = holder[name] ?? null;
  if (rest.length === 0) {
    return child === null ? { ...holder, [name]: value } : holder;
  }
  const filled =
    name === segment || !isList(child)
      ? fillValue(child, rest, value)
      : child.map((item) => fillValue(item, rest, value));
  return child === null ? holder : { ...holder, [name]: filled };
}

/** `features[0].skipFirstRun` as the pattern `features[].skipFirstRun`. */
export function patternOf(path: string): string {
  return path.replace(/\[\d+\]/g, "[]");
}
