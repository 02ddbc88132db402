/** How the REST area `build` writes a run: its names for states, results and reasons, and all that it says of one. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { requireOwner, requireProject } from "../devops/identities";
import type { Run } from "../devops/runs";
import { tokens } from "../devops/tokens";
import { missing } from "../errors";
import { text } from "../kind";
import type { Entity } from "../state";
import { describeDefinition } from "./definitions";

export function statusOf({ state, cancelRequested }: Run): "notStarted" | "inProgress" | "cancelling" | "completed" {
  if (state === "completed") {
    return "completed";
  }
  return cancelRequested ? "cancelling" : state === "queued" ? "notStarted" : "inProgress";
}

export function resultOf(
  result: NonNullable<Run["result"]>,
): "succeeded" | "partiallySucceeded" | "failed" | "canceled" {
  return result === "succeededWithIssues" ? "partiallySucceeded" : result;
}

const reasons = {
  Manual: "manual",
  IndividualCI: "individualCI",
  BatchedCI: "batchedCI",
  Schedule: "schedule",
  PullRequest: "pullRequest",
  ResourceTrigger: "resourceTrigger",
} as const;

export function reasonOf(reason: Run["reason"]): (typeof reasons)[keyof typeof reasons] {
  return reasons[reason];
}

/** An identity as answers name it. */
export function describeIdentity(cloud: Cloud, identity: Entity): Record<string, unknown> {
  return {
    displayName: text(identity, "displayName"),
    id: identity.id,
    uniqueName: text(identity, "mail") || text(identity, "displayName"),
    descriptor: text(identity, "descriptor"),
    url: `${cloud.address()}/devops/${cloud.organization}/_apis/Identities/${identity.id}`,
  };
}

/** The definition of a run, which it goes with. */
export function definitionOf(cloud: Cloud, { definitionId, id }: Run): Entity {
  const definition = cloud.state.get(tokens.buildDefinition, String(definitionId));
  if (definition === undefined) {
    throw missing("DefinitionNotFoundException", `the definition of the build ${id} was deleted`);
  }
  return definition;
}

export function webAddress(cloud: Cloud, projectId: string, run: Run): string {
  return `${cloud.address()}/devops/${cloud.organization}/${projectId}/_build/results?buildId=${run.id}`;
}

function queueOf(cloud: Cloud, definition: Entity): Record<string, unknown> {
  const { agentPoolName } = z.looseObject({ agentPoolName: z.string().optional() }).parse(definition.properties);
  return { name: agentPoolName, url: `${cloud.address()}/devops/${cloud.organization}/_apis/build/Queues` };
}

function triggerInfo({ pullRequest, sourceCommit, branch, commit }: Run): Record<string, string> {
  return pullRequest === undefined
    ? { "ci.sourceBranch": branch, "ci.sourceSha": commit }
    : { "pr.number": String(pullRequest), "pr.sourceSha": sourceCommit ?? commit, "pr.isFork": "False" };
}

/** A run as the service's `Build`. */
export function describeBuild(cloud: Cloud, run: Run): Record<string, unknown> {
  const { id, projectId } = run;
  const owner = describeIdentity(cloud, requireOwner(cloud));
  const definition = definitionOf(cloud, run);
  const { path, name, revision, type, queueStatus, url, project } = describeDefinition(cloud, definition);
  const repository = cloud.state.get(tokens.git, run.repositoryId);
  const address = `${cloud.address()}/devops/${cloud.organization}/${projectId}/_apis/build/Builds/${id}`;
  const variables = Object.keys(run.variables).length === 0 ? {} : { parameters: JSON.stringify(run.variables) };
  return {
    _links: { self: { href: address }, web: { href: webAddress(cloud, projectId, run) } },
    id,
    buildNumber: run.number,
    status: statusOf(run),
    ...(run.result === undefined ? {} : { result: resultOf(run.result) }),
    queueTime: run.queuedAt,
    ...(run.startedAt === undefined ? {} : { startTime: run.startedAt }),
    ...(run.endedAt === undefined ? {} : { finishTime: run.endedAt }),
    url: address,
    uri: `vstfs:///Build/Build/${id}`,
    definition: { id: run.definitionId, name, path, revision, type, queueStatus, url, project },
    project: { id: projectId, name: text(requireProject(cloud, projectId), "name"), state: "wellFormed" },
    sourceBranch: run.branch,
    sourceVersion: run.commit,
    triggerInfo: triggerInfo(run),
    queue: queueOf(cloud, definition),
    priority: "normal",
    reason: reasonOf(run.reason),
    requestedFor: owner,
    requestedBy: owner,
    lastChangedBy: owner,
    lastChangedDate: run.endedAt ?? run.startedAt ?? run.queuedAt,
    repository: {
      id: run.repositoryId,
      type: "TfsGit",
      name: repository === undefined ? "" : text(repository, "name"),
    },
    ...variables,
    templateParameters: run.parameters,
    tags: run.tags,
    properties: {},
    validationResults: [],
    keepForever: false,
    retainedByRelease: false,
  };
}
