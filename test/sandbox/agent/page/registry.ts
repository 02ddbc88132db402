/** A registry for the page's tests: answers what is read of one, to the right user only, and refuses all else. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { RegistryAccess } from "../../../../sandbox/agent/page";

export interface MadeLayer {
  readonly digest: string;
  readonly size: number;
  readonly command: string;
}

export function layer(name: string, size: number, command: string): MadeLayer {
  return { digest: sha256(Buffer.from(name)), size, command };
}

export function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

const oci = "application/vnd.oci.image";

interface Document {
  readonly type: string;
  readonly body: Buffer;
}

export interface ImageParts {
  readonly layers: readonly MadeLayer[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly created?: string;
  readonly architecture?: string;
  /** Default: that of an image. */
  readonly configType?: string;
}

export class MadeRegistry {
  readonly requests: string[] = [];
  password = "right";
  /** Answers instead, if it is set. */
  fault: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  private readonly documents = new Map<string, Document>();
  private readonly tags = new Map<string, Map<string, string>>();
  private readonly server = createServer((request, response) => this.answer(request, response));
  host = "";

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  get access(): RegistryAccess {
    return {
      host: this.host,
      repositories: () => [...this.tags.keys()],
      credentials: () => ({ user: "sandbox-pull", password: "right" }),
    };
  }

  /** An image's manifest in an index with an attestation, as BuildKit pushes it, under some tags. */
  push(repository: string, tags: readonly string[], parts: ImageParts): string {
    const manifest = this.put(repository, `${oci}.manifest.v1+json`, this.manifest(repository, parts));
    const attestation = this.put(
      repository,
      `${oci}.manifest.v1+json`,
      this.manifest(repository, { layers: [layer(`attestation of ${manifest.digest}`, 5000, "")] }),
    );
    const platform = (os: string, architecture: string) => ({ os, architecture });
    const index = this.put(repository, `${oci}.index.v1+json`, {
      schemaVersion: 2,
      mediaType: `${oci}.index.v1+json`,
      manifests: [
        { ...manifest, platform: platform("linux", parts.architecture ?? "amd64") },
        { ...attestation, platform: platform("unknown", "unknown") },
      ],
    });
    this.tag(repository, tags, index.digest);
    return index.digest;
  }

  /** A manifest without an index. */
  pushPlain(repository: string, tags: readonly string[], parts: ImageParts): string {
    const { digest } = this.put(repository, `${oci}.manifest.v1+json`, this.manifest(repository, parts));
    this.tag(repository, tags, digest);
    return digest;
  }

  /** Puts other content in a document's place. */
  falsify(repository: string, digest: string, body: string): void {
    this.documents.set(`${repository}/manifests/${digest}`, {
      type: `${oci}.manifest.v1+json`,
      body: Buffer.from(body),
    });
  }

  tag(repository: string, tags: readonly string[], digest: string): void {
    const known = this.tags.get(repository) ?? new Map<string, string>();
    for (const tag of tags) known.set(tag, digest);
    this.tags.set(repository, known);
  }

  private manifest(repository: string, parts: ImageParts): object {
    const { layers, labels, config, created, architecture = "amd64", configType = `${oci}.config.v1+json` } = parts;
    const configuration = this.put(
      repository,
      configType,
      {
        os: "linux",
        architecture,
        created,
        config: { ...config, Labels: labels },
        rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
        history: [
          { created_by: "ENV PATH=/opt/venv/bin", empty_layer: true },
          ...layers.map(({ command }) => ({ created_by: command })),
        ],
      },
      "blobs",
    );
    return {
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      config: configuration,
      layers: layers.map(({ digest, size }) => ({ mediaType: `${oci}.layer.v1.tar+gzip`, digest, size })),
    };
  }

  private put(repository: string, type: string, content: object, room: "manifests" | "blobs" = "manifests") {
    const body = Buffer.from(JSON.stringify(content));
    const digest = sha256(body);
    this.documents.set(`${repository}/${room}/${digest}`, { type, body });
    return { mediaType: type, digest, size: body.length };
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    if (this.fault !== undefined) {
      this.fault(request, response);
      return;
    }
    const basic = `Basic ${Buffer.from(`sandbox-pull:${this.password}`).toString("base64")}`;
    const match = /^\/v2\/(.+)\/(tags\/list|manifests\/[^/]+|blobs\/[^/]+)$/.exec(
      decodeURIComponent(request.url ?? ""),
    );
    if (request.headers.authorization !== basic) {
      response.writeHead(401, { "www-authenticate": "Bearer" }).end();
    } else if (match === null || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(405).end();
    } else {
      this.give(match[1]!, match[2]!, request, response);
    }
  }

  private give(repository: string, rest: string, request: IncomingMessage, response: ServerResponse): void {
    const tags = this.tags.get(repository);
    if (rest === "tags/list" && tags !== undefined) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ name: repository, tags: [...tags.keys()] }));
      return;
    }
    const [room, reference = ""] = rest.split("/");
    const digest = (room === "manifests" ? tags?.get(reference) : undefined) ?? reference;
    const found = this.documents.get(`${repository}/${room ?? ""}/${digest}`);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    // A registry gives a manifest only to who takes its type; else it would be converted, and have another digest.
    if (room === "manifests" && !(request.headers.accept ?? "").includes(found.type)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": found.type,
      "content-length": found.body.length,
      "docker-content-digest": digest,
    });
    response.end(request.method === "HEAD" ? undefined : found.body);
  }
}
