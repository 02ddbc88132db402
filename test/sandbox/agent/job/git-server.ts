/** A git repository over HTTP for tests: git's own server side, behind a token. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export class GitServer {
  private readonly server: Server;
  /** `Authorization` headers of all requests. */
  readonly authorizations: (string | undefined)[] = [];
  /** Requests to answer with 503 before any other. */
  away = 0;

  constructor(
    private readonly folder: string,
    private readonly token: string,
  ) {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
  }

  url(name: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
  }

  /** Makes a repository with these commits, one file each. @returns their ids */
  repository(name: string, messages: readonly string[]): string[] {
    const place = join(this.folder, name);
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", place, "-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
        encoding: "utf8",
        stdio: "pipe",
      }).trim();
    mkdirSync(place);
    git("init", "--quiet", "--initial-branch=main");
    git("config", "uploadpack.allowAnySHA1InWant", "true");
    return messages.map((message, index) => {
      execFileSync("sh", ["-c", `echo ${index} > file-${index}`], { cwd: place });
      git("add", ".");
      git("commit", "--quiet", "--message", message);
      return git("rev-parse", "HEAD");
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { authorization } = request.headers;
    this.authorizations.push(authorization);
    const [, password] = Buffer.from(authorization?.split(" ")[1] ?? "", "base64")
      .toString()
      .split(":");
    if (this.away > 0 || password !== this.token) {
      response.writeHead(this.away > 0 ? 503 : 401, { "www-authenticate": "Basic" }).end();
      this.away -= 1;
      return;
    }
    const { pathname, search } = new URL(request.url!, "http://x");
    const child = spawn("git", ["-c", "safe.directory=*", "http-backend"], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: "1",
        REQUEST_METHOD: request.method,
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        GIT_PROTOCOL: (request.headers["git-protocol"] as string | undefined) ?? "",
        REMOTE_USER: "job",
      },
    });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf("\r\n\r\n");
      for (const line of all.subarray(0, end).toString().split("\r\n")) {
        const [name = "", value = ""] = line.split(": ");
        if (name === "Status") response.statusCode = Number(value.split(" ")[0]);
        else response.setHeader(name, value);
      }
      response.end(all.subarray(end + 4));
    });
  }
}
