/** The door of the feed: job tokens and roles, the service's own addresses, and no package of the upstream under a name of the feed. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

import { listen, type GatewayServer } from "../gateway-server";
import type { FeedRole } from "../types";
import { isPackageName, normalizedName, versionInFile, type FeedPlace, type FeedResource } from "./address";
import type { HoldBacks } from "./hold-backs";
import type { Holdings } from "./holdings";
import type { PackageServer } from "./package-server";
import { describe, packageName, redirect, Refusal, resourceOf, roleOf } from "./question";
import { writeList, writePage, type PackageFile, type Written } from "./simple-page";
import { isAtLeast, type FeedTokens } from "./tokens";
import { compareVersions } from "./version-order";

/** Most bytes of a package that is published, as the service has it. */
const mostUploadBytes = 500 * 1024 * 1024;

/** Most files of the upstream whose places are remembered. */
const mostSeen = 200_000;

/** What the gateway stands before. */
export interface FeedGatewayParts {
  readonly place: FeedPlace;
  readonly tokens: FeedTokens;
  readonly packages: Pick<PackageServer, "files" | "privateNames" | "open" | "publish">;
  readonly holdings: Holdings;
  /** Releases of the upstream that are not to be seen. */
  readonly heldBack: HoldBacks;
  /** Told one line for each request, without anything in it that a client made up but names of packages. */
  readonly log: (line: string) => void;
}

export interface GatewayCounters {
  readonly requests: number;
  readonly refused: number;
  readonly fetchedBytes: number;
}

export interface FeedGateway extends GatewayServer {
  counters(): GatewayCounters;
  /** Versions of a package as a collaborator sees them, the earliest first. */
  versions(name: string): Promise<string[]>;
}

interface Question {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly role: FeedRole;
}

/** A feed on a port of this machine. */
export async function openFeedGateway(parts: FeedGatewayParts, port?: number): Promise<FeedGateway> {
  const door = new Door(parts);
  const server = await listen(
    (request, response) => door.serve(request, response),
    (error) => parts.log(`failure: ${error instanceof Error ? error.message : String(error)}`),
    port,
  );
  return { ...server, counters: () => ({ ...door.counters }), versions: (name) => door.versions(name) };
}

class Door {
  public readonly counters = { requests: 0, refused: 0, fetchedBytes: 0 };
  private readonly seen = new Map<string, PackageFile>();

  public constructor(private readonly parts: FeedGatewayParts) {}

