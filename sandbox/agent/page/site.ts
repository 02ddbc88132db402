/** Which address shows what. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Refusal, sendAsset, sendHtml, type Exchange } from "./answer";
import { ImageRoom } from "./image-room";
import { document } from "./layout";
import { serveChanges } from "./live";
import type { PageOptions } from "./options";
import { RunRoom } from "./run-room";
import type { Content, Visit } from "./visit";

/** Files of the page itself, each made of one or more of those in `static`. */
const assets: Readonly<Record<string, { readonly type: string; readonly parts: readonly string[] }>> = {
  "page.css": {
    type: "text/css; charset=utf-8",
    parts: ["theme.css", "shell.css", "signs.css", "runs.css", "run.css", "log.css", "images.css"],
  },
  "page.js": { type: "text/javascript; charset=utf-8", parts: ["page.js"] },
  "icon.svg": { type: "image/svg+xml", parts: ["icon.svg"] },
};

function decoded(path: string): string[] {
  try {
    return path
      .split("/")
      .slice(1)
      .map(decodeURIComponent)
      .filter((part) => part !== "");
  } catch {
    throw new Refusal(400, "the address holds a broken percent sign", "Follow a link of the page.");
  }
}

export class Site {
  private readonly files: ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;
  private readonly runs: RunRoom;
  private readonly images: ImageRoom;

  public constructor(private readonly options: PageOptions) {
    this.files = new Map(
      Object.entries(assets).map(([name, { type, parts }]) => [
        name,
        { type, body: Buffer.concat(parts.map((part) => readFileSync(join(__dirname, "static", part)))) },
      ]),
    );
    this.runs = new RunRoom(options);
    this.images = new ImageRoom(options);
  }

  public async answer(exchange: Exchange): Promise<void> {
    const url = new URL(`http://127.0.0.1${(exchange.request.url ?? "/").replace(/^\/+/, "/")}`);
    const visit: Visit = { ...exchange, parts: decoded(url.pathname), query: url.searchParams };
    const [first] = visit.parts;
    const file = visit.parts.length === 1 ? this.files.get(first ?? "") : undefined;
    if (file !== undefined) {
      sendAsset(exchange, file.type, file.body);
    } else if (first === "api") {
      await this.answerData({ ...visit, parts: visit.parts.slice(1) });
    } else if (first === "images") {
      this.show(exchange, "images", await this.images.content(visit));
    } else {
      const content = await this.runs.content(visit);
      if (content !== "sent") this.show(exchange, "runs", content);
    }
  }

  private async answerData(visit: Visit): Promise<void> {
    const [first] = visit.parts;
    if (first === "events" && visit.parts.length === 1) serveChanges(visit, this.options);
    else if (first === "images") await this.images.data(visit);
    else await this.runs.data(visit);
  }

  private show(exchange: Exchange, room: "runs" | "images", { title, content, live = false }: Content): void {
    sendHtml(exchange, 200, document({ title, room, now: this.options.clock(), content, live }));
  }
}
