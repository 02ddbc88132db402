/** Runs the jobs of one run on one agent, and tells how it ended. */
import { join } from "node:path";

import type { FeedPlace } from "../../services/feed/address";
import type { Services } from "../../services/types";
import { removeWorkspace, type JobContext, type JobOutcome } from "../job";
import type { Issue, Job, Result } from "../model";
import type { RunStore } from "../records";
import { evaluateCondition, type Dependency, type JobStatus } from "../yaml";
import { endpointNamed, same } from "./checks";
import { namedConnections } from "./checks/resources";
import type { Clock } from "./clock";
import { jobContext } from "./job-context";
import { tokenOptions } from "./job-token";
import type { Plan } from "./plan";
import { recordSink, type SinkListener } from "./record-sink";
import { secretVariables } from "./secret-variables";
import type { CloudClient, World } from "./world";

/** Runs one job; the room `job` has it. */
export type JobRunner = (job: Job, context: JobContext) => Promise<JobOutcome>;

export interface ExecutionParts extends SinkListener {
  readonly runs: RunStore;
  readonly cloud: CloudClient;
  readonly services: Services;
  readonly feed: FeedPlace;
  readonly environment: NodeJS.ProcessEnv;
  readonly machineVariables?: Readonly<Record<string, string>> | undefined;
  readonly clock: Clock;
  readonly runJob: JobRunner;
  /** Folder of the agent: each job gets it empty. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The worst of two results; a skipped job changes nothing. */
export function worse(one: Result, other: Result): Result {
  const order: readonly Result[] = ["skipped", "succeeded", "succeededWithIssues", "failed", "canceled"];
  const worst = order[Math.max(order.indexOf(one), order.indexOf(other))] ?? "failed";
  return worst === "skipped" ? "succeeded" : worst;
}

function statusOf(result: Result): JobStatus {
  return result === "skipped" ? "succeeded" : result;
}

interface Outcome {
  readonly result: Result;
  readonly issues: readonly Issue[];
}

/** Of one job, with what jobs that depend on it can read of it. */
interface OneOutcome extends Outcome {
  readonly outputs: Dependency["outputs"];
}

/** Whether a job runs. @throws PipelineFileError where its condition cannot be evaluated */
function runsNow(job: Job, plan: Plan, soFar: Result, done: ReadonlyMap<string, Dependency>): boolean {
  const dependencies = new Map([...done].filter(([name]) => job.dependsOn.some((each) => same(each, name))));
  const variables = new Map([...plan.variables, ...Object.entries(job.variables)]);
  return evaluateCondition(job.condition, { status: statusOf(soFar), variables, dependencies });
}

async function runOne(job: Job, first: number, plan: Plan, world: World, parts: ExecutionParts): Promise<OneOutcome> {
  const { runs, cloud, services, feed, environment, machineVariables, clock, runJob, folder, signal } = parts;
  const jobToken = services.feed.issueToken(tokenOptions(plan, world, feed, job.timeoutInMinutes));
  const connections = new Set(
    namedConnections(plan.pipeline).flatMap(
      ({ connection }) => endpointNamed(world, plan.definition.projectId, connection)?.id ?? [],
    ),
  );
  const work = join(folder, "job");
  const issues: Issue[] = [];
  const told = (type: Issue["type"], error: unknown): void => void issues.push(issueOf(type, job, error));
  let result: Result = "failed";
  let outputs: OneOutcome["outputs"] = new Map<string, string>();
  try {
    const context = jobContext(plan, world, {
      ...{ cloud, services, feed, environment, machineVariables, jobToken, signal, connections, folder: work },
      secrets: await secretVariables(plan, world, cloud),
      clockOffsetSeconds: clock.offsetSeconds,
      sink: recordSink(runs, plan.run.id, first, parts),
    });
    const ended = await runJob(job, context);
    result = ended.result;
    outputs = new Map([...ended.outputs].map(([name, { value }]) => [name, value]));
  } catch (error) {
    // What goes wrong outside of a step: the job could not begin.
    told("error", error);
  }
  services.feed.revoke(jobToken);
  // The clouds forget it, too; where they are away it ends by itself.
  await cloud.revoke(jobToken).catch(() => undefined);
  await removeWorkspace(work).catch((error: unknown) => told("warning", error));
  return { result, issues, outputs };
}

function issueOf(type: Issue["type"], job: Job, error: unknown): Issue {
  return { type, message: `Job ${job.name}: ${error instanceof Error ? error.message : String(error)}` };
}

/** Names of the steps of all jobs, in the order of the record. */
export function stepNames({ jobs }: Plan): string[] {
  const several = jobs.length > 1;
  return jobs.flatMap((job) =>
    job.steps.map(({ displayName }) => (several ? `${job.displayName}: ${displayName}` : displayName)),
  );
}

/** Runs all jobs, one after the other. Never throws: what goes wrong is the result. */
export async function execute(plan: Plan, world: World, parts: ExecutionParts): Promise<Outcome> {
  let result: Result = "skipped";
  const issues: Issue[] = [];
  const done = new Map<string, Dependency>();
  let first = 0;
  for (const job of plan.jobs) {
    const soFar: Result = parts.signal.aborted ? "canceled" : result;
    let outcome: OneOutcome;
    try {
      outcome = runsNow(job, plan, soFar, done)
        ? await runOne(job, first, plan, world, parts)
        : { result: "skipped", issues: [], outputs: new Map() };
    } catch (error) {
      outcome = { result: "failed", issues: [issueOf("error", job, error)], outputs: new Map() };
    }
    done.set(job.name, { result: outcome.result, outputs: outcome.outputs });
    issues.push(...outcome.issues);
    result = worse(result, outcome.result);
    first += job.steps.length;
  }
  return { result: parts.signal.aborted ? "canceled" : result, issues };
}
