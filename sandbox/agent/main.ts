/** The agents' daemon: the registry, the feed and the builders, the agents that run jobs, their page and their control interface. */
import { mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

import { memoryMountOptions } from "../files-in-memory";
import { checkout } from "../home.mjs";
import { run } from "../process.mjs";
import { packagesFolder, publishSamplePackages } from "../samples/publish";
import { startServices } from "../services";
import { listen } from "../services/gateway-server";
import type { Services } from "../services/types";
import { ensureTools, toolEnvironment } from "../toolchain/index.mjs";
import { makeHandler } from "./control";
import { ControlError } from "./control/answer";
import { registryRepositories } from "./control/registry-repositories";
import { makePage } from "./page";
import { startAgents, type Agents, type CloudAccess } from "./service";

const optionsVariable = "WHEELHOUSE_AGENTS_OPTIONS";
/** Set where this process' mounts end with it. */
const mountsVariable = "WHEELHOUSE_AGENTS_MOUNTS";

const form = z.object({
  folder: z.string().min(1),
  organization: z.string().min(1),
  subscriptionId: z.string().min(1),
  tenantId: z.string().min(1),
  /** Of the account that looks up identities and roles in Azure. */
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  personalAccessToken: z.string().min(1),
  jobTokenKey: z.string().min(32),
  feed: z
    .object({ organization: z.string().min(1), project: z.string().min(1).optional(), name: z.string().min(1) })
    .optional(),
  /** `http://127.0.0.1:<port>`; default: none until it is told over the control interface. */
  cloudAddress: z.url({ protocol: /^http$/ }).optional(),
  /** Folders that come before the `PATH` of jobs, such as one with plugins. */
  path: z.array(z.string().min(1)).default([]),
  /** What the owner of an agent's machine gives every job, as in the file `.env` of a self-hosted agent. */
  jobEnvironment: z.record(z.string(), z.string()).default({}),
  agents: z.number().int().min(1).max(64).optional(),
  port: z.number().int().min(0).max(65_535).optional(),
});

type Options = z.infer<typeof form>;

const publisherSeconds = 900;

function readOptions(): Options {
  const variable = process.env[optionsVariable];
  // What starts from here has no use for the secrets in it.
  Reflect.deleteProperty(process.env, optionsVariable);
  if (variable === undefined) {
    throw new Error(
      `${optionsVariable} is not set: it holds the options as JSON. npm run sandbox -- up starts this right`,
    );
  }
  return form.parse(JSON.parse(variable));
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function logError(error: unknown): void {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function accessTo(address: string, options: Options): CloudAccess {
  const { organization, personalAccessToken, clientId, clientSecret, subscriptionId, tenantId, jobTokenKey } = options;
  return {
    address,
    organization,
    token: personalAccessToken,
    jobTokenKey,
    azure: { clientId, clientSecret, subscriptionId, tenantId },
  };
}

/** The port of the last start: pages that are open stay good where it is still free. */
function lastPort(file: string): number | undefined {
  try {
    return z.object({ port: z.number().int() }).parse(JSON.parse(readFileSync(file, "utf8"))).port;
  } catch {
    return undefined;
  }
}

async function publish(folder: string, services: Services, environment: NodeJS.ProcessEnv): Promise<string[]> {
  if (folder !== packagesFolder) {
    throw new ControlError(
      400,
      `folder: only the samples' packages are published here, from ${join(checkout, "samples", "packages")}`,
    );
  }
  const token = services.feed.issueToken({ role: "contributor", seconds: publisherSeconds });
  try {
    const { indexUrl, uploadUrl } = services.feed;
    return await publishSamplePackages({ indexUrl, uploadUrl, token, environment, report: log });
  } finally {
    services.feed.revoke(token);
  }
}

function pageOf(agents: Agents, services: Services, folder: string): ReturnType<typeof makePage> {
  return makePage({
    runs: agents.runs,
    clock: () => agents.clock(),
    agents: () => agents.agents(),
    failed: logError,
    registry: {
      host: services.registry.host,
      repositories: () => registryRepositories(folder),
      credentials: () => {
        const { name, passwordFile } = services.registry.user("pull");
        return { user: name, password: readFileSync(passwordFile, "utf8").trimEnd() };
      },
    },
  });
}

/** Has the files of an agent's jobs in memory, where that is possible: a preview installs and removes 30,000 of them. */
async function mountJobs(folder: string): Promise<void> {
  const options = memoryMountOptions();
  if (process.env[mountsVariable] === undefined || options === undefined) return;
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { timeoutSeconds: 10 });
}

/** Starts all of it. @returns how to stop it */
async function start(options: Options): Promise<() => Promise<void>> {
  const { folder, jobTokenKey, personalAccessToken, organization, cloudAddress } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tools = await ensureTools({ groups: ["engine", "builds"], environment: process.env, write: log });
  const made = toolEnvironment(tools, process.env);
  const environment = { ...made, PATH: [...options.path, made.PATH ?? ""].join(delimiter) };
  const servicesFolder = join(folder, "services");
  const feed = options.feed ?? { organization, project: "Platform", name: "python" };
  const services = await startServices({ folder: servicesFolder, write: log, feed, jobTokenKey });
  const closing: (() => Promise<void>)[] = [() => services.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0)) await step();
  };
  try {
    const agents = await startAgents({
      ...{ folder, services, feed, environment, write: log, agents: options.agents },
      machineVariables: options.jobEnvironment,
      prepareFolder: mountJobs,
      cloud: cloudAddress === undefined ? undefined : accessTo(cloudAddress, options),
    });
    closing.unshift(() => agents.close());
    const description = join(folder, "agents.json");
    const handler = makeHandler({
      ...{ agents, services, personalAccessToken },
      setCloud: (address) => agents.setCloud(accessTo(address.replace(/\/+$/, ""), options)),
      publish: (from) => publish(from, services, environment),
      page: pageOf(agents, services, servicesFolder),
      failed: logError,
    });
    const server = await listen(handler, logError, options.port ?? lastPort(description));
    closing.unshift(() => server.close());
    const about = {
      pid: process.pid,
      port: server.port,
      registryHost: services.registry.host,
      feedAddress: new URL(services.feed.indexUrl).origin,
      dockerConfig: services.registry.user("pull").dockerConfig,
      startedAt: new Date().toISOString(),
    };
    writeFileAtomic.sync(description, `${JSON.stringify(about, undefined, 2)}\n`, { mode: 0o600 });
    log(`the agents answer at http://127.0.0.1:${server.port}`);
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  // A stop that comes during the start is obeyed after it.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopping.abort());
  const close = await start(readOptions());
  await new Promise<void>((resolve) => {
    if (stopping.signal.aborted) resolve();
    stopping.signal.addEventListener("abort", () => resolve(), { once: true });
    // Something has to keep the process while nothing listens yet or any more.
    setInterval(() => undefined, 60_000);
  });
  log("stopping");
  await close();
  process.exit(0);
}

main().catch((error: unknown) => {
  const message =
    error instanceof z.ZodError
      ? error.issues.map(({ path, message: problem }) => `${path.join(".")}: ${problem}`).join("; ")
      : error instanceof Error
        ? error.message
        : String(error);
  process.stderr.write(`agents: ${message}\n`);
  process.exit(1);
});
