/** Finds an image in a registry: its documents at once, and of its layers only those that are asked for. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";

import { wrongDigest } from "./decompress";
import { ContainerError } from "./errors";
import { chooseManifest, imageOf, type FindOptions, type FoundImage } from "./layout";
import type { Descriptor } from "./image";

/** An image's name, taken apart. */
export interface Reference {
  readonly host: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly version: string;
}

export interface RegistryOptions extends FindOptions {
  /** Folder with docker's `config.json`, for the credentials. Default `$DOCKER_CONFIG`, else `~/.docker`. */
  readonly dockerConfig?: string;
}

const REFERENCE =
  /^(?<host>(?:[a-z0-9-]+(?:\.[a-z0-9-]+)+|localhost)(?::\d{1,5})?|[a-z0-9-]+:\d{1,5})\/(?<repository>[a-z0-9]+(?:(?:[._]|__|-+|\/)[a-z0-9]+)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
/** For one answer, its content included. */
const SECONDS = 300;

const dockerConfigSchema = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional(),
});
const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Nothing for what names no registry, such as a file. A digest counts before a tag, and without both it is `latest`. */
export function parseReference(text: string): Reference | undefined {
  const groups = REFERENCE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { host = "", repository = "", tag, digest } = groups;
  return { host, repository, version: digest ?? tag ?? "latest" };
}

/** @throws ContainerError where the registry does not give it. */
export async function findInRegistry(reference: Reference, options: RegistryOptions = {}): Promise<FoundImage> {
  const registry = new RegistrySession(reference, options.dockerConfig);
  const { host, repository, version } = reference;
  const where = `${host}/${repository}`;
  const headers = { accept: MANIFESTS.join(", ") };
  const answer = await registry.get(`manifests/${version}`, headers);
  const body = Buffer.from(await answer.arrayBuffer());
  const top: Descriptor = {
    mediaType: answer.headers.get("content-type") ?? "",
    digest: `sha256:${createHash("sha256").update(body).digest("hex")}`,
    size: body.length,
  };
  if (version.startsWith("sha256:") && version !== top.digest) throw wrongDigest(where, version, top.digest);
  const source = async ({ digest }: Pick<Descriptor, "digest">) => {
    if (digest === top.digest) return Readable.from([body]);
    const isManifest = manifests.has(digest);
    const found = await registry.get(`${isManifest ? "manifests" : "blobs"}/${digest}`, isManifest ? headers : {});
    if (found.body === null) throw new ContainerError(`${where} gave ${digest} without its content`, "Try again.");
    return Readable.fromWeb(found.body);
  };
  // The documents of an index are manifests too; all else is a blob.
  const manifests = new Set([top.digest]);
  const chosen = await chooseManifest([top], source, options, `${where}:${version}`);
  manifests.add(chosen.digest);
  return imageOf(chosen, source);
}

/** Requests to one repository, with the credentials that the registry asks for. */
class RegistrySession {
  private authorization: string | undefined;
  private readonly address: string;

  constructor(
    private readonly reference: Reference,
    private readonly dockerConfig: string | undefined,
  ) {
    const { host, repository } = reference;
    // As docker does: without TLS on this machine's own addresses alone.
    const scheme = /^(?:localhost|127\.0\.0\.1)(?::|$)/.test(host) ? "http" : "https";
    this.address = `${scheme}://${host}/v2/${repository}`;
  }

  async get(place: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    let answer = await this.ask(`${this.address}/${place}`, headers);
    if (answer.status === 401) {
      await answer.body?.cancel();
      this.authorization = await this.authorize(answer.headers.get("www-authenticate") ?? "");
      answer = await this.ask(`${this.address}/${place}`, headers);
    }
    if (answer.ok) return answer;
    await answer.body?.cancel();
    throw new ContainerError(
      `${this.reference.host} answered ${answer.status} when asked for ${this.reference.repository}/${place}`,
      answer.status === 404 ? "Push the image first." : "Log in with `docker login`, as somebody who may pull it.",
    );
  }

  private async ask(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const sent = this.authorization === undefined ? headers : { ...headers, authorization: this.authorization };
    try {
      return await fetch(url, { headers: sent, signal: AbortSignal.timeout(SECONDS * 1000) });
    } catch (error) {
      throw new ContainerError(`${this.reference.host} does not answer`, "Start the registry, or look at its name.", {
        cause: error,
      });
    }
  }

  /** What to send from now on: the credentials themselves, or a token that is given for them. */
  private async authorize(challenge: string): Promise<string | undefined> {
    const basic = this.basic();
    if (!/^bearer /i.test(challenge)) return basic;
    const said = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1];
    const realm = said("realm") ?? "";
    if (!URL.canParse(realm)) return basic;
    const address = new URL(realm);
    address.searchParams.set("service", said("service") ?? this.reference.host);
    address.searchParams.set("scope", said("scope") ?? `repository:${this.reference.repository}:pull`);
    this.authorization = basic;
    const answer = await this.ask(address.href, {});
    if (!answer.ok) {
      await answer.body?.cancel();
      return basic;
    }
    const token = tokenSchema.parse(await answer.json());
    return `Bearer ${token.access_token ?? token.token ?? ""}`;
  }

  private basic(): string | undefined {
    const folder = this.dockerConfig ?? process.env.DOCKER_CONFIG ?? path.join(homedir(), ".docker");
    const file = path.join(folder, "config.json");
    if (!existsSync(file)) return undefined;
    const { auths } = dockerConfigSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    const auth = auths?.[this.reference.host]?.auth;
    return auth === undefined ? undefined : `Basic ${auth}`;
  }
}
