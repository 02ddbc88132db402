/** Reads a page of lines out of a step's log, however long it is and while it grows. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import { readLine, type LogLine } from "./log-line";

/** Lines between two places that are remembered. */
const stride = 1000;
/** Bytes of one line that are shown; the rest is in the file itself. */
const mostLineBytes = 8000;
/** Errors whose lines are remembered. */
const mostErrors = 20;
const newline = 10;

/** `##[error]` at a line's beginning, or after its time. */
const errorMark = /^(?:\d{4}-\d{2}-\d{2}T[\d:.]+Z ?)?##\[error\]/;
/** So many bytes of a line show whether it is one. */
const markBytes = 48;

interface Extent {
  readonly lines: number;
  readonly bytes: number;
  /** Numbers of the first lines that are errors. */
  readonly errors: readonly number[];
}

/** Splits chunks into lines, and keeps of each line only what is shown. */
class LineCutter {
  private parts: Buffer[] = [];
  private kept = 0;
  private length = 0;

  public constructor(
    private readonly most: number,
    private readonly onLine: (start: Buffer, bytes: number) => void,
  ) {}

  public add(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(newline, from);
      this.keep(chunk.subarray(from, end === -1 ? chunk.length : end));
      if (end === -1) return;
      this.flush();
      from = end + 1;
    }
  }

  /** What comes after the last end of a line. */
  public get rest(): number {
    return this.length;
  }

  public flush(): void {
    const { parts, length } = this;
    this.parts = [];
    this.kept = 0;
    this.length = 0;
    this.onLine(parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts), length);
  }

  private keep(part: Buffer): void {
    this.length += part.length;
    const wanted = part.subarray(0, this.most - this.kept);
    if (wanted.length === 0) return;
    this.parts.push(wanted);
    this.kept += wanted.length;
  }
}

/** The log of one step. Where lines begin is remembered, so that each byte is looked at once. */
export class LogFile {
  private marks = [0];
  private errors: number[] = [];
  private lines = 0;
  /** Bytes of the lines that are counted, their ends included. */
  private counted = 0;
  private turn: Promise<unknown> = Promise.resolve();

  public constructor(public readonly file: string) {}

  /**
   * How long it is by now.
   * @param isWhole Whether nothing more is written: only then a last line without an end counts.
   */
  public async extent(isWhole: boolean): Promise<Extent> {
    await this.inTurn(() => this.count(isWhole));
    return { lines: this.lines, bytes: this.counted, errors: this.errors };
  }

  /** Lines `from` and after it, at most so many of those that `extent` told of: fewer at the log's end. */
  public async read(from: number, most: number): Promise<LogLine[]> {
    const { lines } = this;
    const first = Math.max(1, Math.floor(from));
    const last = Math.min(lines, first + most - 1);
    if (last < first) return [];
    const step = Math.floor((first - 1) / stride);
    let number = step * stride;
    const found: LogLine[] = [];
    const cutter = new LineCutter(mostLineBytes, (start, bytes) => {
      number += 1;
      if (number >= first && number <= last) found.push(readLine(shown(start, bytes), number));
    });
    // The places that were counted are in whole lines, so nothing beyond them is read.
    for await (const chunk of createReadStream(this.file, { start: this.marks[step] ?? 0, end: this.counted - 1 })) {
      cutter.add(chunk as Buffer);
      if (number >= last) break;
    }
    if (cutter.rest > 0 && number < last) cutter.flush();
    return found;
  }

  private async count(isWhole: boolean): Promise<void> {
    const { size } = await stat(this.file).catch(() => ({ size: 0 }));
    if (size < this.counted) this.forget();
    if (size === this.counted) return;
    const cutter = new LineCutter(markBytes, (start, bytes) => {
      this.lines += 1;
      this.counted += bytes + 1;
      if (this.errors.length < mostErrors && errorMark.test(start.toString("latin1"))) this.errors.push(this.lines);
      if (this.lines % stride === 0) this.marks.push(this.counted);
    });
    for await (const chunk of createReadStream(this.file, { start: this.counted, end: size - 1 })) {
      cutter.add(chunk as Buffer);
    }
    if (isWhole && cutter.rest > 0) {
      cutter.flush();
      this.counted = size;
    }
  }

  /** The file is another one. */
  private forget(): void {
    this.marks = [0];
    this.errors = [];
    this.lines = 0;
    this.counted = 0;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(work);
    this.turn = next.catch(() => undefined);
    return next;
  }
}

function shown(start: Buffer, bytes: number): string {
  const text = start.toString("utf8");
  return bytes <= start.length ? text : `${text} … and ${bytes - start.length} more bytes, which the whole log has`;
}

/** The logs that were looked at last. */
export class LogFiles {
  private readonly files = new Map<string, LogFile>();

  public constructor(private readonly most = 64) {}

  public open(file: string): LogFile {
    const known = this.files.get(file) ?? new LogFile(file);
    this.files.delete(file);
    this.files.set(file, known);
    const oldest = this.files.keys().next().value;
    if (this.files.size > this.most && oldest !== undefined) this.files.delete(oldest);
    return known;
  }
}
