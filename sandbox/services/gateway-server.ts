/** An HTTP server on a port of 127.0.0.1 that only this machine reaches, and its end. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export interface GatewayServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A handler that fails answers 500 and says why to `failed`. */
export type GatewayHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Listens on `port`, or on any that is free where that one is taken or none is given. */
export async function listen(
  handler: GatewayHandler,
  failed: (error: unknown) => void,
  port = 0,
): Promise<GatewayServer> {
  const server = createServer((request, response) => {
    // A client that goes away in the middle is its own business.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    handler(request, response).catch((error: unknown) => {
      failed(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { "content-type": "text/plain", connection: "close" }).end(`${describe(error)}\n`);
    });
  });
  // Clients keep connections longer than the default of five seconds, and a call on a closed one is lost.
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 0;
  await bind(server, port);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway listens on no port");
  return {
    port: address.port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function bind(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    await bind(server, 0);
  }
}
