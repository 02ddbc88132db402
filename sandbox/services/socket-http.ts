/** Speaks HTTP with a server of ours over its Unix socket: short questions, and answers that are passed on in a stream. */
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** What Linux allows for the path of a socket, its closing zero byte included (unix(7)). */
const mostPathBytes = 108;

/** Most bytes of an answer that is read as a whole: the page of the package with the most files has about a tenth. */
const mostAnswerBytes = 256 * 1024 * 1024;

export interface SocketRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Text, or a stream that is passed on as it comes. */
  readonly body?: string | Readable;
}

export interface SocketAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** @throws Error when a socket in this folder cannot be reached, with what to do */
export function socketPath(path: string): string {
  if (Buffer.byteLength(path) < mostPathBytes) return path;
  throw new Error(
    `the path of the socket ${path} is longer than the ${mostPathBytes - 1} bytes that Linux allows: use a folder with a shorter path`,
  );
}

/** The answers of one server on a socket. */
export class SocketClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 8 });

  public constructor(private readonly socket: string) {}

  /** Sends a request; the answer's body is yet to be read. */
  public async open({ method = "GET", path, headers, body }: SocketRequest): Promise<IncomingMessage> {
    const sent = request({ socketPath: this.socket, agent: this.agent, method, path, headers });
    // An error after the answer began is the answer's; without this it would be nobody's. From the start: it can come with
    // the answer itself, before whoever waits for that goes on.
    sent.on("error", () => undefined);
    const answer = once(sent, "response");
    if (body === undefined || typeof body === "string") sent.end(body);
    else {
      body.on("error", () => sent.destroy());
      body.on("aborted", () => sent.destroy());
      body.pipe(sent);
    }
    const [response] = (await answer) as [IncomingMessage];
    return response;
  }

  /** Sends a request and reads the whole answer. */
  public async ask(asked: SocketRequest): Promise<SocketAnswer> {
    const response = await this.open(asked);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > mostAnswerBytes)
        throw new Error(`the answer to ${asked.path} has more than ${mostAnswerBytes} bytes`);
      chunks.push(chunk as Buffer);
    }
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: Buffer.concat(chunks).toString("utf8"),
    };
  }

  /** Whether the server answers this path with one of these statuses. */
  public async answers(path: string): Promise<boolean> {
    try {
      return (await this.ask({ path, headers: { connection: "close" } })).status === 200;
    } catch {
      return false;
    }
  }

  public close(): void {
    this.agent.destroy();
  }
}
