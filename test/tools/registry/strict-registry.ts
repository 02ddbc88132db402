/** A registry in this process for tests: strict on what it is asked, with faults and sign-in to order. */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";

export interface StrictRegistryOptions {
  /** Default: anyone may read and write. */
  readonly signIn?: "basic" | "bearer" | "bearer-identity-token";
  readonly user?: string;
  readonly password?: string;
  /** Where blobs are redirected to, such as another server's address. Default: they are served here. */
  readonly blobsAt?: () => string;
  /** Answers in place of the registry, once for each entry. */
  readonly faults?: { status: number; headers?: Record<string, string>; body?: string; at?: RegExp }[];
  readonly tokenSeconds?: number;
  /** Whether blobs are made part of another repository. Default: they are. */
  readonly mounts?: boolean;
  /** Where an upload goes on. Default: on the registry itself. */
  readonly sessionsAt?: (path: string) => string;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
  readonly body: Buffer;
}

export class StrictRegistry {
  readonly manifests = new Map<string, { mediaType: string; body: Buffer }>();
  readonly blobs = new Map<string, Buffer>();
  /** Digests that a repository got by an upload or a mount, each as `<repository>@<digest>`; blobs of tests are in all. */
  readonly published = new Set<string>();
  readonly sessions = new Set<string>();
  readonly seen: Seen[] = [];
  readonly tokens = new Map<string, { scope: string; until: number }>();
  private readonly server: Server;

  private constructor(private readonly options: StrictRegistryOptions) {
    this.server = createServer((request, answer) => {
      this.handle(request, answer).catch((error: unknown) => {
        answer.writeHead(500).end(String(error));
      });
    });
  }

  static async start(options: StrictRegistryOptions = {}): Promise<StrictRegistry> {
    const registry = new StrictRegistry(options);
    await new Promise<void>((resolve) => registry.server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  addBlob(body: Buffer): string {
    const digest = sha256(body);
    this.blobs.set(digest, body);
    return digest;
  }

  /** Under `<repository>:<tag>` and its digest. */
  addManifest(repository: string, tag: string, mediaType: string, body: Buffer): string {
    const digest = sha256(body);
    this.manifests.set(`${repository}:${tag}`, { mediaType, body });
    this.manifests.set(`${repository}:${digest}`, { mediaType, body });
    return digest;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    const { pathname, searchParams } = new URL(request.url ?? "/", `http://${this.host}`);
    const method = request.method ?? "GET";
    const { authorization, accept } = request.headers;
    this.seen.push({ method, path: pathname, authorization, accept, body });
    const index = (this.options.faults ?? []).findIndex(({ at }) => at === undefined || at.test(pathname));
    const [fault] = index < 0 ? [] : this.options.faults!.splice(index, 1);
    if (fault !== undefined) {
      answer.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? "");
      return;
    }
    if (pathname === "/token") {
      this.token(method, searchParams, authorization, body, answer);
      return;
    }
    const upload = /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/.exec(pathname);
    if (upload !== null) {
      this.upload(method, upload[1]!, upload[2]!, searchParams, request, body, answer);
      return;
    }
    const match = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname);
    if (match === null) {
      fail(answer, 404, "NAME_UNKNOWN", "no such address");
      return;
    }
    const [, repository, kind, name] = match as unknown as [string, string, string, string];
    const actions = method === "GET" || method === "HEAD" ? "pull" : method === "PUT" ? "pull,push" : "delete";
    if (!this.isAllowed(authorization, `repository:${repository}:${actions}`)) {
      answer.setHeader("www-authenticate", this.challenge(`repository:${repository}:${actions}`));
      fail(answer, 401, "UNAUTHORIZED", "authentication required");
      return;
    }
    if (kind === "blobs") {
      this.blob(method, repository, name, answer);
      return;
    }
    this.manifest(method, `${repository}:${name}`, repository, request, body, answer);
  }

