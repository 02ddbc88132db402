/** Findings for people: the place, the line with a caret, what it leads to, and the mended lines below. */
import type { Finding, Rule } from "./finding";
import { noPipeline, secretInBuildArgument } from "./pipeline";
import { secretInRequirements } from "./requirements";
import { rules } from "./rules";
import { shown } from "./shown";
import { SUPPRESSION } from "./suppressions";

const WIDEST = 110;

/** The findings of one file, an empty line behind each; no credential of the file is in them. */
export function printedAll(findings: readonly Finding[], text: string): string[] {
  const shownAt = new Map<string, number>();
  return findings.map((finding) => {
    const mended = finding.mended.join("\n");
    const before = finding.mended.length > 1 ? shownAt.get(mended) : undefined;
    shownAt.set(mended, before ?? finding.line);
    // One mend of a variable answers for each line that it is in.
    return printed(before === undefined ? finding : { ...finding, mended: [`as for line ${before}`] }, text);
  });
}

function printed(finding: Finding, text: string): string {
  const { file, line, column, severity, rule, what, why, mend, mended, fixable } = finding;
  const source = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  const number = String(line);
  const gap = " ".repeat(number.length);
  const lines = [
    `${file}:${line}:${column}  ${severity}  ${rule}${fixable ? "  (--fix mends it)" : ""}`,
    `  ${what}`,
    ...excerpt(source, finding).map((part, index) => `  ${index === 0 ? number : gap} | ${part}`),
    `  why:  ${why}`,
    `  mend: ${mend}`,
    ...mended.map((part) => `      + ${part}`),
    "",
    "",
  ];
  return lines.join("\n");
}

/** The line and its caret; only the line where something in it is hidden, as the columns then are others. */
function excerpt(source: string, { column, line, endLine, endColumn }: Finding): string[] {
  const visible = shown(source);
  if (source.trim() === "") return [];
  if (visible !== source || /[^\x20-\x7e]/.test(source) || source.length > WIDEST) return [visible.slice(0, WIDEST)];
  const end = endLine === line ? endColumn : source.length + 1;
  return [visible, " ".repeat(column - 1) + "^".repeat(Math.max(1, Math.min(end, source.length + 1) - column))];
}

export function summaryLine(report: {
  readonly files: readonly string[];
  readonly errors: number;
  readonly advice: number;
  readonly fixed: readonly Finding[];
}): string {
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const mended = report.fixed.length === 0 ? "" : `, ${report.fixed.length} mended`;
  return `${counted(report.files.length, "file")}: ${counted(report.errors, "error")}, ${report.advice} advice${mended}`;
}

/** Every rule, of whatever kind of file, in the order of their names. */
export function ruleList(): Pick<Rule, "id" | "severity" | "about">[] {
  return [...rules, secretInBuildArgument, noPipeline, secretInRequirements, SUPPRESSION]
    .map(({ id, severity, about }) => ({ id, severity, about }))
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}
