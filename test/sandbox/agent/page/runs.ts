/** Records of runs for the page's tests, in a folder of their own, as the agents leave them. */
import { EventEmitter } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { Result, RunRecord, StepRecord } from "../../../../sandbox/agent/model";
import type { RunSource } from "../../../../sandbox/agent/page";

export const noon = new Date("2026-11-21T12:00:00Z");

export function at(minutes: number, seconds = 0): string {
  return new Date(noon.getTime() + minutes * 60_000 + seconds * 1000).toISOString();
}

/** A step that took so many seconds from a time on. */
export function step(displayName: string, from: string, seconds: number, result: Result = "succeeded"): StepRecord {
  const endedAt = new Date(new Date(from).getTime() + seconds * 1000).toISOString();
  return { displayName, state: "completed", result, startedAt: from, endedAt, issues: [] };
}

export function record(id: number, own: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    number: `20261121.${id}`,
    pipeline: { id: 1, name: "orders", folder: "\\wheelhouse", project: "Platform" },
    repository: { id: "b3f1", name: "orders" },
    reason: "IndividualCI",
    because: "push of 3f2a91c to main",
    branch: "refs/heads/main",
    commit: "3f2a91c04b7d5e6f8a9b0c1d2e3f405162738495",
    state: "completed",
    result: "succeeded",
    queuedAt: at(-5),
    startedAt: at(-5, 2),
    endedAt: at(-4),
    agent: 1,
    tags: [],
    issues: [],
    steps: [],
    artifacts: [],
    summaries: [],
    ...own,
  };
}

export class Runs extends EventEmitter implements RunSource {
  readonly top = mkdtempSync(join(tmpdir(), "wheelhouse-page-"));
  readonly records = new Map<number, RunRecord>();

  list(): RunRecord[] {
    return [...this.records.values()];
  }

  get(id: number): RunRecord | undefined {
    return this.records.get(id);
  }

  folder(id: number): string {
    return join(this.top, String(id));
  }

  /** Puts a record in place, and tells of it. */
  put(run: RunRecord): RunRecord {
    mkdirSync(this.folder(run.id), { recursive: true });
    this.records.set(run.id, run);
    this.emit("change", run.id);
    return run;
  }

  write(id: number, file: string, text: string | Buffer): void {
    const path = join(this.folder(id), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  append(id: number, file: string, text: string): void {
    appendFileSync(join(this.folder(id), file), text);
  }

  remove(): void {
    rmSync(this.top, { recursive: true, force: true });
  }
}
