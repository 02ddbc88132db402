/** Makes images for tests: layers out of members, manifests, layouts and archives, in every form that is read. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack, type Pack } from "tar-stream";
import { type StrictRegistry } from "../registry/strict-registry";

export type Member = Parameters<Pack["entry"]>[0] & { content?: Buffer | string };

export interface Layer {
  readonly mediaType: string;
  readonly body: Buffer;
  readonly diffId: string;
}

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string; variant?: string };
  annotations?: Record<string, string>;
}

export type Packing = "plain" | "gzip" | "zstd";

export const types = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
} as const;

export async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of members) {
    if (content === undefined) archive.entry({ ...header, type: header.type ?? "directory" });
    else archive.entry(header, Buffer.from(content));
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

export function digestOf(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

export function layerOf(tar: Buffer, packing: Packing = "gzip"): Layer {
  const bodies: Record<Packing, () => Buffer> = {
    plain: () => tar,
    gzip: () => gzipSync(tar),
    zstd: () => zstdOf(tar),
  };
  const suffix = { plain: "", gzip: "+gzip", zstd: "+zstd" }[packing];
  const mediaType = `application/vnd.oci.image.layer.v1.tar${suffix}`;
  return { mediaType, body: bodies[packing](), diffId: digestOf(tar) };
}

/** A zstd frame of blocks that are not compressed: valid, and made without a compressor. */
export function zstdOf(content: Buffer, blockSize = 100_000): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let offset = 0; offset < content.length || offset === 0; offset += blockSize) {
    const block = content.subarray(offset, offset + blockSize);
    const last = offset + blockSize >= content.length ? 1 : 0;
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | last, 0, 3);
    parts.push(header, block);
  }
  return Buffer.concat(parts);
}

/** Blobs by digest, and what the top of an image is made of. */
export class ImageBuilder {
  readonly blobs = new Map<string, Buffer>();

  add(mediaType: string, body: Buffer, extra: Partial<Descriptor> = {}): Descriptor {
    const digest = digestOf(body);
    this.blobs.set(digest, body);
    return { mediaType, digest, size: body.length, ...extra };
  }

  addJson(mediaType: string, document: unknown, extra: Partial<Descriptor> = {}): Descriptor {
    return this.add(mediaType, Buffer.from(JSON.stringify(document)), extra);
  }

  image(
    layers: readonly Layer[],
    options: {
      platform?: { os: string; architecture: string; variant?: string };
      config?: Record<string, unknown>;
      history?: { created_by?: string; empty_layer?: boolean }[];
      annotations?: Record<string, string>;
    } = {},
  ): Descriptor {
    const platform = options.platform ?? { os: "linux", architecture: "amd64" };
    const config = this.addJson(types.config, {
      ...platform,
      config: options.config ?? {},
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: options.history ?? layers.map((_layer, index) => ({ created_by: `RUN step ${index + 1}` })),
    });
    const document = {
      schemaVersion: 2,
      mediaType: types.manifest,
      config,
      layers: layers.map(({ mediaType, body }) => this.add(mediaType, body)),
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    };
    return this.addJson(types.manifest, document, { platform });
  }

  index(manifests: readonly Descriptor[], extra: Record<string, unknown> = {}): Descriptor {
    return this.addJson(types.index, { schemaVersion: 2, mediaType: types.index, manifests, ...extra });
  }

  /** Files of an OCI layout whose `index.json` names these. */
  layout(roots: readonly Descriptor[]): Map<string, Buffer> {
    const files = new Map<string, Buffer>([
      ["oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
      ["index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests: roots }))],
    ]);
    for (const [digest, body] of this.blobs) files.set(`blobs/${digest.replace(":", "/")}`, body);
    return files;
  }

  /** Everything to a registry, with the root under a tag. */
  push(registry: StrictRegistry, repository: string, tag: string, root: Descriptor): string {
    for (const [digest, body] of this.blobs) {
      registry.blobs.set(digest, body);
      const mediaType = mediaTypeOf(body);
      if (mediaType !== undefined) registry.manifests.set(`${repository}:${digest}`, { mediaType, body });
    }
    registry.addManifest(repository, tag, root.mediaType, this.blobs.get(root.digest)!);
    return `${registry.host}/${repository}:${tag}`;
  }
}

/** Files of an archive as `docker save` wrote it before version 25. */
export function dockerArchive(
  layers: readonly Layer[],
  options: { config?: Record<string, unknown>; names?: readonly string[] } = {},
): Map<string, Buffer> {
  const config = Buffer.from(
    JSON.stringify({
      os: "linux",
      architecture: "amd64",
      config: options.config ?? {},
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map((_layer, index) => ({ created_by: `RUN step ${index + 1}` })),
    }),
  );
  const configPath = `${digestOf(config).slice(7)}.json`;
  const paths = layers.map((_layer, index) => options.names?.[index] ?? `${index}/layer.tar`);
  return new Map([
    [configPath, config],
    ...layers.map(({ body }, index) => [paths[index]!, body] as const),
    ["manifest.json", Buffer.from(JSON.stringify([{ Config: configPath, RepoTags: ["orders:1"], Layers: paths }]))],
  ]);
}

export async function archiveOf(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  return await tarOf([...files].map(([name, content]) => ({ name, content })));
}

export async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [path, body] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), body);
  }
}

function mediaTypeOf(body: Buffer): string | undefined {
  if (body[0] !== 0x7b) return undefined;
  const { mediaType } = JSON.parse(body.toString()) as { mediaType?: string };
  return mediaType;
}
