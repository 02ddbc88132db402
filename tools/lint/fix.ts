/** Mends a Dockerfile one finding at a time, and keeps a mend only where what it is for is gone and nothing new has come. */
import { findAll, type Found, type LintOptions } from "./lint";
import type { Finding } from "./finding";
import { applyEdits } from "./source";

export interface Fixed {
  readonly text: string;
  /** What was mended, as it was found. */
  readonly fixed: readonly Finding[];
  /** What is left in the new text. */
  readonly left: readonly Finding[];
}

/** More findings than this in one file are mended in a second run. */
const MOST = 200;

/** The same text comes back when it is mended again. */
export function fixDockerfile(text: string, options: LintOptions = {}): Fixed {
  const fixed: Finding[] = [];
  const refused = new Set<string>();
  let current = text;
  let found = findAll(current, options);
  for (let round = 0; round < MOST; round++) {
    const next = found.find(({ finding }) => finding.fixable && !refused.has(identity(finding)));
    if (next === undefined) break;
    const mended = applyEdits(current, next.report.fix ?? []);
    const after = mended === undefined || mended === current ? undefined : findAll(mended, options);
    if (mended === undefined || after === undefined || !isBetter(found, after, next)) {
      refused.add(identity(next.finding));
      continue;
    }
    fixed.push(next.finding);
    current = mended;
    found = after;
  }
  const left = found.map(({ finding }) => (refused.has(identity(finding)) ? { ...finding, fixable: false } : finding));
  return { text: current, fixed, left };
}

/** Lines move while a file is mended: a finding is known by what it says. */
function identity({ rule, what }: Finding): string {
  return `${rule} ${what.replace(/line [0-9]+/g, "line")}`;
}

/** Fewer findings of the rule, no rule with more errors than before. */
function isBetter(before: readonly Found[], after: readonly Found[], mended: Found): boolean {
  const count = (found: readonly Found[], rule: string) => found.filter(({ finding }) => finding.rule === rule).length;
  const { rule } = mended.finding;
  if (count(after, rule) >= count(before, rule)) return false;
  return after.every(
    ({ finding }) => finding.severity === "advice" || count(after, finding.rule) <= count(before, finding.rule),
  );
}
