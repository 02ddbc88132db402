/** A registry in memory that asks for a log-in, and notes what it was asked for. */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Stored {
  readonly mediaType: string;
  readonly body: Buffer;
}

interface Part {
  readonly digest: string;
}

interface Reply {
  readonly status: number;
  readonly content?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export class RegistryServer {
  public readonly requests: string[] = [];
  /** By `<repository>@<digest>` and `<repository>:<tag>`. */
  public readonly manifests = new Map<string, Stored>();
  public readonly blobs = new Map<string, Buffer>();
  private readonly tokens = new Set<string>();

  private constructor(
    private readonly server: Server,
    private readonly scheme: "Basic" | "Bearer",
    /** Of the user `build`. */
    public readonly password: string,
  ) {}

  public static async start(scheme: "Basic" | "Bearer"): Promise<RegistryServer> {
    const server = createServer();
    const registry = new RegistryServer(server, scheme, randomUUID());
    server.on(
      "request",
      (request: IncomingMessage, response: ServerResponse) => void registry.answer(request, response),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  public get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What docker's file of log-ins holds for this registry. */
  public get login(): string {
    return JSON.stringify({
      auths: { [this.host]: { auth: Buffer.from(`build:${this.password}`).toString("base64") } },
    });
  }

  public add(repository: string, reference: string, mediaType: string, content: unknown): string {
    const body = Buffer.from(JSON.stringify(content));
    return this.store(repository, reference, { mediaType, body });
  }

  public close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private store(repository: string, reference: string, stored: Stored): string {
    const digest = digestOf(stored.body);
    this.manifests.set(`${repository}@${digest}`, stored);
    if (!reference.startsWith("sha256:")) this.manifests.set(`${repository}:${reference}`, stored);
    return digest;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, content, headers } = this.reply(request, Buffer.concat(chunks));
    response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : content);
  }

  private reply({ method = "", headers, url: path = "" }: IncomingMessage, body: Buffer): Reply {
    const url = new URL(path, `http://${this.host}`);
    const basic = `Basic ${Buffer.from(`build:${this.password}`).toString("base64")}`;
    if (url.pathname === "/token") {
      if (headers.authorization !== basic) return { status: 401 };
      const token = randomUUID();
      this.tokens.add(`Bearer ${token}`);
      return { status: 200, content: JSON.stringify({ token }) };
    }
    const allowed =
      this.scheme === "Basic" ? headers.authorization === basic : this.tokens.has(headers.authorization ?? "");
    if (!allowed) {
      const challenge = `${this.scheme} realm="http://${this.host}/token",service="registry"`;
      return { status: 401, headers: { "www-authenticate": challenge } };
    }
    this.requests.push(`${method} ${url.pathname}`);
    const [, repository = "", kind = "", reference = ""] =
      /^\/v2\/(.+)\/(manifests|blobs)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests") {
      return method === "PUT"
        ? this.put(repository, reference, { mediaType: headers["content-type"] ?? "", body })
        : this.manifest(method, `${repository}${reference.startsWith("sha256:") ? "@" : ":"}${reference}`);
    }
    if (method === "POST")
      return { status: 202, headers: { location: `/v2/${repository}/blobs/uploads/${randomUUID()}` } };
    if (method === "PUT") {
      if (url.searchParams.get("digest") !== digestOf(body)) return { status: 400 };
      this.blobs.set(digestOf(body), body);
      return { status: 201 };
    }
    const blob = this.blobs.get(reference);
    return blob === undefined ? { status: 404 } : { status: 200, content: blob };
  }

  private put(repository: string, reference: string, stored: Stored): Reply {
    const { config, layers } = JSON.parse(stored.body.toString()) as { config: Part; layers: readonly Part[] };
    if (![config, ...layers].every(({ digest }) => this.blobs.has(digest))) return { status: 400 };
    return { status: 201, headers: { "docker-content-digest": this.store(repository, reference, stored) } };
  }

  private manifest(method: string, key: string): Reply {
    const found = this.manifests.get(key);
    if (found === undefined) return { status: 404 };
    if (method === "DELETE") {
      for (const [name, stored] of this.manifests) if (stored.body.equals(found.body)) this.manifests.delete(name);
      return { status: 202 };
    }
    const headers = { "content-type": found.mediaType, "docker-content-digest": digestOf(found.body) };
    return { status: 200, content: found.body, headers };
  }
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
