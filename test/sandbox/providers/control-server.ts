/** A small cloud for the tests of the provider plugins: keeps what it is given, and records what it is asked. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Properties = Record<string, unknown>;

/** One request that came in, and with whose credentials. */
export interface Recorded {
  readonly verb: string;
  readonly body: Properties;
  readonly authorization: string;
}

/** What to answer instead of the usual: a status and a body, or nothing for the usual. */
export type Answer = (verb: string, body: Properties) => { status: number; body: unknown } | undefined;

export class ControlServer {
  public readonly requests: Recorded[] = [];
  public readonly entities = new Map<string, Properties>();
  public answer: Answer = () => undefined;
  /** What the service adds to the properties of a new resource, by token. */
  public computed: Record<string, (inputs: Properties) => Properties> = {};
  /** Resolves before each answer, after the work is done: what a slow network does. */
  public pause: (verb: string) => Promise<void> = () => Promise.resolve();
  private count = 0;
  private readonly server = createServer((request, response) => void this.handle(request, response));

  public async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Azure DevOps' address for the organization `contoso`. */
  public get organizationUrl(): string {
    return `http://127.0.0.1:${this.port}/devops/contoso`;
  }

  public get metadataHost(): string {
    return `127.0.0.1:${this.port}`;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  public asked(verb: string): Properties[] {
    return this.requests.filter((request) => request.verb === verb).map((request) => request.body);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const part of request) {
      text += String(part);
    }
    const verb = (request.url ?? "").split("/_sandbox/")[1] ?? "";
    const body = JSON.parse(text) as Properties;
    this.requests.push({ verb, body, authorization: request.headers.authorization ?? "" });
    const { status, body: answer } = this.answer(verb, body) ?? this.usual(verb, body);
    await this.pause(verb);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  private usual(verb: string, body: Properties): { status: number; body: unknown } {
    const id = body.id as string;
    const token = String(body.token);
    const held = this.entities.get(id);
    const missing = { status: 404, body: { code: "NotFound", message: `no ${token} ${id}` } };
    switch (verb) {
      case "create": {
        this.count += 1;
        const inputs = body.inputs as Properties;
        const properties = { ...inputs, ...this.computed[token]?.(inputs) };
        this.entities.set(`id-${this.count}`, properties);
        return { status: 200, body: { id: `id-${this.count}`, properties } };
      }
      case "read":
        return held === undefined ? missing : { status: 200, body: { id, properties: held } };
      case "update": {
        const news = body.news as Properties;
        const properties = { ...held, ...news };
        this.entities.set(id, properties);
        return { status: 200, body: { properties } };
      }
      case "delete":
        return this.entities.delete(id) ? { status: 200, body: {} } : missing;
      case "find": {
        const name = (body.inputs as Properties).name;
        const found = [...this.entities].find(([, properties]) => properties.name === name);
        return found === undefined ? missing : { status: 200, body: { id: found[0] } };
      }
      default:
        return { status: 200, body: { result: { ...(body.args as Properties), id: "found" } } };
    }
  }
}
