/** Makes the report of previews: which resource would become what, and why, from the engine's events alone. */
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { diagnosticsOf, findingsOf } from "./findings";
import { compareGroups, compareTexts, groupOf } from "./groups";
import {
  operations,
  type Change,
  type Counts,
  type Operation,
  type PropertyChange,
  type Report,
  type StackPreview,
  type StackReport,
  type Verdict,
} from "./model";
import { changedProperties, compare, driftedProperties, setProperties } from "./properties";
import { maskPreview } from "./masking";
import { isProvider, readUrn, shortType, stackType } from "./urn";

export interface ReportOptions {
  /** Values that must not be seen, whatever they are part of; `environmentSecrets` finds those of this process. */
  readonly secrets?: readonly string[];
}

/** Pure: the same previews give the same report. */
export function makeReport(previews: readonly StackPreview[], options: ReportOptions = {}): Report {
  return { stacks: previews.map((preview) => stackReport(maskPreview(preview, options.secrets ?? []))) };
}

function stackReport({ project, stack, events, failure }: StackPreview): StackReport {
  const steps = stepsOf(events);
  const parents = parentsOf(events);
  const changes = steps.resources
    .map(({ steps: own, leftover }) => changeOf(own, leftover, parents))
    .filter((change) => change !== undefined)
    .sort(
      (left, right) =>
        compareGroups(left.group, right.group) ||
        compareTexts(left.name, right.name) ||
        compareTexts(left.urn, right.urn) ||
        compareTexts(left.operation, right.operation),
    );
  const findings = findingsOf(events);
  const refused = findings.some(({ level }) => level === "mandatory");
  const diagnostics = diagnosticsOf(events, refused);
  const failed = failure !== undefined || diagnostics.some(({ severity }) => severity === "error");
  const counts = countsOf(changes);
  // Of a program that broke, the outputs that it did not come to look as if they were gone.
  const outputs = failed ? [] : outputChanges(steps.stack);
  const verdict: Verdict = failed
    ? "failed"
    : refused
      ? "refused"
      : changes.length + outputs.length > 0
        ? "changes"
        : "unchanged";
  return { project, stack, verdict, counts, unchanged: steps.same, changes, outputs, findings, diagnostics, failure };
}

interface Steps {
  readonly resources: readonly { readonly steps: readonly Step[]; readonly leftover: boolean }[];
  /** The last that is known of the stack itself, which carries the outputs. */
  readonly stack: StepEventMetadata | undefined;
  readonly same: number;
}

interface Step {
  readonly metadata: StepEventMetadata;
  /** Told after the step; a refresh knows only then what it found. */
  readonly ended: boolean;
}

function stepsOf(events: readonly EngineEvent[]): Steps {
  const resources = new Map<string, { steps: Step[]; leftover: boolean }>();
  const same = new Set<string>();
  let stack: StepEventMetadata | undefined;
  for (const event of events) {
    const ended = event.resOutputsEvent !== undefined;
    const metadata = event.resourcePreEvent?.metadata ?? event.resOutputsEvent?.metadata;
    if (metadata === undefined || isProvider(metadata.type)) continue;
    if (metadata.type === stackType) {
      if (ended && metadata.op !== "refresh") stack = metadata;
      continue;
    }
    if (metadata.op === "same") {
      same.add(metadata.urn);
      continue;
    }
    // What is left of an earlier replacement has the URN of the one that took its place.
    const leftover = metadata.op === "delete" && metadata.old?.delete === true;
    const key = leftover ? `${metadata.urn} ${metadata.old?.id ?? ""}` : metadata.urn;
    const known = resources.get(key) ?? { steps: [], leftover };
    known.steps.push({ metadata, ended });
    resources.set(key, known);
  }
  return { resources: [...resources.values()], stack, same: same.size };
}

function parentsOf(events: readonly EngineEvent[]): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  for (const { resourcePreEvent, resOutputsEvent } of events) {
    const metadata = resourcePreEvent?.metadata ?? resOutputsEvent?.metadata;
    const parent = metadata?.new?.parent ?? metadata?.old?.parent;
    if (metadata !== undefined && parent !== undefined && parent !== "") parents.set(metadata.urn, parent);
  }
  return parents;
}

