/** Reads a layer's blob: checks that it is what its digest says, and takes the compression off. */
import { createHash, type Hash } from "node:crypto";
import { Readable, Transform, type TransformCallback } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";

import { ContainerError } from "./errors";

/** How a file is compressed, told from its first four bytes; what it is said to be may be wrong. */
export function compressionOf(start: Buffer): "gzip" | "zstd" | "none" {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  return start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528 ? "zstd" : "none";
}

/** The same without its compression, if it has any. */
export async function decompressed(stream: Readable): Promise<Readable> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let start = Buffer.alloc(0);
  while (start.length < 4) {
    const next = await chunks.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  async function* whole() {
    yield start;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  const again = Readable.from(whole(), { objectMode: false });
  const compression = compressionOf(start);
  if (compression === "none") return again;
  return chain(again, compression === "gzip" ? createGunzip() : new Unzstd());
}

class Unzstd extends Transform {
  private readonly decompress = new Decompress((data) => void this.push(Buffer.from(data)));

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.attempt(done, chunk, false);
  }

  override _flush(done: TransformCallback): void {
    this.attempt(done, new Uint8Array(0), true);
  }

  private attempt(done: TransformCallback, chunk: Uint8Array, final: boolean): void {
    try {
      this.decompress.push(chunk, final);
      done();
    } catch (error) {
      done(error as Error);
    }
  }
}

/** A stage that lets all through and fails at the end where it was not what `digest` (`sha256:...`) says. */
export function verify(digest: string, what: string): Transform {
  const hash: Hash = createHash("sha256");
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const found = `sha256:${hash.digest("hex")}`;
      done(found === digest ? null : wrongDigest(what, digest, found));
    },
  });
}

/** The error for content that is not what it is named. */
export function wrongDigest(what: string, digest: string, found: string): ContainerError {
  return new ContainerError(
    `${what} should have the digest ${digest} and has ${found}`,
    "Fetch or build the image anew: it was changed or cut off.",
  );
}

/**
 * Chains stages so that an error in any of them is one of the last.
 * @returns the last stage, to be read
 */
export function chain(first: Readable, ...stages: readonly Transform[]): Readable {
  let last: Readable = first;
  for (const stage of stages) {
    const before = last;
    before.once("error", (error) => stage.destroy(error));
    stage.once("close", () => before.destroy());
    last = before.pipe(stage);
  }
  return last;
}
