/** Packs a folder into an image of one layer, an OCI layout's blobs: the same files give the same digests. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { z } from "zod";

import { run } from "../../process.mjs";

/** Quick; the image is read many times on the machine that made it, and never leaves it. */
const compressionLevel = 1;

export const imageDescription = z.object({
  /** `sha256:` and digits. */
  digest: z.string(),
  mediaType: z.string(),
  /** Bytes. */
  size: z.number(),
  /** All that the manifest names: its configuration and its layer. */
  blobs: z.array(z.object({ digest: z.string(), size: z.number() })),
});

/** An image whose manifest and blobs lie in a folder, each under its digest with a dash for the colon. */
export type ImageDescription = z.infer<typeof imageDescription>;

export function blobFile(folder: string, digest: string): string {
  return join(folder, digest.replace(":", "-"));
}

function hashing(): { stream: Transform; digest: () => string } {
  const hash = createHash("sha256");
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest("hex")}` };
}

function writeBlob(folder: string, value: object): { digest: string; size: number } {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  writeFileSync(blobFile(folder, digest), bytes);
  return { digest, size: bytes.length };
}

export interface Packing {
  /** The files. */
  readonly root: string;
  /** Where the blobs are written; made where it does not exist. */
  readonly folder: string;
  /** Seconds since 1970: no file is newer, and the image says that it was made then. */
  readonly time: number;
  readonly environment: NodeJS.ProcessEnv;
  /** The image's `Env`, as `NAME=value`. */
  readonly variables: readonly string[];
  readonly command: readonly string[];
}

/** Writes the blobs of an image and says what they are. */
export async function packImage({
  root,
  folder,
  time,
  environment,
  variables,
  command,
}: Packing): Promise<ImageDescription> {
  mkdirSync(folder, { recursive: true });
  const [tar, zipped] = [join(folder, "layer.tar"), join(folder, "layer.tar.gz")];
  const same = ["--sort=name", "--format=posix", "--pax-option=delete=atime,delete=ctime", "--numeric-owner"];
  // Times of files out of packages stay: compiled Python is current only as long as its source has the time it had.
  const times = ["--clamp-mtime", `--mtime=@${time}`];
  await run("tar", [...same, ...times, "--create", "--file", tar, "--directory", root, "."], { env: environment });
  const [plain, packed] = [hashing(), hashing()];
  const gzip = createGzip({ level: compressionLevel });
  await pipeline(createReadStream(tar), plain.stream, gzip, packed.stream, createWriteStream(zipped));
  rmSync(tar);
  const layer = { digest: packed.digest(), size: statSync(zipped).size };
  renameSync(zipped, blobFile(folder, layer.digest));
  const created = new Date(time * 1000).toISOString();
  const config = writeBlob(folder, {
    created,
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Env: variables, Cmd: command },
    rootfs: { type: "layers", diff_ids: [plain.digest()] },
    history: [{ created, created_by: "debootstrap", comment: "Debian with Python" }],
  });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = writeBlob(folder, {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", ...layer }],
  });
  return { ...manifest, mediaType, blobs: [config, layer] };
}
