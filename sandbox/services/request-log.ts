/** The log of the gateways: one line a request, in a file that only its owner reads. */
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";

export class RequestLog {
  private readonly stream: WriteStream;

  public constructor(file: string) {
    this.stream = createWriteStream(file, { flags: "a", mode: 0o600 });
    // A log that cannot be written is no reason to stop serving.
    this.stream.on("error", () => undefined);
  }

  public line(text: string): void {
    if (!this.stream.writableEnded)
      this.stream.write(`${new Date().toISOString()} ${text.replace(/[\r\n]+/g, " | ")}\n`);
  }

  /** A failure of a gateway itself. */
  public failure(error: unknown): void {
    this.line(`failure: ${error instanceof Error ? error.message : String(error)}`);
  }

  public async close(): Promise<void> {
    this.stream.end();
    await once(this.stream, "close");
  }
}
