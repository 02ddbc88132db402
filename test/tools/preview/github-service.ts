/**
 * Stands for the comments of one pull request in GitHub's REST interface: who may, how long a body is, pages, and whose comments
 * can be changed. Facts: https://docs.github.com/en/rest/issues/comments; the limit is what the service says when it refuses.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface GitHubComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string; readonly type: "Bot" | "User" };
  readonly html_url: string;
}

/** What a token is good for. */
interface Account {
  readonly login: string;
  readonly type: "Bot" | "User";
  readonly mayWrite: boolean;
}

export class GitHubService {
  public readonly comments: GitHubComment[] = [];
  /** Answers for the next calls, before they are looked at. */
  public readonly refusals: { status: number; headers: Record<string, string>; message: string }[] = [];
  private next = 1;

  private constructor(
    private readonly server: Server,
    private readonly accounts: ReadonlyMap<string, Account>,
  ) {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.answer(request, response).catch((error: unknown) => {
        send(response, 500, { message: String(error) });
      });
    });
  }

  public static async start(accounts: Readonly<Record<string, Account>>): Promise<GitHubService> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new GitHubService(server, new Map(Object.entries(accounts)));
  }

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** A comment that somebody else makes. */
  public add(body: string, login: string, type: "Bot" | "User" = "User"): void {
    const id = this.next++;
    this.comments.push({
      id,
      body,
      user: { login, type },
      html_url: `https://github.com/contoso/platform/pull/3#${id}`,
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      send(response, refusal.status, { message: refusal.message }, refusal.headers);
      return;
    }
    const account = this.accounts.get(/^token (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
    if (account === undefined) {
      send(response, 401, { message: "Bad credentials" });
      return;
    }
    const url = new URL(request.url ?? "/", this.address);
    const { method } = request;
    if (method === "GET" && url.pathname === "/user") {
      // The token of a workflow is no person's.
      if (account.type === "Bot") {
        send(response, 403, { message: "Resource not accessible by integration" });
        return;
      }
      send(response, 200, { login: account.login });
      return;
    }
    const ofIssue = url.pathname === "/repos/contoso/platform/issues/3/comments";
    const id = Number(/^\/repos\/contoso\/platform\/issues\/comments\/(\d+)$/.exec(url.pathname)?.[1] ?? 0);
    if (ofIssue && method === "GET") {
      this.list(url, response);
      return;
    }
    if (!account.mayWrite && (ofIssue || id > 0)) {
      send(response, 403, { message: "Resource not accessible by integration" });
      return;
    }
    if (ofIssue && method === "POST") {
      const body = bodyOf(text, response);
      if (body === undefined) return;
      this.add(body, account.login, account.type);
      send(response, 201, this.comments.at(-1));
      return;
    }
    const known = this.comments.find((comment) => comment.id === id);
    if (known === undefined) {
      send(response, 404, { message: "Not Found" });
      return;
    }
    if (known.user.login !== account.login) {
      send(response, 403, { message: "Must have admin rights" });
      return;
    }
    if (method === "PATCH") {
      const body = bodyOf(text, response);
      if (body === undefined) return;
      known.body = body;
      send(response, 200, known);
      return;
    }
    if (method !== "DELETE") {
      send(response, 404, { message: "Not Found" });
      return;
    }
    this.comments.splice(this.comments.indexOf(known), 1);
    response.writeHead(204).end();
  }

  private list(url: URL, response: ServerResponse): void {
    const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), 100);
    const page = Number(url.searchParams.get("page") ?? 1);
    const shown = this.comments.slice((page - 1) * size, page * size);
    const more = this.comments.length > page * size;
    const next = new URL(url);
    next.searchParams.set("page", String(page + 1));
    send(response, 200, shown, more ? { link: `<${next.href}>; rel="next"` } : {});
  }
}

/** The body of a comment, or the service's refusal. */
function bodyOf(text: string, response: ServerResponse): string | undefined {
  const { body } = JSON.parse(text) as { readonly body?: unknown };
  if (typeof body === "string" && body.trim() !== "" && body.length <= 65_536) return body;
  send(response, 422, { message: "Validation Failed: Body is too long (maximum is 65536 characters)" });
  return undefined;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}
