/** What a job gets from the agent that runs it, and where what it does is told. */
import type { Builder } from "../../services/types";
import type { Issue, Result } from "../model";
import type { AzureLogin } from "../tasks";

/** A repository that a job may check out. */
export interface CheckoutSource {
  /** Of the repository alone, without its project. */
  readonly name: string;
  /** For git over HTTP, without credentials. */
  readonly url: string;
  /** Full name of a branch or tag, or `refs/pull/<id>/merge`. */
  readonly ref: string;
  /** Whole id. */
  readonly commit: string;
}

export interface RegistryLogin {
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

export interface JobVariable {
  readonly value: string;
  readonly secret: boolean;
}

/** How a job ended. */
export interface JobOutcome {
  readonly result: Result;
  /** Output variables by `step.name`, for jobs that depend on this one. */
  readonly outputs: ReadonlyMap<string, JobVariable>;
}

export interface JobContext {
  /** The agent's work folder of this job. What is in it goes when the job begins; the caller removes it (`removeWorkspace`). */
  readonly folder: string;
  /** `Build.*`, `System.*`, those of the definition. The runner adds those that depend on the agent and its folders. */
  readonly variables: ReadonlyMap<string, JobVariable>;
  /** `System.AccessToken`. */
  readonly jobToken: string;
  /** Of the agent's machine; steps get its `PATH` and nothing else. */
  readonly environment: NodeJS.ProcessEnv;
  /** What steps get beside it, as from the file `.env` of a self-hosted agent; a job's variables win over these. Default: nothing. */
  readonly machineVariables?: Readonly<Record<string, string>> | undefined;
  /** `self`, an alias, or `git://Project/repository@ref`. Throws with a clear line when the pipeline may not. */
  repository(name: string): Promise<CheckoutSource>;
  /** `Project/feed` or `feed` → the simple index's address, without credentials. Throws when there is none. */
  feedIndex(feed: string): Promise<string>;
  /** What Docker@2 gets for a service connection. Throws when there is none, or when it is refused. */
  registry(connection: string): Promise<RegistryLogin>;
  /** What AzureCLI@2 gets for a service connection. Throws when there is none, or when it is refused. */
  azure(connection: string): Promise<AzureLogin>;
  /** A new, empty BuildKit daemon under a name that nobody has. The runner disposes of it when the job ends, however it ends. */
  makeBuilder(name: string): Promise<Builder>;
  /** Cancellation: what runs is ended, steps whose condition then holds still run. */
  readonly signal: AbortSignal;
  /** By how much `date` on the agent's machine is ahead. */
  readonly clockOffsetSeconds: number;
  readonly sink: JobSink;
}

/** Told what happens, in order. No text it gets holds a secret. `index` counts the job's steps from 0. */
export interface JobSink {
  stepStarted(index: number): void;
  /** One line of the step's log, without its end. */
  line(index: number, text: string): void;
  stepEnded(index: number, result: Result): void;
  issue(index: number, issue: Issue): void;
  tag(text: string): void;
  buildNumber(text: string): void;
  /** A Markdown file to copy before this returns. */
  summary(file: string): void;
  /** A file or folder to copy before this returns. */
  artifact(name: string, source: string, containerFolder: string): void;
}

/** What bounds a job beside its own time limits. */
export interface JobLimits {
  /** Of one step's log; what is more is counted and left out. */
  readonly logBytes: number;
  /** A longer line is cut into several. */
  readonly lineBytes: number;
  /** Seconds from SIGINT to SIGTERM when a step is ended (the agent's ProcessInvoker). */
  readonly interruptSeconds: number;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly terminateSeconds: number;
  /** Seconds that a step waits for its output to close after its process has ended (the task library's tool runner). */
  readonly streamSeconds: number;
  /** Seconds before the second and the third attempt to fetch a repository. */
  readonly fetchPauses: readonly number[];
}

export const usualLimits: JobLimits = {
  logBytes: 32 * 1024 * 1024,
  lineBytes: 256 * 1024,
  interruptSeconds: 7.5,
  terminateSeconds: 2.5,
  streamSeconds: 10,
  fetchPauses: [2, 5],
};
