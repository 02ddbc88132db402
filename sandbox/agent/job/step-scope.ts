/** What one step of a job works with: its log, its result, its processes, and the job around it. */
import { delimiter, join } from "node:path";

import type { Issue, Result, Step } from "../model";
import { startStreaming, type Streaming } from "../../process.mjs";
import { setTimeout as sleep } from "node:timers/promises";
import type { JobContext, JobLimits } from "./context";
import { carryOut } from "./command-handlers";
import type { StepSessions } from "./left-processes";
import type { SecretMasker } from "./masking";
import { StepOutput, type OutputStream } from "./output";
import { merged } from "./results";
import type { JobVariables } from "./variables";
import type { Workspace } from "./workspace";

/** What all steps of a job share. */
export interface JobScope {
  readonly context: JobContext;
  readonly limits: JobLimits;
  readonly workspace: Workspace;
  readonly variables: JobVariables;
  readonly masker: SecretMasker;
  readonly sessions: StepSessions;
  /** Of the agent itself; variables come on top. */
  readonly environment: Readonly<Record<string, string>>;
  /** What steps put before `PATH`, the last one first. */
  readonly prependedPaths: string[];
  /** Checkout steps that the job has, `none` not counted. */
  readonly checkouts: number;
}

export interface ProcessOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether its lines can be logging commands. */
  readonly commands: boolean;
  /** Keeps what it writes out of the log. */
  readonly quiet?: boolean;
  /**
   * One stream for all that it writes: lines come in the order in which they were written, so that a command that names a secret comes
   * before what it hides.
   */
  readonly oneStream?: boolean;
  /** Gets what it writes to standard error, too. */
  readonly onErrors?: ((chunk: Buffer) => void) | undefined;
  /** Gets what it writes to standard output, too. */
  readonly onOutput?: ((chunk: Buffer) => void) | undefined;
}

/** Issues of one kind that are kept of a step; the log has all (the agent's `_maxIssueCount`). */
const mostIssues = 10;
/** Letters of an issue that are kept; the log has all. */
const longestIssue = 4096;
/** Seconds that a process gets to be gone after SIGKILL, and its output to close after a cancellation. */
const lastSeconds = 1;

export class StepScope {
  public readonly output: StepOutput;
  /** What logging commands and failed uploads make of the step. */
  public commandResult: Result | undefined;
  private readonly counts = { error: 0, warning: 0 };
  private broken: unknown;

  public constructor(
    public readonly job: JobScope,
    public readonly index: number,
    public readonly step: Step,
    /** The name under which its output variables are known. */
    public readonly referenceName: string,
    /** Ends what the step runs. */
    public readonly signal: AbortSignal,
  ) {
    const { masker, limits, context } = job;
    this.output = new StepOutput({
      masker,
      limits,
      write: (line) => this.tell(() => context.sink.line(index, line)),
      command: (line) => carryOut(this, line),
    });
  }

  /** @throws Error where what the step said could not be kept */
  public requireKept(): void {
    if (this.broken === undefined) return;
    const { message } = this.broken as Error;
    throw new Error(`the log of the step "${this.step.displayName}" cannot be kept: ${message}`, {
      cause: this.broken,
    });
  }

  public error(message: string): void {
    this.issue("error", message);
  }

  public warning(message: string): void {
    this.issue("warning", message);
  }

  public debug(message: string): void {
    if (this.job.variables.get("system.debug")?.toLowerCase() === "true") this.output.line(`##[debug]${message}`);
  }

  public mergeResult(result: Result): void {
    this.commandResult = merged(this.commandResult, result);
  }

  /** The environment of the step's processes; variables win over `env:`, as on the real agent. */
  public environment(mapped: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const { environment, variables, prependedPaths, workspace } = this.job;
    const result: NodeJS.ProcessEnv = { ...environment, ...mapped, ...variables.environment() };
    result.PATH = [...prependedPaths.toReversed(), join(workspace.machine, "bin"), result.PATH ?? ""]
      .filter((part) => part !== "")
      .join(delimiter);
    return result;
  }

  /**
   * Runs a program to its end; its lines go to the step's log. When the step is canceled, its whole group gets SIGINT, then SIGTERM, then
   * SIGKILL.
   * @returns its exit code; 127 and an error in the log where it could not be started
   */
  public async run(command: string, args: readonly string[], options: ProcessOptions): Promise<number> {
    const { limits, sessions } = this.job;
    const streams = [this.output.stream(options), this.output.stream(options)] as const;
    const started = this.start(command, args, options, streams);
    if (started === undefined) return 126;
    if (started.pid !== undefined) sessions.add(started.pid);
    const ending = new AbortController();
    const cancel = (): void => void this.end(started, ending.signal);
    if (this.signal.aborted) cancel();
    else this.signal.addEventListener("abort", cancel, { once: true });
    try {
      const { code, reason, streamsHeld } = await started.ended;
      for (const stream of streams) stream.end();
      if (reason !== undefined) this.error(`${command} cannot be started: ${reason}`);
      if (streamsHeld && !this.signal.aborted) {
        this.output.line(
          `##[warning]${command} ended ${limits.streamSeconds} s ago, but a process that it left behind keeps its output open: what that writes from now on is lost.`,
        );
      }
      return code;
    } finally {
      ending.abort();
      this.signal.removeEventListener("abort", cancel);
      // A group that was told to end has ended, also where only its first process did as it was told.
      if (this.signal.aborted) started.signal("SIGKILL");
    }
  }

  private start(
    command: string,
    args: readonly string[],
    options: ProcessOptions,
    [output, errors]: readonly [OutputStream, OutputStream],
  ): Streaming | undefined {
    const { cwd, env, quiet = false, oneStream = false } = options;
    const words = oneStream ? ["/bin/sh", "-c", 'exec "$0" "$@" 2>&1', command, ...args] : [command, ...args];
    const [first = command, ...rest] = words;
    try {
      return startStreaming(first, rest, {
        cwd,
        env,
        onOutput: (chunk) => {
          options.onOutput?.(chunk);
          if (!quiet) output.write(chunk);
        },
        onErrors: (chunk) => {
          options.onErrors?.(chunk);
          if (!quiet) errors.write(chunk);
        },
        streamSeconds: () => this.streamSeconds,
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why =
        code === "E2BIG" ? "a variable is longer than a process can be given, or all of them together" : message;
      this.error(`${command} cannot be started: ${why}`);
      return undefined;
    }
  }

  private get streamSeconds(): number {
    const { streamSeconds } = this.job.limits;
    return this.signal.aborted ? Math.min(lastSeconds, streamSeconds) : streamSeconds;
  }

  private async end(started: Streaming, ended: AbortSignal): Promise<void> {
    const { interruptSeconds, terminateSeconds } = this.job.limits;
    try {
      started.signal("SIGINT");
      await sleep(interruptSeconds * 1000, undefined, { signal: ended });
      started.signal("SIGTERM");
      await sleep(terminateSeconds * 1000, undefined, { signal: ended });
      started.signal("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  private issue(type: Issue["type"], message: string): void {
    this.output.line(`##[${type}]${message}`);
    this.counts[type] += 1;
    if (this.counts[type] > mostIssues) return;
    const masked = this.job.masker.mask(message);
    const kept = masked.length > longestIssue ? `${masked.slice(0, longestIssue)}…` : masked;
    this.tell(() => this.job.context.sink.issue(this.index, { type, message: kept }));
  }

  /** Output comes at any time: an error in keeping it is told at the step's end. */
  private tell(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.broken ??= error;
    }
  }
}
