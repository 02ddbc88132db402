/** Changes of files as unified diffs, without credentials, in colours where a terminal shows them. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { masked } from "./masking";
import type { FileChange } from "./proposal";

/** As `git diff` writes it: `/dev/null` for a file that is not there. Ends with a line break; every credential is hidden. */
export function unifiedDiff(change: FileChange, secrets: readonly string[]): string {
  const { file, before, after } = change;
  const [from, to] = [
    before === undefined ? "/dev/null" : `a/${file}`,
    after === undefined ? "/dev/null" : `b/${file}`,
  ];
  const text = createTwoFilesPatch(from, to, before ?? "", after ?? "", undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  // The sign before a line is no part of it: a netrc's first word would not be one.
  const lines = text.split("\n").map((line) => {
    const isContent = /^[ +-]/.test(line) && !/^(?:---|\+\+\+) /.test(line);
    return isContent ? line.slice(0, 1) + masked(line.slice(1), secrets) : masked(line, secrets);
  });
  return lines.join("\n");
}

const ESCAPE = "\u001b[";
const COLOURS = { red: "31m", green: "32m", cyan: "36m", bold: "1m" } as const;

export function coloured(text: string, colour: keyof typeof COLOURS): string {
  return text === "" ? text : `${ESCAPE}${COLOURS[colour]}${text}${ESCAPE}0m`;
}

/** The lines of a unified diff as terminals are used to it. */
export function colouredDiff(diff: string): string {
  return diff
    .split("\n")
    .map((line) => {
      if (/^(?:---|\+\+\+) /.test(line)) return coloured(line, "bold");
      if (line.startsWith("@@")) return coloured(line, "cyan");
      return line.startsWith("+") ? coloured(line, "green") : line.startsWith("-") ? coloured(line, "red") : line;
    })
    .join("\n");
}