  private upload(
    method: string,
    repository: string,
    session: string,
    query: URLSearchParams,
    request: IncomingMessage,
    body: Buffer,
    answer: ServerResponse,
  ): void {
    const from = query.get("from");
    const scope = `repository:${repository}:pull,push${from === null ? "" : ` repository:${from}:pull`}`;
    // A challenge for the whole of a mount is more than some registries give.
    const asked = `repository:${repository}:pull,push`;
    if (!this.isAllowed(request.headers.authorization, method === "DELETE" ? undefined : scope)) {
      answer.setHeader("www-authenticate", this.challenge(asked));
      fail(answer, 401, "UNAUTHORIZED", "authentication required");
      return;
    }
    if (method === "POST" && session === "") {
      const mount = query.get("mount");
      if (mount !== null && from !== null && this.options.mounts !== false && this.published.has(`${from}@${mount}`)) {
        this.published.add(`${repository}@${mount}`);
        answer.writeHead(201, { location: `/v2/${repository}/blobs/${mount}` }).end();
        return;
      }
      const name = randomBytes(8).toString("hex");
      this.sessions.add(name);
      const path = `/v2/${repository}/blobs/uploads/${name}?_state=1`;
      answer.writeHead(202, { location: this.options.sessionsAt?.(path) ?? path }).end();
      return;
    }
    if (!this.sessions.delete(session)) {
      fail(answer, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
    } else if (method === "DELETE") {
      answer.writeHead(204).end();
    } else if (method !== "PUT" || query.get("digest") !== sha256(body) || query.get("_state") !== "1") {
      fail(answer, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    } else {
      this.published.add(`${repository}@${this.addBlob(body)}`);
      answer.writeHead(201, { "docker-content-digest": sha256(body) }).end();
    }
  }

  private blob(method: string, repository: string, digest: string, answer: ServerResponse): void {
    const body = this.blobs.get(digest);
    if (body === undefined || (method === "HEAD" && !this.published.has(`${repository}@${digest}`))) {
      fail(answer, 404, "BLOB_UNKNOWN", "blob unknown");
      return;
    }
    if (this.options.blobsAt !== undefined) {
      answer.writeHead(307, { location: `${this.options.blobsAt()}/${digest}` }).end();
      return;
    }
    answer.writeHead(200, { "content-length": body.length, "content-type": "application/octet-stream" });
    answer.end(method === "HEAD" ? undefined : body);
  }

  private manifest(
    method: string,
    name: string,
    repository: string,
    request: IncomingMessage,
    body: Buffer,
    answer: ServerResponse,
  ): void {
    if (method === "PUT") {
      const mediaType = request.headers["content-type"] ?? "";
      const said = (JSON.parse(body.toString()) as { mediaType?: string }).mediaType;
      if (mediaType === "" || (said !== undefined && said !== mediaType)) {
        fail(answer, 400, "MANIFEST_INVALID", "media type");
        return;
      }
      const digest = sha256(body);
      this.manifests.set(name, { mediaType, body });
      this.manifests.set(`${repository}:${digest}`, { mediaType, body });
      answer.writeHead(201, { "docker-content-digest": digest }).end();
      return;
    }
    const manifest = this.manifests.get(name);
    if (manifest === undefined) {
      fail(answer, 404, "MANIFEST_UNKNOWN", "manifest unknown");
      return;
    }
    if (method === "DELETE") {
      if (!name.includes("sha256:")) {
        fail(answer, 405, "UNSUPPORTED", "only by digest");
        return;
      }
      this.manifests.delete(name);
      answer.writeHead(202).end();
      return;
    }
    if (!(request.headers.accept ?? "").includes(manifest.mediaType)) {
      fail(answer, 404, "MANIFEST_UNKNOWN", `no manifest of the accepted types`);
      return;
    }
    answer.writeHead(200, {
      "content-type": manifest.mediaType,
      "content-length": manifest.body.length,
      "docker-content-digest": sha256(manifest.body),
    });
    answer.end(method === "HEAD" ? undefined : manifest.body);
  }

  private challenge(scope: string): string {
    return this.options.signIn === "basic"
      ? 'Basic realm="tests"'
      : `Bearer realm="http://${this.host}/token",service="registry.test",scope="${scope}"`;
  }

  /** Without a scope, any token will do. */
  private isAllowed(authorization: string | undefined, scope: string | undefined): boolean {
    const { signIn, user, password } = this.options;
    if (signIn === undefined) return authorization === undefined;
    if (signIn === "basic") return authorization === basic(user ?? "", password ?? "");
    const token = this.tokens.get((authorization ?? "").replace(/^Bearer /, ""));
    return token !== undefined && (scope === undefined || token.scope === scope) && token.until > Date.now();
  }

  private token(
    method: string,
    query: URLSearchParams,
    authorization: string | undefined,
    body: Buffer,
    answer: ServerResponse,
  ): void {
    const { signIn, user, password, tokenSeconds = 300 } = this.options;
    const form = method === "POST" ? new URLSearchParams(body.toString()) : query;
    if (form.get("service") !== "registry.test") {
      fail(answer, 400, "UNSUPPORTED", "service");
      return;
    }
    const known =
      signIn === "bearer"
        ? method === "GET" && authorization === basic(user ?? "", password ?? "")
        : method === "POST" && form.get("grant_type") === "refresh_token" && form.get("refresh_token") === password;
    if (!known) {
      fail(answer, 401, "UNAUTHORIZED", "invalid username/password");
      return;
    }
    const token = randomBytes(12).toString("hex");
    this.tokens.set(token, { scope: form.getAll("scope").join(" "), until: Date.now() + tokenSeconds * 1000 });
    answer.writeHead(200, { "content-type": "application/json" });
    answer.end(JSON.stringify({ access_token: token, expires_in: tokenSeconds }));
  }
}

export function sha256(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function fail(answer: ServerResponse, status: number, code: string, message: string): void {
  answer.writeHead(status, { "content-type": "application/json" });
  answer.end(JSON.stringify({ errors: [{ code, message }] }));
}