  public async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counters.requests += 1;
    let called = "an address of another form";
    response.on("close", () => this.parts.log(`${request.method ?? ""} ${called} ${response.statusCode}`));
    try {
      const role = roleOf(request, this.parts.tokens, this.parts.place);
      const resource = resourceOf(request, this.parts.place);
      called = describe(resource);
      await this.answer({ request, response, role }, resource);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if ([400, 401, 403].includes(error.status)) this.counters.refused += 1;
      const headers = { "content-type": "text/plain; charset=utf-8", connection: "close", ...error.headers };
      response.writeHead(error.status, headers).end(`${error.message}\n`);
    }
  }

  public async versions(asked: string): Promise<string[]> {
    if (!isPackageName(asked)) return [];
    const name = normalizedName(asked);
    const files = (await this.parts.packages.files("private", name)) ?? (await this.upstreamFiles(name));
    const versions = files.flatMap(({ filename }) => versionInFile(filename, name) ?? []);
    return [...new Set(versions)].sort(compareVersions);
  }

  private async answer(question: Question, resource: FeedResource): Promise<void> {
    const { request } = question;
    if (resource.kind === "upload") return this.upload(question);
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new Refusal(405, "packages are published by POST to upload/, all else is GET", { allow: "GET, HEAD" });
    }
    switch (resource.kind) {
      case "list":
        return this.list(question);
      case "package":
        return this.page(question, resource.name);
      case "download":
        return this.download(question, resource);
    }
  }

  private async list(question: Question): Promise<void> {
    const saved = this.parts.holdings.names().filter((name) => this.saved(name).length > 0);
    const names = new Set([...(await this.parts.packages.privateNames()), ...saved]);
    send(question, writeList([...names].sort(), question.request.headers.accept));
  }

  private async page(question: Question, asked: string): Promise<void> {
    const name = packageName(asked);
    if (name !== asked) throw redirect(`../${name}/`);
    const files = await this.filesFor(name, question.role);
    const links = files.flatMap((file) => {
      const version = versionInFile(file.filename, name);
      // Kinds of files that no installer takes any more.
      if (version === undefined) return [];
      const path = [name, version, file.filename].map(encodeURIComponent).join("/");
      return [{ ...file, url: `../../download/${path}` }];
    });
    send(question, writePage({ name, files: links }, question.request.headers.accept));
  }

  /** A file of the upstream: as its page last had it, else as it has it now. */
  private async upstreamFile(name: string, filename: string): Promise<PackageFile | undefined> {
    return this.seen.get(filename) ?? (await this.upstreamFiles(name)).find((file) => file.filename === filename);
  }

  /** Notes where the files of a page are: a page can be long, and many of its files are asked for one by one. */
  private see(files: readonly PackageFile[]): void {
    if (this.seen.size > mostSeen) this.seen.clear();
    for (const file of files) this.seen.set(file.filename, file);
  }

  /** What the feed has saved of the upstream, but for what is held back. */
  private saved(name: string): PackageFile[] {
    return this.parts.holdings.files(name).filter((file) => !this.isHeldBack(name, file));
  }

  private isHeldBack(name: string, { filename }: PackageFile): boolean {
    const version = versionInFile(filename, name);
    return version !== undefined && this.parts.heldBack.covers(name, version);
  }

  /** What somebody with a role may have of a package: the feed's own files, or else those of the upstream. */
  private async filesFor(name: string, role: FeedRole): Promise<readonly PackageFile[]> {
    const own = await this.parts.packages.files("private", name);
    const files = own ?? (isAtLeast(role, "collaborator") ? await this.upstreamFiles(name) : this.saved(name));
    if (files.length > 0) return files;
    throw this.notHeld(name, role);
  }

  /** The upstream's files, and saved ones that it has no more. What was saved can be had while the upstream is out of reach. */
  private async upstreamFiles(name: string): Promise<readonly PackageFile[]> {
    const held = this.saved(name);
    let files: readonly PackageFile[] = [];
    try {
      files = (await this.parts.packages.files("upstream", name)) ?? [];
    } catch (error) {
      if (held.length === 0) throw error;
    }
    const shown = files.filter((file) => !this.isHeldBack(name, file));
    this.see(shown);
    const names = new Set(shown.map(({ filename }) => filename));
    return [...shown, ...held.filter(({ filename }) => !names.has(filename))];
  }

  private notHeld(what: string, role: FeedRole): Refusal {
    const mayNotSave = isAtLeast(role, "collaborator")
      ? "nor does its upstream"
      : "and a reader may not save packages of its upstream: that takes the role collaborator";
    return new Refusal(404, `the feed ${this.parts.place.name} does not hold ${what}, ${mayNotSave}`);
  }

  private async download(
    { request, response, role }: Question,
    { name: asked, version, file }: Extract<FeedResource, { kind: "download" }>,
  ): Promise<void> {
    const { packages, holdings } = this.parts;
    const name = packageName(asked);
    const ofMetadata = file.endsWith(".whl.metadata");
    const filename = ofMetadata ? file.slice(0, -".metadata".length) : file;
    if (versionInFile(filename, name) !== version) throw this.notHeld(file, role);
    const own = await packages.files("private", name);
    // Its place may be remembered from before it was held back.
    if (own === undefined && this.parts.heldBack.covers(name, version)) throw this.notHeld(file, role);
    const held = own === undefined ? holdings.find(name, filename) : own.find((entry) => entry.filename === filename);
    const maySave = own === undefined && isAtLeast(role, "collaborator");
    // Metadata alone is not saved, so a saved file's is the upstream's, too.
    const found = maySave && (ofMetadata || held === undefined) ? await this.upstreamFile(name, filename) : held;
    if (found === undefined || (ofMetadata && found.metadata === undefined)) throw this.notHeld(file, role);
    const method = request.method === "HEAD" ? "HEAD" : "GET";
    const answer = await packages.open(`${found.url}${ofMetadata ? ".metadata" : ""}`, method);
    const status = answer.statusCode ?? 502;
    if (status !== 200) {
      answer.resume();
      throw new Refusal(status === 404 ? 404 : 502, `the package server answers ${status} for ${file}`);
    }
    const length = answer.headers["content-length"];
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      ...(length === undefined ? {} : { "content-length": length }),
    });
    answer.on("data", (chunk: Buffer) => (this.counters.fetchedBytes += chunk.length));
    try {
      await pipeline(answer, response);
    } catch {
      // Either side broke off: the client sees a body that is too short.
      response.destroy();
      return;
    }
    // A reader must not make the feed ask for metadata.
    if (own === undefined && method === "GET" && !ofMetadata) holdings.add(name, { ...found, metadata: undefined });
  }

  private async upload({ request, response, role }: Question): Promise<void> {
    if (request.method !== "POST") throw new Refusal(405, "packages are published by POST", { allow: "POST" });
    if (!isAtLeast(role, "contributor")) {
      throw new Refusal(403, `403 Forbidden: publishing takes the role contributor, and this token has ${role}`);
    }
    const { "content-type": type = "", "content-length": length } = request.headers;
    if (!type.startsWith("multipart/form-data")) throw new Refusal(415, "a package comes as multipart/form-data");
    if (length === undefined) throw new Refusal(411, "the request does not say how long it is");
    if (Number(length) > mostUploadBytes) throw new Refusal(413, `a package has at most ${mostUploadBytes} bytes`);
    const { status, text } = await this.parts.packages.publish(
      { "content-type": type, "content-length": length },
      request,
    );
    if (status !== 200)
      throw new Refusal(status, text.trim() === "" ? `the package server answers ${status}` : text.trim());
    response.writeHead(200, { "content-length": 0 }).end();
  }
}

function send({ request, response }: Question, { type, text }: Written): void {
  response.writeHead(200, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    vary: "accept",
  });
  response.end(request.method === "HEAD" ? undefined : text);
}
