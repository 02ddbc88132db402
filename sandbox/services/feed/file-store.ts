/** Keeps the public index's files on this machine by their SHA-256, for every later run: what has another hash is not kept. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform, type Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface StoredFile {
  readonly size: number;
  open(): Readable;
}

export class FileStore {
  public constructor(private readonly folder: string) {}

  public find(sha256: string): StoredFile | undefined {
    const path = this.pathOf(sha256);
    try {
      const { size } = statSync(path);
      return { size, open: () => createReadStream(path) };
    } catch {
      return undefined;
    }
  }

  /**
   * Passes a file on while it comes, and keeps it when it came whole and is the right one.
   * @param sha256 Expected; without one nothing is kept.
   * @throws Error when either side breaks off, or the content is another one than expected
   */
  public async passAndKeep(source: Readable, target: Writable, sha256: string | undefined): Promise<void> {
    if (sha256 === undefined) return pipeline(source, target);
    const path = this.pathOf(sha256);
    const unfinished = `${path}.${randomUUID()}`;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const copy = createWriteStream(unfinished, { mode: 0o600 });
    const hash = createHash("sha256");
    // Held back until all is known to be right: who reads a wrong file sees that it broke off.
    let last: Buffer | undefined;
    const branch = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const before = last;
        last = chunk;
        hash.update(chunk);
        const pass = (): void => done(undefined, before);
        if (copy.write(chunk)) pass();
        else copy.once("drain", pass);
      },
      flush(done) {
        const found = hash.digest("hex");
        if (found !== sha256) {
          done(new Error(`a file of the upstream has SHA-256 ${found}, its page says ${sha256}`));
          return;
        }
        copy.end(() => {
          rename(unfinished, path).then(() => done(undefined, last), done);
        });
      },
    });
    copy.on("error", (error) => branch.destroy(error));
    try {
      await pipeline(source, branch, target);
    } finally {
      copy.destroy();
      await rm(unfinished, { force: true });
    }
  }

  private pathOf(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }
}
