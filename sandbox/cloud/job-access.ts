/**
 * What a job's token may do beside git and packages: read what its build account may read, and write to pull requests. Real accounts can be
 * given more; what the platform's pipelines never need stays refused here.
 */
import { z } from "zod";
import type { JobReach } from "../services/types";
import type { Call } from "./call";
import type { Cloud } from "./cloud";
import { buildAccountOf, reachesProject, reachesRepository, seesFeed } from "./devops/build-accounts";
import { tokens } from "./devops/tokens";
import { forbidden, missing } from "./errors";
import { text } from "./kind";
import type { Entity, Properties } from "./state";

/** Verbs of the control API that change nothing and ask for one thing. */
const readingVerbs = ["read", "invoke"];

/** Refuses verbs by which the provider's stand-in changes something. */
export function checkJobVerb({ cloud, job, parts }: Call, body: Properties): void {
  if (job === undefined) return;
  const verb = parts[1] ?? "";
  if (readingVerbs.includes(verb)) return;
  const token = z.string().catch("").parse(body.token);
  const what = token === "" ? "" : ` a ${token.slice(token.lastIndexOf(":") + 1)}`;
  throw forbidden(
    "AccessCheckException",
    `TF50309: the account ${nameOf(cloud, job)} lacks the permissions for this operation: ${verb}${what}. ` +
      "A job's token reads here, and writes to pull requests where it may",
  );
}

/** Refuses requests of REST that a job's token is not for; which of the rest it may make is up to what they ask for. */
export function checkJobRequest({ cloud, job, method, parts }: Call): void {
  if (job === undefined || method === "GET" || method === "OPTIONS") return;
  const place = parts.slice(parts.indexOf("_apis") + 1).map((part) => part.toLowerCase());
  if ([place[0], place[1], place[3], place[5]].join(" ") === "git repositories pullrequests threads") return;
  throw forbidden(
    "AccessCheckException",
    `TF50309: the account ${nameOf(cloud, job)} lacks the permissions for this operation: ${method} ${parts.join("/")}. ` +
      "A job's token reads here, and writes to pull requests where it may",
  );
}

/** Refuses a project beyond the job's own as if there were none. */
export function checkJobProject({ cloud, job }: Call, projectId: string): void {
  if (job === undefined || reachesProject(job, projectId)) return;
  throw missing(
    "ProjectDoesNotExistWithNameException",
    `TF200016: the project ${projectId} does not exist, or ${nameOf(cloud, job)} may not see it`,
  );
}

/** What a verb found, unless the job's token does not reach it: then it is as if there were nothing. */
export function checkJobFinding({ cloud, job }: Call, token: string, found: Properties): void {
  if (job === undefined || isReached(cloud, job, token, found)) return;
  throw missing(
    "NotFound",
    `there is no such ${token.slice(token.lastIndexOf(":") + 1)}, or ${nameOf(cloud, job)} may not see it`,
  );
}

function isReached(cloud: Cloud, job: JobReach, token: string, found: Properties): boolean {
  const of = (name: string): string => z.string().catch("").parse(found[name]);
  const id = of("id");
  if (token === tokens.project || token.endsWith(":getProject")) return reachesProject(job, id || of("projectId"));
  if (token === tokens.feed || token.endsWith(":getFeed")) return seesFeed(cloud, job, id || of("feedId"));
  const repository = repositoryOf(cloud, token, found);
  if (repository !== undefined) return reachesRepository(job, repository);
  const projectId = of("projectId");
  return projectId === "" || reachesProject(job, projectId);
}

function repositoryOf(cloud: Cloud, token: string, found: Properties): Entity | undefined {
  const ofRepository = token === tokens.git || token.endsWith(":getGitRepository");
  const id = z
    .string()
    .catch("")
    .parse(ofRepository ? found.id : found.repositoryId);
  return id === "" ? undefined : cloud.state.get(tokens.git, id);
}

function nameOf(cloud: Cloud, job: JobReach): string {
  return `"${text(buildAccountOf(cloud, job), "displayName")}"`;
}
