/** Reads the jobs of a pipeline from stages, jobs or steps, and the templates among them. */
import { suggest } from "../../../spec/nearest";
import { quote } from "../../../spec/rule";
import type { Job, PoolReference } from "../model";
import { PipelineFileError, type Place } from "./error";
import { entriesOf, expanded, itemsOf, type BoundEntry } from "./expand";
import { Fields, recordOf, resolved, type Keys } from "./fields";
import { included, namesTemplate, type Reading } from "./include";
import { mapping, scalar, sequence, type MappingEntry, type MappingNode, type Node } from "./node";
import { readPool } from "./pool";
import type { Bound } from "./scope";
import { conditionOf, readSteps } from "./steps";
import { readVariables } from "./variables";

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
const STAGE: Keys = {
  of: "a stage",
  known: ["stage", "displayName", "variables", "pool", "jobs"],
  unsupported: ["dependsOn", "condition", "lockBehavior", "trigger", "isSkippable", "templateContext"],
};
const WORKSPACE: Keys = { of: "workspace", known: ["clean"] };

/** Minutes of a job that says nothing. */
const TIMEOUT = 60;
const CANCEL_TIMEOUT = 5;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;

/** The jobs of the one stage that pipelines have here. */
export async function readStages(bound: Bound, pool: PoolReference, reading: Reading): Promise<ReadJob[]> {
  const stages = await stagesIn(resolved(bound), reading);
  const [stage, other] = stages;
  if (stage === undefined)
    throw new PipelineFileError(bound.node.place, "the pipeline has no stage", "write one, with jobs");
  if (other !== undefined)
    throw new PipelineFileError(
      other.item.node.place,
      "pipelines with several stages are not supported by the sandbox",
      "put the jobs into one stage",
    );
  const inner = ownVariables(stage.reading);
  const entries = entriesOf({
    ...stage.item,
    scope: stage.item.scope === undefined ? undefined : { ...stage.item.scope, variables: inner.scope.variables },
  });
  const fields = new Fields(stage.item, STAGE, entries);
  checkName(fields, "stage", "a stage");
  fields.text("displayName");
  const variables = fields.get("variables");
  const own = variables === undefined ? [] : [...(await readVariables(variables, inner))];
  const stagePool = fields.get("pool");
  const jobs = fields.get("jobs");
  if (jobs === undefined) throw new PipelineFileError(fields.place, "a stage has no jobs", "write jobs: in it");
  const read = await readJobs(jobs, stagePool === undefined ? pool : readPool(stagePool), inner);
  return read.map((one) => ({ ...one, job: { ...one.job, variables: { ...recordOf(own), ...one.job.variables } } }));
}

async function stagesIn(bound: Bound, reading: Reading): Promise<{ item: Bound; reading: Reading }[]> {
  const found: { item: Bound; reading: Reading }[] = [];
  for (const item of itemsOf(bound)) {
    const entries = entriesOf(item);
    if (!namesTemplate(entries)) {
      found.push({ item, reading });
      continue;
    }
    const inner = await included(item, entries, "stages", reading);
    found.push(...(await stagesIn(resolved(inner.bound), inner.reading)));
  }
  return found;
}

/** @throws PipelineFileError, also for names that stand twice, and jobs that depend on none or on each other. */
export async function readJobs(bound: Bound, pool: PoolReference, reading: Reading): Promise<ReadJob[]> {
  const jobs = await jobsIn(resolved(bound), pool, reading);
  if (jobs.length === 0)
    throw new PipelineFileError(bound.node.place, "the pipeline has no job", "write one under jobs:");
  checkGraph(jobs);
  return jobs;
}

async function jobsIn(bound: Bound, pool: PoolReference, reading: Reading): Promise<ReadJob[]> {
  const found: ReadJob[] = [];
  for (const item of itemsOf(bound)) {
    // Loops around a job go on in it; its variables do not go on after it.
    const own = ownVariables(reading);
    const scope = item.scope === undefined ? undefined : { ...item.scope, variables: own.scope.variables };
    const entries = entriesOf({ node: item.node, scope });
    if (namesTemplate(entries)) {
      const inner = await included(item, entries, "jobs", own);
      found.push(...(await jobsIn(resolved(inner.bound), pool, inner.reading)));
    } else {
      found.push(await readJob(item, entries, pool, own));
    }
  }
  return found;
}

/** A reading whose variables can grow without the ones outside. */
function ownVariables(reading: Reading): Reading {
  return { ...reading, scope: { ...reading.scope, variables: reading.scope.variables.copy() } };
}

