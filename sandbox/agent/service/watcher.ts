/** Watches the clouds: sees what changed, makes the runs that this starts, makes queued runs ready, and ends cancelled ones. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Issue, RunRecord } from "../model";
import type { NewRun, RunStore } from "../records";
import type { Capability } from "./checks";
import type { Clock } from "./clock";
import type { Dispatcher } from "./dispatcher";
import { lost } from "./leftovers";
import { makePending } from "./make-runs";
import type { MemoryFile } from "./memory";
import { planRun, RunRefused, subjectOf } from "./plan";
import type { Reporter } from "./reporter";
import { RepositoryFiles } from "./repository-files";
import type { RunSubject } from "./run-variables";
import { look } from "./triggers";
import { CloudAway, CloudRefused, devopsTokens, readWorld, type CloudClient, type CloudRun, type World } from "./world";

/** Milliseconds between two questions whether anything changed. */
const usualPause = 200;
/** Schedules have the minute as their smallest step. */
const minute = 60_000;

export interface WatcherParts {
  readonly cloud: CloudClient;
  readonly runs: RunStore;
  readonly memory: MemoryFile;
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly reporter: Reporter;
  readonly capability: Capability;
  readonly write: (line: string) => void;
}

const gone: Issue = { type: "error", message: "The pipeline of this run is gone, and the run with it." };

export class Watcher {
  private readonly files: RepositoryFiles;
  private readonly stopping = new AbortController();
  private wake = new AbortController();
  private world: World | undefined;
  /** Minute of the sandbox's clock at the last look. */
  private lookedMinute = -1;
  private recovered = false;
  private said = "";
  private readonly loop: Promise<void>;

  public constructor(private readonly parts: WatcherParts) {
    this.files = new RepositoryFiles(parts.cloud, parts.write);
    this.loop = this.watch();
  }

  /** The clouds' revision that was looked at last; undefined before the first look. */
  public get looked(): number | undefined {
    return this.world?.revision;
  }

  /** What keeps it from looking now, in words. */
  public get trouble(): string | undefined {
    return this.said === "" ? undefined : this.said;
  }

  /** Whether nothing is left to be done of what was looked at. */
  public get isIdle(): boolean {
    const { dispatcher, reporter, memory } = this.parts;
    return (
      this.world !== undefined &&
      this.lookedMinute === this.minuteNow() &&
      reporter.isIdle &&
      memory.get().pending.length === 0 &&
      dispatcher.agents.every(({ run }) => run === undefined) &&
      !dispatcher.isWaiting(this.world)
    );
  }

  /** Looks at once, and does not wait for the next time. */
  public hurry(): void {
    this.wake.abort();
  }

  public async close(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    await this.loop;
  }

  private minuteNow(): number {
    return Math.floor(this.parts.clock.now().getTime() / minute);
  }

