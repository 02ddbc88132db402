/** The order of a pipeline run: each phase is a list of steps, and a run need not have every phase. */
import type { CompileTimeChoice, Step } from "./model";

/**
 * All phases of an image's run, in their order. `logIn` comes before `resolve`, which reads the base image's lock from the
 * registry, and before the builder, which takes the login over; `base` comes as late as the team's own mistakes allow. `build` searches what it built, pushes by digest and tags,
 * since what was pushed must not be left where a leak is found. `report` and `cleanUp` come whatever happened.
 */
const order = [
  "checkOut",
  "authenticate",
  "logIn",
  "tools",
  "lint",
  "base",
  "resolve",
  "compare",
  "builder",
  "build",
  "publish",
  "report",
  "cleanUp",
] as const;

export type Phase = (typeof order)[number];

/** What not every run has. */
type Optional = "lint" | "base" | "compare" | "publish";

type Steps = readonly (Step | CompileTimeChoice)[];

export type RunPhases = Readonly<Record<Exclude<Phase, Optional>, Steps>> & Readonly<Partial<Record<Optional, Steps>>>;

/** The steps of a run, phase by phase. */
export function inOrder(phases: RunPhases): Steps {
  return order.flatMap((phase) => phases[phase] ?? []);
}
