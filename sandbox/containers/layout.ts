/** Finds an image in an OCI layout, a folder or an archive of one. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";

import { chain, decompressed, verify, wrongDigest } from "./decompress";
import { ContainerError } from "./errors";
import {
  configSchema,
  indexSchema,
  layersOf,
  manifestSchema,
  parseDocument,
  type Descriptor,
  type ImageConfiguration,
  type Layer,
} from "./image";

/** An image whose blobs can be read. */
export interface FoundImage {
  /** Of its manifest, `sha256:...`. */
  readonly digest: string;
  readonly configuration: ImageConfiguration;
  /** The lowest first. */
  readonly layers: readonly Layer[];
  /** What is in a layer, uncompressed; it fails at its end where it is not what its digests say. */
  readonly content: (layer: Layer) => Promise<Readable>;
}

export interface FindOptions {
  /** Digest of the wanted manifest or index, where a layout holds several. */
  readonly digest?: string;
  /** Name that the layout gives to the wanted image (`org.opencontainers.image.ref.name`). */
  readonly name?: string;
  /** Such as `amd64`. Default: this machine's. */
  readonly architecture?: string;
}

/** Where blobs come from: their bytes by digest. */
export type BlobSource = (blob: Pick<Descriptor, "digest" | "size">) => Promise<Readable> | Readable;

const MANIFEST_OF_MANIFESTS = /\b(?:image\.index|manifest\.list)\b/;
const LARGEST_DOCUMENT = 8 * 1024 * 1024;
const BLOB = /^(?:\.\/)?blobs\/sha256\/([0-9a-f]{64})$/;

/** This machine's architecture, as images name it. */
export function machineArchitecture(): string {
  const names: Record<string, string> = { x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386", s390x: "s390x" };
  return names[process.arch] ?? process.arch;
}

/** The image of an OCI layout folder. */
export async function findInLayout(folder: string, options: FindOptions = {}): Promise<FoundImage> {
  const file = path.join(folder, "index.json");
  if (!existsSync(file)) {
    throw new ContainerError(
      `${folder} is not an OCI layout: it has no index.json`,
      "Export the image with `docker buildx build --output type=oci,dest=image.tar`, and give that archive or its folder.",
    );
  }
  const source: BlobSource = ({ digest }) =>
    createReadStream(path.join(folder, "blobs", "sha256", digest.slice("sha256:".length)));
  const index = parseDocument(indexSchema, await readFile(file), file);
  const wanted = index.manifests.filter(
    (entry) =>
      (options.digest === undefined || entry.digest === options.digest) &&
      (options.name === undefined || entry.annotations?.["org.opencontainers.image.ref.name"] === options.name),
  );
  return imageOf(await chooseManifest(wanted, source, options, folder), source);
}

/** Unpacks the archive of an OCI layout, gzip'd or not, into a folder that is there. Only the layout's own files are taken. */
export async function unpackLayoutArchive(archive: string, folder: string): Promise<void> {
  const members = extract();
  const reading = pipeline(await decompressed(createReadStream(archive)), members);
  reading.catch(() => undefined);
  mkdirSync(path.join(folder, "blobs", "sha256"), { recursive: true });
  for await (const member of members) {
    const { name, type } = member.header;
    const blob = BLOB.exec(name)?.[1];
    const inside = blob === undefined ? /^(?:\.\/)?(index\.json|oci-layout)$/.exec(name)?.[1] : `blobs/sha256/${blob}`;
    if (type === "file" && inside !== undefined) {
      await pipeline(member, createWriteStream(path.join(folder, inside), { mode: 0o600 }));
    } else {
      member.resume();
    }
  }
  await reading;
}

/** The image of a manifest that a source of blobs holds, such as a registry. */
export async function imageOf(manifest: Descriptor, source: BlobSource): Promise<FoundImage> {
  const { config, layers } = parseDocument(manifestSchema, await document(manifest, source), "the image's manifest");
  const configuration = parseDocument(configSchema, await document(config, source), "the image's configuration");
  if (configuration.os !== "linux") {
    throw new ContainerError(`the image is for ${configuration.os}`, "Build it for linux.");
  }
  return {
    digest: manifest.digest,
    configuration,
    layers: layersOf(layers, configuration),
    content: async ({ blob, diffId }) => {
      const checked = chain(await source(blob), verify(blob.digest, "a layer of the image"));
      return chain(await decompressed(checked), verify(diffId, "a layer of the image, uncompressed,"));
    },
  };
}

/** The manifest for an architecture among those offered; indexes are looked into, attestations passed over. */
export async function chooseManifest(
  offered: readonly Descriptor[],
  source: BlobSource,
  options: FindOptions,
  where: string,
): Promise<Descriptor> {
  const architecture = options.architecture ?? machineArchitecture();
  const found: Descriptor[] = [];
  for (const entry of offered) {
    if (MANIFEST_OF_MANIFESTS.test(entry.mediaType)) {
      const index = parseDocument(indexSchema, await document(entry, source), `the index ${entry.digest}`);
      found.push(...index.manifests.filter((inner) => isImage(inner)));
    } else if (isImage(entry)) {
      found.push(entry);
    }
  }
  const fitting = found.filter((entry) => (entry.platform?.architecture ?? architecture) === architecture);
  const [chosen, ...others] = fitting;
  if (chosen === undefined) {
    const has = found.map((entry) => entry.platform?.architecture ?? "?").join(", ");
    throw new ContainerError(
      `${where} has no image for linux/${architecture}${has === "" ? "" : `; it has ${has}`}`,
      `Build it with --platform linux/${architecture}, or name another image of it.`,
    );
  }
  if (others.some((other) => other.digest !== chosen.digest)) {
    const digests = fitting.map((entry) => entry.digest).join(", ");
    throw new ContainerError(`${where} has several images: ${digests}`, "Say which by its digest.");
  }
  return chosen;
}

function isImage({ annotations, platform }: Descriptor): boolean {
  return annotations?.["vnd.docker.reference.type"] !== "attestation-manifest" && platform?.os !== "unknown";
}

/** A small blob as a whole. */
async function document(blob: Descriptor, source: BlobSource): Promise<Buffer> {
  if (blob.size > LARGEST_DOCUMENT) {
    throw new ContainerError(`${blob.digest} is too long for a document of an image`, "Do not use this image.");
  }
  const parts: Buffer[] = [];
  const hash = createHash("sha256");
  let length = 0;
  for await (const part of await source(blob)) {
    const bytes = part as Buffer;
    length += bytes.length;
    if (length > LARGEST_DOCUMENT) break;
    parts.push(bytes);
    hash.update(bytes);
  }
  const digest = `sha256:${hash.digest("hex")}`;
  if (digest !== blob.digest) throw wrongDigest("a document of the image", blob.digest, digest);
  return Buffer.concat(parts);
}
