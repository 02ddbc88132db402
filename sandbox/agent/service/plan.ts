/** Makes a queued run ready: expands its pipeline, and judges whether it may start. */
import type { ExpandedPipeline, Job, PoolReference, TemplatePlace } from "../model";
import { expandPipeline, PipelineFileError } from "../yaml";
import { namedRepositories, problemsOf, repositoryNamed, same, type Capability } from "./checks";
import type { RepositoryFiles } from "./repository-files";
import { NumberFormatError, runNumber } from "./run-number";
import {
  definitionVariables,
  resourceProblems,
  resourceVariables,
  systemVariables,
  variableProblems,
  type RunSubject,
} from "./run-variables";
import { branchTips } from "./triggers";
import type { CloudRun, Repository, World } from "./world";

/** A repository beside the run's own, with the commit that all of the run takes of it. */
export interface PinnedRepository {
  readonly repository: Repository;
  readonly project: string;
  readonly ref: string;
  readonly commit: string;
}

/** A run that may start. */
export interface Plan extends RunSubject {
  readonly pipeline: ExpandedPipeline;
  /** In the order in which they run. */
  readonly jobs: readonly Job[];
  readonly number: string;
  /** Known before the job, none of them secret. */
  readonly variables: ReadonlyMap<string, string>;
  /** Of another repository that the pipeline names, by its name there or its alias. Throws where it names none such. */
  pinned(name: string, ref: string | undefined): PinnedRepository;
}

/** A run that may not start. */
export class RunRefused extends Error {
  public constructor(
    /** A sentence for each reason, with the mend. */
    public readonly problems: readonly string[],
    /** As far as it was expanded. */
    public readonly pipeline?: ExpandedPipeline,
    public readonly number?: string,
  ) {
    super(problems.join("\n"));
    this.name = "RunRefused";
  }
}

export interface PlanParts {
  readonly address: string;
  readonly files: RepositoryFiles;
  readonly capability: Capability;
  /** The sandbox's clock. */
  readonly now: Date;
  /** Numbers that runs of the pipeline have already. */
  readonly taken: readonly string[];
}

/** @throws RunRefused where the definition, its project or its repository is gone or switched off */
export function subjectOf(run: CloudRun, world: World): RunSubject {
  const definition = world.definitions.find(({ id }) => id === run.definitionId);
  const project = world.projects.find(({ id }) => id === definition?.projectId);
  const repository = world.repositories.find(({ id }) => id === definition?.repositoryId);
  if (definition === undefined || project === undefined || repository === undefined) {
    throw new RunRefused([
      `the pipeline ${run.definitionId} or its repository is gone: make it again, and queue a run`,
    ]);
  }
  if (repository.disabled) {
    throw new RunRefused([`the repository ${repository.name} is disabled: enable it, and queue the run again`]);
  }
  return { run, definition, project, repository };
}

/** The default of jobs that name no pool. */
function defaultPool(name: string): PoolReference {
  return same(name, "Azure Pipelines") ? { vmImage: "ubuntu-latest" } : { name, demands: [] };
}

/** Looks each repository up once, so that templates and checkouts of one run are of one commit. */
class Pins {
  private readonly known = new Map<string, PinnedRepository>();

  public constructor(private readonly world: World) {}

  /** @throws RunRefused */
  public get(name: string, ref: string | undefined, projectId: string): PinnedRepository {
    const repository = repositoryNamed(this.world, name, projectId);
    const project = this.world.projects.find(({ id }) => id === repository?.projectId)?.name;
    if (repository === undefined || project === undefined || repository.disabled) {
      throw new RunRefused([`the repository ${name} was not found, or is disabled. Correct the name, or enable it`]);
    }
    const wanted = ref ?? repository.defaultBranch;
    const key = `${repository.id} ${wanted}`;
    const commit = this.known.get(key)?.commit ?? this.tip(repository, wanted);
    const pin = { repository, project, ref: wanted, commit };
    this.known.set(key, pin);
    return pin;
  }

  private tip(repository: Repository, ref: string): string {
    const commit = ref.startsWith("refs/tags/")
      ? tagTips(this.world, repository.id).get(ref)
      : branchTips(this.world, repository.id).get(ref);
    if (commit === undefined) {
      throw new RunRefused([
        `the repository ${repository.name} has no ${ref}. Correct the ref, or push it (a branch is written as refs/heads/<name>)`,
      ]);
    }
    return commit;
  }
}

