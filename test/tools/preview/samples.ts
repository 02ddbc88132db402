/**
 * Previews for tests: recorded from the real engine (3.200.0; without its debug messages, outputs and unchanged properties), and
 * made after the same pattern.
 */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { EngineEvent, StepEventMetadata, StepEventStateMetadata } from "@pulumi/pulumi/automation";
import type { StackPreview } from "../../../tools/preview";

export type Recorded =
  | "small-change"
  | "protected-registry"
  | "protected-deletion"
  | "replacement"
  | "broken-program"
  | "policies"
  | "unknown-values";

export function recorded(name: Recorded, project = "wheelhouse", stack = "production"): StackPreview {
  const text = readFileSync(path.join(__dirname, "recorded", `${name}.jsonl`), "utf8");
  const events = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
  return { project, stack, events };
}

export function preview(events: readonly EngineEvent[], more: Partial<StackPreview> = {}): StackPreview {
  return { project: "wheelhouse", stack: "production", events, ...more };
}

const prefix = "urn:pulumi:production::wheelhouse::";
export const platformUrn = `${prefix}wheelhouse:index:Platform::wheelhouse`;
export const appType = "wheelhouse:index:AppImagePipeline";
export const fileType = "azuredevops:index/gitRepositoryFile:GitRepositoryFile";

export interface Step {
  readonly op: string;
  readonly name: string;
  readonly type?: string;
  /** URN. Default: the platform. */
  readonly parent?: string;
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
  readonly protect?: boolean;
  readonly retain?: boolean;
  readonly custom?: boolean;
  readonly detailedDiff?: StepEventMetadata["detailedDiff"] | null;
  readonly more?: Partial<StepEventMetadata>;
  readonly state?: Partial<StepEventStateMetadata>;
}

export function urnOf({ name, type = "azuredevops:index/team:Team", parent = platformUrn }: Step): string {
  const above = parent.split("::")[2] ?? "";
  return `${prefix}${above}$${type}::${name}`;
}

/** A step as the engine tells of it before it is made. */
export function step(one: Step): EngineEvent {
  const { op, type = "azuredevops:index/team:Team", parent = platformUrn, custom = true } = one;
  const urn = urnOf(one);
  const state = (inputs: Record<string, unknown>): StepEventStateMetadata => ({
    ...{ type, urn, custom, parent, id: "", inputs, outputs: {}, provider: "" },
    ...(one.protect === undefined ? {} : { protect: one.protect }),
    ...(one.retain === undefined ? {} : { retainOnDelete: one.retain }),
    ...one.state,
  });
  // The engine writes null where there is nothing.
  const metadata = {
    ...{ op, urn, type, provider: "" },
    old: one.before === undefined ? null : state(one.before),
    new: one.after === undefined ? null : state(one.after),
    detailedDiff: one.detailedDiff ?? null,
    ...one.more,
  } as unknown as StepEventMetadata;
  return { sequence: 0, timestamp: 0, resourcePreEvent: { metadata } };
}

/** Component of an application. */
export function appUrn(app: string): string {
  return urnOf({ op: "same", name: `wheelhouse-app-${app}`, type: appType });
}

export function diagnostic(severity: "error" | "warning" | "info", message: string, urn?: string): EngineEvent {
  const event = { severity, message, color: "never", ...(urn === undefined ? {} : { urn }) };
  return { sequence: 0, timestamp: 0, diagnosticEvent: event };
}

export function violation(level: string, policy: string, message: string, urn?: string): EngineEvent {
  const policyEvent = {
    ...{ message, color: "never", policyName: policy, policyPackName: "wheelhouse" },
    ...{ policyPackVersion: "0.1.0", policyPackVersionTag: "0.1.0", enforcementLevel: level },
    ...(urn === undefined ? {} : { resourceUrn: urn }),
  };
  return { sequence: 0, timestamp: 0, policyEvent: policyEvent as NonNullable<EngineEvent["policyEvent"]> };
}

