/** Recipes built for real: with the sandbox's registry, feed and builder, private wheels, and the bake files as pipelines run them. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { renderApplicationRecipe, renderBaseImageRecipe, type RecipeSettings } from "../../../recipes";
import { run } from "../../../sandbox/process.mjs";
import { startServices, type Builder, type Services, type UpstreamImage } from "../../../sandbox/services";
import type { App, BaseImage, RenderedFile } from "../../../spec";
import { unpacked } from "../../../tools/image";
import { parseReference, RegistryClient } from "../../../tools/registry";
import { makeWheel, type WheelSpec } from "../../tools/archive";

/** How a build ended, and what it said. */
export interface Built {
  readonly code: number;
  readonly said: string;
  /** Digest of each target that was exported. */
  readonly digests: Readonly<Record<string, string>>;
  /** Bytes that the builder got from the registry. */
  readonly fetched: number;
  /** Requests of the feed to its upstream meanwhile. */
  readonly upstreamRequests: number;
}

export interface Layer {
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly layers: readonly Layer[];
  readonly config: { readonly digest: string };
}

export type Variables = Readonly<Record<string, string>>;

const buildSeconds = 300;
/** Time of the commit of every build here: 2026-01-01. */
const epoch = "1767225600";

/** `name==version` with the hash of its wheel, as a lock has it. */
export function pin(spec: WheelSpec): string {
  const hash = createHash("sha256").update(makeWheel(spec).content).digest("hex");
  return `${spec.name}==${spec.version} --hash=sha256:${hash}\n`;
}

export class RecipeStand {
  private count = 0;

  private constructor(
    public readonly folder: string,
    public readonly services: Services,
    public readonly builder: Builder,
    public readonly upstream: UpstreamImage,
    private readonly registry: RegistryClient,
  ) {}

