/** Reads images from an archive that `docker save` wrote before it wrote OCI layouts. */
import { createHash } from "node:crypto";
import { type Readable } from "node:stream";
import { z } from "zod";
import { digestOf } from "../registry";
import { type FileStore } from "./file-store";
import {
  BrokenImageError,
  parseConfig,
  parseJson,
  type Descriptor,
  type ImageSource,
  type ManifestDocument,
  type OtherFile,
} from "./model";
import { readDocument, verified } from "./verify";

const listSchema = z.array(z.looseObject({ Config: z.string(), Layers: z.array(z.string()).nullable() }));

const layerType = "application/vnd.docker.image.rootfs.diff.tar";
const configType = "application/vnd.docker.container.image.v1+json";

/** Whether files are those of a docker archive. */
export function isDockerArchive(files: ReadonlyMap<string, number>): boolean {
  return files.has("manifest.json");
}

/** Every image that the archive's `manifest.json` names. Layers go by the digest that the configuration gives them. */
export class DockerArchiveSource implements ImageSource {
  readonly kind = "docker-archive";
  readonly name: string;
  private readonly paths = new Map<string, string>();

  constructor(private readonly store: FileStore) {
    this.name = store.name;
  }

  async roots(): Promise<readonly ManifestDocument[]> {
    const body = await readDocument(await this.store.open("manifest.json"), `manifest.json of ${this.name}`);
    const list = listSchema.safeParse(parseJson(body, `manifest.json of ${this.name}`));
    if (!list.success) {
      throw new BrokenImageError(`manifest.json of ${this.name} lists no images`, "Export the image with docker save.");
    }
    const roots: ManifestDocument[] = [];
    for (const { Config: config, Layers: layers } of list.data) {
      roots.push(await this.image(config, layers ?? [], body));
    }
    return roots;
  }

  manifest(descriptor: Descriptor): Promise<ManifestDocument> {
    return Promise.reject(new BrokenImageError(`${this.name} has no ${descriptor.digest}`, "Export it again."));
  }

  async blob(descriptor: Descriptor): Promise<Readable> {
    const path = this.paths.get(descriptor.digest);
    if (path === undefined) return (await this.manifest(descriptor), await this.store.open(""));
    return verified(await this.store.open(path), descriptor, this.name);
  }

  otherFiles(): Promise<readonly OtherFile[]> {
    const known = new Set(["manifest.json", ...this.paths.values()]);
    const others = [...this.store.files].filter(([path]) => !known.has(path));
    return Promise.resolve(others.map(([path, size]) => ({ path, size, open: () => this.store.open(path) })));
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async image(configPath: string, layerPaths: readonly string[], body: Buffer): Promise<ManifestDocument> {
    const configBody = await readDocument(await this.store.open(configPath), `${configPath} of ${this.name}`);
    const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(configPath)?.[1];
    const config = this.remember(`sha256:${named ?? digestOf(configBody, "sha256").slice(7)}`, configPath, configType);
    const diffIds = parseConfig(configBody).rootfs?.diff_ids ?? [];
    if (diffIds.length !== layerPaths.length) {
      throw new BrokenImageError(
        `${this.name}: ${configPath} names ${diffIds.length} layers, manifest.json ${layerPaths.length}`,
        "Export the image with docker save again.",
      );
    }
    const layers: Descriptor[] = [];
    for (const [index, path] of layerPaths.entries()) {
      layers.push(this.remember(await this.layerDigest(path, diffIds[index] ?? ""), path, layerType));
    }
    const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
    const descriptor = { mediaType, digest: digestOf(body, "sha256"), size: body.length };
    return { kind: "manifest", descriptor, body, config, layers };
  }

  private remember(digest: string, path: string, mediaType: string): Descriptor {
    this.paths.set(digest, path);
    return { mediaType, digest, size: this.store.files.get(path) ?? 0 };
  }

  /** The configuration's digest is of the unpacked layer. A layer that was packed goes by its own. */
  private async layerDigest(path: string, diffId: string): Promise<string> {
    const content = await this.store.open(path);
    const hash = createHash("sha256");
    let first = true;
    for await (const part of content as AsyncIterable<Buffer>) {
      if (first && !((part[0] === 0x1f && part[1] === 0x8b) || (part[0] === 0x28 && part[1] === 0xb5))) return diffId;
      first = false;
      hash.update(part);
    }
    if (first) return diffId;
    const digest = hash.digest("hex");
    const named = /(?:^|\/)([0-9a-f]{64})(?:\.tar(?:\.\w+)?)$/.exec(path)?.[1];
    if (named !== undefined && named !== digest && `sha256:${named}` !== diffId) {
      throw new BrokenImageError(
        `${this.name}: ${path} is not what its name says: its digest is ${digest}`,
        "It was changed or damaged. Do not use this image.",
      );
    }
    return `sha256:${digest}`;
  }
}
