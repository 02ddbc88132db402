/** Reads the properties of resources, in which a preview does not know everything yet. */

/** Stands for what only the update will know. */
export const UNKNOWN: unique symbol = Symbol("unknown");

export type Value = string | number | boolean | null | typeof UNKNOWN | readonly Value[] | Values;

export interface Values {
  readonly [name: string]: Value;
}

/**
 * A copy of a resource's properties in which unknown values are {@link UNKNOWN}. The policy SDK throws where one is
 * touched, and reports that as a finding, which a preview of a new platform would be full of.
 */
export function readValues(properties: object): Values {
  return Object.fromEntries(Object.keys(properties).map((name) => [name, readValue(properties, name)]));
}

function readValue(holder: object, name: string): Value {
  let value: unknown;
  try {
    value = Reflect.get(holder, name);
  } catch (error) {
    // By its name: a pack may be loaded beside another copy of the SDK, whose class is another one.
    if (error instanceof Error && "unknownTypeSentinel" in error) return UNKNOWN;
    throw error;
  }
  if (Array.isArray(value)) {
    const list: object = value;
    // No method of the list itself, for it would touch the elements.
    return Array.from({ length: value.length }, (_, index) => readValue(list, String(index)));
  }
  if (typeof value === "object" && value !== null) return readValues(value);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** What lies at a path: `undefined` where there is nothing, {@link UNKNOWN} where that, or something on the way, is not known. */
export function at(value: Value | undefined, ...path: readonly (string | number)[]): Value | undefined {
  let current = value;
  for (const step of path) {
    if (current === UNKNOWN) return UNKNOWN;
    if (typeof current !== "object" || current === null) return undefined;
    current = Object.hasOwn(current, step) ? (Reflect.get(current, step) as Value) : undefined;
  }
  return current === null ? undefined : current;
}

/** Elements of a list; none where there is no list, or it is not known. */
export function elements(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : [];
}

/** Properties of a map with their names; none where there is no map, or it is not known. */
export function entries(value: Value | undefined): readonly (readonly [string, Value])[] {
  return typeof value === "object" && value !== null && !isList(value) ? Object.entries(value) : [];
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The text at hand, or `undefined`: missing, not known, or of another kind. */
export function textOf(value: Value | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Whether a switch is on. Providers take `"true"` as well. */
export function isOn(value: Value | undefined): boolean {
  return value === true || value === "true";
}

/** Whether a switch is off by what is said, not by default. */
export function isOff(value: Value | undefined): boolean {
  return value === false || value === "false";
}
