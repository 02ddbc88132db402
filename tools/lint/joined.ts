/** The text of an instruction as BuildKit hands it on: continued lines joined, with the way back to the file. */

/** Characters that are looked at as one text, though they lie in several lines of the file. */
export class Joined {
  constructor(
    readonly text: string,
    private readonly offsets: readonly number[],
    /** Offset in the file behind the last character. */
    readonly end: number,
  ) {}

  /** Offset in the file of the character at `index`. */
  toFile(index: number): number {
    return this.offsets[index] ?? this.end;
  }

  /** Offset in the file behind the character before `index`: where a range ends that began earlier. */
  toFileEnd(index: number): number {
    const last = this.offsets[index - 1];
    return last === undefined ? this.toFile(0) : last + 1;
  }

  slice(start: number, end = this.text.length): Joined {
    return new Joined(this.text.slice(start, end), this.offsets.slice(start, end), this.toFileEnd(end));
  }

  static concat(first: Joined, second: Joined): Joined {
    return new Joined(first.text + second.text, [...first.offsets, ...second.offsets], second.end);
  }

  /** Characters of the file as they are. */
  static plain(file: string, start: number, end: number): Joined {
    const offsets = Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
    return new Joined(file.slice(start, end), offsets, end);
  }

  /**
   * Without what the front end leaves out: the escape character at the end of a line and that end; then empty lines
   * and lines that are comments, which do not end the instruction.
   */
  static continued(file: string, start: number, end: number, escape: string): Joined {
    const parts: string[] = [];
    const offsets: number[] = [];
    const keep = (from: number, to: number) => {
      parts.push(file.slice(from, to));
      for (let at = from; at < to; at++) offsets.push(at);
    };
    let first = true;
    for (let at = start; at < end;) {
      const feed = file.indexOf("\n", at);
      const next = feed < 0 || feed >= end ? end : feed + 1;
      const body = file
        .slice(at, next)
        .replace(/\r?\n$/, "")
        .trimEnd();
      const blank = body.trimStart();
      if (first || !(blank === "" || blank.startsWith("#"))) {
        if (body.endsWith(escape)) keep(at, at + body.length - escape.length);
        else if (next < end && !first) keep(at, at + body.length);
        else keep(at, next);
      }
      first = false;
      at = next;
    }
    return new Joined(parts.join(""), offsets, end);
  }
}
