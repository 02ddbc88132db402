/** `# wheelhouse-lint: ignore=<rule> -- reason`: a finding that a team answers for, with the reason beside it. */
import type { Report, Rule } from "./finding";
import type { Subject } from "./subject";

interface Suppression {
  readonly rules: readonly string[];
  readonly reason: string;
  readonly start: number;
  readonly end: number;
  /** Offsets of the instruction that it is about: the one it stands in, or the next one. */
  readonly covers: { readonly start: number; readonly end: number } | undefined;
}

export interface Suppressions {
  covers(rule: string, offset: number): boolean;
  /** What is wrong with the comments themselves; to be asked when all rules have run. */
  reports(): readonly { readonly rule: Pick<Rule, "id" | "severity">; readonly report: Report }[];
}

const COMMENT = /^#?\s*wheelhouse-lint:\s*(.*)$/i;
const IGNORE = /^ignore=([A-Za-z0-9_, -]*?)(?:\s+--\s*(.*))?$/;

export function suppressions(subject: Subject, known?: ReadonlySet<string>): Suppressions {
  const all = subject.dockerfile.comments.flatMap((comment) => read(subject, comment));
  const used = new Set<string>();
  return {
    covers(rule, offset) {
      const found = all.find(
        ({ covers, rules, reason }) =>
          covers !== undefined &&
          offset >= covers.start &&
          offset <= covers.end &&
          rules.includes(rule) &&
          reason !== "",
      );
      if (found !== undefined) used.add(`${found.start} ${rule}`);
      return found !== undefined;
    },
    reports: () => all.flatMap((one) => judge(one, used, known)),
  };
}

function read(subject: Subject, comment: { text: string; start: number; end: number }): Suppression[] {
  const found = COMMENT.exec(comment.text.trim());
  if (found === null) return [];
  const ignore = IGNORE.exec((found[1] ?? "").trim());
  const rules = (ignore?.[1] ?? "")
    .split(",")
    .map((rule) => rule.trim())
    .filter((rule) => rule !== "");
  const covers = [...subject.dockerfile.instructions]
    .sort((left, right) => left.start - right.start)
    .find(({ end }) => end >= comment.start);
  return [{ rules, reason: (ignore?.[2] ?? "").trim(), start: comment.start, end: comment.end, covers }];
}

/** What is said of the comments themselves. */
export const SUPPRESSION: Pick<Rule, "id" | "severity" | "about"> = {
  id: "suppression",
  severity: "error",
  about:
    "A comment that would let a finding pass, without a rule or a reason; one that lets nothing pass is an advice.",
};
const ADVICE = { id: SUPPRESSION.id, severity: "advice" } as const;

function judge(
  one: Suppression,
  used: ReadonlySet<string>,
  known: ReadonlySet<string> | undefined,
): { rule: Pick<Rule, "id" | "severity">; report: Report }[] {
  const at = { start: one.start, end: one.end };
  const example = ["# wheelhouse-lint: ignore=extra-index-url -- the reason, for the next reader"];
  const why = "What is let pass has to be answered for by someone who knows why.";
  if (one.rules.length === 0 || one.reason === "") {
    const what =
      one.rules.length === 0
        ? "the comment names no rule to ignore"
        : "the comment gives no reason, so it ignores nothing";
    return [
      {
        rule: SUPPRESSION,
        report: { ...at, what, why, mend: "Write the rule and, behind two dashes, the reason.", example },
      },
    ];
  }
  return one.rules.flatMap((rule) => {
    if (used.has(`${one.start} ${rule}`)) return [];
    const unknown = known !== undefined && !known.has(rule);
    const what = unknown ? `there is no rule ${rule}` : `nothing is found here that ${rule} would refuse`;
    const mend = unknown ? "Name a rule that a finding named." : "Take the comment out.";
    return [{ rule: ADVICE, report: { ...at, what, why: "It would hide what comes later.", mend } }];
  });
}
