/** Where a pipeline's text is wrong, and the one error that reading, expanding and evaluating it throws. */

/** A place in a file as its readers know it, such as `templates/image.yml@platform`. */
export interface Place {
  readonly file: string;
  /** Counted from 1; 0 where the value has no line of its own, such as a parameter of a queued run. */
  readonly line: number;
  /** Counted from 1; 0 where there is no line. */
  readonly column: number;
}

/** One mistake in a pipeline. `message` is two lines: `file:line:column  what`, then the mend, indented. */
export class PipelineFileError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong. */
  readonly what: string;
  /** What to do about it. */
  readonly mend: string;

  constructor(place: Place, what: string, mend: string, options?: ErrorOptions) {
    super(`${visible(showPlace(place))}  ${visible(what)}\n  ${visible(mend)}`, options);
    this.name = "PipelineFileError";
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.what = what;
    this.mend = mend;
  }
}

/** `file:line:column`, or the file alone where there is no line. */
export function showPlace(place: Place): string {
  return place.line === 0 ? place.file : `${place.file}:${place.line}:${place.column}`;
}

/** Without characters that a terminal would act on: names come from the repositories of application teams. */
function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
}
