/** How the page answers: documents, data and refusals, each with the headers that keep what it shows from acting. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { html, type Html } from "./html";

/** Nothing runs but the page's own script, and nothing is fetched but from where the page is. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const always = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
} as const;

/** What is asked for is not there, or may not be asked for so. */
export class Refusal extends Error {
  public constructor(
    public readonly status: number,
    message: string,
    public readonly mend: string,
  ) {
    super(message);
    this.name = "Refusal";
  }
}

/** Nothing is at this address. */
export function nothingAt(what: string): Refusal {
  return new Refusal(404, what, "Go back to the runs or the images.");
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export function headersWith(own: Readonly<Record<string, string>>): Record<string, string> {
  return { ...always, ...own };
}

export function sendText({ request, response }: Exchange, status: number, type: string, text: string): void {
  const body = Buffer.from(text, "utf8");
  response.writeHead(status, headersWith({ "content-type": type, "content-length": String(body.length) }));
  response.end(request.method === "HEAD" ? undefined : body);
}

export function sendHtml(exchange: Exchange, status: number, document: Html): void {
  sendText(exchange, status, "text/html; charset=utf-8", document.text);
}

export function sendJson(exchange: Exchange, status: number, value: unknown): void {
  sendText(exchange, status, "application/json; charset=utf-8", `${JSON.stringify(value)}\n`);
}

/** A file of the page itself: asked for again each time, sent only where it changed. */
export function sendAsset({ request, response }: Exchange, type: string, body: Buffer): void {
  const tag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  const headers = headersWith({ "content-type": type, "cache-control": "no-cache", etag: tag });
  if (request.headers["if-none-match"] === tag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, "content-length": String(body.length) });
  response.end(request.method === "HEAD" ? undefined : body);
}

export function refusalContent({ status, message, mend }: Refusal): Html {
  const title = status === 404 ? "There is nothing here" : "This cannot be shown";
  return html`<div class="empty">
    <h1>${title}</h1>
    <p>${message}</p>
    <p>${mend}</p>
  </div>`;
}

/**
 * Requests that a browser was led to by another site's name for this address are refused, and so is all that would change something.
 * @throws Refusal
 */
export function requireOwn({ method, headers }: IncomingMessage): void {
  const host = /^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/i.test(headers.host ?? "");
  if (!host) {
    throw new Refusal(421, "the page is served as 127.0.0.1 and localhost only", "Open it under one of these names.");
  }
  if (method !== "GET" && method !== "HEAD") {
    throw new Refusal(405, `the page only shows: ${method ?? "this method"} changes nothing here`, "Ask with GET.");
  }
}
