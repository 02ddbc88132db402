/** What of a resource's properties differs in a step: by the provider's own account where it gives one, else by comparing. */
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import type { PropertyChange } from "./model";
import { formatPath, parsePath, valueAt, type PathPart } from "./property-path";
import { isPlainRecord, isRecord, isSecret, isUnknown, shownValue } from "./values";

type Values = Readonly<Record<string, unknown>>;

/** Properties that SDKs and the engine add for themselves: the code of a dynamic provider, default markers. */
function isInternal(key: PathPart | undefined): boolean {
  return typeof key === "string" && key.startsWith("__");
}

/** What a new resource is given. */
export function setProperties(inputs: Values, file?: string): readonly PropertyChange[] {
  return Object.keys(inputs)
    .filter((key) => !isInternal(key))
    .sort()
    .map((key) => {
      const path = formatPath([key]);
      return { path, kind: "add", forcesReplacement: false, after: shownValue(inputs[key], path, file) };
    });
}

/** @param keys top-level properties that force a replacement, where the provider gives no detailed account */
export function changedProperties(step: StepEventMetadata, file?: string): readonly PropertyChange[] {
  const detailed = Object.entries(step.detailedDiff ?? {});
  const before: Values = step.old?.inputs ?? {};
  const after: Values = step.new?.inputs ?? {};
  const keys = new Set(step.keys ?? []);
  const changes =
    detailed.length > 0
      ? detailed.flatMap(([path, { diffKind, inputDiff }]) =>
          detailedChange(path, diffKind, inputDiff ? before : (step.old?.outputs ?? {}), after, file),
        )
      : compare(before, after, file).map((change) => withReplacement(change, keys));
  return withSilent(changes, step, keys).sort(byPath);
}

/** What a refresh found: outputs, as nobody but the provider sets them. */
export function driftedProperties(step: StepEventMetadata, file?: string): readonly PropertyChange[] {
  return [...compare(step.old?.outputs ?? {}, step.new?.outputs ?? {}, file)].sort(byPath);
}

function byPath(left: PropertyChange, right: PropertyChange): number {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}

function withReplacement(change: PropertyChange, keys: ReadonlySet<string>): PropertyChange {
  const [first] = parsePath(change.path);
  return { ...change, forcesReplacement: keys.has(change.path) || (typeof first === "string" && keys.has(first)) };
}

function detailedChange(
  path: string,
  diffKind: string,
  before: Values,
  after: Values,
  file?: string,
): PropertyChange[] {
  const parts = parsePath(path);
  if (isInternal(parts[0])) return [];
  const kind = diffKind.startsWith("add") ? "add" : diffKind.startsWith("delete") ? "delete" : "update";
  return [
    {
      path,
      kind,
      forcesReplacement: diffKind.endsWith("-replace"),
      ...(kind === "add" ? {} : { before: shownValue(valueAt(before, parts, isWhole), path, file) }),
      ...(kind === "delete" ? {} : { after: shownValue(valueAt(after, parts, isWhole), path, file) }),
    },
  ];
}

function isWhole(value: unknown): boolean {
  return isSecret(value) || isUnknown(value);
}

/**
 * Properties that the provider says have changed, of which no difference can be seen: both values are secret, or the
 * provider looks at more than its inputs. Without them an update would look like nothing.
 */
function withSilent(
  changes: readonly PropertyChange[],
  step: StepEventMetadata,
  keys: ReadonlySet<string>,
): PropertyChange[] {
  const told = new Set(changes.map(({ path }) => parsePath(path)[0]));
  const silent = [...new Set([...(step.diffs ?? []), ...keys])].filter((key) => !told.has(key) && !isInternal(key));
  return [
    ...changes,
    ...silent.map((key): PropertyChange => {
      const parts = parsePath(key);
      return {
        path: key,
        kind: "update",
        forcesReplacement: keys.has(key),
        before: shownValue(valueAt(step.old?.inputs, parts, isWhole), key),
        after: shownValue(valueAt(step.new?.inputs, parts, isWhole), key),
      };
    }),
  ];
}

/** The smallest properties in which two sets of values differ. */
export function compare(before: Values, after: Values, file?: string): readonly PropertyChange[] {
  const changes: PropertyChange[] = [];
  const walk = (old: unknown, now: unknown, path: readonly PathPart[]): void => {
    if (isInternal(path[0])) return;
    if (old !== undefined && now !== undefined && bothHold(old, now)) {
      for (const key of keysOf(old, now)) {
        walk(valueAt(old, [key], isWhole), valueAt(now, [key], isWhole), [...path, key]);
      }
      return;
    }
    if (sameValue(old, now)) return;
    const text = formatPath(path);
    changes.push({
      path: text,
      kind: old === undefined ? "add" : now === undefined ? "delete" : "update",
      forcesReplacement: false,
      ...(old === undefined ? {} : { before: shownValue(old, text, file) }),
      ...(now === undefined ? {} : { after: shownValue(now, text, file) }),
    });
  };
  walk(before, after, []);
  return changes;
}

/** Lists of different lengths are compared as one: what was inserted in front would look as if all had changed. */
function bothHold(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length;
  return isPlainRecord(left) && isPlainRecord(right);
}

function keysOf(left: unknown, right: unknown): readonly PathPart[] {
  if (Array.isArray(left)) return left.map((_, index) => index);
  const keys = new Set([left, right].flatMap((value) => (isRecord(value) ? Object.keys(value) : [])));
  return [...keys].sort();
}

function sameValue(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
