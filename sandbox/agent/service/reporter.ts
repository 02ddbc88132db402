/** Tells the clouds how runs go on: for each run the newest state, in order, and again until they have heard it. */
import { setTimeout as sleep } from "node:timers/promises";

import type { RunRecord } from "../model";
import type { RunStore } from "../records";
import { CloudRefused, devopsTokens, untilAnswered, type CloudClient } from "./world";

/** What the clouds keep of a run while it goes on. */
export function progressOf(record: RunRecord): Record<string, unknown> {
  const { state, result, number, tags, startedAt, endedAt } = record;
  return {
    state,
    number,
    tags,
    ...(result === undefined ? {} : { result: result === "skipped" ? "succeeded" : result }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

export class Reporter {
  private readonly waiting = new Set<number>();
  private working: Promise<void> | undefined;

  public constructor(
    private readonly runs: RunStore,
    private readonly cloud: CloudClient,
    private readonly signal: AbortSignal,
    private readonly write: (line: string) => void,
  ) {}

  /** Whether all has been told. */
  public get isIdle(): boolean {
    return this.waiting.size === 0 && this.working === undefined;
  }

  /** Tells the state that a run has when its turn comes. Returns at once. */
  public report(id: number): void {
    this.waiting.add(id);
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  /** Waits until all has been told, for a time at most. */
  public async settle(milliseconds: number): Promise<void> {
    await Promise.race([this.working, sleep(milliseconds, undefined, { ref: false })]);
  }

  private async work(): Promise<void> {
    for (const id of this.waiting) {
      this.waiting.delete(id);
      const record = this.runs.get(id);
      if (record === undefined) continue;
      try {
        await untilAnswered(() => this.cloud.update(devopsTokens.run, String(id), {}, progressOf(record)), this.signal);
      } catch (error) {
        if (this.signal.aborted) return;
        // The run went with its pipeline, or has ended by other means.
        const why = error instanceof CloudRefused ? "refuse its state" : "did not take its state";
        this.write(`run ${id}: the clouds ${why}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
