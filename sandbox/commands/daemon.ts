/** Starts, finds and stops the one process that stands in for both clouds. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { checkout } from "../home.mjs";
import { lockVariable } from "../lock.mjs";
import {
  endProcesses,
  identify,
  isRunning,
  outermost,
  processesWith,
  type ProcessIdentity,
} from "../process-table.mjs";
import { startDetached } from "../process.mjs";
import { identity, readSecrets, type Sandbox, type Secrets } from "./sandbox";

/** A daemon carries its sandbox's folder under this name in its environment, and is found and stopped by it. */
const markVariable = "WHEELHOUSE_CLOUD_OF";
/** The code that it runs, as a hash: a daemon of older code is replaced. */
const codeVariable = "WHEELHOUSE_CLOUD_CODE";

/** Seconds until a started daemon must answer. */
const startSeconds = 30;
/** Seconds until a running one must answer. */
const answerSeconds = 5;

/** The stand-in clouds did not come up. */
export class CloudNotAnswering extends Error {
  public constructor(log: string) {
    const said = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-15) : ["(it said nothing)"];
    super(`the stand-in clouds do not answer. The end of ${log}:\n  ${said.join("\n  ")}`);
    this.name = "CloudNotAnswering";
  }
}

/** What the daemon's process prints. What the clouds are asked is in a log of their own. */
function daemonLog(sandbox: Sandbox): string {
  return join(sandbox.logs, "daemon.log");
}

/** The daemon's process, if it runs. */
export function daemonProcess(sandbox: Sandbox): ProcessIdentity | undefined {
  return outermost(daemonProcesses(sandbox))[0];
}

/** The daemon and what it started, such as git. */
function daemonProcesses(sandbox: Sandbox): ProcessIdentity[] {
  return processesWith(markVariable, sandbox.folder);
}

function codeHash(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of paths) hash.update(path).update(readFileSync(path));
  return hash.digest("hex");
}

/** The address that the daemon last said it listens at. */
function lastAddress(sandbox: Sandbox): string | undefined {
  try {
    const { port } = JSON.parse(readFileSync(join(sandbox.cloud, "server.json"), "utf8")) as { port?: unknown };
    return typeof port === "number" ? `http://127.0.0.1:${port}` : undefined;
  } catch {
    return undefined; // Not written yet, or by a daemon that is gone.
  }
}

/** Whether what listens there is this sandbox's cloud: it knows the token, which no other server does. */
async function answers(address: string, { personalAccessToken }: Secrets): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`:${personalAccessToken}`).toString("base64")}`;
  try {
    const response = await fetch(`${address}/devops/${identity.organization}/_apis/projects?api-version=7.1`, {
      headers: { authorization },
      redirect: "error",
      signal: AbortSignal.timeout(2000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function waitForAnswer(
  sandbox: Sandbox,
  secrets: Secrets,
  seconds: number,
  goesOn: () => boolean,
): Promise<string | undefined> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline && goesOn()) {
    const address = lastAddress(sandbox);
    if (address !== undefined && (await answers(address, secrets))) return address;
    await sleep(50);
  }
  return undefined;
}

/** Address of the running daemon, if it runs and answers. */
export async function daemonAddress(sandbox: Sandbox): Promise<string | undefined> {
  const secrets = readSecrets(sandbox);
  if (secrets === undefined || daemonProcesses(sandbox).length === 0) return undefined;
  return waitForAnswer(sandbox, secrets, answerSeconds, () => daemonProcesses(sandbox).length > 0);
}

/** Stops the daemon. @returns whether one ran */
export async function stopDaemon(sandbox: Sandbox): Promise<boolean> {
  return (await endProcesses(() => daemonProcesses(sandbox), { graceSeconds: 10 })) > 0;
}

/**
 * Makes sure that the stand-in clouds run with today's code and answer.
 * @returns `http://127.0.0.1:<port>`
 * @throws CloudNotAnswering with the end of the daemon's log
 */
export async function ensureDaemon(sandbox: Sandbox, secrets: Secrets, inherited: NodeJS.ProcessEnv): Promise<string> {
  const code = codeHash(dirname(sandbox.cloudProgram));
  const current = processesWith(codeVariable, code).map(({ pid }) => pid);
  if (daemonProcesses(sandbox).some(({ pid }) => current.includes(pid))) {
    const address = await daemonAddress(sandbox);
    if (address !== undefined) return address;
  }
  await stopDaemon(sandbox);
  const log = daemonLog(sandbox);
  const environment = {
    ...inherited,
    // Secrets go through the environment: arguments can be read by every user of the machine.
    WHEELHOUSE_CLOUD_OPTIONS: JSON.stringify({
      folder: sandbox.cloud,
      ...identity,
      personalAccessToken: secrets.personalAccessToken,
      clientSecret: secrets.clientSecret,
    }),
    [markVariable]: sandbox.folder,
    [codeVariable]: code,
    // It outlives the run that starts it, whose leftovers are found by this.
    [lockVariable]: undefined,
  };
  const args = ["--require", "tsx/cjs", sandbox.cloudProgram];
  const started = identify(startDetached(process.execPath, args, { cwd: checkout, env: environment, log }));
  const address = await waitForAnswer(sandbox, secrets, startSeconds, () => isRunning(started));
  if (address === undefined) {
    await stopDaemon(sandbox);
    throw new CloudNotAnswering(log);
  }
  return address;
}
