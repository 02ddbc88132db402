/** The difference between two values of a property as the lines of a unified diff, and where long ones end. */
import { structuredPatch } from "diff";
import type { PropertyChange, Shown } from "./model";

/** Unchanged lines around a change. */
const context = 3;
/** How much of long things is shown. */
export interface Detail {
  /** Lines of one block. */
  readonly lines: number;
  /** Lines of a text that is new as a whole: what made it can be read in the pull request's own files, too. */
  readonly newLines: number;
  /** Lines of a diagnostic. */
  readonly messageLines: number;
  /** Characters after which a line of a diagnostic goes on in the next one; a URN is then its type and name. */
  readonly messageWidth: number;
  /** Characters of a line. */
  readonly line: number;
  /** Entries of a list. */
  readonly entries: number;
}

export const commentDetail: Detail = {
  lines: 400,
  newLines: 150,
  messageLines: 40,
  messageWidth: 110,
  line: 500,
  entries: 20,
};
export const wholeDetail: Detail = {
  ...{
    lines: Infinity,
    newLines: Infinity,
    messageLines: Infinity,
    messageWidth: Infinity,
    line: Infinity,
    entries: Infinity,
  },
};

/** Edits after which the search for the shortest difference is given up: old and new are then shown as a whole. */
const mostEdits = 4000;

/** The same change is asked for its lines to be compared with others, and to be shown. */
const known = new WeakMap<PropertyChange, readonly string[]>();

/** All lines of a change, each with its sign; `@@` lines say which part of a text it is. */
export function differenceLines(change: PropertyChange): readonly string[] {
  const lines = known.get(change) ?? linesOf(change);
  known.set(change, lines);
  return lines;
}

function linesOf(change: PropertyChange): readonly string[] {
  const { before, after, path } = change;
  if (before?.kind === "text" || after?.kind === "text") return textDifference(path, before, after);
  const reason = change.forcesReplacement ? " # forces replacement" : "";
  const old = before === undefined ? [] : [`-${path}: ${valueText(before)}${reason}`];
  const now = after === undefined ? [] : [`+${path}: ${valueText(after)}${reason}`];
  // Two secrets or unknown values look the same, and are not.
  return [...old, ...now];
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
export function cutLines(lines: readonly string[], most: number, longest: number): string {
  const shown = lines.slice(0, most).map((line) => cutLine(line, longest));
  return (lines.length <= most ? shown : [...shown, `… ${lines.length - most} more lines`]).join("\n");
}

function cutLine(line: string, longest: number): string {
  return line.length <= longest ? line : `${start(line, longest)}… ${line.length - longest} more characters`;
}

/** The first characters, and never one half of a character. */
export function start(text: string, most: number): string {
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}

/** A line as several, broken at blanks; what has none stays whole, as it is there to be copied. */
export function brokenLine(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const indent = `${/^\s*/.exec(line)?.[0] ?? ""}  `;
  const lines: string[] = [];
  for (let rest = line, first = true; rest !== ""; first = false) {
    const room = first ? width : Math.max(width - indent.length, 1);
    const last = rest.lastIndexOf(" ", room);
    const at = rest.length <= room ? -1 : /\S/.test(rest.slice(0, Math.max(last, 0))) ? last : rest.indexOf(" ", room);
    lines.push((first ? "" : indent) + (at < 0 ? rest : rest.slice(0, at)));
    rest = at < 0 ? "" : rest.slice(at + 1).trimStart();
  }
  return lines;
}
