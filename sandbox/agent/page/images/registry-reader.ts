/** Reads tags, manifests and configurations from the sandbox's registry, each document once. */
import { createHash } from "node:crypto";
import { z } from "zod";

import type { RegistryAccess } from "../options";
import {
  configurationSchema,
  manifestSchema,
  manifestTypes,
  type Configuration,
  type Descriptor,
  type Manifest,
} from "./documents";

/** Seconds for one answer. */
const answerSeconds = 10;
/** Bytes of one document. */
const mostBytes = 8 * 1024 * 1024;
/** Documents that are kept; they never change, as their digest is their name. */
const mostKept = 4000;

/** The registry does not answer, or not as one does. */
export class RegistryUnread extends Error {
  public constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RegistryUnread";
  }
}

const tagList = z.object({ tags: z.array(z.string()).nullish() });

export class RegistryReader {
  private readonly kept = new Map<string, Promise<unknown>>();

  public constructor(private readonly access: RegistryAccess) {}

  public get host(): string {
    return this.access.host;
  }

  public async repositories(): Promise<readonly string[]> {
    return this.access.repositories();
  }

  /** Tags of a repository; none where there is no such repository. */
  public async tags(repository: string): Promise<string[]> {
    const answer = await this.ask("GET", `${path(repository)}/tags/list`);
    if (answer.status === 404) return [];
    const body = this.parse(tagList, await this.body(answer, `the tags of ${repository}`), `the tags of ${repository}`);
    return body.tags ?? [];
  }

  /** The digest that a tag names by now. */
  public async digestOf(repository: string, tag: string): Promise<string | undefined> {
    const answer = await this.ask("HEAD", `${path(repository)}/manifests/${encodeURIComponent(tag)}`);
    if (answer.status === 404) return undefined;
    this.requireOk(answer, `${repository}:${tag}`);
    return answer.headers.get("docker-content-digest") ?? undefined;
  }

  /** @throws RegistryUnread; an absent one is `undefined` */
  public manifest(repository: string, digest: string): Promise<Manifest | undefined> {
    return this.document(repository, `manifests/${digest}`, digest, manifestSchema);
  }

  public configuration(repository: string, { digest }: Descriptor): Promise<Configuration | undefined> {
    return this.document(repository, `blobs/${digest}`, digest, configurationSchema);
  }

  private document<T>(repository: string, place: string, digest: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const key = `${repository}/${place}`;
    const known = this.kept.get(key) as Promise<T | undefined> | undefined;
    if (known !== undefined) return known;
    const found = this.fetchDocument(repository, place, digest, schema);
    this.kept.set(key, found);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > mostKept && oldest !== undefined) this.kept.delete(oldest);
    // What is absent can be pushed, and what failed can go well.
    found.then(
      (document) => document === undefined && this.kept.delete(key),
      () => this.kept.delete(key),
    );
    return found;
  }

  private async fetchDocument<T>(
    repository: string,
    place: string,
    digest: string,
    schema: z.ZodType<T>,
  ): Promise<T | undefined> {
    const answer = await this.ask("GET", `${path(repository)}/${place}`);
    if (answer.status === 404) {
      await answer.body?.cancel();
      return undefined;
    }
    const name = `${repository}@${digest}`;
    const body = await this.body(answer, name);
    const is = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (is !== digest) throw new RegistryUnread(`${this.host} answered something else than ${name}`);
    return this.parse(schema, body, name);
  }

  private async ask(method: "GET" | "HEAD", place: string): Promise<Response> {
    const { user, password } = await this.access.credentials();
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    try {
      return await fetch(`http://${this.host}/v2/${place}`, {
        method,
        headers: { authorization, accept: place.includes("/manifests/") ? manifestTypes.join(", ") : "*/*" },
        signal: AbortSignal.timeout(answerSeconds * 1000),
      });
    } catch (cause) {
      throw new RegistryUnread(`the registry at ${this.host} does not answer`, { cause });
    }
  }

  private requireOk({ ok, status }: Response, what: string): void {
    if (!ok) throw new RegistryUnread(`the registry at ${this.host} answered ${status} when asked for ${what}`);
  }

  private async body(answer: Response, what: string): Promise<Buffer> {
    if (!answer.ok) await answer.body?.cancel();
    this.requireOk(answer, what);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of answer.body ?? []) {
      bytes += (part as Uint8Array).length;
      if (bytes > mostBytes) throw new RegistryUnread(`${what} is longer than a document of an image may be`);
      parts.push(part as Uint8Array);
    }
    return Buffer.concat(parts);
  }

  private parse<T>(schema: z.ZodType<T>, body: Buffer, what: string): T {
    try {
      return schema.parse(JSON.parse(body.toString("utf8")));
    } catch (cause) {
      throw new RegistryUnread(`${what} is not what the format of images says`, { cause });
    }
  }
}

function path(repository: string): string {
  return repository.split("/").map(encodeURIComponent).join("/");
}
