/** The difference between two values of a property as the lines of a unified diff, cut where nobody would read on. */
import { structuredPatch } from "diff";
import type { PropertyChange, Shown } from "./model";

/** Unchanged lines around a change. */
const context = 3;
/** Lines of one property that are shown. */
const mostLines = 400;
/** Characters of one line that are shown. */
const longestLine = 500;
/** Edits after which the search for the shortest difference is given up: old and new are then shown as a whole. */
const mostEdits = 4000;

/** The lines of a change, each with its sign; `@@` lines say which part of a text it is. */
export function differenceLines(change: PropertyChange): readonly string[] {
  const { before, after, path } = change;
  if (before?.kind === "text" || after?.kind === "text") return cutLines(textDifference(path, before, after));
  const reason = change.forcesReplacement ? " # forces replacement" : "";
  const old = before === undefined ? [] : [`-${path}: ${valueText(before)}${reason}`];
  const now = after === undefined ? [] : [`+${path}: ${valueText(after)}${reason}`];
  // Two secrets or unknown values look the same, and are not.
  return cutLines([...old, ...now]);
}

function textDifference(path: string, before: Shown | undefined, after: Shown | undefined): readonly string[] {
  const old = wholeText(before);
  const now = wholeText(after);
  if (old === now) return [`-${path}: ${nameOf(before)}`, `+${path}: ${nameOf(after)}`];
  const patch = structuredPatch(path, path, old, now, undefined, undefined, { context, maxEditLength: mostEdits });
  if (patch === undefined) return [...signed("-", old), ...signed("+", now)];
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
}

function nameOf(shown: Shown | undefined): string {
  return shown === undefined ? "" : valueText(shown);
}

function wholeText(shown: Shown | undefined): string {
  if (shown === undefined) return "";
  return shown.kind === "text" ? shown.text : `${valueText(shown)}\n`;
}

function signed(sign: string, text: string): string[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => sign + line);
}

/** One line. */
export function valueText(shown: Shown): string {
  switch (shown.kind) {
    case "secret":
      return "[secret]";
    case "unknown":
      return "[known after apply]";
    case "value":
      return shown.text;
    case "text":
      return `[${shown.text.split("\n").length - (shown.text.endsWith("\n") ? 1 : 0)} lines]`;
  }
}

/** The first lines of a text, with a last one that says how many are not shown. */
export function cutLines(lines: readonly string[], most = mostLines): readonly string[] {
  const shown = lines.slice(0, most).map(cutLine);
  return lines.length <= most ? shown : [...shown, `… ${lines.length - most} more lines`];
}

function cutLine(line: string): string {
  // Never between the two halves of one character.
  return line.length <= longestLine
    ? line
    : `${line.slice(0, longestLine).replace(/[\ud800-\udbff]$/, "")}… ${line.length - longestLine} more characters`;
}