async function readJob(
  item: Bound,
  entries: readonly BoundEntry[],
  pool: PoolReference,
  reading: Reading,
): Promise<ReadJob> {
  if (entries.some(({ key }) => key.value === "deployment")) {
    throw new PipelineFileError(
      item.node.place,
      "deployment jobs are not supported by the sandbox's agents",
      "write job: instead",
    );
  }
  const fields = new Fields(item, JOB, entries);
  if (!fields.has("job"))
    throw new PipelineFileError(fields.place, "a job has no name", "begin it with job: and a name");
  const variables = fields.get("variables");
  const read = variables === undefined ? new Map<string, string>() : await readVariables(variables, reading);
  const name = checkName(fields, "job", "a job");
  const steps = fields.get("steps");
  if (steps === undefined) throw new PipelineFileError(fields.place, `job ${name} has no steps`, "write steps: in it");
  const all = await readSteps(resolved(steps), reading);
  if (all.length === 0)
    throw new PipelineFileError(steps.node.place, `job ${name} has no steps`, "write one, such as - script: …");
  checkStepNames(all);
  checkWorkspace(fields);
  const own = fields.get("pool");
  const displayName = fields.text("displayName") ?? "";
  const job: Job = {
    name,
    displayName: displayName === "" ? name : displayName,
    pool: own === undefined ? pool : readPool(own),
    timeoutInMinutes: fields.count("timeoutInMinutes") ?? TIMEOUT,
    cancelTimeoutInMinutes: fields.count("cancelTimeoutInMinutes") ?? CANCEL_TIMEOUT,
    condition: conditionOf(fields),
    dependsOn: fields.has("dependsOn") ? dependenciesOf(fields) : [],
    variables: recordOf(read),
    steps: all.map(({ step }) => step),
  };
  const nodes = all.map(({ node }) => node);
  return { job, node: expandedJob(item, entries, read, nodes), place: fields.placeOf("job") };
}

function dependenciesOf(fields: Fields): readonly string[] {
  // An empty text means that it depends on nothing.
  const value = fields.get("dependsOn");
  return value?.node.kind === "scalar" && value.node.value === "" ? [] : (fields.texts("dependsOn") ?? []);
}

function checkName(fields: Fields, key: string, what: string): string {
  const name = fields.word(key) ?? "";
  if (NAME.test(name)) return name;
  throw new PipelineFileError(
    fields.placeOf(key),
    `${quote(name)} cannot be the name of ${what}`,
    "use letters, digits and underscores, not a digit first; displayName can be any text",
  );
}

function checkStepNames(steps: readonly { step: { name?: string }; node: MappingNode }[]): void {
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

function expandedJob(
  item: Bound,
  entries: readonly BoundEntry[],
  variables: ReadonlyMap<string, string>,
  steps: readonly Node[],
): MappingNode {
  const { place } = item.node;
  const shown = entries.map(({ key, value }): MappingEntry => {
    if (key.value === "steps") return { key, value: sequence(steps, value.node.place) };
    if (key.value === "variables") return { key, value: variablesNode(variables, value.node.place) };
    return { key, value: expanded(value) };
  });
  return mapping(shown, place);
}

/** Variables as a map, in whatever form they were written. */
export function variablesNode(variables: ReadonlyMap<string, string>, place: Place): MappingNode {
  return mapping(
    [...variables].map(([name, value]) => ({ key: scalar(name, place), value: scalar(value, place) })),
    place,
  );
}

function checkGraph(jobs: readonly ReadJob[]): void {
  const names = new Map<string, ReadJob>();
  for (const one of jobs) {
    const name = one.job.name.toLowerCase();
    if (names.has(name))
      throw new PipelineFileError(
        one.place,
        `two jobs have the name ${quote(one.job.name)}`,
        "give each a name of its own",
      );
    names.set(name, one);
  }
  const known = jobs.map(({ job }) => job.name);
  for (const { job, place } of jobs) {
    const missing = job.dependsOn.find((name) => !names.has(name.toLowerCase()));
    if (missing !== undefined)
      throw new PipelineFileError(
        place,
        `job ${job.name} depends on ${quote(missing)}, which is no job`,
        suggest(missing, known),
      );
  }
  const done = new Set<string>();
  for (let left = [...jobs]; left.length > 0;) {
    const ready = left.filter(({ job }) => job.dependsOn.every((name) => done.has(name.toLowerCase())));
    const [first] = left;
    if (ready.length === 0 && first !== undefined) {
      throw new PipelineFileError(
        first.place,
        `jobs depend on each other: ${left.map(({ job }) => job.name).join(", ")}`,
        "take one of the dependencies out",
      );
    }
    for (const { job } of ready) done.add(job.name.toLowerCase());
    left = left.filter((one) => !ready.includes(one));
  }
}
