/** What lint reports: a rule's findings, and what a rule is. */
import type { Subject } from "./subject";
import type { Edit } from "./source";

/** An error fails the command; an advice does with `--strict` only. */
export type Severity = "error" | "advice";

/** One finding, with its place counted from 1. */
export interface Finding {
  /** Name of the rule, as a suppression comment names it. */
  readonly rule: string;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** What is there. */
  readonly what: string;
  /** What it leads to. */
  readonly why: string;
  /** What to do about it. */
  readonly mend: string;
  /** The mended lines, where they can be shown. */
  readonly mended: readonly string[];
  /** Whether `--fix` mends it. */
  readonly fixable: boolean;
}

/** What a rule gives: offsets into the file in place of lines and columns. */
export interface Report {
  readonly start: number;
  readonly end: number;
  readonly what: string;
  readonly why: string;
  readonly mend: string;
  /** Where it is not the rule's own. */
  readonly severity?: Severity;
  /** Mends it wholly; absent where no edit is known that does. */
  readonly fix?: readonly Edit[] | undefined;
  /** Lines to show where there is no fix. */
  readonly example?: readonly string[];
}

export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** One sentence on what it refuses. */
  readonly about: string;
  check(subject: Subject): readonly Report[];
}
