/** `status`: which tools there are and where they came from, whether the clouds answer, and what the stack holds. */
import { existsSync } from "node:fs";

import { isRunning } from "../process-table.mjs";
import { surveyTools, toolEnvironment } from "../toolchain/index.mjs";
import { agentsDaemon, cloudDaemon } from "./daemons";
import type { Daemon } from "./daemon";
import { engineEnvironment, exportStack } from "./engine";
import { readSecrets, type Sandbox } from "./sandbox";
import { sandboxOwner } from "./hold";
import { countResources } from "./tree";

type ToolStatus = Awaited<ReturnType<typeof surveyTools>>[number];

/** What `status --json` prints. */
export interface Status {
  readonly tools: readonly {
    readonly name: string;
    /** What needs it: `engine` is for every start, `builds` for image builds. */
    readonly group: ToolStatus["group"];
    readonly version: string;
    /** Where it came from; absent when it is not there. */
    readonly from?: string;
    readonly folder?: string;
    readonly missing?: string;
  }[];
  /** The sandbox's folder; absent when there is none. */
  readonly folder?: string;
  readonly daemon: DaemonStatus;
  /** The agents, with registry, feed and builders. */
  readonly agents: DaemonStatus;
  /** Components and resources in the stack, and steps that an interrupted run left open; absent without a stack. */
  readonly stack?: { readonly resources: number; readonly pending: number };
  /** The run that changes the sandbox right now. */
  readonly busy?: { readonly pid: number; readonly work: string; readonly since: string };
}

/** A daemon's process, and where it answers; nothing of what is not so. */
interface DaemonStatus {
  readonly pid?: number;
  readonly address?: string;
}

async function daemonStatus(daemon: Daemon): Promise<DaemonStatus> {
  const pid = daemon.process()?.pid;
  const address = await daemon.address();
  return { ...(pid === undefined ? {} : { pid }), ...(address === undefined ? {} : { address }) };
}

function describeDaemon({ pid, address }: DaemonStatus): string {
  return pid === undefined ? "not running" : `process ${pid}, ${address ?? "which does not answer"}`;
}

async function stackStatus(sandbox: Sandbox, tools: readonly ToolStatus[]): Promise<Status["stack"]> {
  const secrets = readSecrets(sandbox);
  const engine = tools.filter(({ group }) => group === "engine");
  const located = engine.filter((tool) => "folder" in tool);
  if (secrets === undefined || located.length < engine.length || !existsSync(`${sandbox.folder}/Pulumi.yaml`))
    return undefined;
  const environment = engineEnvironment(sandbox, secrets, toolEnvironment(located, process.env));
  const state = await exportStack({ sandbox, environment }, "only looking");
  if (state === undefined) return undefined;
  const { resources, pending_operations: pending } = state.deployment;
  return { resources: countResources(resources ?? []), pending: pending?.length ?? 0 };
}

/** Looks at everything and changes nothing. */
export async function readStatus(sandbox: Sandbox): Promise<Status> {
  const tools = await surveyTools();
  const [daemon, agents, stack] = await Promise.all([
    daemonStatus(cloudDaemon(sandbox)),
    daemonStatus(agentsDaemon(sandbox)),
    stackStatus(sandbox, tools),
  ]);
  const owner = sandboxOwner(sandbox);
  return {
    tools: tools.map((tool) => {
      const { name, group, version } = tool;
      return "folder" in tool
        ? { name, group, version, from: tool.from, folder: tool.folder }
        : { name, group, version, missing: tool.refused };
    }),
    ...(existsSync(sandbox.folder) ? { folder: sandbox.folder } : {}),
    daemon,
    agents,
    ...(stack === undefined ? {} : { stack }),
    ...(owner !== undefined && isRunning(owner)
      ? { busy: { pid: owner.pid, work: owner.work, since: owner.since } }
      : {}),
  };
}

/** The same for people. */
export function describeStatus(status: Status): string[] {
  const width = Math.max(...status.tools.map(({ name }) => name.length));
  const lines = status.tools.map(({ name, version, from, folder, missing }) => {
    const where = missing === undefined ? `${from ?? ""}  ${folder ?? ""}` : `not there yet: ${missing}`;
    return `${name.padEnd(width)}  ${version.padEnd(9)}  ${where}`;
  });
  const { daemon, agents, stack, busy } = status;
  lines.push("");
  if (status.folder === undefined) lines.push("sandbox: none; npm start makes it");
  else lines.push(`sandbox: ${status.folder}`);
  lines.push(`stand-in clouds: ${describeDaemon(daemon)}`, `agents: ${describeDaemon(agents)}`);
  if (stack !== undefined) {
    const open =
      stack.pending === 0 ? "" : `, ${stack.pending} steps left open by an interrupted run (the next start mends them)`;
    lines.push(`stack: ${stack.resources} components and resources${open}`);
  }
  if (busy !== undefined) lines.push(`busy: process ${busy.pid} with "${busy.work}" since ${busy.since}`);
  return lines;
}

/** @returns exit code */
export async function status(sandbox: Sandbox, json: boolean): Promise<number> {
  const found = await readStatus(sandbox);
  process.stdout.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : `${describeStatus(found).join("\n")}\n`);
  return 0;
}
