/** The image resources' lives: build or pull into the image store, push to a registry, look, delete. */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { isMap, type PlainMap, type PlainValue } from "../properties";
import type { Entity, ResourceService } from "../resource-service";
import { buildImage } from "./build";
import { credentialsFor, type RegistryAuth } from "./credentials";
import { parseImageName } from "./name";
import { Repository, type Descriptor } from "./registry";
import { ImageStore, type Manifest, type StoredImage } from "./store";
import { imageToken } from "./tokens";

/** The provider's own limit for each operation. */
const defaultSeconds = 20 * 60;

interface Life {
  create(inputs: PlainMap, seconds: number): Promise<Entity>;
  read(known: PlainMap, id: string): Promise<Entity | undefined>;
  delete(known: PlainMap): Promise<void>;
}

export class DockerImages implements ResourceService {
  private readonly store: ImageStore;
  private readonly lives: Readonly<Record<string, Life>>;
  private cancelled = false;

  /**
   * @param folder of the image store
   * @param auths the provider's `registryAuth`
   */
  public constructor(
    folder: string,
    private readonly auths: readonly RegistryAuth[],
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.store = new ImageStore(folder);
    this.lives = {
      [imageToken("RemoteImage")]: {
        create: (inputs, seconds) => this.createLocal(inputs, seconds),
        read: (known) => this.readLocal(known),
        delete: (known) => this.deleteLocal(known),
      },
      [imageToken("RegistryImage")]: {
        create: (inputs, seconds) => this.push(inputs, seconds),
        read: (known, id) => this.readRemote(known, id),
        delete: (known) => this.deleteRemote(known),
      },
      [imageToken("Tag")]: {
        create: (inputs) => this.tag(inputs),
        // The provider neither looks for a tag nor takes it away.
        read: (known, id) => Promise.resolve({ id, properties: known }),
        delete: () => Promise.resolve(),
      },
    };
  }

  public create(token: string, inputs: PlainMap, seconds = defaultSeconds): Promise<Entity> {
    return this.life(token).create(inputs, seconds);
  }

  public read(token: string, id: string, _seconds?: number, known: PlainMap = {}): Promise<Entity | undefined> {
    return this.life(token).read(known, id);
  }

  /** Builds nothing: what would change an image replaces it. */
  public async update(token: string, id: string, _olds: PlainMap, news: PlainMap): Promise<Entity> {
    const entity = await this.life(token).read(news, id);
    if (entity === undefined) {
      throw new Error(`${name(news)} is gone: run "pulumi refresh", and it is made again`);
    }
    return entity;
  }

  public delete(token: string, _id: string, _seconds?: number, known: PlainMap = {}): Promise<void> {
    return this.life(token).delete(known);
  }

  public invoke(token: string): Promise<PlainMap> {
    return Promise.reject(new Error(`the sandbox's docker has no function ${token}`));
  }

