/** The log of one step: a file that grows a line at a time, each with its time before it, and can be read meanwhile. */
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A part of a log. */
export interface LogPart {
  /** Whole lines, each with its time (ISO 8601, real time), a blank, and what was said. Ends with a line end, or is empty. */
  readonly text: string;
  /** Where the next part begins, in bytes. */
  readonly next: number;
}

/** Most bytes of one part: what a page can show at once. */
const mostBytes = 1024 * 1024;
const newline = 0x0a;

/** Writes one log. What was said is in the file as soon as `line` returns, so a killed process loses none of it. */
export class StepLog {
  private descriptor: number | undefined;

  public constructor(
    file: string,
    private readonly now: () => Date = () => new Date(),
  ) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.descriptor = openSync(file, "a", 0o600);
  }

  /** A line that holds line ends becomes several. After `close` there is nobody to write to, and nothing happens. */
  public line(text: string): void {
    if (this.descriptor === undefined) return;
    const time = this.now().toISOString();
    const lines = text.split(/\r?\n|\r/).map((part) => `${time} ${part}\n`);
    const bytes = Buffer.from(lines.join(""), "utf8");
    for (let at = 0; at < bytes.length;) at += writeSync(this.descriptor, bytes, at);
  }

  public close(): void {
    if (this.descriptor === undefined) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

/** The whole lines of a log from a byte on, a megabyte at most; a line that is still being written comes next time. */
export function readLog(file: string, from = 0): LogPart {
  if (!existsSync(file)) return { text: "", next: from };
  const size = statSync(file).size;
  const wanted = Math.min(Math.max(size - from, 0), mostBytes);
  const bytes = Buffer.alloc(wanted);
  const descriptor = openSync(file, "r");
  let filled = 0;
  try {
    while (filled < wanted) {
      const count = readSync(descriptor, bytes, filled, wanted - filled, from + filled);
      if (count === 0) break;
      filled += count;
    }
  } finally {
    closeSync(descriptor);
  }
  const end = bytes.subarray(0, filled).lastIndexOf(newline) + 1;
  // A line longer than a part would never end otherwise.
  const length = end === 0 && filled === mostBytes ? filled : end;
  return { text: bytes.toString("utf8", 0, length), next: from + length };
}
