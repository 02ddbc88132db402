/** The log of the stand-in cloud: one line a call, with nothing in it that could be a credential. */
import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";

export class Log {
  private readonly stream: WriteStream;

  public constructor(file: string) {
    this.stream = createWriteStream(file, { flags: "a", mode: 0o600 });
    // A log that cannot be written is no reason to stop serving.
    this.stream.on("error", () => undefined);
  }

  /** Method, path without its query, status and milliseconds. */
  public call(method: string, path: string, status: number, milliseconds: number): void {
    this.line(`${method} ${path} ${status} ${milliseconds.toFixed(0)}ms`);
  }

  public event(text: string): void {
    this.line(text);
  }

  /** A failure of the stand-in itself. */
  public failure(error: unknown): void {
    this.line(`failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  public async close(): Promise<void> {
    this.stream.end();
    await once(this.stream, "close");
  }

  private line(text: string): void {
    this.stream.write(`${new Date().toISOString()} ${text.replace(/[\r\n]+/g, " | ")}\n`);
  }
}
