/** Azure DevOps with its word on who calls (`_apis/connectionData`), which the stand-in does not have; all else is the stand-in's. */
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class AccountService {
  private constructor(private readonly server: Server) {}

  /** @param account id of the identity that every token is of */
  public static async start(behind: string, account: string): Promise<AccountService> {
    const server = createServer((asked, answer) => {
      if (asked.method === "GET" && (asked.url ?? "").endsWith("/_apis/connectionData")) {
        answer.setHeader("content-type", "application/json");
        answer.end(JSON.stringify({ authenticatedUser: { id: account }, authorizedUser: { id: account } }));
        return;
      }
      const headers = { ...asked.headers, host: new URL(behind).host };
      const passed = request(new URL(asked.url ?? "/", behind), { method: asked.method, headers }, (from) => {
        answer.writeHead(from.statusCode ?? 502, from.headers);
        from.pipe(answer);
      });
      passed.on("error", () => answer.destroy());
      asked.pipe(passed);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new AccountService(server);
  }

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
