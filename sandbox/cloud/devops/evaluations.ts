/** Whether a pull request has what the branch policies of its target want. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { changedPaths } from "../git/merging";
import type { Entity } from "../state";
import type { PullRequest } from "./merges";
import { pathMatches } from "./path-patterns";
import { policiesOn } from "./protection";
import { pushesTo } from "./pushes";
import { requireRepository } from "./repositories";
import { runsOf } from "./runs";
import { tokens } from "./tokens";

export interface Evaluation {
  readonly policy: Entity;
  readonly blocking: boolean;
  readonly status: "queued" | "running" | "approved" | "rejected" | "notApplicable";
  /** What is missing, in words. */
  readonly says: string;
}

type Finding = Pick<Evaluation, "status" | "says">;

const validation = z.looseObject({
  buildDefinitionId: z.number(),
  displayName: z.string(),
  queueOnSourceUpdateOnly: z.boolean().default(true),
  /** Minutes; 0: for ever. */
  validDuration: z.number().default(720),
  filenamePatterns: z.array(z.string()).default([]),
});

const reviewers = z.looseObject({
  reviewerCount: z.number().default(1),
  submitterCanVote: z.boolean().default(false),
  lastPusherCannotApprove: z.boolean().default(false),
  allowCompletionWithRejectsOrWaits: z.boolean().default(false),
  onLastIterationRequireVote: z.boolean().default(false),
  onEachIterationRequireVote: z.boolean().default(false),
});

/** All policies that cover the target of a pull request, each with what it finds at present. */
export async function evaluate(cloud: Cloud, one: PullRequest): Promise<Evaluation[]> {
  const repository = requireRepository(cloud, one.repositoryId);
  const evaluations: Evaluation[] = [];
  for (const { entity, blocking } of policiesOn(cloud, repository, one.targetRefName)) {
    const found =
      entity.token === tokens.branchPolicyBuildValidation
        ? await evaluateBuild(cloud, one, validation.parse(entity.properties.settings))
        : evaluateVotes(cloud, one, reviewers.parse(entity.properties.settings));
    evaluations.push({ policy: entity, blocking, ...found });
  }
  return evaluations;
}

/** What keeps a pull request from being completed. */
export function unmet(evaluations: readonly Evaluation[]): string[] {
  return evaluations
    .filter(({ blocking, status }) => blocking && status !== "approved" && status !== "notApplicable")
    .map(({ says }) => says);
}

async function evaluateBuild(cloud: Cloud, one: PullRequest, settings: z.infer<typeof validation>): Promise<Finding> {
  const { lastMergeSourceCommit: source, lastMergeTargetCommit: target } = one;
  const named = `the build "${settings.displayName}"`;
  if (settings.filenamePatterns.length > 0 && source !== undefined && target !== undefined) {
    const paths = await changedPaths(cloud.repositories.path(one.repositoryId), target, source);
    if (!paths.some((path) => pathMatches(settings.filenamePatterns, path))) {
      return { status: "notApplicable", says: `${named} is for other paths` };
    }
  }
  const run = runsOf(cloud, one.projectId).find(
    ({ definitionId, pullRequest }) => definitionId === settings.buildDefinitionId && pullRequest === one.id,
  );
  if (run === undefined || run.sourceCommit !== source) {
    return { status: "queued", says: `${named} has not run for the newest commit yet` };
  }
  if (run.state !== "completed") {
    return run.state === "queued"
      ? { status: "queued", says: `${named} waits for an agent (run ${run.number})` }
      : { status: "running", says: `${named} is running (run ${run.number})` };
  }
  if (run.result !== "succeeded") {
    return { status: "rejected", says: `${named} ended as ${run.result ?? "nothing"} (run ${run.number})` };
  }
  // Of another merge commit: the target has moved since.
  const age = (Date.now() - Date.parse(run.endedAt ?? run.queuedAt)) / 60_000;
  const lasts = settings.queueOnSourceUpdateOnly && (settings.validDuration === 0 || age < settings.validDuration);
  return run.commit === one.lastMergeCommit || lasts
    ? { status: "approved", says: `${named} succeeded (run ${run.number})` }
    : {
        status: "queued",
        says: `${named} succeeded before the target branch changed (run ${run.number}): run it again`,
      };
}

function evaluateVotes(cloud: Cloud, one: PullRequest, settings: z.infer<typeof reviewers>): Finding {
  const against = one.reviewers.filter(({ vote }) => vote < 0);
  if (against.length > 0 && !settings.allowCompletionWithRejectsOrWaits) {
    return { status: "rejected", says: `${against.length} reviewers reject it or wait for the author` };
  }
  const pusher = settings.lastPusherCannotApprove ? lastPusher(cloud, one) : undefined;
  const counts = (id: string): boolean => (settings.submitterCanVote || id !== one.createdBy) && id !== pusher;
  const approving = one.reviewers.filter(({ id, vote }) => vote > 0 && counts(id)).map(({ id }) => id);
  if (approving.length < settings.reviewerCount) {
    return {
      status: "queued",
      says: `${approving.length} of ${settings.reviewerCount} reviewers have approved it${
        settings.submitterCanVote ? "" : ", and its author's vote does not count"
      }`,
    };
  }
  // Whoever approved an iteration still does so: a vote that was taken back is none.
  const approved = one.iterations.map(({ approvedBy }) => approvedBy.some((id) => approving.includes(id)));
  if (settings.onLastIterationRequireVote && approved.at(-1) !== true) {
    return { status: "queued", says: "nobody has approved the newest changes yet" };
  }
  if (settings.onEachIterationRequireVote && approved.includes(false)) {
    return { status: "queued", says: "nobody has approved some of the pushes to its source branch" };
  }
  return { status: "approved", says: `${approving.length} reviewers have approved it` };
}

function lastPusher(cloud: Cloud, one: PullRequest): string | undefined {
  return pushesTo(cloud, one.repositoryId).find(({ refUpdates }) =>
    refUpdates.some(({ name }) => name === one.sourceRefName),
  )?.pushedBy;
}
