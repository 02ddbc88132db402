/** Expands a pipeline for one run: its templates, parameters and expressions. */
import type { ExpandedPipeline, PoolReference, TemplatePlace } from "../model";
import { Budget } from "./budget";
import { PipelineFileError } from "./error";
import { expanded } from "./expand";
import { Fields, recordOf, type Keys } from "./fields";
import { entered, opened, type Reading } from "./include";
import { readJobs, variablesNode, type JobDefaults, type ReadJob } from "./jobs";
import { CONTENTS, mainFileOf } from "./main-file";
import { mapping, scalar, sequence, type MappingEntry, type MappingNode, type Node } from "./node";
import { boundParameters, declaredParameters } from "./parameters";
import { readPool } from "./pool";
import { parametersOfRun } from "./run-values";
import { Variables } from "./scope";
import { readMapping } from "./source";
import { readStages } from "./stages";
import { Templates } from "./templates";
import { joined, readVariables } from "./variables";
import { writeYaml } from "./write";

export interface ExpandOptions {
  /** The main file's path in its repository. */
  readonly file: string;
  readonly text: string;
  /** The text of a template; `undefined` where there is no such file. */
  readonly load: (place: TemplatePlace) => Promise<string | undefined>;
  /**
   * What is known when a run is made: `Build.Reason`, `Build.SourceBranch`, …, and the definition's variables. Of
   * names that differ in letter case alone the last one counts, so the service's own come last. No secret:
   * what expressions make of them is in the expanded text.
   */
  readonly variables: ReadonlyMap<string, string>;
  /** For jobs that name none. */
  readonly defaultPool: PoolReference;
  /** Values for the main file's parameters. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

const EXTENDS: Keys = { of: "extends", known: ["template", "parameters"] };
const TEMPLATE: Keys = {
  of: "a template that is extended",
  known: ["parameters", "variables", ...CONTENTS],
  unsupported: ["resources", "trigger", "pool"],
};

/** Templates that extend one another; each counts as a level, too. */
interface Contents {
  readonly jobs: readonly ReadJob[];
  readonly variables: ReadonlyMap<string, string>;
  readonly extended?: TemplatePlace;
}

/**
 * The pipeline as a run of it has it.
 * @throws PipelineFileError with place and mend for whatever the service refuses, or this sandbox does not have. What
 * `load` throws goes through.
 */
export async function expandPipeline(options: ExpandOptions): Promise<ExpandedPipeline> {
  const root = readMapping(options.text, options.file);
  const { main, fields } = mainFileOf(root);
  const budget = new Budget();
  const templates = new Templates(
    options.load,
    main.repositories.map(({ alias }) => alias),
    budget,
  );
  const given = parametersOfRun(options.parameters ?? {});
  const parameters = boundParameters(declaredParameters(fields.get("parameters")?.node), given, root.place);
  const scope = { budget, parameters, variables: new Variables(options.variables), loops: new Map<string, Node>() };
  const reading: Reading = { origin: { repository: "self", path: options.file, level: 0 }, scope, templates };
  const contents = await readContents(bindAgain(root, reading), options.defaultPool, reading);
  return {
    main,
    ...(contents.extended === undefined ? {} : { extends: contents.extended }),
    templates: extendedFirst(templates.places, contents.extended),
    variables: recordOf(contents.variables),
    jobs: contents.jobs.map(({ job }) => job),
    text: writeYaml(expandedText(root, contents)),
  };
}

/** Templates of variables in the main file are read before the one that it extends. */
function extendedFirst(
  places: readonly TemplatePlace[],
  extended: TemplatePlace | undefined,
): readonly TemplatePlace[] {
  if (extended === undefined) return places;
  const others = places.filter(({ repository, path }) => repository !== extended.repository || path !== extended.path);
  return [extended, ...others];
}

/** The main file's keys once more, now with values for their expressions. */
function bindAgain(root: MappingNode, { scope }: Reading): Fields {
  const known = root.entries.map(({ key }) => String(key.value));
  return new Fields({ node: root, scope }, { of: "a pipeline", known });
}

async function readContents(fields: Fields, defaultPool: PoolReference, reading: Reading): Promise<Contents> {
  const variablesBound = fields.get("variables");
  const variables =
    variablesBound === undefined ? new Map<string, string>() : await readVariables(variablesBound, reading);
  const poolBound = fields.get("pool");
  const pool = poolBound === undefined ? defaultPool : readPool(poolBound);
  const [extension, stages, jobs, steps] = CONTENTS.map((key) => fields.get(key));
  if (extension !== undefined) return extendedContents(new Fields(extension, EXTENDS), variables, pool, reading);
  if (stages !== undefined) return { variables, jobs: await readStages(stages, pool, reading) };
  const defaults: JobDefaults = { pool, variables: new Map() };
  if (jobs !== undefined) return { variables, jobs: await readJobs(jobs, defaults, reading) };
  if (steps === undefined)
    throw new PipelineFileError(fields.place, "it has no stages, jobs or steps", `write one of ${CONTENTS.join(", ")}`);
  return { variables, jobs: await readJobs({ ...steps, node: jobAround(steps.node) }, defaults, reading) };
}

/** A pipeline of steps alone is one job. */
function jobAround(steps: Node): Node {
  const { place } = steps;
  const job = mapping(
    [
      { key: scalar("job", place), value: scalar("Job", place) },
      { key: scalar("steps", place), value: steps },
    ],
    place,
  );
  return sequence([job], place);
}

async function extendedContents(
  extension: Fields,
  variables: ReadonlyMap<string, string>,
  pool: PoolReference,
  reading: Reading,
): Promise<Contents> {
  const file = await opened(extension, reading);
  const { fields, inner } = entered(file, TEMPLATE, reading);
  const [one, two] = CONTENTS.filter((key) => fields.has(key));
  if (one !== undefined && two !== undefined) {
    throw new PipelineFileError(fields.placeOf(two), `a template has either ${one} or ${two}`, "keep one of the two");
  }
  const contents = await readContents(fields, pool, inner);
  const { repository, path } = file.origin;
  return {
    jobs: contents.jobs,
    variables: joined(variables, contents.variables),
    extended: { repository, path },
  };
}

/** All of the pipeline in one file, with the one stage that the service puts around jobs. */
function expandedText(root: MappingNode, { jobs, variables }: Contents): MappingNode {
  const { place } = root;
  const kept = root.entries.filter(({ key }) =>
    ["name", "trigger", "pr", "schedules", "resources"].includes(String(key.value)),
  );
  const entries: MappingEntry[] = kept.map(({ key, value }) => ({
    key,
    value: expanded({ node: value, scope: undefined }),
  }));
  if (variables.size > 0) entries.push({ key: scalar("variables", place), value: variablesNode(variables, place) });
  const stage = mapping(
    [
      { key: scalar("stage", place), value: scalar("__default", place) },
      {
        key: scalar("jobs", place),
        value: sequence(
          jobs.map(({ node }) => node),
          place,
        ),
      },
    ],
    place,
  );
  return mapping([...entries, { key: scalar("stages", place), value: sequence([stage], place) }], place);
}
