/** Where the words of a command go: results to standard output, progress and errors to standard error. */
import type { CommandContext } from "./context";
import { CommandError } from "./errors";

/** What the user asked for with `--json` and `--quiet`; known once the command line has been read. */
export interface OutputMode {
  json: boolean;
  quiet: boolean;
}

export interface Streams {
  writeOutput(text: string): void;
  writeErrors(text: string): void;
}

/** The context of one run. `mode` is read each time, as options are parsed after it is made. */
export function makeContext(
  surroundings: Pick<CommandContext, "environment" | "workingFolder" | "signal">,
  streams: Streams,
  mode: OutputMode,
): CommandContext {
  return {
    ...surroundings,
    out(text) {
      if (!mode.json) streams.writeOutput(endedLine(visible(text)));
    },
    progress(line) {
      if (!mode.quiet) streams.writeErrors(endedLine(visible(line)));
    },
    json(document) {
      if (mode.json) streams.writeOutput(`${JSON.stringify(document, undefined, 2)}\n`);
    },
  };
}

function endedLine(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** Without characters that a terminal would act on: names of files and lines of logs can have any. */
function visible(text: string): string {
  return text.replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, "\ufffd");
}

/**
 * Writes an error for people, and as the one document with `--json` unless the command has written its own.
 * @returns the exit code
 */
export function reportError(error: unknown, streams: Streams, mode: OutputMode, hasWritten: boolean): number {
  const known = error instanceof CommandError;
  const message = error instanceof Error ? error.message : String(error);
  const mend = known ? error.mend : "This should not happen: report it with the lines above.";
  const lines = [`wheelhouse: ${message}`, ...(mend === "" ? [] : mend.split("\n").map((line) => `  ${line}`))];
  if (!known && error instanceof Error && error.stack !== undefined) lines.splice(0, 0, error.stack);
  streams.writeErrors(endedLine(visible(lines.join("\n"))));
  if (mode.json && !hasWritten) {
    const kind = error instanceof Error ? error.name : "Error";
    streams.writeOutput(`${JSON.stringify({ error: { kind, message, mend } }, undefined, 2)}\n`);
  }
  return known ? error.exitCode : 3;
}
