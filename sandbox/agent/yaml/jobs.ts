/** Reads the jobs of a pipeline from stages, jobs or steps, and the templates among them. */
import { quote } from "../../../spec/rule";
import type { Job, PoolReference } from "../model";
import { PipelineFileError, type Place } from "./error";
import { entriesOf, expanded, itemsOf, type BoundEntry } from "./expand";
import { Fields, recordOf, resolved, type Keys } from "./fields";
import { checkGraph } from "./job-graph";
import { included, namesTemplate, type Reading } from "./include";
import { mapping, scalar, sequence, type MappingEntry, type MappingNode, type Node } from "./node";
import { poolNode, readPool } from "./pool";
import type { Bound } from "./scope";
import { conditionOf, readSteps, type ReadStep } from "./steps";
import { suggest } from "./suggestion";
import { joined, readVariables } from "./variables";

/** A job, and what it is in the expanded file. */
export interface ReadJob {
  readonly job: Job;
  readonly node: MappingNode;
  readonly place: Place;
}

const JOB: Keys = {
  of: "a job",
  known: [
    "job",
    "displayName",
    "dependsOn",
    "condition",
    "timeoutInMinutes",
    "cancelTimeoutInMinutes",
    "variables",
    "pool",
    "workspace",
    "steps",
  ],
  unsupported: ["continueOnError", "strategy", "container", "services", "uses", "templateContext"],
};
const WORKSPACE: Keys = { of: "workspace", known: ["clean"] };

/** Minutes of a job that says nothing. */
const TIMEOUT = 60;
const CANCEL_TIMEOUT = 5;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;

/** What jobs have that say nothing of their own. */
export interface JobDefaults {
  readonly pool: PoolReference;
  /** Of the stage. */
  readonly variables: ReadonlyMap<string, string>;
}

/** @throws PipelineFileError, also for names that stand twice, and jobs that depend on none or on each other. */
export async function readJobs(bound: Bound, defaults: JobDefaults, reading: Reading): Promise<ReadJob[]> {
  const jobs = await jobsIn(resolved(bound), defaults, reading);
  if (jobs.length === 0) {
    throw new PipelineFileError(bound.node.place, "the pipeline has no job", "write one under jobs:");
  }
  checkGraph(jobs);
  return jobs;
}

async function jobsIn(bound: Bound, defaults: JobDefaults, reading: Reading): Promise<ReadJob[]> {
  const found: ReadJob[] = [];
  for (const item of itemsOf(bound)) {
    // Loops around a job go on in it; its variables do not go on after it.
    const own = ownVariables(reading);
    const scope = item.scope === undefined ? undefined : { ...item.scope, variables: own.scope.variables };
    const entries = entriesOf({ node: item.node, scope });
    if (namesTemplate(entries)) {
      const inner = await included(item, entries, "jobs", own);
      found.push(...(await jobsIn(resolved(inner.bound), defaults, inner.reading)));
    } else {
      found.push(await readJob(item, entries, defaults, own));
    }
  }
  return found;
}

/** A reading whose variables can grow without the ones outside. */
export function ownVariables(reading: Reading): Reading {
  const { budget, variables } = reading.scope;
  return { ...reading, scope: { ...reading.scope, variables: variables.copy(budget) } };
}

async function readJob(
  item: Bound,
  entries: readonly BoundEntry[],
  defaults: JobDefaults,
  reading: Reading,
): Promise<ReadJob> {
  checkKind(item, entries);
  const fields = new Fields(item, JOB, entries);
  const variables = fields.get("variables");
  // Read first: the other keys can speak of them.
  const own = variables === undefined ? new Map<string, string>() : await readVariables(variables, reading);
  const all = joined(defaults.variables, own);
  const name = checkName(fields, "job", "a job");
  const steps = await stepsOf(fields, name, reading);
  checkWorkspace(fields);
  const pool = fields.get("pool");
  const displayName = fields.text("displayName") ?? "";
  const job: Job = {
    name,
    displayName: displayName === "" ? name : displayName,
    pool: pool === undefined ? defaults.pool : readPool(pool),
    timeoutInMinutes: fields.count("timeoutInMinutes") ?? TIMEOUT,
    cancelTimeoutInMinutes: fields.count("cancelTimeoutInMinutes") ?? CANCEL_TIMEOUT,
    condition: conditionOf(fields),
    dependsOn: dependenciesOf(fields),
    variables: recordOf(all),
    steps: steps.map(({ step }) => step),
  };
  const nodes = steps.map(({ node }) => node);
  return {
    job,
    node: expandedJob(item, entries, { pool: job.pool, variables: all }, nodes),
    place: fields.placeOf("job"),
  };
}

