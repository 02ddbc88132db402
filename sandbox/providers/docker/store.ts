/**
 * Stands in for a Docker daemon's images: a folder in the OCI image layout, with one entry in its index for each name. The sandbox has
 * no daemon; what the provider would load into one lies here instead.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { withLock } from "../../lock.mjs";
import { fullName } from "./name";
import type { Descriptor } from "./registry";

/** A named image. */
export interface StoredImage {
  readonly name: string;
  readonly manifest: Descriptor;
  /** Digest of its configuration, by which docker knows an image. */
  readonly imageId: string;
  /** `<registry>/<repository>@<digest>`, once it was pushed or pulled. */
  readonly repoDigest: string;
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Entry extends Descriptor {
  readonly annotations: Readonly<Record<string, string>>;
}

const nameKey = "io.containerd.image.name";
const repoDigestKey = "wheelhouse.repository.digest";
const waitSeconds = 300;

export class ImageStore {
  public constructor(private readonly folder: string) {}

  public async find(name: string): Promise<StoredImage | undefined> {
    const full = fullName(name);
    const entry = (await this.entries()).find(({ annotations }) => annotations[nameKey] === full);
    if (entry === undefined) return undefined;
    const { config } = await this.manifest(entry.digest);
    const { mediaType, digest, size } = entry;
    const repoDigest = entry.annotations[repoDigestKey] ?? "";
    return { name: full, manifest: { mediaType, digest, size }, imageId: config.digest, repoDigest };
  }

  public async manifest(digest: string): Promise<Manifest> {
    return JSON.parse(await readFile(this.blobFile(digest), "utf8")) as Manifest;
  }

  public read(digest: string): Promise<Buffer> {
    return readFile(this.blobFile(digest));
  }

  public blobFile(digest: string): string {
    return join(this.folder, "blobs", ...digest.split(":"));
  }

  /** Takes in what a builder wrote with its docker exporter: a tar archive with the layout's blobs and index. */
  public async load(archive: string): Promise<void> {
    await this.change(async (entries) => {
      let index = "";
      const tar = extract();
      createReadStream(archive)
        .on("error", (error) => tar.destroy(error))
        .pipe(tar);
      for await (const part of tar) {
        const digest = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(part.header.name)?.[1];
        if (digest !== undefined) {
          await this.writeBlob(`sha256:${digest}`, Readable.from(part));
        } else if (part.header.name === "index.json") {
          for await (const chunk of part) index += String(chunk);
        } else {
          part.resume();
        }
      }
      const { manifests } = JSON.parse(index) as { manifests: readonly Entry[] };
      return manifests.reduce((all, entry) => named(all, entry, entry.annotations[nameKey] ?? ""), entries);
    });
  }

  /** Takes in an image whose blobs are here already. */
  public async add(name: string, manifest: Descriptor, repoDigest: string): Promise<void> {
    await this.change((entries) => named(entries, { ...manifest, annotations: {} }, name, repoDigest));
  }

  /** Gives an image that is here one more name. Throws where it is not. */
  public async tag(source: string, target: string): Promise<StoredImage> {
    const image = await this.find(source);
    if (image === undefined) {
      throw new Error(`no such image: ${source}`);
    }
    await this.add(target, image.manifest, "");
    return image;
  }

  /** Takes the name away, and what no other name holds any more. */
  public async remove(name: string): Promise<void> {
    const full = fullName(name);
    await this.change((entries) => entries.filter(({ annotations }) => annotations[nameKey] !== full));
    await this.sweep();
  }

  /** Writes a blob where it is not here yet. Throws where its content is not what its digest says. */
  public async writeBlob(digest: string, content: Readable): Promise<void> {
    const file = this.blobFile(digest);
    const here = await access(file).then(
      () => true,
      () => false,
    );
    if (here) {
      content.resume();
      return;
    }
    await mkdir(join(this.folder, "blobs", "sha256"), { recursive: true });
    const temporary = join(this.folder, `.${randomUUID()}`);
    const hash = createHash("sha256");
    content.on("data", (chunk: Buffer) => hash.update(chunk));
    try {
      await pipeline(content, createWriteStream(temporary));
      if (`sha256:${hash.digest("hex")}` !== digest) {
        throw new Error(`a blob that should be ${digest} came as another one`);
      }
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  private async entries(): Promise<readonly Entry[]> {
    const text = await readFile(join(this.folder, "index.json"), "utf8").catch(() => '{"manifests":[]}');
    return (JSON.parse(text) as { manifests: readonly Entry[] }).manifests;
  }

  private async change(
    edit: (entries: readonly Entry[]) => Promise<readonly Entry[]> | readonly Entry[],
  ): Promise<void> {
    await this.alone(async () => {
      const manifests = await edit(await this.entries());
      const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
      await this.writeWhole("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
      await this.writeWhole("index.json", JSON.stringify(index));
    });
  }

  private async sweep(): Promise<void> {
    await this.alone(async () => {
      const kept = new Set<string>();
      for (const { digest } of await this.entries()) {
        const { config, layers } = await this.manifest(digest);
        for (const part of [digest, config.digest, ...layers.map((layer) => layer.digest)]) kept.add(part);
      }
      const blobs = join(this.folder, "blobs", "sha256");
      const files = await readdir(blobs).catch(() => []);
      await Promise.all(files.filter((file) => !kept.has(`sha256:${file}`)).map((file) => rm(join(blobs, file))));
    });
  }

  /** A daemon is one; plugins of several engines may share this folder. */
  private async alone(action: () => Promise<void>): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await withLock(join(this.folder, ".lock"), { work: "change the image store", waitSeconds }, action);
  }

  private async writeWhole(file: string, content: string): Promise<void> {
    const temporary = join(this.folder, `.${randomUUID()}`);
    await writeFile(temporary, content);
    await rename(temporary, join(this.folder, file));
  }
}

/** The entries with this one under the name, which no other one has any more. */
function named(entries: readonly Entry[], entry: Entry, name: string, repoDigest = ""): readonly Entry[] {
  const full = fullName(name);
  const { mediaType, digest, size } = entry;
  const annotations = { [nameKey]: full, ...(repoDigest === "" ? {} : { [repoDigestKey]: repoDigest }) };
  return [...entries.filter((other) => other.annotations[nameKey] !== full), { mediaType, digest, size, annotations }];
}
