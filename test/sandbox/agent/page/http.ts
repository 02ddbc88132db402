/** Requests as no browser and no `fetch` sends them: any Host header, any path, any method. */
import { request, type IncomingHttpHeaders } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function ask(
  address: string,
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}

export interface SentEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** Reads server-sent events until one is the last that is wanted; then the connection is closed. */
export async function events(
  address: string,
  isLast: (event: SentEvent) => boolean,
  headers: Record<string, string> = {},
): Promise<SentEvent[]> {
  const abort = AbortSignal.timeout(10_000);
  const answer = await fetch(address, { headers, signal: abort });
  const found: SentEvent[] = [];
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of answer.body ?? []) {
    text += decoder.decode(part as Uint8Array, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const event = field("event");
      if (event === undefined) continue;
      found.push({ event, id: field("id"), data: JSON.parse(field("data") ?? "null") });
      if (isLast(found.at(-1)!)) return found;
    }
  }
  return found;
}
