/** Pull requests as they are kept, and the merges that the service makes of them whenever a branch of theirs moves. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { merge, moveReference, writeCommit } from "../git/merging";
import { shortName, type Signature } from "../git/repositories";
import type { Entity } from "../state";
import { identityOf, signatureOf } from "./persons";
import { policiesOn } from "./protection";
import { tokens } from "./tokens";

const commit = z.string().regex(/^[0-9a-f]{40}$/);

const reviewer = z.object({
  id: z.string(),
  /** 10 approved, 5 approved with suggestions, 0 none, -5 waits for the author, -10 rejected. */
  vote: z.union([z.literal(10), z.literal(5), z.literal(0), z.literal(-5), z.literal(-10)]),
  isRequired: z.boolean().optional(),
});

const form = z.object({
  projectId: z.string(),
  repositoryId: z.string(),
  title: z.string(),
  description: z.string(),
  sourceRefName: z.string(),
  targetRefName: z.string(),
  status: z.enum(["active", "abandoned", "completed"]),
  isDraft: z.boolean(),
  /** Id of the identity. */
  createdBy: z.string(),
  creationDate: z.string(),
  closedBy: z.string().optional(),
  closedDate: z.string().optional(),
  mergeId: z.string(),
  mergeStatus: z.enum(["notSet", "conflicts", "succeeded", "failure"]),
  mergeFailureMessage: z.string().optional(),
  lastMergeSourceCommit: commit.optional(),
  lastMergeTargetCommit: commit.optional(),
  /** What `refs/pull/<id>/merge` points to; of a completed one what it became. */
  lastMergeCommit: commit.optional(),
  reviewers: z.array(reviewer),
  /** One for each time the source moved: its commit, and who approved it then. */
  iterations: z.array(z.object({ source: commit, approvedBy: z.array(z.string()) })),
  completionOptions: z.record(z.string(), z.unknown()).optional(),
});

/** A pull request as it is kept. */
export type PullRequest = z.infer<typeof form> & { readonly id: number };
export type Reviewer = z.infer<typeof reviewer>;

export function pullRequestOf({ id, properties }: Entity): PullRequest {
  return { ...form.parse(properties), id: Number(id) };
}

/** All of a repository, the newest first. */
export function pullRequestsOf(cloud: Cloud, repositoryId: string): PullRequest[] {
  return cloud.state
    .list(tokens.pullRequest)
    .map(pullRequestOf)
    .filter((one) => one.repositoryId === repositoryId)
    .sort((one, other) => other.id - one.id);
}

/** Writes down what a pull request is now. */
export function putPullRequest(cloud: Cloud, { id, ...properties }: PullRequest): PullRequest {
  const entity = cloud.state.put({
    token: tokens.pullRequest,
    id: String(id),
    key: String(id),
    within: [{ token: tokens.git, id: properties.repositoryId }],
    properties,
  });
  return pullRequestOf(entity);
}

/** The reference that holds the merge of a pull request. */
export function mergeReference(id: number): string {
  return `refs/pull/${id}/merge`;
}

/** Merges anew what is active and has moved. */
export async function freshenPullRequests(cloud: Cloud, repositoryId: string): Promise<void> {
  const active = pullRequestsOf(cloud, repositoryId).filter(({ status }) => status === "active");
  for (const { id } of active) {
    await cloud.repositories.inTurn(repositoryId, () => freshen(cloud, id));
  }
}

/**
 * Merges a pull request anew where its source or target has moved; where one of them is gone it stays as it was. Only in the
 * repository's turn.
 */
export async function freshen(cloud: Cloud, id: number): Promise<void> {
  const known = current(cloud, id);
  if (known?.status !== "active") {
    return;
  }
  const [source, target] = await Promise.all(
    [known.sourceRefName, known.targetRefName].map((name) => cloud.repositories.tip(known.repositoryId, name)),
  );
  if (source === undefined || target === undefined) {
    return;
  }
  if (source === known.lastMergeSourceCommit && target === known.lastMergeTargetCommit) {
    return;
  }
  const outcome = await mergeAnew(cloud, known, source, target);
  // Others may have voted or changed the title while git ran.
  const now = current(cloud, id);
  if (now?.status === "active") {
    const moved = source === now.lastMergeSourceCommit ? {} : afterPush(cloud, now, source);
    const merged = { ...outcome, lastMergeSourceCommit: source, lastMergeTargetCommit: target };
    const before = { ...now, mergeFailureMessage: undefined, lastMergeCommit: undefined };
    putPullRequest(cloud, { ...before, ...moved, ...merged });
  }
}

function current(cloud: Cloud, id: number): PullRequest | undefined {
  const entity = cloud.state.get(tokens.pullRequest, String(id));
  return entity === undefined ? undefined : pullRequestOf(entity);
}

type Outcome = Pick<PullRequest, "mergeStatus" | "mergeFailureMessage" | "lastMergeCommit">;

async function mergeAnew(cloud: Cloud, one: PullRequest, source: string, target: string): Promise<Outcome> {
  const repository = cloud.repositories.path(one.repositoryId);
  const merged = await merge(repository, target, source);
  if (merged.kind !== "clean") {
    // Nobody is to build a merge of what was there before.
    await moveReference(repository, mergeReference(one.id), undefined, undefined);
    return merged.kind === "conflicts"
      ? { mergeStatus: "conflicts", mergeFailureMessage: `both sides changed ${merged.paths.join(", ")}` }
      : { mergeStatus: "failure", mergeFailureMessage: merged.reason };
  }
  const lastMergeCommit = await writeCommit(repository, {
    tree: merged.tree,
    parents: [target, source],
    message: `Merge pull request ${one.id} from ${shortName(one.sourceRefName)} into ${shortName(one.targetRefName)}`,
    author: authorOf(cloud, one),
  });
  await moveReference(repository, mergeReference(one.id), lastMergeCommit, undefined);
  return { mergeStatus: "succeeded", lastMergeCommit };
}

/** The creator, also after having left. */
export function authorOf(cloud: Cloud, { createdBy }: PullRequest): Signature {
  const creator = identityOf(cloud, createdBy);
  return creator === undefined ? { name: "unknown", email: "unknown@sandbox.localhost" } : signatureOf(creator);
}

const resets = z.looseObject({
  onPushResetAllVotes: z.boolean().default(false),
  onPushResetApprovedVotes: z.boolean().default(false),
});

/** A push to the source begins an iteration, and takes votes back where a policy says so. */
function afterPush(cloud: Cloud, one: PullRequest, source: string): Pick<PullRequest, "reviewers" | "iterations"> {
  const repository = cloud.state.get(tokens.git, one.repositoryId);
  const policies = repository === undefined ? [] : policiesOn(cloud, repository, one.targetRefName);
  const wanted = policies
    .filter(({ entity }) => entity.token === tokens.branchPolicyMinReviewers)
    .map(({ entity }) => resets.parse(entity.properties.settings));
  const all = wanted.some(({ onPushResetAllVotes }) => onPushResetAllVotes);
  const approvals = all || wanted.some(({ onPushResetApprovedVotes }) => onPushResetApprovedVotes);
  return {
    iterations: [...one.iterations, { source, approvedBy: [] }],
    reviewers: one.reviewers.map((reviewer) =>
      all || (approvals && reviewer.vote > 0) ? { ...reviewer, vote: 0 as const } : reviewer,
    ),
  };
}
