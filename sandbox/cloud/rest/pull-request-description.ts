/** How REST writes a pull request and its reviewers. */
import type { Cloud } from "../cloud";
import { requireProject } from "../devops/identities";
import type { PullRequest, Reviewer } from "../devops/merges";
import { identityOf } from "../devops/persons";
import { requireRepository } from "../devops/repositories";
import { text } from "../kind";
import { describeIdentity } from "./build-description";

/** What names a pull request across the service's areas. */
export function artifactId({ projectId, id }: PullRequest): string {
  return `vstfs:///CodeReview/CodeReviewId/${projectId}/${id}`;
}

function addressOf(cloud: Cloud, { repositoryId, id }: PullRequest): string {
  return `${cloud.address()}/devops/${cloud.organization}/_apis/git/repositories/${repositoryId}/pullRequests/${id}`;
}

function person(cloud: Cloud, id: string): Record<string, unknown> {
  const identity = identityOf(cloud, id);
  return identity === undefined ? { id, displayName: "", uniqueName: "" } : describeIdentity(cloud, identity);
}

/** A reviewer with the vote, as the service's `IdentityRefWithVote`. */
export function describeReviewer(
  cloud: Cloud,
  one: PullRequest,
  { id, vote, isRequired }: Reviewer,
): Record<string, unknown> {
  return {
    ...person(cloud, id),
    reviewerUrl: `${addressOf(cloud, one)}/reviewers/${id}`,
    vote,
    ...(isRequired === undefined ? {} : { isRequired }),
    hasDeclined: false,
    isFlagged: false,
  };
}

/** A pull request as the service's `GitPullRequest`. */
export function describePullRequest(cloud: Cloud, one: PullRequest): Record<string, unknown> {
  const repository = requireRepository(cloud, one.repositoryId);
  const url = addressOf(cloud, one);
  const project = requireProject(cloud, one.projectId);
  const commit = (name: string, id: string | undefined): Record<string, unknown> =>
    id === undefined ? {} : { [name]: { commitId: id, url: url.replace(/pullRequests\/\d+$/, `commits/${id}`) } };
  return {
    repository: {
      id: repository.id,
      name: text(repository, "name"),
      url: url.replace(/\/pullRequests\/\d+$/, ""),
      project: { id: project.id, name: text(project, "name"), state: "wellFormed" },
    },
    pullRequestId: one.id,
    codeReviewId: one.id,
    status: one.status,
    createdBy: person(cloud, one.createdBy),
    creationDate: one.creationDate,
    ...(one.closedDate === undefined ? {} : { closedDate: one.closedDate }),
    ...(one.closedBy === undefined ? {} : { closedBy: person(cloud, one.closedBy) }),
    title: one.title,
    description: one.description,
    sourceRefName: one.sourceRefName,
    targetRefName: one.targetRefName,
    mergeStatus: one.mergeStatus,
    ...(one.mergeFailureMessage === undefined ? {} : { mergeFailureMessage: one.mergeFailureMessage }),
    isDraft: one.isDraft,
    mergeId: one.mergeId,
    ...commit("lastMergeSourceCommit", one.lastMergeSourceCommit),
    ...commit("lastMergeTargetCommit", one.lastMergeTargetCommit),
    ...commit("lastMergeCommit", one.lastMergeCommit),
    reviewers: one.reviewers.map((reviewer) => describeReviewer(cloud, one, reviewer)),
    ...(one.completionOptions === undefined ? {} : { completionOptions: one.completionOptions }),
    supportsIterations: true,
    artifactId: artifactId(one),
    url,
  };
}
