/** Pull requests: how they begin, change, are voted on and end. */
import type { Cloud } from "../cloud";
import { conflict, forbidden, invalid, missing } from "../errors";
import { moveReference, treeOf, writeCommit } from "../git/merging";
import { isBranchName } from "../git/repositories";
import { text } from "../kind";
import { newGuid, type Entity } from "../state";
import { evaluate, unmet } from "./evaluations";
import { authorOf, freshen, pullRequestOf, pullRequestsOf, putPullRequest, type PullRequest } from "./merges";
import { identityOf } from "./persons";
import { mayPass, protectedBranches } from "./protection";
import { recordPushes } from "./pushes";
import { tokens } from "./tokens";

/** The pull request of a repository with this number. */
export function requirePullRequest(cloud: Cloud, repositoryId: string, id: number): PullRequest {
  const entity = cloud.state.get(tokens.pullRequest, String(id));
  const found = entity === undefined ? undefined : pullRequestOf(entity);
  if (found?.repositoryId !== repositoryId) {
    throw missing("GitPullRequestNotFoundException", `TF401180: the repository has no pull request ${id}`);
  }
  return found;
}

export interface Proposal {
  readonly sourceRefName: string;
  readonly targetRefName: string;
  readonly title: string;
  readonly description: string;
  readonly isDraft: boolean;
  /** Ids of identities. */
  readonly reviewers: readonly string[];
}

async function checkBranches(cloud: Cloud, repositoryId: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!isBranchName(name) || (await cloud.repositories.tip(repositoryId, name)) === undefined) {
      throw invalid(
        "GitPullRequestCannotBeActivated",
        `TF401398: the repository has no branch ${name}: push it first, and write its full name, like refs/heads/main`,
      );
    }
  }
}

function refuseSecond(
  cloud: Cloud,
  repositoryId: string,
  one: Pick<PullRequest, "sourceRefName" | "targetRefName">,
): void {
  const active = pullRequestsOf(cloud, repositoryId).find(
    ({ status, sourceRefName, targetRefName }) =>
      status === "active" && sourceRefName === one.sourceRefName && targetRefName === one.targetRefName,
  );
  if (active !== undefined) {
    throw conflict(
      "GitPullRequestExistsException",
      `TF401179: the pull request ${active.id} from ${one.sourceRefName} into ${one.targetRefName} is active already`,
    );
  }
}

export function requireReviewer(cloud: Cloud, id: string): Entity {
  const identity = identityOf(cloud, id);
  if (identity === undefined) {
    throw missing("GitIdentityNotFoundException", `there is nobody with the id ${id} who could review`);
  }
  return identity;
}

/** Begins a pull request as `caller`, and merges it for the first time. */
export async function openPullRequest(
  cloud: Cloud,
  repository: Entity,
  proposal: Proposal,
  caller: Entity,
): Promise<PullRequest> {
  const { sourceRefName, targetRefName, reviewers } = proposal;
  if (sourceRefName === targetRefName) {
    throw invalid("GitPullRequestInvalidParametersException", "the source and the target are the same branch");
  }
  await checkBranches(cloud, repository.id, [sourceRefName, targetRefName]);
  reviewers.forEach((id) => requireReviewer(cloud, id));
  refuseSecond(cloud, repository.id, proposal);
  const { id } = putPullRequest(cloud, {
    ...proposal,
    id: cloud.state.nextNumber("pullRequest"),
    projectId: text(repository, "projectId"),
    repositoryId: repository.id,
    status: "active",
    createdBy: caller.id,
    creationDate: new Date().toISOString(),
    mergeId: newGuid(),
    mergeStatus: "notSet",
    reviewers: [...new Set(reviewers)].map((reviewer) => ({ id: reviewer, vote: 0 })),
    iterations: [],
  });
  await cloud.repositories.inTurn(repository.id, () => freshen(cloud, id));
  return requirePullRequest(cloud, repository.id, id);
}

function notEditable(one: PullRequest, mend: string): Error {
  return invalid(
    "GitPullRequestNotEditableException",
    `TF401181: the pull request ${one.id} is ${one.status}: ${mend}`,
  );
}

export interface Edit {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly isDraft?: boolean | undefined;
  readonly completionOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** Changes what is said about an active pull request. */
export function editPullRequest(cloud: Cloud, one: PullRequest, edit: Edit): PullRequest {
  if (one.status !== "active") {
    throw notEditable(one, "only active ones are changed");
  }
  const given = Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined));
  return putPullRequest(cloud, { ...one, ...given });
}

/** Ends a pull request without a merge. */
export function abandon(cloud: Cloud, one: PullRequest, caller: Entity): PullRequest {
  if (one.status !== "active") {
    throw notEditable(one, "only active ones are abandoned");
  }
  const closedDate = new Date().toISOString();
  return putPullRequest(cloud, { ...one, status: "abandoned", closedBy: caller.id, closedDate });
}

/** Takes up an abandoned pull request again. */
export async function reactivate(cloud: Cloud, one: PullRequest): Promise<PullRequest> {
  if (one.status !== "abandoned") {
    throw notEditable(one, "only abandoned ones are taken up again");
  }
  await checkBranches(cloud, one.repositoryId, [one.sourceRefName, one.targetRefName]);
  refuseSecond(cloud, one.repositoryId, one);
  putPullRequest(cloud, { ...one, status: "active", closedBy: undefined, closedDate: undefined });
  await cloud.repositories.inTurn(one.repositoryId, () => freshen(cloud, one.id));
  return requirePullRequest(cloud, one.repositoryId, one.id);
}

