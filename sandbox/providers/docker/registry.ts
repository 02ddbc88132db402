/** What a Docker daemon does with a registry: push, pull, look up and delete, over the registry's HTTP interface. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Credentials } from "./credentials";

/** Part of an image as manifests name it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface FetchedManifest {
  readonly mediaType: string;
  readonly body: Buffer;
}

const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

/** One repository of a registry, for one user. */
export class Repository {
  private authorization: string | undefined;

  public constructor(
    private readonly credentials: Credentials,
    private readonly name: string,
  ) {}

  /** Of the manifest that a tag or digest names. Throws where there is none. */
  public async digest(reference: string): Promise<string> {
    const response = await this.ask("HEAD", `manifests/${reference}`, { headers: { accept: manifestTypes } });
    const digest = response.headers.get("docker-content-digest");
    if (digest === null) {
      throw new Error(`the registry does not tell the digest of ${this.name}:${reference}`);
    }
    return digest;
  }

  public async manifest(reference: string): Promise<FetchedManifest> {
    const response = await this.ask("GET", `manifests/${reference}`, { headers: { accept: manifestTypes } });
    const body = Buffer.from(await response.arrayBuffer());
    return { mediaType: response.headers.get("content-type") ?? "", body };
  }

  public async blob(digest: string): Promise<Readable> {
    const { body } = await this.ask("GET", `blobs/${digest}`, {});
    return body === null ? Readable.from([]) : Readable.fromWeb(body);
  }

  /** Sends a blob that the registry does not hold yet. */
  public async pushBlob(digest: string, file: string): Promise<void> {
    const held = await this.ask("HEAD", `blobs/${digest}`, {}, [404]);
    if (held.ok) return;
    const begun = await this.ask("POST", "blobs/uploads/", {});
    const location = new URL(begun.headers.get("location") ?? "", begun.url);
    location.searchParams.set("digest", digest);
    const { size } = await stat(file);
    await this.ask("PUT", location.href, {
      headers: { "content-type": "application/octet-stream", "content-length": String(size) },
      body: Readable.toWeb(createReadStream(file)),
      duplex: "half",
    });
  }

  public async pushManifest(reference: string, { mediaType, body }: FetchedManifest): Promise<void> {
    await this.ask("PUT", `manifests/${reference}`, { headers: { "content-type": mediaType }, body });
  }

  /** What is gone already is no error. */
  public async delete(reference: string): Promise<void> {
    await this.ask("DELETE", `manifests/${reference}`, { headers: { accept: manifestTypes } }, [404]);
  }

  /** `path` is below the repository, or a whole address that the registry gave. */
  private async ask(
    method: string,
    path: string,
    init: Omit<RequestInit, "headers"> & { readonly headers?: Record<string, string>; readonly duplex?: "half" },
    allowed: readonly number[] = [],
  ): Promise<Response> {
    const url = path.startsWith("http") ? path : `${this.credentials.address}/v2/${this.name}/${path}`;
    this.authorization ??= await this.authorize(method === "DELETE" ? "pull,delete" : "pull,push");
    const headers = { ...init.headers, ...(this.authorization === "" ? {} : { authorization: this.authorization }) };
    const response = await this.fetch(url, { ...init, method, headers });
    if (!response.ok && !allowed.includes(response.status)) {
      await response.body?.cancel();
      throw new Error(`got bad response from registry: ${response.status} for ${method} ${new URL(url).pathname}`);
    }
    return response;
  }

  /** The header by which this user may do that; empty where the registry wants none. */
  private async authorize(actions: string): Promise<string> {
    const { address, user } = this.credentials;
    const basic = user === undefined ? "" : `Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}`;
    const probe = await this.fetch(`${address}/v2/`, { method: "GET" });
    await probe.body?.cancel();
    const challenge = probe.headers.get("www-authenticate") ?? "";
    if (probe.status !== 401 || !/^bearer /i.test(challenge)) return probe.status === 401 ? basic : "";
    const field = (name: string): string => new RegExp(`${name}="([^"]*)"`, "i").exec(challenge)?.[1] ?? "";
    const realm = new URL(field("realm"), address);
    realm.searchParams.set("service", field("service"));
    realm.searchParams.set("scope", `repository:${this.name}:${actions}`);
    const answer = await this.fetch(realm.href, { headers: basic === "" ? {} : { authorization: basic } });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new Error(`the registry at ${address} refused the log-in: ${answer.status}; run "docker login" again`);
    }
    const { token, access_token: accessToken } = (await answer.json()) as { token?: string; access_token?: string };
    return `Bearer ${token ?? accessToken ?? ""}`;
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (cause) {
      throw new Error(`cannot reach the registry at ${this.credentials.address}: is it up?`, { cause });
    }
  }
}
