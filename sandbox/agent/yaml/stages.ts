/** Reads the one stage that pipelines have here, and the templates that it can come from. */
import type { PoolReference } from "../model";
import { PipelineFileError } from "./error";
import { entriesOf, itemsOf } from "./expand";
import { Fields, resolved, type Keys } from "./fields";
import { included, namesTemplate, type Reading } from "./include";
import { checkName, ownVariables, readJobs, type JobDefaults, type ReadJob } from "./jobs";
import { readPool } from "./pool";
import type { Bound } from "./scope";
import { readVariables } from "./variables";

const STAGE: Keys = {
  of: "a stage",
  known: ["stage", "displayName", "variables", "pool", "jobs"],
  unsupported: ["dependsOn", "condition", "lockBehavior", "trigger", "isSkippable", "templateContext"],
};

interface Stage {
  readonly item: Bound;
  readonly reading: Reading;
}

/** The jobs of the stage. @throws PipelineFileError, also where there are several stages. */
export async function readStages(bound: Bound, pool: PoolReference, reading: Reading): Promise<ReadJob[]> {
  const [stage, other] = await stagesIn(resolved(bound), reading);
  if (stage === undefined)
    throw new PipelineFileError(bound.node.place, "the pipeline has no stage", "write one, with jobs");
  if (other !== undefined) {
    throw new PipelineFileError(
      other.item.node.place,
      "pipelines with several stages are not supported by the sandbox",
      "put the jobs into one stage",
    );
  }
  return readStage(stage, pool);
}

async function stagesIn(bound: Bound, reading: Reading): Promise<Stage[]> {
  const found: Stage[] = [];
  for (const item of itemsOf(bound)) {
    const entries = entriesOf(item);
    if (namesTemplate(entries)) {
      const inner = await included(item, entries, "stages", reading);
      found.push(...(await stagesIn(resolved(inner.bound), inner.reading)));
    } else {
      found.push({ item, reading });
    }
  }
  return found;
}

async function readStage({ item, reading }: Stage, pool: PoolReference): Promise<ReadJob[]> {
  const inner = ownVariables(reading);
  const scope = item.scope === undefined ? undefined : { ...item.scope, variables: inner.scope.variables };
  const fields = new Fields(item, STAGE, entriesOf({ node: item.node, scope }));
  checkName(fields, "stage", "a stage");
  const variablesBound = fields.get("variables");
  const variables =
    variablesBound === undefined ? new Map<string, string>() : await readVariables(variablesBound, inner);
  fields.text("displayName");
  const poolBound = fields.get("pool");
  const jobs = fields.get("jobs");
  if (jobs === undefined) throw new PipelineFileError(fields.place, "a stage has no jobs", "write jobs: in it");
  const defaults: JobDefaults = { pool: poolBound === undefined ? pool : readPool(poolBound), variables };
  return readJobs(jobs, defaults, inner);
}
