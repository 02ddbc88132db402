/** Holds a stream against the digest and the length that it should have. */
import { createHash, type Hash } from "node:crypto";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BrokenImageError, documentLimit, type Descriptor } from "./model";

const algorithms = new Set(["sha256", "sha384", "sha512"]);

/** Computes along while content goes by; `finish` compares. */
export class Verification {
  private readonly hash: Hash;
  private length = 0;

  /** @throws BrokenImageError for a digest of an unknown kind. */
  constructor(
    private readonly descriptor: Pick<Descriptor, "digest" | "size">,
    private readonly where: string,
  ) {
    const algorithm = descriptor.digest.slice(0, descriptor.digest.indexOf(":"));
    if (!algorithms.has(algorithm)) {
      throw new BrokenImageError(
        `${where}: digests of the kind "${algorithm}" cannot be verified`,
        "Build the image with sha256 digests.",
      );
    }
    this.hash = createHash(algorithm);
  }

  /** @throws BrokenImageError as soon as there is more than there should be. */
  update(part: Buffer): void {
    this.length += part.length;
    if (this.length > this.descriptor.size) {
      throw new BrokenImageError(
        `${this.where}: ${this.descriptor.digest} has more than the ${this.descriptor.size} bytes that it should have`,
        "It was changed since it was built. Do not use this image.",
      );
    }
    this.hash.update(part);
  }

  /** @throws BrokenImageError when it was cut off or changed. */
  finish(): void {
    const { digest, size } = this.descriptor;
    if (this.length < size) {
      throw new BrokenImageError(
        `${this.where}: ${digest} ends after ${this.length} of ${size} bytes`,
        "It was cut off: fetch or export it again.",
      );
    }
    const got = `${digest.slice(0, digest.indexOf(":"))}:${this.hash.digest("hex")}`;
    if (got !== digest) {
      throw new BrokenImageError(
        `${this.where}: content is not what its digest says: expected ${digest}, got ${got}`,
        "It was changed or damaged since it was built. Do not use this image.",
      );
    }
  }
}

/** The same content; the stream fails at its end when length or digest are wrong. */
export function verified(content: Readable, descriptor: Pick<Descriptor, "digest" | "size">, where: string): Readable {
  const verification = new Verification(descriptor, where);
  const out = new PassThrough({
    highWaterMark: 1 << 20,
    transform(part: Buffer, _encoding, done) {
      try {
        verification.update(part);
        done(null, part);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        verification.finish();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // What breaks on either side destroys the other with the same error.
  pipeline(content, out).catch((error: unknown) => out.destroy(error as Error));
  return out;
}

/**
 * A whole document.
 * @throws BrokenImageError when it is longer than documents are.
 */
export async function readDocument(content: Readable, what: string, limit = documentLimit): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of content as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limit) {
      throw new BrokenImageError(`${what} has more than ${limit} bytes`, "No document of an image is that long.");
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
