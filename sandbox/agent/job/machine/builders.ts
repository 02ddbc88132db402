/** Answers the docker of a job's machine: makes the BuildKit daemons that docker would start in containers, and ends them. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../../process.mjs";
import type { Builder } from "../../../services/types";
import { socketPath } from "../../../services/socket-http";
import { findProgram } from "../../../toolchain/path.mjs";

/** Seconds that buildx gets to tell where a daemon is. */
const inspectSeconds = 30;

/** The builders of one job. `docker.mjs` asks by a socket that only this user can reach. */
export class MachineBuilders {
  /** By the address of the daemon. */
  private readonly running = new Map<string, Builder>();
  private readonly starting = new Set<Promise<unknown>>();
  private readonly server: Server;
  private closed = false;

  private constructor(
    public readonly socket: string,
    private readonly make: (name: string) => Promise<Builder>,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** @throws Error when the folder's path is too long for a socket */
  public static async start(folder: string, make: (name: string) => Promise<Builder>): Promise<MachineBuilders> {
    const builders = new MachineBuilders(socketPath(join(folder, "s")), make);
    builders.server.listen(builders.socket);
    await once(builders.server, "listening");
    return builders;
  }

  /**
   * Disposes of all, those included that are just being made.
   * @returns what went wrong, a line for each
   */
  public async close(): Promise<string[]> {
    this.closed = true;
    this.server.close();
    this.server.closeAllConnections();
    await Promise.allSettled(this.starting);
    const ended = await Promise.allSettled([...this.running.keys()].map((address) => this.dispose(address)));
    rmSync(this.socket, { force: true });
    return ended.flatMap((end) => (end.status === "rejected" ? [messageOf(end.reason)] : []));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const address = decodeURIComponent(request.url?.slice(1) ?? "");
      if (request.method === "POST") response.end(await this.add());
      else {
        await this.dispose(address);
        response.end();
      }
    } catch (error) {
      response.statusCode = 500;
      response.end(messageOf(error));
    }
  }

  private async add(): Promise<string> {
    const making = this.makeOne();
    this.starting.add(making);
    try {
      return await making;
    } finally {
      this.starting.delete(making);
    }
  }

  private async makeOne(): Promise<string> {
    if (this.closed) throw new Error("the job has ended");
    // Builders of several jobs run side by side: the job's own name for it is not free everywhere.
    const builder = await this.make(`job-${randomBytes(6).toString("hex")}`);
    try {
      const address = await addressOf(builder);
      this.running.set(address, builder);
      return address;
    } catch (error) {
      await builder.dispose();
      throw error;
    }
  }

  private async dispose(address: string): Promise<void> {
    const builder = this.running.get(address);
    this.running.delete(address);
    await builder?.dispose();
  }
}

/** The address of the daemon, as buildx knows it. */
async function addressOf({ name, environment }: Builder): Promise<string> {
  const buildx = findProgram("docker-buildx", environment);
  if (buildx === undefined) throw new Error("the builder has no docker-buildx on its PATH");
  const { output } = await run(buildx, ["inspect", name], { env: environment, timeoutSeconds: inspectSeconds });
  const address = /^Endpoint:\s+(\S+)$/m.exec(output)?.[1];
  if (address === undefined) throw new Error(`docker-buildx does not tell the address of the builder ${name}`);
  return address;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
