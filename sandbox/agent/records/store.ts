/** Keeps the records of runs: on the disk at every change, in memory for those who look, with an event for each change. */
import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { Issue, Result, RunRecord } from "../model";
import { keepArtifact, keepFile } from "./attachments";
import { logName, readRecords, recordFile, runFolder, runNumbers, sweepUnfinished, writeWhole } from "./files";
import { readLog, StepLog, type LogPart } from "./step-log";

/** What is known of a run when it is made. */
export type NewRun = Omit<
  RunRecord,
  "state" | "result" | "startedAt" | "endedAt" | "agent" | "tags" | "issues" | "steps" | "artifacts" | "summaries"
>;

/** There is no run with that number. */
export class RunNotFound extends Error {
  public constructor(id: number, known: readonly RunRecord[]) {
    const newest = known[0]?.id;
    super(`there is no run ${id}${newest === undefined ? ": none has started yet" : `; the newest is ${newest}`}`);
    this.name = "RunNotFound";
  }
}

/** How many completed runs are kept. */
export const usualKept = 200;

interface Events {
  /** The record of a run changed, or a run is new or was removed. */
  change: [id: number];
  /** A step said something. */
  log: [id: number, step: number];
}

/**
 * The runs of one folder. What `list` and `get` give is a picture of one moment that nobody can change; each change makes another one,
 * and is on the disk before it is seen. One store at a time uses a folder; readers of the files need none.
 */
export class RunStore extends EventEmitter<Events> {
  private readonly records = new Map<number, RunRecord>();
  private readonly logs = new Map<string, StepLog>();

  private constructor(
    public readonly home: string,
    private readonly kept: number,
    private readonly now: () => Date,
  ) {
    super();
    // Each page that is open listens.
    this.setMaxListeners(0);
  }

  /**
   * Opens a folder, made where it does not exist.
   * @param options `kept`: how many completed runs stay, default 200. `now`: real time.
   * @throws RecordError
   */
  public static open(folder: string, options: { readonly kept?: number; readonly now?: () => Date } = {}): RunStore {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const store = new RunStore(folder, options.kept ?? usualKept, options.now ?? (() => new Date()));
    for (const record of readRecords(folder)) store.records.set(record.id, freeze(record));
    for (const id of runNumbers(folder)) {
      if (store.records.has(id)) sweepUnfinished(runFolder(folder, id));
      else rmSync(runFolder(folder, id), { recursive: true, force: true });
    }
    store.forgetOldest();
    return store;
  }

  /** The newest first. */
  public list(): RunRecord[] {
    return [...this.records.values()].sort((one, other) => other.id - one.id);
  }

  public get(id: number): RunRecord | undefined {
    return this.records.get(id);
  }

  /** @throws RunNotFound */
  public require(id: number): RunRecord {
    const record = this.records.get(id);
    if (record === undefined) throw new RunNotFound(id, this.list());
    return record;
  }

  public folder(id: number): string {
    return runFolder(this.home, id);
  }

  /** Writes down a queued run. Where there is one with that number already, nothing happens. */
  public create(run: NewRun): RunRecord {
    const known = this.records.get(run.id);
    if (known !== undefined) return known;
    mkdirSync(this.folder(run.id), { recursive: true, mode: 0o700 });
    this.put({ ...run, state: "queued", tags: [], issues: [], steps: [], artifacts: [], summaries: [] });
    this.forgetOldest();
    return this.require(run.id);
  }

  /**
   * Changes a record: `change` gets a copy to write to.
   * @throws RunNotFound
   */
  public update(id: number, change: (record: RunRecord) => unknown): RunRecord {
    const next = structuredClone(this.require(id));
    change(next);
    return this.put(next);
  }

  /** The expanded pipeline, as `pipeline.yml`. */
  public writePipeline(id: number, text: string): void {
    writeWhole(join(this.folder(id), "pipeline.yml"), text);
  }

  /** Names of all steps, in order, before the first one starts. */
  public planSteps(id: number, displayNames: readonly string[]): void {
    this.update(id, (record) => {
      record.steps = displayNames.map((displayName) => ({ displayName, state: "pending", issues: [] }));
    });
  }

  public startStep(id: number, index: number): void {
    const log = logName(index, this.requireStep(this.require(id), index).displayName);
    this.logs.set(`${id}/${index}`, new StepLog(join(this.folder(id), log), this.now));
    this.update(id, (record) => {
      Object.assign(this.requireStep(record, index), { state: "running", startedAt: this.now().toISOString(), log });
    });
  }

  /** Adds a line to the log of a step that runs. */
  public line(id: number, index: number, text: string): void {
    this.logs.get(`${id}/${index}`)?.line(text);
    this.emit("log", id, index);
  }

