/** Tells which resources a pipeline names: service connections, repositories and pools. */
import type { ExpandedPipeline, Job, RepositoryResource, Step } from "../../model";
import type { Definition, Repository, World } from "../world";

/** Inputs that name service connections, in lower case, by the task's name without its version (each task's task.json). */
const connectionInputs: ReadonlyMap<string, readonly string[]> = new Map([
  ["docker", ["containerregistry"]],
  ["azurecli", ["azuresubscription", "connectedservicenamearm"]],
  [
    "pipauthenticate",
    ["pythondownloadserviceconnections", "workloadidentityserviceconnection", "azuredevopsserviceconnection"],
  ],
]);

/** A service connection where a step names it. */
export interface NamedConnection {
  readonly job: string;
  readonly step: string;
  readonly input: string;
  /** Its name, or its id. */
  readonly connection: string;
}

function connectionsOf(job: Job, step: Step): NamedConnection[] {
  if (step.kind !== "task") return [];
  const [task = ""] = step.task.toLowerCase().split("@");
  const inputs = connectionInputs.get(task) ?? [];
  return Object.entries(step.inputs)
    .filter(([input]) => inputs.includes(input.toLowerCase()))
    .flatMap(([input, value]) =>
      value
        .split(",")
        .map((connection) => connection.trim())
        .filter((connection) => connection !== "")
        .map((connection) => ({ job: job.name, step: step.displayName, input, connection })),
    );
}

/** Every service connection that a step names, whether or not its condition will hold. */
export function namedConnections({ jobs }: ExpandedPipeline): NamedConnection[] {
  return jobs.flatMap((job) => job.steps.flatMap((step) => connectionsOf(job, step)));
}

/** A repository beside the pipeline's own, where it is named. */
export interface NamedRepository {
  /** As the pipeline writes it. */
  readonly name: string;
  /** Full name of a branch or tag; absent: the default branch. */
  readonly ref?: string | undefined;
  /** For messages: `resources.repositories "wheelhouse"`. */
  readonly where: string;
  /** Absent where there is none of that name. */
  readonly repository?: Repository | undefined;
}

/** The repository that `Project/repository`, or `repository` in the given project, names. */
export function repositoryNamed(world: World, name: string, projectId: string): Repository | undefined {
  const slash = name.indexOf("/");
  const project = slash === -1 ? projectId : world.projects.find((each) => same(each.name, name.slice(0, slash)))?.id;
  const own = name.slice(slash + 1);
  return world.repositories.find((each) => each.projectId === project && same(each.name, own));
}

/** `git://Project/repository@ref` of a checkout; the ref is absent where the text has none. */
export function inlineRepository(text: string): { readonly name: string; readonly ref?: string } | undefined {
  const [, name, ref] = /^git:\/\/([^@]+?)(?:@(.+))?$/i.exec(text) ?? [];
  if (name === undefined) return undefined;
  return ref === undefined ? { name } : { name, ref: ref.startsWith("refs/") ? ref : `refs/heads/${ref}` };
}

/** All repositories beside its own that a pipeline names: those of its resources, and those of checkouts. */
export function namedRepositories(
  pipeline: ExpandedPipeline,
  { projectId }: Definition,
  world: World,
): NamedRepository[] {
  const declared = pipeline.main.repositories.map(({ alias, name, ref }: RepositoryResource) => ({
    name,
    ref,
    where: `resources.repositories "${alias}"`,
    repository: repositoryNamed(world, name, projectId),
  }));
  const inline = pipeline.jobs.flatMap(({ steps }) =>
    steps.flatMap((step) => {
      const found = step.kind === "checkout" ? inlineRepository(step.repository) : undefined;
      if (step.kind !== "checkout" || found === undefined) return [];
      const where = `checkout "${step.repository}"`;
      return [{ ...found, where, repository: repositoryNamed(world, found.name, projectId) }];
    }),
  );
  return [...declared, ...inline];
}

/** Names in Azure DevOps ignore case. */
export function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
