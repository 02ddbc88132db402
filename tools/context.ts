/** What a command of `wheelhouse` gets from outside: its environment, its working folder, and where its words go. */

/** One for each run of the command line; tests make their own. */
export interface CommandContext {
  /** Variables that the command reads. Secrets are named by variable or file, never given by value. */
  readonly environment: NodeJS.ProcessEnv;
  /** Absolute folder against which relative paths of options are taken. */
  readonly workingFolder: string;
  /** Aborted by an interrupt: a command stops its processes, removes what it has half done, and ends. */
  readonly signal: AbortSignal;
  /** A result for people, one or more lines, on standard output. Silent with `--json`. */
  out(text: string): void;
  /** One line on what goes on, on standard error. Silent with `--quiet`. */
  progress(line: string): void;
  /** The result as data: the one document on standard output with `--json`, and silent without. */
  json(document: unknown): void;
}

/** Exit codes of every command. */
export const exitCode = {
  fine: 0,
  /** The command did its work and found something: a leak, a line that lint refuses. */
  findings: 1,
  /** Wrong usage or input: an option, a file of the team, a lock that does not fit. */
  wrongInput: 2,
  /** Something outside failed: the feed, the registry, docker, uv. */
  outsideFailed: 3,
  /** Stopped by an interrupt, as shells number it. */
  interrupted: 130,
} as const;