  private async watch(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      let again = false;
      try {
        again = await this.lookOnce();
        this.said = "";
      } catch (error) {
        this.complain(error);
      }
      if (!again) await this.pause();
    }
  }

  /** A trouble that stays is told once. */
  private complain(error: unknown): void {
    const text =
      error instanceof CloudAway
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
    if (text !== this.said) this.parts.write(`watching: ${text}`);
    this.said = text;
  }

  private async pause(): Promise<void> {
    this.wake = new AbortController();
    if (this.stopping.signal.aborted) return;
    await sleep(usualPause, undefined, { signal: this.wake.signal }).catch(() => undefined);
  }

  /** @returns whether there is more to look at already */
  private async lookOnce(): Promise<boolean> {
    const { cloud, memory, clock, dispatcher, write } = this.parts;
    const minuteNow = this.minuteNow();
    const before = this.world;
    const revision = await cloud.revision();
    if (before?.revision === revision && this.lookedMinute === minuteNow) {
      dispatcher.dispatch(before, cloud);
      return false;
    }
    const world = before?.revision === revision ? before : await readWorld(cloud);
    if (!this.recovered) this.recover(world);
    // What a killed process was about to make comes first: a look would take it for new.
    const made = await makePending(memory, world, cloud, write);
    if (made > 0) return true;
    const decision = await look(world, memory.get(), clock.now(), this.files);
    memory.put(decision.memory);
    const pending = decision.memory.pending.length;
    await makePending(memory, world, cloud, write);
    for (const id of decision.cancel) await cloud.update(devopsTokens.run, String(id), {}, { cancelRequested: true });
    await this.takeUp(world);
    dispatcher.dispatch(world, cloud);
    this.world = world;
    this.lookedMinute = minuteNow;
    return pending > 0;
  }

  /** Brings records and clouds together after a start: each may know of an end that the other does not. */
  private recover(world: World): void {
    const { runs, reporter } = this.parts;
    for (const run of world.runs) {
      const record = runs.get(run.id);
      if (run.state === "completed") {
        if (record !== undefined) runs.complete(run.id, run.result ?? "failed");
        continue;
      }
      if (record === undefined && run.state === "running") {
        runs.create(this.describe(run, world));
        runs.complete(run.id, "failed", [lost]);
      }
      if (runs.get(run.id)?.state === "completed") reporter.report(run.id);
    }
    this.recovered = true;
  }

  /** Makes queued runs ready, and ends those that are cancelled or whose pipeline is gone. */
  private async takeUp(world: World): Promise<void> {
    const { runs, dispatcher } = this.parts;
    for (const run of world.runs) {
      const record = runs.get(run.id);
      if (run.state === "completed" || record?.state === "completed") continue;
      if (record === undefined) runs.create(this.describe(run, world));
      if (run.cancelRequested) dispatcher.cancel(run.id);
      else if (!dispatcher.has(run.id)) await this.makeReady(run, world);
    }
    const known = new Set(world.runs.map(({ id }) => id));
    for (const { id, state } of runs.list()) {
      if (state !== "completed" && !known.has(id)) dispatcher.cancel(id, [gone]);
    }
  }

  private async makeReady(run: CloudRun, world: World): Promise<void> {
    const { runs, dispatcher, reporter, cloud, capability, clock } = this.parts;
    try {
      const subject = subjectOf(run, world);
      const taken = this.numbersOf(subject, world);
      const plan = await planRun(subject, world, {
        ...{ capability, taken, address: cloud.address, files: this.files, now: clock.now() },
      });
      runs.update(run.id, (record) => (record.number = plan.number));
      dispatcher.add(plan);
    } catch (error) {
      this.refuse(run, refusalOf(error));
    }
    reporter.report(run.id);
  }

  private refuse(run: CloudRun, { problems, pipeline, number }: RunRefused): void {
    const { runs } = this.parts;
    if (pipeline !== undefined) runs.writePipeline(run.id, pipeline.text);
    if (number !== undefined) runs.update(run.id, (record) => (record.number = number));
    runs.complete(
      run.id,
      "failed",
      problems.map((message) => ({ type: "error", message })),
    );
  }

  /** Numbers of other runs of the pipeline, in the clouds and here. */
  private numbersOf({ run, definition }: RunSubject, world: World): string[] {
    const others = [
      ...world.runs.filter((other) => other.definitionId === definition.id),
      ...this.parts.runs.list().filter(({ pipeline }) => pipeline.id === definition.id),
    ];
    return others.filter(({ id }) => id !== run.id).map(({ number }) => number);
  }

  private describe(run: CloudRun, world: World): NewRun {
    const definition = world.definitions.find(({ id }) => id === run.definitionId);
    const project = world.projects.find(({ id }) => id === run.projectId);
    const repository = world.repositories.find(({ id }) => id === run.repositoryId);
    const pullRequest: Pick<RunRecord, "pullRequest"> =
      run.pullRequest === undefined ? {} : { pullRequest: run.pullRequest };
    return {
      id: run.id,
      number: run.number,
      pipeline: {
        id: run.definitionId,
        name: definition?.name ?? "",
        folder: definition?.path ?? "\\",
        project: project?.name ?? "",
      },
      repository: { id: run.repositoryId, name: repository?.name ?? "" },
      reason: run.reason,
      because: run.because ?? "queued by hand",
      branch: run.branch,
      commit: run.commit,
      ...pullRequest,
      queuedAt: this.parts.clock.now().toISOString(),
    };
  }
}

/** What the clouds refuse to show of a pipeline is a reason, too. @throws what is no reason against one run alone */
function refusalOf(error: unknown): RunRefused {
  if (error instanceof RunRefused) return error;
  if (error instanceof CloudRefused && error.status < 500) return new RunRefused([error.message]);
  throw error;
}
