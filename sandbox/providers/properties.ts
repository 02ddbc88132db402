/** Property values as the engine sends them over the wire, with unknown and secret values told apart from plain ones. */
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/** A value that is known only after the deployment. */
export const unknown = Symbol("unknown");

const secretMark = Symbol("secret");

/** A value that the engine encrypts in its state and hides in its output. */
export interface Secret {
  readonly [secretMark]: true;
  readonly value: PropertyValue;
}

export function secretOf(value: PropertyValue): Secret {
  return { [secretMark]: true, value };
}

export function isSecret(value: PropertyValue): value is Secret {
  return typeof value === "object" && value !== null && secretMark in value;
}

/** A value without secrets around it; unknown ones may be left. */
export type PlainValue = null | boolean | number | string | typeof unknown | readonly PlainValue[] | PlainMap;
export interface PlainMap {
  readonly [name: string]: PlainValue;
}

export type PropertyValue =
  null | boolean | number | string | typeof unknown | Secret | readonly PropertyValue[] | PropertyMap;
export interface PropertyMap {
  readonly [name: string]: PropertyValue;
}

// The marks of Pulumi's wire format: sdk/proto/provider.proto and resource/properties.go of pulumi/pulumi.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownTexts = new Set([
  unknownText,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function isMap<V>(value: V): value is Extract<V, PropertyMap> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(secretMark in value);
}

export function isList<V>(value: V): value is Extract<V, readonly PropertyValue[]> {
  return Array.isArray(value);
}

/** Reads a message's properties. Throws for assets and archives, which neither provider takes. */
export function fromStruct(struct: Struct | undefined): PropertyMap {
  const map: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(struct?.toJavaScript() ?? {})) {
    map[name] = fromWire(value);
  }
  return map;
}

/** Writes properties for a message; secrets and unknown values keep their marks. */
export function toStruct(map: PropertyMap): Struct {
  const plain: Record<string, JavaScriptValue> = {};
  for (const [name, value] of Object.entries(map)) {
    plain[name] = toWire(value);
  }
  return Struct.fromJavaScript(plain);
}

function fromWire(value: JavaScriptValue): PropertyValue {
  if (typeof value === "string") {
    return unknownTexts.has(value) ? unknown : value;
  }
  if (Array.isArray(value)) {
    return value.map(fromWire);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const fields = value as Readonly<Record<string, JavaScriptValue>>;
  const signature = fields[signatureKey];
  if (signature === undefined) {
    return mapValues(fields, fromWire);
  }
  if (signature === secretSignature) {
    return secretOf(fromWire(fields.value ?? null));
  }
  if (signature === outputSignature) {
    const inner = fields.value === undefined ? unknown : fromWire(fields.value);
    return fields.secret === true ? secretOf(inner) : inner;
  }
  if (signature === resourceSignature) {
    return fields.id === undefined ? unknown : fromWire(fields.id);
  }
  throw new Error("assets and archives are not values that this provider takes");
}

function toWire(value: PropertyValue): JavaScriptValue {
  if (value === unknown) {
    return unknownText;
  }
  if (isSecret(value)) {
    return { [signatureKey]: secretSignature, value: toWire(value.value) };
  }
  if (isList(value)) {
    return value.map(toWire);
  }
  if (isMap(value)) {
    return mapValues(value, toWire);
  }
  return value;
}

export function mapValues<A, B>(map: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}

/** The same value without the marks of secrets. */
export function reveal(value: PropertyValue): PlainValue {
  if (isSecret(value)) {
    return reveal(value.value);
  }
  if (isList(value)) {
    return value.map(reveal);
  }
  return isMap(value) ? mapValues(value, reveal) : value;
}

export function revealMap(map: PropertyMap): PlainMap {
  return mapValues(map, reveal);
}

export function containsUnknown(value: PropertyValue): boolean {
  if (isSecret(value)) {
    return containsUnknown(value.value);
  }
  if (isList(value)) {
    return value.some(containsUnknown);
  }
  return isMap(value) ? Object.values(value).some(containsUnknown) : value === unknown;
}

export function containsSecret(value: PropertyValue): boolean {
  if (isList(value)) {
    return value.some(containsSecret);
  }
  return isSecret(value) || (isMap(value) && Object.values(value).some(containsSecret));
}

/** Whether two values are the same once secrets are revealed. An unknown value is the same as nothing. */
export function equal(left: PropertyValue, right: PropertyValue): boolean {
  if (isSecret(left) || isSecret(right)) {
    return equal(isSecret(left) ? left.value : left, isSecret(right) ? right.value : right);
  }
  if (left === unknown || right === unknown) {
    return false;
  }
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((value, index) => equal(value, right[index] ?? null));
  }
  if (isMap(left) && isMap(right)) {
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => {
        const other = right[name];
        return other !== undefined && equal(left[name] ?? null, other);
      })
    );
  }
  return left === right;
}
