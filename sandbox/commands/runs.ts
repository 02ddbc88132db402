/** `runs`: what the agents ran, the newest first; and the log of one of them. */
import { join } from "node:path";

import type { RunRecord, StepRecord } from "../agent/model";
import { readLog, readRecords } from "../agent/records";
import { describeDuration } from "../progress.mjs";
import type { Sandbox } from "./sandbox";

/** Folder of the records. */
export function recordsFolder({ agents }: Pick<Sandbox, "agents">): string {
  return join(agents, "runs");
}

function took({ startedAt, endedAt }: Pick<RunRecord, "startedAt" | "endedAt">, now: number): string {
  if (startedAt === undefined) return "";
  return describeDuration((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt));
}

/** Lines of a table, aligned, the head first. */
export function describeRuns(records: readonly RunRecord[], now = Date.now()): string[] {
  const rows = records.map((record) => [
    String(record.id),
    record.pipeline.name,
    record.number,
    record.result ?? record.state,
    took(record, now),
    record.because,
  ]);
  const all = [["run", "pipeline", "number", "result", "took", "because"], ...rows];
  const widths = all[0]?.map((_cell, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** @returns exit code: 1 when there is no such pipeline */
export function runs(
  sandbox: Sandbox,
  options: { pipeline?: string | undefined; count: number; json: boolean },
): number {
  const all = readRecords(recordsFolder(sandbox));
  const { pipeline, count, json } = options;
  const chosen = pipeline === undefined ? all : all.filter((record) => record.pipeline.name === pipeline);
  if (chosen.length === 0) {
    const known = [...new Set(all.map((record) => record.pipeline.name))].sort();
    const hint = known.length === 0 ? "npm start makes the first ones" : `there are runs of ${known.join(", ")}`;
    process.stderr.write(`there is no run${pipeline === undefined ? "" : ` of "${pipeline}"`} yet; ${hint}\n`);
    return 1;
  }
  const shown = chosen.slice(0, count);
  if (json) process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
  else process.stdout.write(`${describeRuns(shown).join("\n")}\n`);
  if (!json && chosen.length > shown.length) {
    process.stdout.write(`and ${chosen.length - shown.length} older ones: --count ${chosen.length}\n`);
  }
  return 0;
}

/** The run that a person means: by its number, or the newest of a pipeline. */
export function findRun(sandbox: Sandbox, named: string): RunRecord | undefined {
  const all = readRecords(recordsFolder(sandbox));
  return all.find(({ id, pipeline }) => String(id) === named || pipeline.name === named);
}

function describeStep({ displayName, result, state }: StepRecord): string {
  return `==> ${displayName}: ${result ?? state} <==\n`;
}

/** Writes a run's whole log, and goes on until it has ended when asked to. */
export async function showRun(sandbox: Sandbox, run: RunRecord, follow: boolean): Promise<void> {
  const folder = join(recordsFolder(sandbox), String(run.id));
  const places = new Map<string, number>();
  let current: RunRecord | undefined = run;
  process.stdout.write(`run ${run.id} of ${run.pipeline.name}, ${run.number}: ${run.because}\n`);
  for (;;) {
    const record: RunRecord = current;
    for (const step of record.steps) {
      if (step.log === undefined) continue;
      if (!places.has(step.log)) process.stdout.write(describeStep(step));
      let place = places.get(step.log) ?? 0;
      for (;;) {
        const { text, next } = readLog(join(folder, step.log), place);
        process.stdout.write(text);
        if (next === place) break;
        place = next;
      }
      places.set(step.log, place);
    }
    if (!follow || record.state === "completed") {
      for (const issue of record.issues) process.stdout.write(`${issue.type}: ${issue.message}\n`);
      process.stdout.write(`${record.result ?? record.state}\n`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    current = findRun(sandbox, String(run.id));
    if (current === undefined) return;
  }
}
