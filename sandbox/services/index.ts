/** Starts the services that image builds need on this machine: a registry, a package feed, builders and an upstream image. */
import { chmodSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

import { wheelhouseHome } from "../home.mjs";
import { takeLock } from "../lock.mjs";
import { describeDuration } from "../progress.mjs";
import { ensureTools, requireLinux, toolEnvironment } from "../toolchain/index.mjs";
import { Builders } from "./builders";
import { startFeed } from "./feed";
import { startRegistry } from "./registry";
import { RequestLog } from "./request-log";
import { endLeftovers } from "./server-process";
import type { Services, ServicesOptions } from "./types";
import { UpstreamImages } from "./upstream-image";

export type * from "./types";

const usualPlace = { organization: "wheelhouse-sandbox", project: "Platform", name: "python" };
/** Pages are the package server's dearest work, and none of the upstream's news is waited for this long. */
const usualFreshSeconds = 1800;

/** Somebody else uses the services' folder. */
export class ServicesHeld extends Error {
  public constructor(folder: string, owner: { pid: number; since: string } | undefined) {
    const who = owner === undefined ? "another process" : `process ${owner.pid}, since ${owner.since},`;
    super(`${who} runs services in ${folder}.\n  End it, or start these in another folder.`);
    this.name = "ServicesHeld";
  }
}

const ports = z.object({ registry: z.number().int(), feed: z.number().int() });

/** The ports of the last start: references and locks that name them stay good where they are still free. */
function lastPorts(file: string): z.infer<typeof ports> | undefined {
  try {
    return ports.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Takes a folder for this process, and ends what an earlier one that was killed left running in it. */
async function takeFolder(given: string): Promise<{ folder: string; release: () => void }> {
  mkdirSync(given, { recursive: true, mode: 0o700 });
  const folder = realpathSync(given);
  // Passwords are in it.
  chmodSync(folder, 0o700);
  const taken = takeLock(join(folder, "lock.json"), `services in ${folder}`);
  if (!("release" in taken)) throw new ServicesHeld(folder, taken.owner);
  await endLeftovers(folder);
  return { folder, release: taken.release };
}

/**
 * Starts all services of a folder, with what they held when they were last there. Everything started ends with this process, however
 * that ends.
 * @throws ToolMissing, ServicesHeld, NoPublicIndex, ServerNotAnswering
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { environment: inherited = process.env, write } = options;
  requireLinux();
  const tools = await ensureTools({ groups: ["builds"], environment: inherited, write });
  const environment = toolEnvironment(tools, inherited);
  const program = (tool: string, name: string): string =>
    join(tools.find((located) => located.name === tool)?.folder ?? "", name);
  const buildx = program("buildx", "docker-buildx");
  const { folder, release } = await takeFolder(options.folder);
  const started = Date.now();
  const log = new RequestLog(join(folder, "services.log"));
  const closing: (() => Promise<void>)[] = [() => log.close()];
  const close = async (): Promise<void> => {
    try {
      for (const step of closing.splice(0)) await step();
    } finally {
      release();
    }
  };
  const kept = <T extends { close(): Promise<void> }>(service: T): T => {
    closing.unshift(() => service.close());
    return service;
  };
  try {
    const home = wheelhouseHome(inherited);
    const portsFile = join(folder, "ports.json");
    const last = lastPorts(portsFile);
    const failed = (error: unknown): void => log.failure(error);
    const results = await Promise.allSettled([
      startRegistry({
        folder,
        environment,
        programs: { registry: program("registry", "docker-registry"), buildx },
        port: last?.registry,
        failed,
      }).then(kept),
      startFeed({
        folder,
        environment,
        programs: program("devpi", ""),
        place: options.feed ?? usualPlace,
        publicIndex: options.publicIndex,
        freshSeconds: options.upstreamFreshSeconds ?? usualFreshSeconds,
        store: join(home, "packages-of-the-public-index"),
        port: last?.feed,
        log: (line) => log.line(line),
        tokenKey: options.jobTokenKey,
      }).then(kept),
    ]);
    const [registry, feed] = results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    }) as [Awaited<ReturnType<typeof startRegistry>>, Awaited<ReturnType<typeof startFeed>>];
    writeFileAtomic.sync(portsFile, JSON.stringify({ registry: registry.port, feed: feed.port }), { mode: 0o600 });
    const builders = kept(
      new Builders({
        folder,
        environment,
        programs: { buildkitd: program("buildkit", "buildkitd"), buildx },
        registryHost: registry.host,
        dockerConfig: registry.dockerConfig,
      }),
    );
    const images = new UpstreamImages({ home, environment, write, registry });
    write(`services: started in ${describeDuration(Date.now() - started)}`);
    return {
      registry,
      feed,
      builder: (name) => builders.start(name),
      upstreamImage: () => images.get(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
