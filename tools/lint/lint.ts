/** Applies every rule to a Dockerfile: findings with their mended lines, in the order of the file. */
import type { Finding, Report, Rule } from "./finding";
import { rules } from "./rules";
import { shown } from "./shown";
import { applyEdits, type Edit, type SourceText } from "./source";
import { subjectOf, type ContextFiles, type Subject } from "./subject";
import { suppressions } from "./suppressions";

export interface LintOptions {
  /** The file as it is to be named in findings; default `Dockerfile`. */
  readonly file?: string;
  /** Files of the build context, for what `COPY . .` takes along. */
  readonly context?: ContextFiles;
}

/** A finding with its edits, for those that apply them. */
export interface Found {
  readonly finding: Finding;
  readonly report: Report;
}

/** Larger files are no Dockerfiles. */
export const LARGEST = 1_000_000;

/** Findings of any text; one that is no Dockerfile gives a finding of the rule `no-dockerfile`. */
export function lintDockerfile(text: string, options: LintOptions = {}): Finding[] {
  return findAll(text, options).map(({ finding }) => finding);
}

export function findAll(text: string, options: LintOptions = {}): Found[] {
  const file = options.file ?? "Dockerfile";
  if (text.length > LARGEST) return [tooLarge(file, text.length)];
  const subject = subjectOf(text, options.context);
  const suppressed = suppressions(subject, new Set(rules.map(({ id }) => id)));
  const found = rules.flatMap((rule) =>
    rule
      .check(subject)
      .filter((report) => !suppressed.covers(rule.id, report.start))
      .map((report) => ({ report, finding: findingOf(rule, report, subject.dockerfile.source, file) })),
  );
  for (const { rule, report } of suppressed.reports()) {
    found.push({ report, finding: findingOf(rule, report, subject.dockerfile.source, file) });
  }
  return found.sort((left, right) => byPlace(left.finding, right.finding));
}

function byPlace(left: Finding, right: Finding): number {
  return (
    left.line - right.line ||
    left.column - right.column ||
    (left.rule < right.rule ? -1 : left.rule > right.rule ? 1 : 0)
  );
}

export function findingOf(
  rule: Pick<Rule, "id" | "severity">,
  report: Report,
  source: SourceText,
  file: string,
): Finding {
  const start = source.place(report.start);
  const end = source.place(Math.max(report.end, report.start));
  return {
    rule: rule.id,
    severity: report.severity ?? rule.severity,
    file,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    what: report.what,
    why: report.why,
    mend: report.mend,
    mended: (report.fix === undefined ? (report.example ?? []) : changedLines(source.text, report.fix)).map(shown),
    fixable: report.fix !== undefined,
  };
}

/** Several findings can have one and the same mend. */
const mendedLines = new WeakMap<readonly Edit[], string[]>();

function changedLines(text: string, fix: readonly Edit[]): string[] {
  const known = mendedLines.get(fix) ?? compare(text, fix);
  mendedLines.set(fix, known);
  return known;
}

/** The lines of the mended file that are not as they were; at most twelve. */
function compare(text: string, fix: readonly Edit[]): string[] {
  const mended = applyEdits(text, fix);
  if (mended === undefined) return [];
  const before = new Map<string, number>();
  for (const line of text.split(/\r?\n/)) before.set(line, (before.get(line) ?? 0) + 1);
  const lines = mended.split(/\r?\n/).filter((line) => {
    const left = before.get(line) ?? 0;
    before.set(line, left - 1);
    return left <= 0;
  });
  return lines.length > 12 ? [...lines.slice(0, 12), "…"] : lines;
}

function tooLarge(file: string, length: number): Found {
  const report: Report = {
    start: 0,
    end: 0,
    what: `the file has ${length} characters, more than the ${LARGEST} that are read`,
    why: "A Dockerfile of this size is no Dockerfile.",
    mend: "Name the Dockerfile.",
  };
  const place = { line: 1, column: 1, endLine: 1, endColumn: 1, file };
  const { what, why, mend } = report;
  return {
    report,
    finding: { rule: "no-dockerfile", severity: "error", ...place, what, why, mend, mended: [], fixable: false },
  };
}

export type { Subject };