  /** A step that was never started, such as a skipped one, has no log and no time at which it started. */
  public endStep(id: number, index: number, result: Result): void {
    this.closeLog(`${id}/${index}`);
    this.update(id, (record) => {
      Object.assign(this.requireStep(record, index), { state: "completed", result, endedAt: this.now().toISOString() });
    });
  }

  /** @param index Of the step that says it; undefined: the run as a whole. */
  public addIssue(id: number, index: number | undefined, issue: Issue): void {
    this.update(id, (record) => {
      const to = index === undefined ? record : this.requireStep(record, index);
      to.issues.push({ type: issue.type, message: issue.message });
    });
  }

  public addTag(id: number, tag: string): void {
    if (this.require(id).tags.includes(tag)) return;
    this.update(id, (record) => record.tags.push(tag));
  }

  /** Keeps a copy of a Markdown file. @throws AttachmentError */
  public addSummary(id: number, file: string): void {
    const name = `summary-${this.require(id).summaries.length + 1}.md`;
    keepFile(this.folder(id), name, file);
    this.update(id, (record) => record.summaries.push(name));
  }

  /** Keeps a copy of a file, or of what is in a folder, as (a part of) the artifact `name`. @throws AttachmentError */
  public addArtifact(id: number, name: string, source: string, container = ""): void {
    keepArtifact(this.folder(id), name, source, container);
    if (!this.require(id).artifacts.includes(name)) this.update(id, (record) => record.artifacts.push(name));
  }

  /** The run gets an agent. */
  public start(id: number, agent: number): void {
    this.update(id, (record) => {
      Object.assign(record, { state: "running", agent, startedAt: this.now().toISOString() });
    });
  }

  /** Ends a run and all of its steps that did not end. One that has ended stays as it is. */
  public complete(id: number, result: Result, issues: readonly Issue[] = []): RunRecord {
    if (this.require(id).state === "completed") return this.require(id);
    for (const key of [...this.logs.keys()].filter((each) => each.startsWith(`${id}/`))) this.closeLog(key);
    const endedAt = this.now().toISOString();
    const record = this.update(id, (next) => {
      for (const step of next.steps) {
        if (step.state === "completed") continue;
        Object.assign(step, step.state === "running" ? { result, endedAt } : { result: "skipped" as const });
        step.state = "completed";
      }
      next.issues.push(...issues.map(({ type, message }) => ({ type, message })));
      Object.assign(next, { state: "completed", result, endedAt });
    });
    this.forgetOldest();
    return record;
  }

  /** A part of a step's log, from a byte on. @throws RunNotFound */
  public stepLog(id: number, index: number, from = 0): LogPart {
    const log = this.require(id).steps[index]?.log;
    return log === undefined ? { text: "", next: from } : readLog(join(this.folder(id), log), from);
  }

  /**
   * The whole log of a step, or, without one, of the run: each step's with its name before it.
   * @throws RunNotFound
   */
  public logOf(id: number, step?: number): string {
    const { steps } = this.require(id);
    const whole = (index: number): string => {
      const log = steps[index]?.log;
      const file = log === undefined ? undefined : join(this.folder(id), log);
      return file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : "";
    };
    if (step !== undefined) return whole(step);
    return steps
      .map((each, index) => {
        const state = each.result ?? each.state;
        const issues = each.issues.map(({ type, message }) => `##[${type}]${message}\n`).join("");
        return `=== ${index + 1} ${each.displayName}: ${state}\n${whole(index)}${issues}`;
      })
      .join("\n");
  }

  /** Ends all writing. */
  public close(): void {
    for (const key of [...this.logs.keys()]) this.closeLog(key);
    this.removeAllListeners();
  }

  private requireStep(record: RunRecord, index: number): RunRecord["steps"][number] {
    const step = record.steps[index];
    if (step === undefined)
      throw new RangeError(`run ${record.id} has ${record.steps.length} steps, and no step ${index}`);
    return step;
  }

  private closeLog(key: string): void {
    this.logs.get(key)?.close();
    this.logs.delete(key);
  }

  private put(record: RunRecord): RunRecord {
    writeWhole(recordFile(this.home, record.id), `${JSON.stringify(record, undefined, 1)}\n`);
    const frozen = freeze(record);
    this.records.set(record.id, frozen);
    this.emit("change", record.id);
    return frozen;
  }

  private forgetOldest(): void {
    const completed = this.list().filter(({ state }) => state === "completed");
    for (const { id } of completed.slice(this.kept)) {
      this.records.delete(id);
      // The record first: a folder without one is removed at the next start.
      rmSync(recordFile(this.home, id), { force: true });
      rmSync(this.folder(id), { recursive: true, force: true });
      this.emit("change", id);
    }
  }
}

function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) freeze(part as object);
  return Object.freeze(value);
}
