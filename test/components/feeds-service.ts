/** A small feeds service on a port of this machine, whose answers a test decides one by one. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, everything else as JSON. */
  readonly body?: unknown;
  /** Breaks the connection instead of answering. */
  readonly broken?: boolean;
}

export class FeedsService {
  readonly received: Received[] = [];
  private readonly server: Server;

  /** @param answer decides on the answer to each request. */
  private constructor(answer: (request: Received, index: number) => Answer) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const received: Received = {
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers,
          body: text === "" ? undefined : JSON.parse(text),
        };
        this.received.push(received);
        const { status = 200, headers = {}, body = {}, broken = false } = answer(received, this.received.length - 1);
        if (broken) {
          request.socket.destroy();
          return;
        }
        response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
      });
    });
  }

  static start(answer: (request: Received, index: number) => Answer): Promise<FeedsService> {
    const service = new FeedsService(answer);
    return new Promise((resolve) => service.server.listen(0, "127.0.0.1", () => resolve(service)));
  }

  /** A service that remembers what was written, as the real one does. */
  static remembering(sources: readonly unknown[] = []): Promise<FeedsService> {
    let feed: Record<string, unknown> = {
      name: "python",
      upstreamEnabled: sources.length > 0,
      upstreamSources: sources,
    };
    return FeedsService.start(({ method, body }) => {
      if (method === "PATCH") {
        feed = { ...feed, ...(body as Record<string, unknown>) };
      }
      return { body: feed };
    });
  }

  /** Root of the service, for an organization named contoso. */
  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/contoso`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
