/** One HTTP exchange with a registry: bounded in time, tried again after passing faults, counted. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, unreachable, type Subject } from "./errors";

/** What went over the wire, bodies only. */
export interface Transferred {
  /** HTTP requests, each redirect and each further try counted. */
  requests: number;
  /** Bytes of bodies received. */
  fetchedBytes: number;
  /** Bytes of bodies sent. */
  pushedBytes: number;
}

export interface Call {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | Stream;
  readonly subject: Subject;
  readonly signal?: AbortSignal | undefined;
}

/** A body that is too large for memory: opened anew for each try. */
export interface Stream {
  /** Bytes. */
  readonly length: number;
  open(): Promise<Readable>;
}

export interface Patience {
  /** Milliseconds of silence after which a connection counts as broken. */
  readonly silence: number;
  /** Tries of one call, the first included. */
  readonly tries: number;
  /** Milliseconds before the second try; doubled for each further one. */
  readonly pause: number;
  /** Milliseconds that a `Retry-After` may ask for at most. */
  readonly longestPause: number;
}

export const defaultPatience: Patience = { silence: 60_000, tries: 4, pause: 500, longestPause: 30_000 };

/** Statuses that another try may mend. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

export function isPassingStatus(status: number | undefined): boolean {
  return passing.has(status ?? 0);
}

/**
 * The answer's head, with its body not yet read. Answers that a further try may mend are tried again; the last one is
 * returned as it is.
 * @throws RegistryError when no try was answered.
 */
export async function exchange(call: Call, transferred: Transferred, patience: Patience): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt >= patience.tries;
    try {
      const answer = await send(call, transferred, patience.silence);
      if (last || !isPassingStatus(answer.statusCode)) return answer;
      answer.destroy();
      await sleep(pauseBefore(attempt, answer.headers["retry-after"], patience), undefined, { signal: call.signal });
    } catch (error) {
      if (call.signal?.aborted === true) throw error;
      if (last || !isPassing(error)) throw unreachable(call.subject, error);
      await sleep(pauseBefore(attempt, undefined, patience), undefined, { signal: call.signal });
    }
  }
}

/** The whole body, for documents. `limit` in bytes. @throws Error when it is longer or breaks off. */
export async function readBody(answer: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limit) {
      answer.destroy();
      throw new Error(`the answer has more than ${limit} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(call: Call, transferred: Transferred, silence: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = call.url.protocol === "https:" ? httpsRequest : httpRequest;
    transferred.requests += 1;
    const request = start(
      call.url,
      {
        method: call.method,
        headers: {
          "user-agent": "wheelhouse",
          ...call.headers,
          ...(call.body === undefined ? {} : { "content-length": String(call.body.length) }),
        },
        timeout: silence,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      },
      (answer) => {
        answer.on("data", (part: Buffer) => (transferred.fetchedBytes += part.length));
        // Counting must not set the body flowing before its reader is there.
        answer.pause();
        resolve(answer);
      },
    );
    request.on("timeout", () => {
      request.destroy(Object.assign(new Error(`nothing came for ${silence / 1000} s`), { code: "ETIMEDOUT" }));
    });
    request.on("error", reject);
    const { body } = call;
    if (body === undefined || Buffer.isBuffer(body)) {
      transferred.pushedBytes += body?.length ?? 0;
      request.end(body);
      return;
    }
    body
      .open()
      .then((stream) => {
        stream.on("data", (part: Buffer) => (transferred.pushedBytes += part.length));
        return pipeline(stream, request);
      })
      // Whether the connection or the stream broke: the request is told, and its own error rejects. An answer that came
      // before the end of the body stands.
      .catch((error: unknown) => request.destroy(error instanceof Error ? error : new Error(String(error))));
  });
}

/** Refused connections, unknown hosts and bad certificates do not mend themselves within seconds. */
function isPassing(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"].includes(codeOf(error));
}

function pauseBefore(attempt: number, retryAfter: string | undefined, patience: Patience): number {
  const asked = Number(retryAfter) * 1000;
  const ordinary = patience.pause * 2 ** (attempt - 1);
  return Math.min(Number.isFinite(asked) && asked > 0 ? asked : ordinary, patience.longestPause);
}