/** The stack itself, with its outputs before and after. */
export function stackOutputs(before: Record<string, unknown>, after: Record<string, unknown>): EngineEvent {
  const type = "pulumi:pulumi:Stack";
  const urn = `${prefix}${type}::wheelhouse-production`;
  const state = (outputs: Record<string, unknown>) => ({
    type,
    urn,
    id: "",
    parent: "",
    inputs: {},
    outputs,
    provider: "",
  });
  const metadata = { op: "same" as const, urn, type, old: state(before), new: state(after), provider: "" };
  return { sequence: 0, timestamp: 0, resOutputsEvent: { metadata } };
}

/** The Dockerfile of an application, as the recipe's renderer writes it in the small change. */
function dockerfiles(app: string): { before: string; after: string } {
  const { events } = recorded("small-change");
  const found = events.find(({ resourcePreEvent }) =>
    (resourcePreEvent?.metadata.urn ?? "").endsWith("app-orders-Dockerfile"),
  );
  const metadata = found?.resourcePreEvent?.metadata;
  const text = (state: StepEventStateMetadata | undefined) => String(state?.inputs.content).replaceAll("orders", app);
  return { before: text(metadata?.old), after: text(metadata?.new) };
}

/** Words that names of many applications are made of: ten of each. */
export const adjectives = ["amber", "brisk", "calm", "dusty", "early", "fair", "grand", "happy", "icy", "jolly"];
export const nouns = [
  "billing",
  "catalog",
  "depot",
  "export",
  "forecast",
  "gateway",
  "harbor",
  "invoices",
  "journal",
  "ledger",
];

/** Names as teams give them: `amber-billing`, `amber-catalog`, …, `jolly-ledger-2`. */
export function appNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / 100);
    const name = `${adjectives[Math.floor(index / 10) % 10]!}-${nouns[index % 10]!}`;
    return round === 0 ? name : `${name}-${round + 1}`;
  });
}

/** A change of the template of all recipes; a few applications leave at the same time, and one moves to another base. */
export function manyApplications(count: number, leaving = 3): EngineEvent[] {
  const names = appNames(count + leaving);
  const gone = names.slice(count);
  const replaced = names[7] ?? "";
  return [
    ...names.slice(0, count).flatMap((app) => {
      const parent = appUrn(app);
      const { before, after } = dockerfiles(app);
      const inputs = { branch: "refs/heads/main", file: `apps/${app}/Dockerfile`, repositoryId: "r" };
      return [
        step({
          op: "update",
          name: `wheelhouse-app-${app}-Dockerfile`,
          type: fileType,
          parent,
          before: { ...inputs, content: before },
          after: { ...inputs, content: after },
          detailedDiff: { content: { diffKind: "update" as never, inputDiff: true } },
        }),
        ...(app === replaced ? [replacedPolicy(app, parent)] : []),
      ];
    }),
    ...gone.flatMap((app) => leavingApplication(app)),
  ];
}

function replacedPolicy(app: string, parent: string): EngineEvent {
  return step({
    op: "replace",
    name: `wheelhouse-app-${app}`,
    type: "azuredevops:index/pipelineAuthorization:PipelineAuthorization",
    parent,
    before: { resourceId: "a", type: "endpoint" },
    after: { resourceId: "b", type: "endpoint" },
    more: { keys: ["resourceId"] },
  });
}

/** Everything that an application has, deleted. */
export function leavingApplication(app: string): EngineEvent[] {
  const parent = appUrn(app);
  const name = `wheelhouse-app-${app}`;
  const gone = (type: string, more: Partial<Step> = {}) =>
    step({ op: "delete", name, type, parent, before: {}, ...more });
  return [
    gone("azuredevops:index/buildDefinition:BuildDefinition"),
    gone("azuredevops:index/branchPolicyBuildValidation:BranchPolicyBuildValidation"),
    gone("azuredevops:index/pipelineAuthorization:PipelineAuthorization"),
    gone("azuredevops:index/git:Git", { retain: true }),
    gone(fileType, { name: `${name}-Dockerfile`, before: { file: `apps/${app}/Dockerfile`, content: "x" } }),
    step({ op: "delete", name, type: appType, before: {}, custom: false }),
  ];
}
