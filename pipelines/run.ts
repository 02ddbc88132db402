/** The order of a pipeline run: each phase is a list of steps, and a run need not have every phase. */
import type { CompileTimeChoice, Step } from "./model";

/**
 * All phases of an image's run, in their order. A run is taken apart where it ends: `cleanUp` runs whatever happened,
 * `publish` never comes before `scan`, and nothing is built before the `logIn` that the builder takes over.
 */
const order = [
  "checkOut",
  "authenticate",
  "lint",
  "resolve",
  "compare",
  "logIn",
  "builder",
  "build",
  "scan",
  "publish",
  "cleanUp",
] as const;

export type Phase = (typeof order)[number];

/** Phases that every image's run has; the others are `lint`, `resolve`, `compare` and `scan`. */
type Required = Exclude<Phase, "lint" | "resolve" | "compare" | "scan">;

type Steps = readonly (Step | CompileTimeChoice)[];

export type RunPhases = Readonly<Record<Required, Steps>> & Readonly<Partial<Record<Phase, Steps>>>;

/** The steps of a run, phase by phase. */
export function inOrder(phases: RunPhases): Steps {
  return order.flatMap((phase) => phases[phase] ?? []);
}
