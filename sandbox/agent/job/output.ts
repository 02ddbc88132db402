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
    this.keep(this.shortened(this.rest));
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
    const last = this.shortened(text);
    if (!this.dropped) this.take(last, !this.cut);
    this.cut = false;
    this.dropped = false;
  }

  /** Takes the beginning of a line that is too long. @returns the rest of it */
  private shortened(line: string): string {
    const { lineBytes } = this.parts.limits;
    let rest = line;
    while (rest.length > lineBytes) {
      if (!this.cut && rest.includes(commandMark)) {
        this.take(
          `##[warning]A logging command is longer than ${mebibytes(lineBytes)} and was not carried out.`,
          false,
        );
        this.dropped = true;
      }
      this.cut = true;
      if (this.dropped || this.parts.full()) return "";
      const end = this.cutPlace(rest.slice(0, lineBytes + 1));
      this.take(rest.slice(0, end), false);
      rest = rest.slice(end);
    }
    return rest;
  }

  /** Where a text can be cut so that no secret is cut in two: what begins before this place ends within the text. */
  private cutPlace(text: string): number {
    const { masker, limits } = this.parts;
    const place = Math.max(1, text.length - Math.min(masker.longest, Math.floor(limits.lineBytes / 2)));
    const crossed = masker.find(text).find(({ start, end }) => start < place && end > place);
    if (crossed === undefined) return place;
    return crossed.start === 0 ? crossed.end : crossed.start;
  }

  private keep(rest: string): void {
    this.rest = rest;
    this.looked = Math.max(0, rest.length - 1);
  }
}
