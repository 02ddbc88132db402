/** Reads the entries of a map by the keys that may stand in it, and values as texts, numbers, booleans and lists. */
import { suggest } from "./suggestion";
import { quote } from "../../../spec/rule";
import { PipelineFileError, type Place } from "./error";
import { entriesOf, expanded, itemsOf, type BoundEntry } from "./expand";
import { kindOf, type ScalarNode } from "./node";
import type { Bound } from "./scope";
import { textOf } from "./value";

/** Keys of a map: those that are read, and those that the service knows but this sandbox does not have. */
export interface Keys {
  /** What the map is, in words, such as `a job`. */
  readonly of: string;
  readonly known: readonly string[];
  readonly unsupported?: readonly string[];
}

export class Fields {
  readonly place: Place;
  private readonly byKey: ReadonlyMap<string, BoundEntry>;

  /** @throws PipelineFileError for a key that is not known, or known and not supported. */
  constructor(bound: Bound, keys: Keys, entries: readonly BoundEntry[] = entriesOf(bound)) {
    this.place = bound.node.place;
    for (const { key } of entries) checkKey(key, keys);
    this.byKey = new Map(entries.map((entry) => [String(entry.key.value), entry]));
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  get(key: string): Bound | undefined {
    return this.byKey.get(key)?.value;
  }

  /** Where a key stands; the map itself where it has not the key. */
  placeOf(key: string): Place {
    return this.byKey.get(key)?.key.place ?? this.place;
  }

  text(key: string): string | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : textIn(value, key);
  }

  /** A text that is not empty. */
  word(key: string): string | undefined {
    const text = this.text(key);
    if (text !== "") return text;
    throw new PipelineFileError(this.placeOf(key), `${key} is empty`, "give it a value, or take the key out");
  }

  boolean(key: string): boolean | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : booleanIn(textIn(value, key), key, value.node.place);
  }

  /** A whole number that is not negative. */
  count(key: string): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const text = textIn(value, key);
    if (/^[0-9]{1,9}$/.test(text)) return Number(text);
    throw new PipelineFileError(
      value.node.place,
      `${key} must be a whole number, not ${quote(text)}`,
      `write ${key}: 10`,
    );
  }

  /** A list of texts; one text stands for a list of it. */
  texts(key: string): readonly string[] | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : textsIn(value, key);
  }

  /** Texts by their names, in the order of the file. */
  map(key: string): Readonly<Record<string, string>> | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const pairs = entriesOf(resolved(value)).map((entry) => {
      const name = String(entry.key.value);
      return [name, textIn(entry.value, name)] as const;
    });
    return recordOf(pairs);
  }
}

/** A plain object that has also keys such as `__proto__` as its own. */
export function recordOf<T>(pairs: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.fromEntries(pairs);
}

function checkKey(key: ScalarNode, keys: Keys): void {
  const name = String(key.value);
  if (keys.known.includes(name)) return;
  if (keys.unsupported?.includes(name) === true) {
    throw new PipelineFileError(
      key.place,
      `${name} in ${keys.of} is not supported by the sandbox's agents`,
      `take it out; supported are ${[...keys.known].sort().join(", ")}`,
    );
  }
  throw new PipelineFileError(key.place, `${quote(name)} is no key of ${keys.of}`, suggest(name, keys.known));
}

/** The value after one step of evaluation, where it is an expression as a whole; its entries may still have some. */
export function resolved(bound: Bound): Bound {
  return bound.node.kind === "scalar" ? { node: expanded(bound), scope: undefined } : bound;
}

export function textIn(bound: Bound, key: string): string {
  const node = expanded(bound);
  if (node.kind === "scalar") return textOf(node.value);
  throw new PipelineFileError(node.place, `${key} must be a text, not ${kindOf(node)}`, `write ${key}: value`);
}

export function booleanIn(text: string, key: string, place: Place): boolean {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") return lower === "true";
  throw new PipelineFileError(
    place,
    `${key} must be true or false, not ${quote(text)}`,
    `write ${key}: true, or ${key}: false`,
  );
}

/** A list of texts that are not empty; one text stands for a list of it. */
export function textsIn(bound: Bound, key: string): readonly string[] {
  const value = resolved(bound);
  if (value.node.kind === "scalar") return [nonEmpty(value, key)];
  return itemsOf(value).map((item) => nonEmpty(item, key));
}

function nonEmpty(bound: Bound, key: string): string {
  const text = textIn(bound, key);
  if (text !== "") return text;
  throw new PipelineFileError(bound.node.place, `an entry of ${key} is empty`, "give it a value, or take it out");
}
