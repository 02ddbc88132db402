/** Unpacks a layer as it goes by: gzip, zstd or plain, told by its first bytes and not by what its manifest says. */
import { type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { feed } from "../feed";
import { FilterError, filtered, findProgram } from "../process";
import { BrokenImageError } from "./model";
import { ZstdWindows } from "./zstd-windows";

/** Bytes of unpacked content in one piece, about. */
const pieceSize = 1 << 18;

/** Bytes that are given to the zstd decoder at once: it goes one call deeper for each frame that ends among them. */
const zstdPieceSize = 1 << 14;

/** Bytes of packed content that are worth the start of a program. */
const worthAProgram = 1 << 20;

/** Bytes of memory that a zstd frame may ask for: `zstd -19` asks for 8 MiB, BuildKit for the same. */
const zstdWindowLimit = 32 << 20;

/** Bytes that tell how content is packed. */
const magicLength = 6;

const unreadable: readonly { readonly magic: readonly number[]; readonly name: string }[] = [
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: "xz" },
  { magic: [0x42, 0x5a, 0x68], name: "bzip2" },
  { magic: [0x04, 0x22, 0x4d, 0x18], name: "lz4" },
];

export interface UnpackOptions {
  /** Sees each piece as it lies in the blob, before it is unpacked. */
  readonly onPacked?: (part: Buffer) => void;
}

/**
 * Unpacked content, piece by piece; each piece is good until the next one is asked for.
 * @throws BrokenImageError for content that is cut off, damaged, or packed in a way that is not read.
 */
export async function* unpacked(
  content: Readable,
  where: string,
  options: UnpackOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const parts = watched(content as AsyncIterable<Buffer>, options.onPacked);
  const first = await firstBytes(parts, magicLength);
  const rest = prepended(first, parts);
  const other = unreadable.find(({ magic }) => magic.every((byte, index) => first[index] === byte));
  if (other !== undefined) {
    throw new BrokenImageError(
      `${where}: it is packed with ${other.name}, which is not read`,
      "Build the image with gzip or zstd: `--output type=image,compression=gzip`.",
    );
  }
  if (first[0] === 0x1f && first[1] === 0x8b) yield* gunzipped(rest, where);
  else if (isZstd(first)) yield* unzstded(rest, where);
  else yield* rest;
}

/** Whether the first bytes are those of gzip or zstd. */
export function isPacked(first: Buffer): boolean {
  return (first[0] === 0x1f && first[1] === 0x8b) || isZstd(first);
}

/** A frame, or one to be skipped: the latter come first in some files. */
function isZstd(first: Buffer): boolean {
  if (first.length < 4) return false;
  const magic = first.readUInt32LE(0);
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5;
}

async function* watched(
  content: AsyncIterable<Buffer>,
  onPacked?: (part: Buffer) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const part of content) {
    onPacked?.(part);
    yield part;
  }
}

/** At least so many bytes, or all there are. */
async function firstBytes(parts: AsyncGenerator<Buffer, void, undefined>, length: number): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  while (first.length < length) {
    const next = await parts.next();
    if (next.done === true) return first;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  return first;
}

async function* prepended(
  first: Buffer,
  parts: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  if (first.length > 0) yield first;
  yield* parts;
}

/** Members one after another are one stream, as gzip has it. Runs in zlib's own threads while pieces are looked at. */
async function* gunzipped(
  parts: AsyncGenerator<Buffer, void, undefined>,
  where: string,
): AsyncGenerator<Buffer, void, undefined> {
  // Some pieces ahead, so that unpacking goes on while the last piece is looked at.
  const ahead = { chunkSize: pieceSize, readableHighWaterMark: 2 * pieceSize };
  const gunzip = createGunzip(ahead);
  let packedLength = 0;
  let inputFailure: Error | undefined;
  const counted = watched(parts, ({ length }) => (packedLength += length));
  const feeding = feed(gunzip, counted, () => gunzip.destroyed || gunzip.readableEnded).catch((error: unknown) => {
    inputFailure = error instanceof Error ? error : new Error(String(error));
    gunzip.destroy();
  });
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    // A stream that its input broke says only that it was closed too early.
    throw inputFailure ?? damaged(where, "gzip", error);
  } finally {
    gunzip.destroy();
    await feeding;
  }
  if (inputFailure !== undefined) throw inputFailure;
  if (gunzip.bytesWritten < packedLength) {
    throw new BrokenImageError(
      `${where}: after the packed content there is more, which no engine reads`,
      "Build the image anew. Do not use this one: the rest was not looked at.",
    );
  }
}

/** By the program `zstd` where the machine has it and there is much to unpack, which takes less time; else here. */
async function* unzstded(
  parts: AsyncGenerator<Buffer, void, undefined>,
  where: string,
): AsyncGenerator<Buffer, void, undefined> {
  const checked = withoutLargeWindows(parts, where);
  const first = await firstBytes(checked, worthAProgram);
  const whole = prepended(first, checked);
  const program = first.length < worthAProgram ? undefined : findProgram("zstd", process.env);
  if (program === undefined) yield* unzstdedHere(whole, where);
  else yield* unzstdedBy(program, whole, where);
}

/** Copies, for a piece belongs to whoever made it, and these are kept. */
async function* withoutLargeWindows(
  parts: AsyncGenerator<Buffer, void, undefined>,
  where: string,
): AsyncGenerator<Buffer, void, undefined> {
  const windows = new ZstdWindows(where, zstdWindowLimit);
  for await (const part of parts) {
    windows.check(part);
    yield Buffer.from(part);
  }
}

async function* unzstdedBy(
  program: string,
  parts: AsyncIterable<Buffer>,
  where: string,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* filtered(program, ["--decompress", "--stdout", "--quiet"], parts);
  } catch (error) {
    throw error instanceof FilterError ? damaged(where, "zstd", error) : error;
  }
}

async function* unzstdedHere(parts: AsyncIterable<Buffer>, where: string): AsyncGenerator<Buffer, void, undefined> {
  let ready: Uint8Array[] = [];
  const decoder = new Decompress((data) => {
    if (data.length > 0) ready.push(data);
  });
  const take = (piece: Buffer, last: boolean): void => {
    try {
      decoder.push(piece, last);
    } catch (error) {
      throw damaged(where, "zstd", error);
    }
  };
  for await (const part of parts) {
    for (let offset = 0; offset < part.length; offset += zstdPieceSize) {
      take(part.subarray(offset, offset + zstdPieceSize), false);
      const pieces = ready;
      ready = [];
      for (const data of pieces) yield Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    }
  }
  take(Buffer.alloc(0), true);
  for (const data of ready) yield Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function damaged(where: string, packing: string, error: unknown): BrokenImageError {
  if (error instanceof BrokenImageError) return error;
  return new BrokenImageError(
    `${where}: the ${packing} content cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
    "It is cut off or damaged: build, export or fetch it again.",
    { cause: error },
  );
}
