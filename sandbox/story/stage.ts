/** What every chapter of the story works on: the organization, its runs, and how to wait for them. */
import { setTimeout as sleep } from "node:timers/promises";

import type { RunRecord } from "../agent/model";
import type { Control } from "../commands/control";
import type { Machine } from "./images";
import type { Organization } from "./organization";
import type { StandInClouds } from "./stand-in-clouds";

/** Seconds that all runs of a chapter may take. */
const patience = 15 * 60;

export interface Stage {
  readonly control: Control;
  readonly organization: Organization;
  readonly clouds: StandInClouds;
  readonly machine: Machine;
  /** The checkout whose platform is shown. */
  readonly program: string;
  /** Folder of the story's own: working copies, the tool. */
  readonly folder: string;
  /** Folder of the records of runs. */
  readonly records: string;
  /** When this start began, on the sandbox's clock: milliseconds since 1970. */
  readonly since: number;
  /** Aborted when a chapter that is told at the same time has failed: nothing is waited for any more. */
  readonly signal: AbortSignal;
  /** The numbers of pipelines, by application or base image. */
  readonly pipelines: ReadonlyMap<string, number>;
  /** The stack: its name, where its state is, the file with its configuration, and the file with what encrypts its secrets. */
  readonly stack: {
    readonly name: string;
    readonly backend: string;
    readonly configurationFile: string;
    readonly passphraseFile: string;
  };
  /** Adds to the stack's configuration. */
  configure(values: Readonly<Record<string, unknown>>): void;
  /** Brings the platform up from a program's folder; returns the number of changes. */
  update(program: string): Promise<number>;
}

/** Says what goes on, in a line that the next one replaces. */
export type Report = (text: string) => void;

export interface Chapter {
  readonly title: string;
  /** @returns what happened, in a few words */
  tell(stage: Stage, report: Report): Promise<string>;
}

/** A run that the story relies on did not succeed. */
export class StoryStopped extends Error {
  public constructor(record: RunRecord) {
    const said = [...record.issues, ...record.steps.flatMap(({ issues }) => issues)].map(
      ({ message }) => `\n  ${message}`,
    );
    super(
      `the run ${record.id} of ${record.pipeline.name} (${record.because}) ${record.result ?? "did not end"}:${said.join("")}\n` +
        `  npm run sandbox -- logs ${record.pipeline.name}   has its log`,
    );
    this.name = "StoryStopped";
  }
}

/** What story and reader see of the runs that are not over. */
export function describeGoing(records: readonly RunRecord[]): string {
  const going = records.filter(({ state }) => state !== "completed");
  return going.length === 0 ? "looking" : going.map(describeOne).join(", ");
}

function describeOne({ pipeline, state, steps }: RunRecord): string {
  const step = steps.find((candidate) => candidate.state === "running");
  return state === "queued" ? `${pipeline.name} waits` : `${pipeline.name}: ${step?.displayName ?? "starting"}`;
}

/** Number of the newest run: the ones after it have higher numbers. */
export async function newestRun({ control }: Stage): Promise<number> {
  return Math.max(0, ...(await control.runs()).map(({ id }) => id));
}

/** Runs that were not there before `action`, after all of them have ended. @throws StoryStopped */
export async function runsOf(stage: Stage, report: Report, action: () => Promise<void>): Promise<readonly RunRecord[]> {
  const before = await newestRun(stage);
  await action();
  return runsAfter(stage, report, before);
}

/** Runs with higher numbers, after all of them have ended. @throws StoryStopped */
export async function runsAfter(
  { control, signal }: Stage,
  report: Report,
  before: number,
): Promise<readonly RunRecord[]> {
  const deadline = Date.now() + patience * 1000;
  let idle = false;
  while (!idle && Date.now() < deadline) {
    signal.throwIfAborted();
    idle = await control.wait(2);
    report(describeGoing(await control.runs()));
  }
  const fresh = (await control.runs()).filter(({ id }) => id > before);
  requireSuccess(fresh);
  return fresh;
}

/**
 * Waits for the first run that is one of these to end, while others go on.
 * @throws StoryStopped where it does not succeed, or does not come in time
 */
export async function runThat(
  { control, signal }: Stage,
  what: string,
  isIt: (record: RunRecord) => boolean,
): Promise<RunRecord> {
  const deadline = Date.now() + patience * 1000;
  for (;;) {
    const found = [...(await control.runs())].reverse().find(isIt);
    if (found?.state === "completed" || (found !== undefined && Date.now() >= deadline)) {
      requireSuccess([found]);
      return found;
    }
    if (Date.now() >= deadline) throw new Error(`${what} did not come: npm run sandbox -- runs   lists what did`);
    await sleep(250, undefined, { signal });
  }
}

/** @throws StoryStopped for the first run that failed, was canceled, or did not end. */
function requireSuccess(records: readonly RunRecord[]): void {
  for (const record of [...records].reverse()) {
    if (record.state !== "completed" || record.result === "failed" || record.result === "canceled") {
      throw new StoryStopped(record);
    }
  }
}

/** Names of the runs' pipelines, each once. */
export function namesOf(records: readonly RunRecord[]): string {
  const all = [...new Set(records.map(({ pipeline }) => pipeline.name))].sort();
  return all.length === 0 ? "none" : all.join(", ");
}

/** Seconds that a run took, without its wait for an agent. */
export function secondsOf({ startedAt, endedAt }: RunRecord): number {
  return startedAt === undefined || endedAt === undefined ? 0 : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

/** Runs that published something. */
export function publishedOf(records: readonly RunRecord[]): RunRecord[] {
  return records.filter(({ tags }) => tags.includes("published"));
}
