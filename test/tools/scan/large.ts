/** Makes large images in little time: gzip members may follow one another, so that a few are packed and then repeated. */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { digestOf, types } from "../image/images";

/** A layer as parts, each of them packed once and written `times`. */
export interface LargeLayer {
  readonly mediaType: string;
  readonly parts: readonly { readonly bytes: Buffer; readonly times: number }[];
}

const gzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
const blockSize = 512;

/** Words, paths and addresses as source text and data have them; always the same. */
export function textLike(length: number): Buffer {
  const words =
    "import from return password machine https://index.example/ def class self.value None = ( ) : , 0x1f token index_url".split(
      " ",
    );
  const parts: string[] = [];
  let state = 1;
  for (let size = 0; size < length;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const word = state % 5 === 0 ? state.toString(36) : (words[state % words.length] ?? "");
    parts.push(word, state % 11 === 0 ? "\n" : " ");
    size += word.length + 1;
  }
  return Buffer.from(parts.join("")).subarray(0, length);
}

/** One file of `times` pieces, with `ending` as the last of its bytes. */
export function oneHugeFile(path: string, piece: Buffer, times: number, ending: Buffer): LargeLayer {
  const size = piece.length * times + ending.length;
  const padding = Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
  return {
    mediaType: gzipLayer,
    parts: [
      { bytes: gzipSync(header(path, size)), times: 1 },
      { bytes: gzipSync(piece, { level: 6 }), times },
      { bytes: gzipSync(Buffer.concat([ending, padding, Buffer.alloc(2 * blockSize)])), times: 1 },
    ],
  };
}

/** `count` small files, `times` over. */
export async function manySmallFiles(count: number, times: number): Promise<LargeLayer> {
  const text = textLike(1 << 20);
  const archive = pack();
  for (let index = 0; index < count; index += 1) {
    const start = (index * 997) % (text.length - 4000);
    archive.entry(
      { name: `opt/lib/package_${index % 97}/module_${index}.py` },
      text.subarray(start, start + (index % 3000)),
    );
  }
  archive.finalize();
  const bytes: Buffer[] = [];
  for await (const part of archive as AsyncIterable<Buffer>) bytes.push(part);
  // Without the end marker, which would end the archive.
  const tar = Buffer.concat(bytes).subarray(0, -2 * blockSize);
  return {
    mediaType: gzipLayer,
    parts: [
      { bytes: gzipSync(tar, { level: 6 }), times },
      { bytes: gzipSync(Buffer.alloc(2 * blockSize)), times: 1 },
    ],
  };
}

/** Writes an OCI layout with one image of these layers; returns the files of its layers. */
export async function writeLayout(folder: string, layers: readonly LargeLayer[]): Promise<string[]> {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (document: unknown, mediaType: string) => {
    const body = Buffer.from(JSON.stringify(document));
    const digest = digestOf(body);
    writeFileSync(join(blobs, digest.slice(7)), body);
    return { mediaType, digest, size: body.length };
  };
  const descriptors = [];
  for (const layer of layers) descriptors.push(await writeBlob(blobs, layer));
  const config = put(
    { os: "linux", architecture: "amd64", history: layers.map(() => ({ created_by: "COPY" })) },
    types.config,
  );
  const manifest = put({ schemaVersion: 2, mediaType: types.manifest, config, layers: descriptors }, types.manifest);
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  return descriptors.map(({ digest }) => join(blobs, digest.slice(7)));
}

async function writeBlob(blobs: string, { mediaType, parts }: LargeLayer) {
  const hash = createHash("sha256");
  const file = join(blobs, "writing");
  const stream = createWriteStream(file);
  let size = 0;
  for (const { bytes, times } of parts) {
    for (let round = 0; round < times; round += 1) {
      hash.update(bytes);
      size += bytes.length;
      if (!stream.write(bytes)) await once(stream, "drain");
    }
  }
  stream.end();
  await once(stream, "close");
  const digest = `sha256:${hash.digest("hex")}`;
  renameSync(file, join(blobs, digest.slice(7)));
  return { mediaType, digest, size };
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(path, 0);
  block.write("0000644\0", 100);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("0", 156);
  block.write("ustar\u000000", 257);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
