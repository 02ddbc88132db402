/** A mistake in what a user wrote, with its place and its mend, and the one error type that this room throws. */

/** One mistake. */
export interface Problem {
  /** The file as the user knows it, or `config wheelhouse:<key>` for a key of the stack's configuration. */
  readonly file: string;
  /** Counted from 1; 0 where there is no file, as for configuration. */
  readonly line: number;
  /** Counted from 1; 0 where there is no file. */
  readonly column: number;
  /** Property path, such as `scripts[0]` or `repository.name`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}

/** Two lines: the place and the mistake, then the mend, indented. */
export function formatProblem(problem: Problem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  const path = problem.path === "" ? "" : `${problem.path}: `;
  return [`${place}  ${path}${problem.message}`, `  ${problem.mend}`].map(visible).join("\n");
}

/** Without characters that a terminal would act on; a file's name can have any. */
function visible(line: string): string {
  return line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

/** Every mistake of every file at once, in the order of files and lines. */
export class SpecError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = [...problems].sort(byPlace);
    const count = sorted.length === 1 ? "1 mistake" : `${sorted.length} mistakes`;
    super(`${count} in what the platform is to be:\n${sorted.map(formatProblem).join("\n")}`);
    this.name = "SpecError";
    this.problems = sorted;
  }
}

function byPlace(left: Problem, right: Problem): number {
  if (left.file !== right.file) {
    return left.file < right.file ? -1 : 1;
  }
  return left.line - right.line || left.column - right.column;
}

/** Throws {@link SpecError} when there is any problem. */
export function throwIfAny(problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw new SpecError(problems);
  }
}
