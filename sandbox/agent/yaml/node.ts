/** The parts that a pipeline is made of while it is expanded: texts, lists and maps, each with its place. */
import { PipelineFileError, type Place } from "./error";
import type { Primitive } from "./primitive";

/** A text of a file; after evaluation also a typed value, such as a boolean parameter. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: Primitive;
  readonly place: Place;
  /** Places of the `${{` in it, in their order. */
  readonly expressions?: readonly Place[];
}

export interface SequenceNode {
  readonly kind: "sequence";
  readonly items: readonly Node[];
  readonly place: Place;
  /** Levels of lists and maps, this one included. */
  readonly depth: number;
  /** What it costs to write out: see {@link weightOf}. */
  readonly weight: number;
}

export interface MappingEntry {
  readonly key: ScalarNode;
  readonly value: Node;
}

/** A map in the order of its file. A list of entries, never a plain object: keys such as `__proto__` are only texts. */
export interface MappingNode {
  readonly kind: "mapping";
  readonly entries: readonly MappingEntry[];
  readonly place: Place;
  /** Levels of lists and maps, this one included. */
  readonly depth: number;
  /** What it costs to write out: see {@link weightOf}. */
  readonly weight: number;
}

export type Node = ScalarNode | SequenceNode | MappingNode;

/** Levels of lists and maps in anything that is read or made; a real pipeline has some ten. */
export const DEEPEST = 100;

export function scalar(value: Primitive, place: Place): ScalarNode {
  return { kind: "scalar", value, place };
}

/** @throws PipelineFileError where the list is nested deeper than {@link DEEPEST}. */
export function sequence(items: readonly Node[], place: Place): SequenceNode {
  const weight = items.reduce((sum, item) => sum + weightOf(item), OVERHEAD);
  return { kind: "sequence", items, place, depth: depthOver(items, place), weight };
}

/** @throws PipelineFileError where the map is nested deeper than {@link DEEPEST}. */
export function mapping(entries: readonly MappingEntry[], place: Place): MappingNode {
  const values = entries.map(({ value }) => value);
  const weight = entries.reduce((sum, { key, value }) => sum + weightOf(key) + weightOf(value), OVERHEAD);
  return { kind: "mapping", entries, place, depth: depthOver(values, place), weight };
}

/** Bytes that a text, list or map counts beyond its characters, so that many empty ones count, too. */
export const OVERHEAD = 24;

/** Characters of all texts in a node, and some for each node: a list that stands in several places counts in each. */
export function weightOf(node: Node): number {
  if (node.kind !== "scalar") return node.weight;
  return OVERHEAD + (typeof node.value === "string" ? node.value.length : 8);
}

function depthOver(children: readonly Node[], place: Place): number {
  let deepest = 0;
  for (const child of children) if (child.kind !== "scalar") deepest = Math.max(deepest, child.depth);
  if (deepest >= DEEPEST) throw tooDeep(place);
  return deepest + 1;
}

export function tooDeep(place: Place): PipelineFileError {
  return new PipelineFileError(
    place,
    `it is nested in more than ${DEEPEST} levels of lists and maps`,
    "write it flatter: a pipeline needs some ten levels",
  );
}

const indexes = new WeakMap<MappingNode, ReadonlyMap<string, MappingEntry>>();

/** The entry of a key, whatever its letter case: the service does not tell keys apart by it. */
export function entryOf(node: MappingNode, key: string): MappingEntry | undefined {
  let index = indexes.get(node);
  if (index === undefined) {
    index = new Map(node.entries.map((entry) => [keyText(entry.key).toLowerCase(), entry]));
    indexes.set(node, index);
  }
  return index.get(key.toLowerCase());
}

/** The text of a key; keys are always texts. */
export function keyText(key: ScalarNode): string {
  return typeof key.value === "string" ? key.value : "";
}

/** Plain words for what a node is, for messages. */
export function kindOf(node: Node): string {
  if (node.kind === "sequence") return "a list";
  if (node.kind === "mapping") return "a map";
  return node.value === null || node.value === "" ? "empty" : "a text";
}
