/** Answers and refusals of the control interface. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { z } from "zod";

/** Most bytes of a body. */
const mostBytes = 64 * 1024;

/** A request that is not granted. */
export class ControlError extends Error {
  public constructor(
    public readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 500,
    message: string,
  ) {
    super(message);
    this.name = "ControlError";
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response
    .writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    })
    .end(text);
}

export function sendText(response: ServerResponse, text: string): void {
  response
    .writeHead(200, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
    .end(text);
}

/** The body as JSON of a form. @throws ControlError */
export async function readBody<T>(request: IncomingMessage, form: z.ZodType<T>): Promise<T> {
  // Pages of other sites cannot send this type without being asked back.
  if (request.headers["content-type"]?.toLowerCase().startsWith("application/json") !== true) {
    throw new ControlError(415, "send JSON, with the header content-type: application/json");
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) throw new ControlError(413, `the body has more than ${mostBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new ControlError(400, "the body is no JSON");
  }
  const read = form.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`);
  throw new ControlError(400, problems.join("; "));
}
