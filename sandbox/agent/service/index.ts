/** The agents' service: starts what stands for Azure Pipelines on this machine, and stops it. */
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { takeLock } from "../../lock.mjs";
import type { FeedPlace } from "../../services/feed/address";
import type { Services } from "../../services/types";
import { runJob } from "../job";
import { RunStore } from "../records";
import { capabilitiesOf } from "./checks";
import { Clock } from "./clock";
import type { AgentState } from "./dispatcher";
import type { JobRunner } from "./execute";
import { agentFolder, endLeftJobs, endLostRuns } from "./leftovers";
import { MemoryFile } from "./memory";
import { Service } from "./service";
import type { CloudAccess } from "./world";

export type { AgentState } from "./dispatcher";
export { ClockError } from "./clock";
export type { CloudAccess } from "./world";

export interface AgentsOptions {
  /** Where runs, agents and the memory are; made where it does not exist. One service at a time uses a folder. */
  readonly folder: string;
  /** Default: none, until `setCloud` names it. */
  readonly cloud?: CloudAccess | undefined;
  readonly services: Services;
  /** The one feed that the services serve. */
  readonly feed: FeedPlace;
  /** How many jobs run at once. Default 2. */
  readonly agents?: number | undefined;
  /** Of the agents' machine; its `PATH` is what jobs get. */
  readonly environment: NodeJS.ProcessEnv;
  /** What jobs get beside it. Default: nothing. */
  readonly machineVariables?: Readonly<Record<string, string>> | undefined;
  /** Is done with each agent's folder, which is empty then, before the first job. Default: nothing. */
  readonly prepareFolder?: ((folder: string) => Promise<void>) | undefined;
  /** Lines for the log. Never hold a secret. */
  readonly write: (line: string) => void;
  /** Default: the real one. */
  readonly runJob?: JobRunner | undefined;
}

export interface Agents {
  readonly runs: RunStore;
  /** The sandbox's clock. */
  clock(): Date;
  /** By how much it is ahead of the machine's. */
  clockOffsetSeconds(): number;
  /** @throws ClockError */
  setForward(seconds: number): void;
  agents(): readonly AgentState[];
  /** Numbers of runs that wait for an agent, the next one first. */
  queue(): readonly number[];
  /** Where the clouds are, once that is known. */
  cloudAddress(): string | undefined;
  /** What keeps the service from watching the clouds now, in words; undefined when nothing does. */
  trouble(): string | undefined;
  /** Says where the clouds are. Runs that go on are not touched. */
  setCloud(access: CloudAccess): Promise<void>;
  /** Whether nothing runs or waits. */
  isIdle(): boolean;
  /** Waits until nothing runs or waits and all that changed up to then was looked at. @returns whether it came to that in time */
  wait(seconds: number): Promise<boolean>;
  /** Ends a run that goes on or waits. @throws RunNotFound */
  cancel(id: number): void;
  /** Cancels what runs, and ends. */
  close(): Promise<void>;
}

/** Another service uses the folder. */
export class AgentsHeld extends Error {
  public constructor(folder: string, owner: { pid: number; since: string } | undefined) {
    const who = owner === undefined ? "another process" : `process ${owner.pid}, since ${owner.since},`;
    super(`${who} runs the agents of ${folder}.\n  End it, or start these in another folder.`);
    this.name = "AgentsHeld";
  }
}

const usualAgents = 2;

async function prepareFolders(work: string, agents: number, prepare: (folder: string) => Promise<void>): Promise<void> {
  for (let agent = 1; agent <= agents; agent++) {
    const folder = agentFolder(work, agent);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await prepare(folder);
  }
}

/**
 * Starts the service. What an earlier one with this folder left running is ended first, and its runs are recorded as lost.
 * @throws AgentsHeld, RecordError, MemoryError, ClockError
 */
export async function startAgents(options: AgentsOptions): Promise<Agents> {
  const { services, feed, environment, machineVariables, write, cloud, agents = usualAgents } = options;
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const folder = realpathSync(options.folder);
  const taken = takeLock(join(folder, "lock.json"), `agents in ${folder}`);
  if (!("release" in taken)) throw new AgentsHeld(folder, taken.owner);
  const { release } = taken;
  try {
    const work = join(folder, "agents");
    const left = await endLeftJobs(work);
    if (left > 0) write(`ended ${left} processes that jobs of an earlier start had left`);
    if (options.prepareFolder !== undefined) await prepareFolders(work, agents, options.prepareFolder);
    const runs = RunStore.open(join(folder, "runs"));
    for (const id of endLostRuns(runs)) write(`run ${id} was lost with an earlier start`);
    const service = new Service({
      ...{ runs, services, feed, environment, machineVariables, agents, write, release, folder: work },
      memory: MemoryFile.open(join(folder, "memory.json")),
      clock: Clock.open(join(folder, "clock.json")),
      capability: capabilitiesOf(environment),
      runJob: options.runJob ?? runJob,
    });
    if (cloud !== undefined) await service.setCloud(cloud);
    return service;
  } catch (error) {
    release();
    throw error;
  }
}