/** The engine's steps, for which a resource may have several, by what they come to; the first that applies counts. */
const meanings: readonly { readonly operation: Operation; readonly steps: readonly string[] }[] = [
  {
    operation: "replace",
    steps: ["replace", "create-replacement", "import-replacement", "read-replacement"],
  },
  // A resource that goes with what it depends on is deleted for a replacement which does not come.
  { operation: "delete", steps: ["delete", "delete-replaced", "remove-pending-replace"] },
  { operation: "import", steps: ["import"] },
  { operation: "create", steps: ["create"] },
  { operation: "update", steps: ["update"] },
  { operation: "read", steps: ["read"] },
];

function changeOf(steps: readonly Step[], leftover: boolean, parents: ReadonlyMap<string, string>): Change | undefined {
  const meaning = meanings.find((one) => steps.some(({ metadata }) => one.steps.includes(metadata.op)));
  if (meaning === undefined) return driftOf(steps, parents);
  const told = meaning.steps
    .flatMap((op) => steps.filter(({ metadata }) => metadata.op === op))
    .map(({ metadata }) => metadata);
  // Of the steps of a replacement, not each says why.
  const step = told.find(({ keys, detailedDiff }) => (keys ?? []).length > 0 || isGiven(detailedDiff)) ?? told[0];
  if (step === undefined) return undefined;
  // Read again on every run, and nothing comes of it.
  if (meaning.operation === "read" && isGiven(step.old)) return undefined;
  const file = fileOf(step);
  const properties = propertiesOf(meaning.operation, step, file);
  const forcing = properties.filter(({ forcesReplacement }) => forcesReplacement).map(({ path }) => path);
  return {
    ...subject(step, parents),
    ...(file === undefined ? {} : { file }),
    operation: meaning.operation,
    leftover,
    replacedBy: meaning.operation !== "replace" ? [] : forcing.length > 0 ? forcing : [...(step.keys ?? [])].sort(),
    properties,
  };
}

/** The engine writes null, whatever its declarations say. */
function isGiven(state: unknown): boolean {
  return state !== undefined && state !== null;
}

function propertiesOf(operation: Operation, step: StepEventMetadata, file?: string): readonly PropertyChange[] {
  switch (operation) {
    case "create":
    case "import":
    case "read":
      return setProperties(step.new?.inputs ?? {}, file);
    case "update":
    case "replace":
      return changedProperties(step, file);
    case "delete":
    case "drift":
      return [];
  }
}

/** A refresh whose findings nothing of the program answers: they go into the state, and nobody would see it. */
function driftOf(steps: readonly Step[], parents: ReadonlyMap<string, string>): Change | undefined {
  const refreshed = steps.find(({ metadata, ended }) => ended && metadata.op === "refresh")?.metadata;
  if (refreshed === undefined) return undefined;
  const file = fileOf(refreshed);
  const properties = driftedProperties(refreshed, file);
  if (properties.length === 0) return undefined;
  const base = subject(refreshed, parents);
  return {
    ...base,
    ...(file === undefined ? {} : { file }),
    operation: "drift",
    leftover: false,
    replacedBy: [],
    properties,
  };
}

function subject(step: StepEventMetadata, parents: ReadonlyMap<string, string>) {
  // The state before says what the engine refuses; a resource to be made has none.
  const state = step.old ?? step.new;
  return {
    urn: step.urn,
    type: shortType(step.type),
    name: readUrn(step.urn).name,
    group: groupOf(step.urn, parents),
    component: state?.custom !== true,
    protected: step.old?.protect === true || (step.op !== "delete" && step.new?.protect === true),
    retained: step.old?.retainOnDelete === true,
  };
}

/** Path of the file that a resource of a repository writes. */
function fileOf({ old, new: now }: StepEventMetadata): string | undefined {
  const inputs = now?.inputs ?? old?.inputs;
  const file: unknown = inputs?.file;
  return typeof file === "string" && typeof inputs?.content === "string" ? file : undefined;
}

function outputChanges(stack: StepEventMetadata | undefined): readonly PropertyChange[] {
  return stack?.new === undefined ? [] : compare(stack.old?.outputs ?? {}, stack.new.outputs);
}

function countsOf(changes: readonly Change[]): Counts {
  const counts = Object.fromEntries(operations.map((operation) => [operation, 0])) as Record<Operation, number>;
  for (const { operation } of changes) counts[operation] += 1;
  return counts;
}
