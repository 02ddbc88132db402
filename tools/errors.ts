/** The errors that a user of `wheelhouse` meets: what is wrong and where, how to mend it, and the exit code. */
import { exitCode } from "./context";

/** What is wrong and where is the message; `mend` says what to do, in one or more lines. */
export abstract class CommandError extends Error {
  abstract readonly exitCode: number;

  constructor(
    message: string,
    /** What to do about it; "" where the message says all. */
    readonly mend: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Wrong usage or input: an option, a file of the team, a lock that does not fit. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";
  readonly exitCode = exitCode.wrongInput;
}

/** Something outside failed: the feed, the registry, docker, uv. */
export class OutsideError extends CommandError {
  override readonly name = "OutsideError";
  readonly exitCode = exitCode.outsideFailed;
}

/** The command did its work and found something, such as a leak; its report has been written by then. */
export class FindingsError extends CommandError {
  override readonly name = "FindingsError";
  readonly exitCode = exitCode.findings;
}

/** Stopped by an interrupt, after the command had cleaned up. */
export class InterruptedError extends CommandError {
  override readonly name = "InterruptedError";
  readonly exitCode = exitCode.interrupted;

  constructor() {
    super("interrupted", "");
  }
}