function tagTips(world: World, repositoryId: string): ReadonlyMap<string, string> {
  const updates = world.pushes.filter((push) => push.repositoryId === repositoryId).flatMap((push) => push.updates);
  return new Map(updates.filter(({ after }) => !/^0+$/.test(after)).map(({ name, after }) => [name, after]));
}

/** Jobs after those that they depend on, else in the order of the file. */
export function inOrder(jobs: readonly Job[]): Job[] {
  const ordered: Job[] = [];
  const left = [...jobs];
  while (left.length > 0) {
    const ready = left.findIndex(({ dependsOn }) =>
      dependsOn.every((name) => !left.some((other) => same(other.name, name))),
    );
    const [job] = left.splice(ready, 1);
    if (ready === -1 || job === undefined) {
      throw new RunRefused([
        `the jobs ${left.map(({ name }) => name).join(", ")} wait for each other: take one dependsOn out of the circle`,
      ]);
    }
    ordered.push(job);
  }
  return ordered;
}

async function expand(subject: RunSubject, pins: Pins, variables: ReadonlyMap<string, string>, parts: PlanParts) {
  const { run, definition, repository } = subject;
  const { files } = parts;
  const text = await files.file(repository.id, run.commit, definition.file);
  if (text === undefined) {
    throw new RunRefused([
      `/${definition.file}: there is no such file in the repository ${repository.name} at ${run.branch}, version ${run.commit}. Push it, or correct the pipeline's path`,
    ]);
  }
  // Aliases are known only once the main file is read, which is before the first template is asked for.
  const load = async (place: TemplatePlace): Promise<string | undefined> => {
    if (place.repository === "self") return files.file(repository.id, run.commit, place.path);
    const main = await files.mainFile(definition, run.commit);
    const resource = main?.repositories.find(({ alias }) => same(alias, place.repository));
    if (resource === undefined) return undefined;
    const pin = pins.get(resource.name, resource.ref, definition.projectId);
    return files.file(pin.repository.id, pin.commit, place.path);
  };
  try {
    return await expandPipeline({
      file: definition.file,
      text,
      load,
      variables,
      defaultPool: defaultPool(definition.pool),
      parameters: run.parameters,
    });
  } catch (error) {
    if (error instanceof PipelineFileError) throw new RunRefused([error.message]);
    throw error;
  }
}

function numberOf(pipeline: ExpandedPipeline, variables: ReadonlyMap<string, string>, parts: PlanParts): string {
  const { now, taken } = parts;
  try {
    const own = new Map([...variables, ...Object.entries(pipeline.variables)]);
    return runNumber(pipeline.main.numberFormat, { now, taken, variables: own });
  } catch (error) {
    if (error instanceof NumberFormatError) throw new RunRefused([error.message], pipeline);
    throw error;
  }
}

/**
 * Makes a run ready.
 * @throws RunRefused with every reason, CloudAway
 */
export async function planRun(subject: RunSubject, world: World, parts: PlanParts): Promise<Plan> {
  const { run, definition } = subject;
  const pins = new Pins(world);
  const system = systemVariables(subject, world, parts.address);
  const known = new Map([...definitionVariables(subject, world), ...system]);
  const pipeline = await expand(subject, pins, known, parts);
  const number = numberOf(pipeline, known, parts);
  const problems = [
    ...variableProblems(subject, world),
    ...resourceProblems(pipeline.main.pipelines, subject, world),
    ...problemsOf({ pipeline, definition, branch: run.branch }, world, parts.capability),
  ];
  if (problems.length > 0) throw new RunRefused(problems, pipeline, number);
  const jobs = inOrder(pipeline.jobs);
  const repositories = namedRepositories(pipeline, definition, world);
  // All are looked up now, so that nothing moves between the checks and the checkout.
  for (const { name, ref } of repositories) pins.get(name, ref, definition.projectId);
  const variables = new Map([
    ...definitionVariables(subject, world),
    ...Object.entries(pipeline.variables),
    ...system,
    ...resourceVariables(pipeline.main.pipelines, subject, world),
    ["Build.BuildNumber", number] as const,
  ]);
  return {
    ...subject,
    pipeline,
    jobs,
    number,
    variables,
    pinned(name, ref) {
      if (repositories.some((one) => same(one.name, name) && one.ref === ref)) {
        return pins.get(name, ref, definition.projectId);
      }
      throw new Error(`the pipeline "${definition.name}" did not name the repository ${name} before its job began`);
    },
  };
}
