/** The files of one run: where each lies in the run's folder, and how the record is written and read. */
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

import type { RunRecord } from "../model";

/** A run's record that cannot be understood. */
export class RecordError extends Error {
  public constructor(file: string, cause: unknown) {
    super(`${file} cannot be read: remove the folder that it is in, and the run is forgotten`, { cause });
    this.name = "RecordError";
  }
}

const results = z.enum(["succeeded", "succeededWithIssues", "failed", "canceled", "skipped"]);
const issue = z.object({ type: z.enum(["error", "warning"]), message: z.string() });

const schema: z.ZodType<RunRecord> = z.object({
  id: z.number().int(),
  number: z.string(),
  pipeline: z.object({ id: z.number().int(), name: z.string(), folder: z.string(), project: z.string() }),
  repository: z.object({ id: z.string(), name: z.string() }),
  reason: z.enum(["Manual", "IndividualCI", "BatchedCI", "Schedule", "PullRequest", "ResourceTrigger"]),
  because: z.string(),
  branch: z.string(),
  commit: z.string(),
  pullRequest: z.number().int().optional(),
  state: z.enum(["queued", "running", "completed"]),
  result: results.optional(),
  queuedAt: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  agent: z.number().int().optional(),
  tags: z.array(z.string()),
  issues: z.array(issue),
  steps: z.array(
    z.object({
      displayName: z.string(),
      state: z.enum(["pending", "running", "completed"]),
      result: results.optional(),
      startedAt: z.string().optional(),
      endedAt: z.string().optional(),
      log: z.string().optional(),
      issues: z.array(issue),
    }),
  ),
  artifacts: z.array(z.string()),
  summaries: z.array(z.string()),
});

/** The folder of a run under the folder of all. */
export function runFolder(folder: string, id: number): string {
  return join(folder, String(id));
}

export function recordFile(folder: string, id: number): string {
  return join(runFolder(folder, id), "run.json");
}

/** Path of a step's log in the run's folder: the step's place from 1, and its name as far as a file's name can be it. */
export function logName(index: number, displayName: string): string {
  const readable = displayName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  const place = String(index + 1).padStart(2, "0");
  return `logs/${readable === "" ? place : `${place}-${readable}`}.log`;
}

/** Whole or not at all, also when the process is killed. The end of the machine's power it need not survive. */
export function writeWhole(file: string, text: string): void {
  writeFileAtomic.sync(file, text, { mode: 0o600, fsync: false });
}

/**
 * The record of one run; undefined where its folder holds none: its making or its removal was interrupted.
 * @throws RecordError
 */
export function readRecord(folder: string, id: number): RunRecord | undefined {
  const file = recordFile(folder, id);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new RecordError(file, cause);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RecordError(file, cause);
  }
}

/** Numbers of the runs that have a folder, the newest first. */
export function runNumbers(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names
    .filter((name) => /^[1-9][0-9]*$/.test(name))
    .map(Number)
    .sort((one, other) => other - one);
}

/**
 * All records under a folder, the newest run first, also while a service writes there: it needs none that runs.
 * @throws RecordError
 */
export function readRecords(folder: string): RunRecord[] {
  return runNumbers(folder).flatMap((id) => readRecord(folder, id) ?? []);
}

/** Removes what a killed process left in a run's folder: files that were to replace others. */
export function sweepUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    // The form that write-file-atomic gives to its temporary files.
    if (/^run\.json\.\d+$/.test(name) || /^pipeline\.yml\.\d+$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}
