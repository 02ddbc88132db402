/** A small feed for tests: a simple index with Basic authentication that counts who asks it what. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { makeWheel, type WheelSpec } from "./archive";

/** What a token may do: `forbidden` is known and may not read. */
export type TokenRole = "reader" | "forbidden";

export class Feed {
  readonly requests: string[] = [];
  refused = 0;
  private readonly wheels = new Map<string, { project: string; content: Uint8Array }>();
  private constructor(
    private readonly server: Server,
    private readonly tokens: Map<string, TokenRole>,
  ) {}

  /** @param tokens by their text; `undefined`: everyone may read. */
  static async start(wheels: readonly WheelSpec[], tokens: Record<string, TokenRole>): Promise<Feed> {
    const server = createServer();
    const feed = new Feed(server, new Map(Object.entries(tokens)));
    for (const wheel of wheels) feed.add(wheel);
    server.on("request", (request, response) => feed.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return feed;
  }

  get indexUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/simple/`;
  }

  add(spec: WheelSpec): void {
    const { name, content } = makeWheel(spec);
    this.wheels.set(name, { project: spec.name, content });
  }

  revoke(token: string): void {
    this.tokens.delete(token);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const [, credentials = ""] = (request.headers.authorization ?? "").split(" ");
    const token = Buffer.from(credentials, "base64").toString().split(":").slice(1).join(":");
    const role = this.tokens.get(token);
    if (role !== "reader") {
      this.refused += 1;
      response.writeHead(role === undefined ? 401 : 403, { "www-authenticate": 'Basic realm="feed"' }).end();
      return;
    }
    const [, kind, name = ""] = (request.url ?? "").split("/");
    const body = kind === "simple" ? this.page(name) : this.wheels.get(name)?.content;
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": kind === "simple" ? "text/html" : "application/octet-stream",
      "content-length": Buffer.byteLength(body),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  private page(project: string): string | undefined {
    const files = [...this.wheels].filter(([, wheel]) => wheel.project === project);
    if (files.length === 0) return undefined;
    const links = files.map(([name, { content }]) => {
      const hash = createHash("sha256").update(content).digest("hex");
      return `<a href="/files/${name}#sha256=${hash}">${name}</a>`;
    });
    return `<!DOCTYPE html><html><body>${links.join("\n")}</body></html>`;
  }
}
