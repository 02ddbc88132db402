/** Runs a program that serves until it is told to stop, and sees to it that it never outlives this process. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { lockVariable } from "../lock.mjs";
import { endProcesses, identify, isRunning, processesOfGroup, processesWith } from "../process-table.mjs";
import { startDetached } from "../process.mjs";
import { findProgram } from "../toolchain/path.mjs";

/** All that runs for a services folder carries its path under this name, and is found by it when its starter was killed. */
export const servicesVariable = "WHEELHOUSE_SERVICES";

/** Milliseconds between two looks whether a server answers yet. */
const lookMilliseconds = 25;

export interface ServerProcessOptions {
  /** For messages, such as `the registry`. */
  readonly called: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The services folder that it belongs to. */
  readonly folder: string;
  /** File that its output is appended to. */
  readonly log: string;
  readonly answers: () => Promise<boolean>;
  /** Seconds until it must answer. */
  readonly startSeconds: number;
  /** Whether it is asked to end before it is made to; a program that keeps nothing needs no time. */
  readonly graceSeconds: number;
}

export interface ServerProcess {
  readonly pid: number;
  isRunning(): boolean;
  stop(): Promise<void>;
}

/** A server of the sandbox did not come up. */
export class ServerNotAnswering extends Error {
  public constructor(called: string, log: string, why: string) {
    const said = readEnd(log);
    super(`${called} ${why}. The end of ${log}:\n  ${said.join("\n  ")}`);
    this.name = "ServerNotAnswering";
  }
}

function readEnd(log: string): string[] {
  try {
    const text = readFileSync(log, "utf8").trim();
    return text === "" ? ["(it said nothing)"] : text.split("\n").slice(-15);
  } catch {
    return ["(it said nothing)"];
  }
}

const groups = new Set<number>();
process.on("exit", () => {
  for (const pid of groups) endGroup(pid);
});

/** Ends a process and its group at once. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // There is none of it left.
  }
}

/**
 * `setpriv` lets the kernel end the program when this process ends in whatever way. Where a machine lacks it, the next start ends what a
 * killed one left.
 */
function tiedToThisProcess(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): string[] {
  const setpriv = findProgram("setpriv", environment);
  return setpriv === undefined ? [command, ...args] : [setpriv, "--pdeathsig", "KILL", command, ...args];
}

/**
 * Starts a server and waits until it answers.
 * @throws ServerNotAnswering with the end of what it said
 */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const { called, command, args, environment, folder, log, startSeconds, graceSeconds } = options;
  const [program = command, ...rest] = tiedToThisProcess(command, args, environment);
  const env = { ...environment, [servicesVariable]: folder, [lockVariable]: undefined };
  const pid = startDetached(program, rest, { cwd: folder, env, log });
  groups.add(pid);
  const identity = identify(pid);
  const stop = async (): Promise<void> => {
    if (graceSeconds === 0) endGroup(pid);
    await endProcesses(() => [identity].filter(isRunning), { graceSeconds });
    // What the program itself started and did not end.
    await endProcesses(() => processesOfGroup(pid), { graceSeconds: 0 });
    groups.delete(pid);
  };
  const deadline = Date.now() + startSeconds * 1000;
  while (!(await options.answers())) {
    const alive = isRunning(identity);
    if (alive && Date.now() < deadline) {
      await sleep(lookMilliseconds);
      continue;
    }
    await stop();
    throw new ServerNotAnswering(
      called,
      log,
      alive ? `does not answer within ${startSeconds} s` : "ended before it answered",
    );
  }
  return { pid, isRunning: () => isRunning(identity), stop };
}

/** Ends what an earlier start with this folder left running. @returns how many processes there were */
export async function endLeftovers(folder: string): Promise<number> {
  return endProcesses(() => processesWith(servicesVariable, folder), { graceSeconds: 2 });
}