function checkKind(item: Bound, entries: readonly BoundEntry[]): void {
  const { place } = item.node;
  if (entries.some(({ key }) => key.value === "deployment")) {
    throw new PipelineFileError(
      place,
      "deployment jobs are not supported by the sandbox's agents",
      "write job: instead",
    );
  }
  if (entries.some(({ key }) => key.value === "job")) return;
  throw new PipelineFileError(place, "a job has no name", "begin it with job: and a name");
}

async function stepsOf(fields: Fields, job: string, reading: Reading): Promise<readonly ReadStep[]> {
  const steps = fields.get("steps");
  if (steps === undefined) throw new PipelineFileError(fields.place, `job ${job} has no steps`, "write steps: in it");
  const all = await readSteps(resolved(steps), reading);
  if (all.length === 0) {
    throw new PipelineFileError(steps.node.place, `job ${job} has no steps`, "write one, such as - script: …");
  }
  checkStepNames(all);
  return all;
}

function dependenciesOf(fields: Fields): readonly string[] {
  // An empty text means that it depends on nothing.
  const value = fields.get("dependsOn");
  if (value === undefined) return [];
  return value.node.kind === "scalar" && value.node.value === "" ? [] : (fields.texts("dependsOn") ?? []);
}

/** The name under a key. @throws PipelineFileError where it cannot be one. */
export function checkName(fields: Fields, key: string, what: string): string {
  const name = fields.word(key) ?? "";
  if (NAME.test(name)) return name;
  throw new PipelineFileError(
    fields.placeOf(key),
    `${quote(name)} cannot be the name of ${what}`,
    "use letters, digits and underscores, not a digit first; displayName can be any text",
  );
}

function checkStepNames(steps: readonly ReadStep[]): void {
  const seen = new Set<string>();
  for (const { step, node } of steps) {
    const name = step.name?.toLowerCase();
    if (name === undefined) continue;
    if (seen.has(name))
      throw new PipelineFileError(
        node.place,
        `two steps have the name ${quote(step.name ?? "")}`,
        "give each a name of its own",
      );
    seen.add(name);
  }
}

/** Each job has a new and empty folder here, so that there is nothing to clean. */
function checkWorkspace(fields: Fields): void {
  const workspace = fields.get("workspace");
  if (workspace === undefined) return;
  const inner = new Fields(resolved(workspace), WORKSPACE);
  const clean = inner.text("clean");
  const values = ["outputs", "resources", "all"];
  if (clean !== undefined && !values.includes(clean)) {
    throw new PipelineFileError(inner.placeOf("clean"), `clean cannot be ${quote(clean)}`, suggest(clean, values));
  }
}

/** The job as the expanded file has it: with the pool and the variables that it has from elsewhere. */
function expandedJob(
  item: Bound,
  entries: readonly BoundEntry[],
  { pool, variables }: JobDefaults,
  steps: readonly Node[],
): MappingNode {
  const { place } = item.node;
  const written = entries.filter(({ key }) => !["pool", "variables", "steps"].includes(String(key.value)));
  const shown: MappingEntry[] = written.map(({ key, value }) => ({ key, value: expanded(value) }));
  shown.push({ key: scalar("pool", place), value: poolNode(pool, place) });
  if (variables.size > 0) shown.push({ key: scalar("variables", place), value: variablesNode(variables, place) });
  shown.push({ key: scalar("steps", place), value: sequence(steps, place) });
  return mapping(shown, place);
}

/** Variables as a map, in whatever form they were written. */
export function variablesNode(variables: ReadonlyMap<string, string>, place: Place): MappingNode {
  return mapping(
    [...variables].map(([name, value]) => ({ key: scalar(name, place), value: scalar(value, place) })),
    place,
  );
}
