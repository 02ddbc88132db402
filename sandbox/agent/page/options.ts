/** What the page needs to know of the sandbox, and from whom. */
import type { RunRecord } from "../model";

/** The records of runs, as they lie on disk. */
export interface RunSource {
  /** In any order. */
  list(): readonly RunRecord[] | Promise<readonly RunRecord[]>;
  get(id: number): RunRecord | undefined | Promise<RunRecord | undefined>;
  /** The run's folder, in which its logs, artifacts, summaries and `pipeline.yml` lie. */
  folder(id: number): string;
  /** The listener gets the run's id each time its record was changed; lines of a log are no change. */
  on(event: "change", listener: (id: number) => void): unknown;
  off(event: "change", listener: (id: number) => void): unknown;
}

export interface AgentView {
  /** From 1 on. */
  readonly number: number;
  /** Id of the run whose job it does; absent while it waits for one. */
  readonly run?: number | undefined;
}

/** The registry's read side. */
export interface RegistryAccess {
  /** `127.0.0.1:<port>`; plain HTTP. */
  readonly host: string;
  repositories(): readonly string[] | Promise<readonly string[]>;
  /** Of a user who may pull. Asked for each time, as passwords change. */
  credentials(): RegistryLogin | Promise<RegistryLogin>;
}

export interface RegistryLogin {
  readonly user: string;
  readonly password: string;
}

export interface PageOptions {
  readonly runs: RunSource;
  /** Absent: there are no images to show. */
  readonly registry?: RegistryAccess | undefined;
  /** The sandbox's clock, which can be ahead of the machine's. */
  readonly clock: () => Date;
  readonly agents: () => readonly AgentView[];
  /** Told what went wrong inside the page, which answered 500. */
  readonly failed: (error: unknown) => void;
}
