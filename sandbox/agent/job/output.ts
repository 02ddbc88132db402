/** Turns what a step writes into the lines of its log: carries out commands, hides secrets, bounds lines and the whole. */
import { StringDecoder } from "node:string_decoder";

import type { JobLimits } from "./context";
import { commandMark } from "./logging-command";
import type { SecretMasker } from "./masking";

export interface OutputParts {
  readonly masker: SecretMasker;
  readonly limits: Pick<JobLimits, "logBytes" | "lineBytes">;
  /** Takes a line of the log, masked. */
  readonly write: (line: string) => void;
  /** Takes what may be a logging command. @returns whether it was one, so that the line is not shown */
  readonly command: (line: string) => boolean;
}

/** What a stream of output needs to know. */
interface StreamParts extends Pick<OutputParts, "masker" | "limits"> {
  /** Whether what a line says is not kept any more. */
  readonly full: () => boolean;
}

/** Shows how much there is in few words. */
function mebibytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.floor(bytes / 1024 / 1024)} MiB` : `${bytes} bytes`;
}

/** The log of one step. */
export class StepOutput {
  private written = 0;
  private leftOut = 0;

  public constructor(private readonly parts: OutputParts) {}

  /** One line of the runner's own; it counts, and is never a command. */
  public line(text: string): void {
    for (const line of text.split(/\r\n|\r|\n/)) this.show(line);
  }

  /** A stream of a process. `commands`: whether what it writes can be a command. */
  public stream({ commands }: { readonly commands: boolean }): OutputStream {
    return new OutputStream({ ...this.parts, full: () => this.leftOut > 0 }, (text, whole) => {
      if (commands && whole && text.includes("##vso") && this.parts.command(text)) return;
      this.show(text);
    });
  }

  /** Says what is missing. */
  public end(): void {
    if (this.leftOut === 0) return;
    this.parts.write(`##[warning]${this.leftOut} more lines of this step's log were left out.`);
  }

  private show(text: string): void {
    const { masker, limits, write } = this.parts;
    if (this.leftOut > 0) {
      this.leftOut += 1;
      return;
    }
    const line = masker.mask(text);
    this.written += Buffer.byteLength(line) + 1;
    if (this.written > limits.logBytes) {
      this.leftOut = 1;
      write(
        `##[warning]This step's log is longer than ${mebibytes(limits.logBytes)}: what follows is not kept. Make the step write less.`,
      );
      return;
    }
    write(line);
  }
}

/** One stream of a process, cut into lines at `\n`, `\r\n` and `\r`, as the real agent does. */
export class OutputStream {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";
  /** So much of `rest` has no line's end. */
  private looked = 0;
  /** Whether the line that `rest` belongs to was cut already. */
  private cut = false;
  /** Whether the rest of a line that was cut is dropped: it began with a command, which may carry a secret. */
  private dropped = false;

  public constructor(
    private readonly parts: StreamParts,
    /** Takes a line, and whether it is one from its beginning to its end. */
    private readonly take: (text: string, whole: boolean) => void,
  ) {}

  public write(chunk: Buffer): void {
    this.rest += this.decoder.write(chunk);
    this.takeLines(false);
    while (this.rest.length > this.parts.limits.lineBytes) this.takePart();
  }

  public end(): void {
    this.rest += this.decoder.end();
    this.takeLines(true);
    if (this.rest !== "") this.takeLine(this.rest);
    this.rest = "";
  }

  private takeLines(last: boolean): void {
    let at = 0;
    const ends = /\r\n|\n|\r/g;
    ends.lastIndex = this.looked;
    for (let end = ends.exec(this.rest); end !== null; end = ends.exec(this.rest)) {
      // The other half of this line's end may be yet to come.
      if (!last && end[0] === "\r" && ends.lastIndex === this.rest.length) break;
      this.takeLine(this.rest.slice(at, end.index));
      at = ends.lastIndex;
    }
    if (at > 0) this.rest = this.rest.slice(at);
    this.looked = Math.max(0, this.rest.length - 1);
  }

  private takeLine(text: string): void {
    if (!this.dropped) this.take(text, !this.cut);
    this.cut = false;
    this.dropped = false;
  }

  /** Takes the beginning of a line that is too long, and never so that a secret is cut in two. */
  private takePart(): void {
    const { masker, limits } = this.parts;
    if (!this.cut && this.rest.includes(commandMark)) {
      this.take(
        `##[warning]A logging command is longer than ${mebibytes(limits.lineBytes)} and was not carried out.`,
        false,
      );
      this.dropped = true;
    }
    this.cut = true;
    if (this.dropped || this.parts.full()) {
      this.keep("");
      return;
    }
    // What begins before this place ends within what is there.
    const place = Math.max(1, this.rest.length - Math.min(masker.longest, Math.floor(limits.lineBytes / 2)));
    const crossed = masker.find(this.rest).find(({ start, end }) => start < place && end > place);
    const end = crossed === undefined ? place : crossed.start === 0 ? crossed.end : crossed.start;
    this.take(this.rest.slice(0, end), false);
    this.keep(this.rest.slice(end));
  }

  private keep(rest: string): void {
    this.rest = rest;
    this.looked = Math.max(0, rest.length - 1);
  }
}
