/** Judges whether a pipeline may use the service connections, repositories and pools that it names. */
import type { ExpandedPipeline, Job } from "../../model";
import type { Definition, Endpoint, ResourceType, World } from "../world";
import { namedConnections, namedRepositories, same } from "./resources";

/** The service's own pool, open to every pipeline. */
const hostedPool = "Azure Pipelines";
/** Images of the hosted pool that a Linux machine can stand in for. */
const linuxImage = /^ubuntu-(latest|\d\d\.04)$/;

/** Whether a pipeline was let at a resource: by itself, or with all of its project. */
export function isAuthorized(world: World, definition: Definition, type: ResourceType, resourceId: string): boolean {
  return world.authorizations.some(
    (one) =>
      same(one.type, type) &&
      one.resourceId === resourceId &&
      (one.definitionId === undefined ? one.projectId === definition.projectId : one.definitionId === definition.id),
  );
}

function projectName(world: World, id: string): string {
  return world.projects.find((project) => project.id === id)?.name ?? id;
}

/** The service connection of a project with that name or id. */
export function endpointNamed(world: World, projectId: string, nameOrId: string): Endpoint | undefined {
  return world.endpoints.find(
    (one) => one.projectId === projectId && (same(one.name, nameOrId) || same(one.id, nameOrId)),
  );
}

/** What is wrong with the service connections that a pipeline names; empty when it may use all of them. */
export function connectionProblems(pipeline: ExpandedPipeline, definition: Definition, world: World): string[] {
  const project = projectName(world, definition.projectId);
  return namedConnections(pipeline).flatMap(({ job, step, input, connection }) => {
    const where = `Job ${job}: Step "${step}" input ${input} references service connection ${connection}`;
    if (connection.includes("$(")) {
      return `${where}, which is known only when the job runs. Service connections are resolved before: write its name, or a parameter`;
    }
    const endpoint = endpointNamed(world, definition.projectId, connection);
    if (endpoint === undefined) {
      return `${where} which could not be found. The project ${project} has no service connection of that name: create it, or correct the name`;
    }
    if (!isAuthorized(world, definition, "endpoint", endpoint.id)) {
      return `${where}, which has not been authorized for use by the pipeline "${definition.name}". Authorize the pipeline for the service connection`;
    }
    return [];
  });
}

/** Whether jobs act for their own project only. */
export function isOfProjectOnly(definition: Definition, world: World): boolean {
  const settings = world.settings.find(({ projectId }) => projectId === definition.projectId);
  // A project begins with the setting on.
  return definition.jobScope === "project" || (settings?.enforceJobScope ?? true);
}

/** Whether jobs reach only the repositories that their pipeline names, each of which needs an authorization. */
export function reachesNamedOnly(definition: Definition, world: World): boolean {
  const settings = world.settings.find(({ projectId }) => projectId === definition.projectId);
  return settings?.enforceReferencedRepoScopedToken ?? true;
}

/** What is wrong with the repositories that a pipeline names beside its own. */
export function repositoryProblems(pipeline: ExpandedPipeline, definition: Definition, world: World): string[] {
  const own = definition.repositoryId;
  const problems = namedRepositories(pipeline, definition, world).flatMap(({ name, where, repository }) => {
    if (repository === undefined || repository.disabled) {
      return `${where}: the repository ${name} was not found, or is disabled. Correct the name, or enable it`;
    }
    if (repository.id === own) return [];
    if (repository.projectId !== definition.projectId && isOfProjectOnly(definition, world)) {
      return `${where}: the repository ${name} lies in another project, and jobs of "${definition.name}" act for ${projectName(world, definition.projectId)} only. Bring it into this project, or widen the job authorization scope`;
    }
    if (reachesNamedOnly(definition, world) && !isAuthorized(world, definition, "repository", repository.id)) {
      return `${where}: the pipeline "${definition.name}" has not been authorized to use the repository ${name}. Authorize the pipeline for it`;
    }
    return [];
  });
  return [...new Set(problems)];
}

function poolProblem(job: Job, definition: Definition, world: World): string | undefined {
  const { pool } = job;
  const where = `Job ${job.name}`;
  const name = "vmImage" in pool ? hostedPool : pool.name;
  const queue = world.queues.find((one) => one.projectId === definition.projectId && same(one.name, name));
  if (queue === undefined) {
    return `${where}: the pool ${name} could not be found. The project ${projectName(world, definition.projectId)} has no agent queue for it: add one, or correct the name`;
  }
  if ("vmImage" in pool) {
    return linuxImage.test(pool.vmImage)
      ? undefined
      : `${where}: there are no agents here with the image ${pool.vmImage}: this machine stands in for Ubuntu's images only`;
  }
  if (!same(name, hostedPool) && !isAuthorized(world, definition, "queue", queue.id)) {
    return `${where}: the pipeline "${definition.name}" has not been authorized to use the pool ${name}. Authorize the pipeline for the agent queue`;
  }
  return undefined;
}

/** What is wrong with the pools in which a pipeline's jobs would run. */
export function poolProblems({ jobs }: ExpandedPipeline, definition: Definition, world: World): string[] {
  return jobs.flatMap((job) => poolProblem(job, definition, world) ?? []);
}