/** Records somebody's vote, or adds them as a reviewer without one. */
export function review(
  cloud: Cloud,
  one: PullRequest,
  given: PullRequest["reviewers"][number],
  caller: Entity,
): PullRequest {
  requireReviewer(cloud, given.id);
  const before = one.reviewers.find(({ id }) => id === given.id);
  if (one.status !== "active") {
    throw notEditable(one, "only active ones are reviewed");
  }
  if (given.vote !== 0 && one.isDraft) {
    throw invalid(
      "GitPullRequestDraftCannotVoteException",
      `the pull request ${one.id} is a draft, so nobody votes on it`,
    );
  }
  if (given.vote !== (before?.vote ?? 0) && given.id !== caller.id) {
    throw invalid("InvalidArgumentValueException", "a vote is given, and taken back, by the reviewer alone");
  }
  const reviewers = [...one.reviewers.filter(({ id }) => id !== given.id), { ...before, ...given }];
  const iterations = one.iterations.map((iteration, index) => {
    const others = iteration.approvedBy.filter((id) => id !== given.id);
    const approved = index === one.iterations.length - 1 && given.vote > 0;
    return approved ? { ...iteration, approvedBy: [...others, given.id] } : iteration;
  });
  return putPullRequest(cloud, { ...one, reviewers, iterations });
}

export interface Completion {
  /** What the caller believes the source to be. */
  readonly sourceCommit: string;
  readonly strategy: "noFastForward" | "squash";
  /** Default: the service's, which names the pull request. */
  readonly message?: string | undefined;
  readonly deleteSourceBranch: boolean;
  readonly bypassPolicy: boolean;
}

/**
 * Merges a pull request into its target, as the service itself, so that protected branches take it. Where both sides changed the
 * same, it stays active and says so, as in the service, whose merge comes after its answer.
 */
export async function complete(
  cloud: Cloud,
  repository: Entity,
  id: number,
  wanted: Completion,
  person: Entity | undefined,
  caller: Entity,
): Promise<PullRequest> {
  const done = await cloud.repositories.inTurn(repository.id, async () => {
    await freshen(cloud, id);
    const one = requirePullRequest(cloud, repository.id, id);
    await checkCompletion(cloud, repository, one, wanted, person);
    return one.mergeStatus === "succeeded" ? mergeIntoTarget(cloud, repository, one, wanted, caller) : one;
  });
  await recordPushes(cloud, repository.id, person);
  return done;
}

async function checkCompletion(
  cloud: Cloud,
  repository: Entity,
  one: PullRequest,
  wanted: Completion,
  person: Entity | undefined,
): Promise<void> {
  if (one.status !== "active") {
    throw notEditable(one, "only active ones are completed");
  }
  if (one.isDraft) {
    throw invalid("InvalidArgumentValueException", `the pull request ${one.id} is a draft: publish it first`);
  }
  await checkBranches(cloud, repository.id, [one.sourceRefName, one.targetRefName]);
  if (wanted.sourceCommit !== one.lastMergeSourceCommit) {
    throw conflict(
      "GitPullRequestStaleException",
      `TF401192: the source of the pull request ${one.id} is ${one.lastMergeSourceCommit ?? "unknown"} by now, and not ` +
        `${wanted.sourceCommit}: look at what changed, then complete it with that commit`,
    );
  }
  if (wanted.bypassPolicy) {
    if (!mayPass(cloud, repository, one.targetRefName, "PullRequestBypassPolicy", person)) {
      throw forbidden(
        "GitNeedsPermissionException",
        "TF401027: passing policies by needs the permission PullRequestBypassPolicy on the target branch",
      );
    }
    return;
  }
  const missingParts = unmet(await evaluate(cloud, one));
  if (missingParts.length > 0) {
    throw forbidden(
      "GitPullRequestUpdateRejectedByPolicyException",
      `the pull request ${one.id} cannot be completed, the policies of ${one.targetRefName} are not met: ${missingParts.join("; ")}`,
    );
  }
}

async function mergeIntoTarget(
  cloud: Cloud,
  { id: repositoryId }: Entity,
  one: PullRequest,
  wanted: Completion,
  caller: Entity,
): Promise<PullRequest> {
  const path = cloud.repositories.path(repositoryId);
  const { lastMergeTargetCommit: target = "", lastMergeSourceCommit: source = "", lastMergeCommit: merged = "" } = one;
  const about = one.description.trim() === "" ? "" : `\n\n${one.description}`;
  const commit = await writeCommit(path, {
    tree: await treeOf(path, merged),
    parents: wanted.strategy === "squash" ? [target] : [target, source],
    message: wanted.message ?? `Merged PR ${one.id}: ${one.title}${about}`,
    author: authorOf(cloud, one),
  });
  if (!(await moveReference(path, one.targetRefName, commit, target))) {
    throw conflict(
      "GitReferenceStaleException",
      `TF401028: ${one.targetRefName} was changed by others meanwhile: try again`,
    );
  }
  const repository = cloud.state.get(tokens.git, repositoryId);
  const guarded = repository === undefined || protectedBranches(cloud, repository, [one.sourceRefName]).length > 0;
  if (wanted.deleteSourceBranch && !guarded) {
    await moveReference(path, one.sourceRefName, undefined, source);
  }
  const { strategy: mergeStrategy, deleteSourceBranch, bypassPolicy, message: mergeCommitMessage } = wanted;
  return putPullRequest(cloud, {
    ...requirePullRequest(cloud, repositoryId, one.id),
    status: "completed",
    closedBy: caller.id,
    closedDate: new Date().toISOString(),
    lastMergeCommit: commit,
    completionOptions: {
      mergeStrategy,
      deleteSourceBranch,
      bypassPolicy,
      ...(mergeCommitMessage === undefined ? {} : { mergeCommitMessage }),
    },
  });
}
