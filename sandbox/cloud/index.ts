/** Starts the stand-in for both clouds: a server on this machine that owns their state, and stops it again. */
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import { FeedTokens } from "../services/feed/tokens";
import type { Cloud } from "./cloud";
import { seed } from "./devops/organization";
import { Faults, type Fault } from "./faults";
import { writeHooks } from "./git/http";
import { RepositoryStore } from "./git/repositories";
import { lockFolder } from "./lock";
import { Log } from "./log";
import type { PackageIndex } from "./rest/packages";
import { makeServer } from "./server";
import { SignedTokens } from "./signed-tokens";
import { State } from "./state";

export { FolderLockedError } from "./lock";
export { StateError } from "./state";

export interface CloudOptions {
  /** Where state, repositories, log and `server.json` are; made where it does not exist. */
  readonly folder: string;
  /** Name of the one Azure DevOps organization. */
  readonly organization: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Application id for Azure. */
  readonly clientId: string;
  readonly personalAccessToken: string;
  readonly clientSecret: string;
  /** Port on 127.0.0.1. Default: that of the last start in this folder where it is free, else any. */
  readonly port?: number;
  /** Serves the packages of one feed. Default: none, and all feeds are empty. */
  readonly packageIndex?: PackageIndex | undefined;
  /** `127.0.0.1:<port>` of the registry that container registries stand for; those made with another one get it, too. */
  readonly registryHost?: string | undefined;
  /** Key of the job tokens, which fetch from git; the feed's services have the same one. Default: no job can fetch. */
  readonly jobTokenKey?: string | undefined;
}

export interface RunningCloud {
  readonly port: number;
  /** Makes coming calls fail: see `Faults`. */
  injectFault(fault: Partial<Fault> & Pick<Fault, "status">): void;
  /** Lets running calls end, for five seconds at most, and stops. */
  close(): Promise<void>;
}

const graceMilliseconds = 5000;

/** Starts the stand-in. Throws a `FolderLockedError` where another one serves the folder. */
export async function startCloud(options: CloudOptions): Promise<RunningCloud> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(options.folder);
  const log = new Log(join(options.folder, "cloud.log"));
  try {
    const faults = new Faults();
    let port = 0;
    const { organization, subscriptionId, tenantId, clientId, registryHost, jobTokenKey } = options;
    const cloud: Cloud = {
      organization,
      subscriptionId,
      tenantId,
      clientId,
      registryHost,
      jobTokens: jobTokenKey === undefined ? undefined : new FeedTokens(Date.now, jobTokenKey),
      signedTokens: new SignedTokens(jobTokenKey),
      state: State.load(options.folder),
      repositories: new RepositoryStore(join(options.folder, "repositories")),
      address: () => `http://127.0.0.1:${port}`,
    };
    await seed(cloud);
    const { packageIndex } = options;
    const hooks = writeHooks(options.folder);
    const server = makeServer({ cloud, credentials: options, faults, log, hooks, packageIndex });
    port = await listen(server, options);
    log.event(`listening on 127.0.0.1:${port}, process ${process.pid}`);
    return {
      port,
      injectFault: (fault) => faults.inject(fault),
      async close() {
        await stop(server);
        log.event("stopped");
        await log.close();
        unlock();
      },
    };
  } catch (error) {
    log.failure(error);
    await log.close();
    unlock();
    throw error;
  }
}

/** Listens, and writes down where and since when. */
async function listen(server: Server, { folder, port: wanted }: CloudOptions): Promise<number> {
  const file = join(folder, "server.json");
  const remembered = wanted === undefined ? rememberedPort(file) : undefined;
  if (remembered === undefined || !(await tryPort(server, remembered))) {
    await bind(server, wanted ?? 0);
  }
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server listens on no port");
  }
  const description = { pid: process.pid, port: address.port, startedAt: new Date().toISOString() };
  writeFileAtomic.sync(file, `${JSON.stringify(description, undefined, 2)}\n`, { mode: 0o600 });
  return address.port;
}

async function tryPort(server: Server, port: number): Promise<boolean> {
  try {
    await bind(server, port);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      return false;
    }
    throw error;
  }
}

async function bind(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  // Rejects where the server says "error" first.
  await once(server, "listening");
}

function rememberedPort(file: string): number | undefined {
  try {
    return z.object({ port: z.number().int().min(1).max(65_535) }).parse(JSON.parse(readFileSync(file, "utf8"))).port;
  } catch {
    return undefined; // The first start here, or a file that somebody broke: any port does.
  }
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
  // Connections that become idle after their last answer would be kept for the next call.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearTimeout(timer);
  clearInterval(sweep);
}
