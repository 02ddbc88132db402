/** The accounts that jobs act as, and what such an account reaches. */
import type { JobReach } from "../../services/types";
import type { Cloud } from "../cloud";
import { text } from "../kind";
import type { Entity } from "../state";
import { putBuildService, requireProject } from "./identities";
import { tokens } from "./tokens";

/** The account of a job: its project's, or the organization's. */
export function buildAccountOf(cloud: Cloud, { project }: JobReach): Entity {
  return putBuildService(cloud, project === undefined ? undefined : requireProject(cloud, project));
}

/** Whether a job's token is good in a project. */
export function reachesProject({ project }: JobReach, projectId: string): boolean {
  return project === undefined || project === projectId;
}

/** Whether a job's token is good for a repository. */
export function reachesRepository(job: JobReach, repository: Entity): boolean {
  return (
    reachesProject(job, text(repository, "projectId")) &&
    (job.repositories === undefined || job.repositories.includes(repository.id))
  );
}

/** Whether a job's account has a role at a feed; without one it does not see it. */
export function seesFeed(cloud: Cloud, job: JobReach, feedId: string): boolean {
  const account = text(buildAccountOf(cloud, job), "descriptor");
  return cloud.state
    .list(tokens.feedPermission)
    .some((entity) => text(entity, "feedId") === feedId && text(entity, "identityDescriptor") === account);
}