  public static async start(write: (line: string) => void): Promise<RecipeStand> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-recipes-")));
    const services = await startServices({ folder: join(folder, "services"), write });
    try {
      const [builder, upstream] = await Promise.all([services.builder(), services.upstreamImage()]);
      const registry = new RegistryClient({
        environment: { ...process.env, DOCKER_CONFIG: services.registry.dockerConfig },
      });
      const stand = new RecipeStand(folder, services, builder, upstream, registry);
      services.feed.writeSecrets(
        stand.path("secrets"),
        services.feed.issueToken({ role: "collaborator", seconds: 3600 }),
      );
      return stand;
    } catch (error) {
      await services.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  public async stop(): Promise<void> {
    await this.services.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  public path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Always with the same time and mode, as the tool lays out what it gives a build. */
  public write(file: string, content: string | Uint8Array, mode = 0o644): string {
    const path = this.path(file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, content);
    chmodSync(path, mode);
    utimesSync(path, 315532800, 315532800);
    return path;
  }

  /** A folder of secrets like the usual one but for the given files; an empty text empties, `undefined` removes. */
  public secrets(changed: Readonly<Record<string, string | undefined>>): string {
    const folder = `secrets-${(this.count += 1)}`;
    for (const name of ["netrc", "pip.conf", "pip_index_url"]) {
      this.write(join(folder, name), readFileSync(this.path("secrets", name)), 0o600);
    }
    for (const [name, content] of Object.entries(changed)) {
      if (content === undefined) rmSync(this.path(folder, name));
      else this.write(join(folder, name), content, 0o600);
    }
    return this.path(folder);
  }

  /** Publishes a private package as twine does. */
  public async publish(spec: WheelSpec): Promise<void> {
    const { name, content } = makeWheel(spec);
    const form = new FormData();
    const fields = {
      ":action": "file_upload",
      protocol_version: "1",
      metadata_version: "2.1",
      filetype: "bdist_wheel",
    };
    for (const [key, value] of Object.entries({
      ...fields,
      pyversion: "py3",
      name: spec.name,
      version: spec.version,
    })) {
      form.append(key, value);
    }
    form.append("content", new Blob([content]), name);
    const token = this.services.feed.issueToken({ role: "contributor", seconds: 60 });
    const authorization = `Basic ${Buffer.from(`build:${token}`).toString("base64")}`;
    const answer = await fetch(this.services.feed.uploadUrl, {
      method: "POST",
      body: form,
      headers: { authorization },
    });
    if (!answer.ok) throw new Error(`the feed does not take ${name}: ${answer.status} ${await answer.text()}`);
  }

  public renderBase(base: BaseImage): void {
    this.writeAll(renderBaseImageRecipe(base));
  }

  public renderApplication(app: App, base: BaseImage, settings?: RecipeSettings): void {
    this.writeAll(renderApplicationRecipe(app, base, settings));
  }

  private writeAll(files: readonly RenderedFile[]): void {
    for (const { path, content } of files) this.write(path, content);
  }

  /** Builds targets of a recipe, as a pipeline does it; nothing of this process' environment gets in but paths. */
  public async bake(recipe: string, targets: readonly string[], variables: Variables): Promise<Built> {
    const metadata = this.path(`metadata-${(this.count += 1)}.json`);
    const { registry, feed } = this.services;
    const before = { fetched: registry.counters().fetchedBytes, asked: feed.counters().upstreamRequests };
    const env: NodeJS.ProcessEnv = {
      ...this.builder.environment,
      REGISTRY: registry.host,
      INDEX_URL: feed.indexUrl,
      UPSTREAM: this.upstream.reference,
      UPSTREAM_DIGEST: this.upstream.digest,
      SECRETS: this.path("secrets"),
      LOCK: this.path("locks"),
      SOURCE: this.path("source"),
      VERSION: "1",
      REVISION: "0".repeat(40),
      CREATED: "2026-01-01T00:00:00Z",
      SOURCE_URL: "https://dev.azure.com/contoso/Platform/_git/orders",
      SOURCE_DATE_EPOCH: epoch,
      PUSH: "true",
      ...variables,
    };
    const options = ["--progress", "plain", "--allow", `fs.read=${this.folder}`, "--metadata-file", metadata];
    const done = await run(
      "docker-buildx",
      ["bake", "--file", join(recipe, "docker-bake.json"), ...options, ...targets],
      {
        cwd: this.folder,
        env,
        allowFailure: true,
        timeoutSeconds: buildSeconds,
      },
    );
    return {
      code: done.code,
      said: done.output + done.errors,
      digests: done.code === 0 ? digestsIn(readFileSync(metadata, "utf8")) : {},
      fetched: registry.counters().fetchedBytes - before.fetched,
      upstreamRequests: feed.counters().upstreamRequests - before.asked,
    };
  }

  /** The manifest of the one platform that is built here, and its digest; `which` 1 is what is attested of it. */
  public async manifest(
    repository: string,
    digest: string,
    which = 0,
  ): Promise<Manifest & { readonly digest: string }> {
    const read = async (wanted: string): Promise<Manifest> => {
      const reference = parseReference(`${this.services.registry.host}/${repository}@${wanted}`);
      return JSON.parse((await this.registry.manifest(reference)).body.toString()) as Manifest;
    };
    const found = await read(digest);
    const platform = found.manifests?.[which]?.digest ?? digest;
    return { ...(found.manifests === undefined ? found : await read(platform)), digest: platform };
  }

  /** The token in the usual netrc. */
  public token(): string {
    return /password (\S+)/.exec(this.netrc())?.[1] ?? "";
  }

  /** Text of the usual netrc. */
  public netrc(): string {
    return readFileSync(this.path("secrets", "netrc"), "utf8");
  }

  public async blob(repository: string, digest: string): Promise<Buffer> {
    const reference = parseReference(`${this.services.registry.host}/${repository}@${digest}`);
    const chunks: Buffer[] = [];
    for await (const chunk of await this.registry.blob(reference, digest)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  /** The entries of a layer. */
  public async entries(repository: string, layer: Layer): Promise<Header[]> {
    const found: Header[] = [];
    const unpack = extract();
    unpack.on("entry", (header, stream, next) => {
      found.push(header);
      stream.resume().on("end", next);
    });
    const content = Readable.from([await this.blob(repository, layer.digest)]);
    await pipeline(async function* () {
      // Each piece is good until the next one only.
      for await (const piece of unpacked(content, layer.digest)) yield Buffer.from(piece);
    }, unpack);
    return found;
  }
}

function digestsIn(metadata: string): Record<string, string> {
  const results = JSON.parse(metadata) as Record<string, { "containerimage.digest"?: string } | string>;
  return Object.fromEntries(
    Object.entries(results).flatMap(([target, result]) => {
      const digest = typeof result === "object" ? result["containerimage.digest"] : undefined;
      return digest === undefined ? [] : [[target, digest]];
    }),
  );
}
