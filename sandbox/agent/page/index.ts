/** The page of the sandbox's Azure Pipelines: runs, steps with their logs, what they left, and the images of the registry. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { Refusal, refusalContent, requireOwn, sendHtml, sendJson, type Exchange } from "./answer";
import { document } from "./layout";
import type { PageOptions } from "./options";
import { Site } from "./site";

export type * from "./options";

/** Answers a request, and tells whether it did: what lies below `/control/` is not the page's. */
export type Page = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

function refuse(exchange: Exchange, path: string, refusal: Refusal, now: Date): void {
  const { status, message, mend } = refusal;
  if (exchange.response.headersSent) {
    exchange.response.destroy();
  } else if (/^\/api(?:\/|$)/.test(path)) {
    sendJson(exchange, status, { error: message, mend });
  } else {
    const content = refusalContent(refusal);
    sendHtml(exchange, status, document({ title: "Not shown", room: "none", now, live: false, content }));
  }
}

/**
 * Makes the page. It only reads, and answers nobody who asks for it by another name than 127.0.0.1 or localhost.
 * @param options `failed` is told what goes wrong inside; the browser then gets 500 and no word of it.
 */
export function makePage(options: PageOptions): Page {
  const site = new Site(options);
  return async (request, response) => {
    const exchange = { request, response };
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (path === "/control" || path.startsWith("/control/")) return false;
    try {
      requireOwn(request);
      await site.answer(exchange);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : unexpected(options, error);
      refuse(exchange, path, refusal, options.clock());
    }
    return true;
  };
}

function unexpected({ failed }: PageOptions, error: unknown): Refusal {
  failed(error);
  return new Refusal(500, "something in the sandbox failed while this was made", "Its log says what; try again.");
}