  public find(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  public cancel(): void {
    this.cancelled = true;
  }

  private life(token: string): Life {
    const life = this.lives[token];
    if (life === undefined || this.cancelled) {
      throw new Error(life === undefined ? `there is no resource ${token}` : "the operation was cancelled");
    }
    return life;
  }

  private async createLocal(inputs: PlainMap, seconds: number): Promise<Entity> {
    await this.build(inputs, seconds);
    const image = (await this.store.find(name(inputs))) ?? (await this.pull(inputs));
    return local(inputs, image);
  }

  private async readLocal(known: PlainMap): Promise<Entity | undefined> {
    const image = await this.store.find(name(known));
    return image === undefined ? undefined : local(known, image);
  }

  /** By name, whatever image has it by now: so does the provider. */
  private async deleteLocal(known: PlainMap): Promise<void> {
    if (known.keepLocally !== true && (await this.store.find(name(known))) !== undefined) {
      await this.store.remove(name(known));
    }
  }

  private async push(inputs: PlainMap, seconds: number): Promise<Entity> {
    await this.build(inputs, seconds);
    const { reference, registry, repository: path } = parseImageName(name(inputs));
    const repository = await this.repository(inputs);
    const image = await this.store.find(name(inputs));
    if (image === undefined) {
      throw new Error(`Error pushing docker image: an image does not exist locally with the tag: ${name(inputs)}`);
    }
    const { config, layers } = await this.store.manifest(image.manifest.digest);
    for (const { digest } of [config, ...layers]) {
      await repository.pushBlob(digest, this.store.blobFile(digest));
    }
    const { mediaType, digest } = image.manifest;
    await repository.pushManifest(reference, { mediaType, body: await this.store.read(digest) });
    await this.store.add(image.name, image.manifest, `${registry}/${path}@${digest}`);
    const pushed = await repository.digest(reference);
    return { id: pushed, properties: { ...inputs, sha256Digest: pushed } };
  }

  /** Any failure means that it is gone, one to log in too: so does the provider. */
  private async readRemote(known: PlainMap, id: string): Promise<Entity | undefined> {
    try {
      const repository = await this.repository(known);
      const sha256Digest = await repository.digest(parseImageName(name(known)).reference);
      return { id, properties: { ...known, sha256Digest } };
    } catch {
      return undefined;
    }
  }

  private async deleteRemote(known: PlainMap): Promise<void> {
    if (known.keepRemotely === true) return;
    const repository = await this.repository(known);
    await repository.delete(
      typeof known.sha256Digest === "string" ? known.sha256Digest : parseImageName(name(known)).reference,
    );
  }

  private async tag(inputs: PlainMap): Promise<Entity> {
    const source = text(inputs.sourceImage);
    const target = text(inputs.targetImage);
    const { imageId } = await this.store.tag(source, target);
    return { id: `${source}.${target}`, properties: { ...inputs, sourceImageId: imageId } };
  }

  private async build(inputs: PlainMap, seconds: number): Promise<void> {
    const build = inputs.build ?? null;
    if (!isMap(build)) return;
    const archive = join(tmpdir(), `wheelhouse-image-${randomUUID()}.tar`);
    try {
      await buildImage(build, name(inputs), archive, seconds);
      await this.store.load(archive);
    } finally {
      await rm(archive, { force: true });
    }
  }

  /** For the platform that is asked for, or this machine's. */
  private async pull(inputs: PlainMap): Promise<StoredImage> {
    const { registry, repository: path, reference } = parseImageName(name(inputs));
    const repository = await this.repository(inputs);
    const digest = await repository.digest(reference);
    const own = await forPlatform(repository, digest, text(inputs.platform));
    const { mediaType, body } = await repository.manifest(own);
    const { config, layers } = JSON.parse(body.toString()) as Manifest;
    for (const part of [config, ...layers]) {
      await this.store.writeBlob(part.digest, await repository.blob(part.digest));
    }
    await this.store.writeBlob(own, Readable.from([body]));
    await this.store.add(name(inputs), { mediaType, digest: own, size: body.length }, `${registry}/${path}@${digest}`);
    const image = await this.store.find(name(inputs));
    if (image === undefined) {
      throw new Error(`unable to find or pull image ${name(inputs)}`);
    }
    return image;
  }

  private async repository(inputs: PlainMap): Promise<Repository> {
    const { registry, repository } = parseImageName(name(inputs));
    const own = inputs.authConfig ?? null;
    const auths = isMap(own) ? [own as unknown as RegistryAuth] : this.auths;
    return new Repository(await credentialsFor(registry, auths, this.environment), repository);
  }
}

interface Member extends Descriptor {
  readonly platform?: { readonly os: string; readonly architecture: string };
}

/** The digest of an image's manifest for a platform, `<os>/<architecture>`; for this machine's where none is given. */
async function forPlatform(repository: Repository, digest: string, platform: string): Promise<string> {
  const { manifests } = JSON.parse((await repository.manifest(digest)).body.toString()) as { manifests?: Member[] };
  if (manifests === undefined) return digest;
  const wanted = platform === "" ? `linux/${process.arch === "x64" ? "amd64" : process.arch}` : platform;
  const member = manifests.find((each) => `${each.platform?.os ?? ""}/${each.platform?.architecture ?? ""}` === wanted);
  if (member === undefined) {
    throw new Error(`no matching manifest for ${wanted} in the image ${digest}`);
  }
  return member.digest;
}

function text(value: PlainValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function name(inputs: PlainMap): string {
  return text(inputs.name);
}

function local(inputs: PlainMap, { imageId, repoDigest }: StoredImage): Entity {
  return { id: `${imageId}${name(inputs)}`, properties: { ...inputs, imageId, repoDigest } };
}
