/** A text with its lines: offsets to places and back, and edits that leave every other character as it is. */

/** A place as people and editors count it: both from 1, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A replacement of the characters from `start` up to `end`, which are offsets into the text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class SourceText {
  /** What ends the lines: `\r\n` where the first line ends so, else `\n`. */
  readonly lineEnd: "\n" | "\r\n";
  private readonly starts: readonly number[];

  constructor(readonly text: string) {
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.starts = starts;
    this.lineEnd = text[(starts[1] ?? 0) - 2] === "\r" ? "\r\n" : "\n";
  }

  get lineCount(): number {
    return this.starts.length;
  }

  /** Offset of a place that the Dockerfile parser gives, which counts lines and characters from 0. */
  offset(position: { readonly line: number; readonly character: number }): number {
    return Math.min((this.starts[position.line] ?? this.text.length) + position.character, this.text.length);
  }

  place(offset: number): Place {
    const inside = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= inside) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: inside - (this.starts[low] ?? 0) + 1 };
  }

  /** Offset of the first character of a line, which is counted from 1. */
  lineStart(line: number): number {
    return this.starts[line - 1] ?? this.text.length;
  }

  /** Offset behind a line and what ends it. */
  lineStop(line: number): number {
    return this.starts[line] ?? this.text.length;
  }

  /** A line, counted from 1, without what ends it. */
  line(line: number): string {
    return this.text.slice(this.lineStart(line), this.lineStop(line)).replace(/\r?\n$/, "");
  }

  /** Offsets of the whole lines that a range touches, with what ends the last one. */
  wholeLines(start: number, end: number): { readonly start: number; readonly end: number } {
    return { start: this.lineStart(this.place(start).line), end: this.lineStop(this.place(end).line) };
  }
}

/** The text after all edits; `undefined` where two of them touch the same characters. */
export function applyEdits(text: string, edits: readonly Edit[]): string | undefined {
  const sorted = [...edits].sort((left, right) => left.start - right.start || left.end - right.end);
  const parts: string[] = [];
  let at = 0;
  for (const edit of sorted) {
    if (edit.start < at || edit.end < edit.start || edit.end > text.length) return undefined;
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}
