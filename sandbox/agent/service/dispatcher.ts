/** Gives runs that are ready to agents, in the order in which they were queued. */
import { setTimeout as sleep } from "node:timers/promises";

import type { FeedPlace } from "../../services/feed/address";
import type { Services } from "../../services/types";
import type { Issue } from "../model";
import type { RunStore } from "../records";
import { problemsOf, type Capability } from "./checks";
import type { Clock } from "./clock";
import { execute, stepNames, type JobRunner } from "./execute";
import { agentFolder, endRunningJobs } from "./leftovers";
import type { Plan } from "./plan";
import type { CloudClient, World } from "./world";

/** How long jobs may take to end when the service ends: who stops the daemon waits ten seconds. */
const graceMilliseconds = 4000;
const forceMilliseconds = 100;

/** One of the machine's agents. */
export interface AgentState {
  /** From 1 on. */
  readonly number: number;
  /** Id of the run whose job it does; absent while it waits for one. */
  readonly run?: number | undefined;
}

export interface DispatcherParts {
  readonly runs: RunStore;
  readonly services: Services;
  readonly feed: FeedPlace;
  readonly environment: NodeJS.ProcessEnv;
  readonly machineVariables?: Readonly<Record<string, string>> | undefined;
  readonly clock: Clock;
  readonly runJob: JobRunner;
  readonly capability: Capability;
  /** Of all agents. */
  readonly folder: string;
  readonly agents: number;
  /** A run's record changed in what the clouds know of it. */
  readonly changed: (id: number) => void;
}

interface Running {
  readonly agent: number;
  readonly abort: AbortController;
  readonly end: Promise<void>;
}

export class Dispatcher {
  private readonly ready = new Map<number, Plan>();
  private readonly running = new Map<number, Running>();
  private closed = false;

  public constructor(private readonly parts: DispatcherParts) {}

  public get agents(): readonly AgentState[] {
    const busy = new Map([...this.running].map(([id, { agent }]) => [agent, id]));
    return Array.from({ length: this.parts.agents }, (_, index) => ({ number: index + 1, run: busy.get(index + 1) }));
  }

  /** Numbers of the runs that wait for an agent, the next one first. */
  public get queue(): readonly number[] {
    return [...this.ready.keys()];
  }

  public has(id: number): boolean {
    return this.ready.has(id) || this.running.has(id);
  }

  /** Puts a run into the queue. */
  public add(plan: Plan): void {
    this.parts.runs.writePipeline(plan.run.id, plan.pipeline.text);
    this.parts.runs.planSteps(plan.run.id, stepNames(plan));
    this.ready.set(plan.run.id, plan);
  }

  /** Whether a run waits that an agent could begin. */
  public isWaiting(world: World): boolean {
    return [...this.ready.values()].some((plan) => !isPaused(plan, world));
  }

  /** Gives what is ready to agents that are free; what a paused pipeline has waits. */
  public dispatch(world: World, cloud: CloudClient): void {
    for (const [id, plan] of this.ready) {
      const agent = this.agents.find(({ run }) => run === undefined)?.number;
      if (agent === undefined || this.closed) return;
      if (isPaused(plan, world)) continue;
      this.ready.delete(id);
      this.begin(plan, agent, world, cloud);
    }
  }

  /** Ends a run: at once where it waits, else as its steps let it. */
  public cancel(id: number, issues: readonly Issue[] = []): void {
    const { runs, changed } = this.parts;
    const running = this.running.get(id);
    if (running !== undefined) {
      for (const issue of issues) runs.addIssue(id, undefined, issue);
      running.abort.abort();
      return;
    }
    this.ready.delete(id);
    if (runs.get(id) === undefined) return;
    runs.complete(id, "canceled", issues);
    changed(id);
  }

  /** Cancels what runs, and waits for its end; what takes longer is ended by force. What waits stays queued for the next start. */
  public async close(): Promise<void> {
    this.closed = true;
    this.ready.clear();
    for (const { abort } of this.running.values()) abort.abort();
    const ended = Promise.all([...this.running.values()].map(({ end }) => end));
    const inTime = await Promise.race([ended.then(() => true), sleep(graceMilliseconds, false, { ref: false })]);
    // Steps that run whatever happens would have minutes.
    for (let again = !inTime; again; again = this.running.size > 0) {
      await endRunningJobs(this.parts.folder);
      await Promise.race([ended, sleep(forceMilliseconds, undefined, { ref: false })]);
    }
  }

  private begin(plan: Plan, agent: number, world: World, cloud: CloudClient): void {
    const { runs, changed, capability } = this.parts;
    const { id, branch } = plan.run;
    // What was allowed when the run was queued may not be any more.
    const problems = problemsOf({ pipeline: plan.pipeline, definition: plan.definition, branch }, world, capability);
    if (problems.length > 0) {
      runs.complete(
        id,
        "failed",
        problems.map((message) => ({ type: "error", message })),
      );
      changed(id);
      return;
    }
    const abort = new AbortController();
    runs.start(id, agent);
    changed(id);
    const end = this.run(plan, agent, world, cloud, abort.signal);
    this.running.set(id, { agent, abort, end });
  }

  private async run(plan: Plan, agent: number, world: World, cloud: CloudClient, signal: AbortSignal): Promise<void> {
    const { runs, services, feed, environment, machineVariables, clock, runJob, folder, changed } = this.parts;
    const { id } = plan.run;
    const { result, issues } = await execute(plan, world, {
      ...{ runs, cloud, services, feed, environment, machineVariables, clock, runJob, signal },
      folder: agentFolder(folder, agent),
      tagged: () => changed(id),
      renumbered: () => changed(id),
    });
    runs.complete(id, result, issues);
    this.running.delete(id);
    changed(id);
  }
}

function isPaused({ definition }: Plan, world: World): boolean {
  return world.definitions.find(({ id }) => id === definition.id)?.queueStatus === "paused";
}
