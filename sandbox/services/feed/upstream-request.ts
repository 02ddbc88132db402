/** Asks a package index on the network: follows redirects, trusts whom the machine trusts, and never waits for ever. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { once } from "node:events";

import type { UpstreamIndex } from "./machine-index";

/** Seconds without a byte until a connection counts as broken. */
const silenceSeconds = 30;
const mostRedirects = 5;

/** Asks one index and the servers that its pages name. */
export class UpstreamClient {
  private readonly plain = new HttpAgent({ keepAlive: true, maxSockets: 16 });
  private readonly secure: HttpsAgent;

  public constructor(private readonly index: UpstreamIndex) {
    const { authorities } = index;
    this.secure = new HttpsAgent({
      keepAlive: true,
      maxSockets: 16,
      ...(authorities.length === 0 ? {} : { ca: [...authorities] }),
    });
  }

  /**
   * Opens an address; the answer's body is yet to be read.
   * @param headers Of the request; credentials are added where the address is on the index's own server.
   */
  public async open(address: string, headers: Readonly<Record<string, string>> = {}): Promise<Opened> {
    let url = new URL(address);
    for (let round = 0; round <= mostRedirects; round++) {
      const answer = await this.send(url, headers);
      const { location } = answer.headers;
      if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return { url, answer };
      answer.resume();
      url = new URL(location, url);
      if (url.protocol !== "https:" && url.protocol !== "http:") break;
    }
    throw new Error(`the upstream index redirects ${new URL(address).pathname} more than ${mostRedirects} times`);
  }

  public close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private async send(url: URL, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
    const secure = url.protocol === "https:";
    const own = url.origin === new URL(this.index.address).origin ? this.index.authorization : undefined;
    const options = { headers: { ...headers, ...(own === undefined ? {} : { authorization: own }) } };
    const sent = secure
      ? httpsRequest(url, { ...options, agent: this.secure })
      : httpRequest(url, { ...options, agent: this.plain });
    sent.setTimeout(silenceSeconds * 1000, () =>
      sent.destroy(new Error(`the upstream index sent nothing for ${silenceSeconds} s`)),
    );
    const answered = once(sent, "response");
    sent.end();
    const [answer] = (await answered) as [IncomingMessage];
    sent.on("error", (error) => answer.destroy(error));
    return answer;
  }
}

/** An answer, and the address that gave it in the end: what is relative in it is relative to that. */
export interface Opened {
  readonly url: URL;
  readonly answer: IncomingMessage;
}
