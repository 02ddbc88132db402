/** How REST writes a thread of a pull request and its comments. */
import type { Cloud } from "../cloud";
import type { PullRequest } from "../devops/merges";
import { identityOf } from "../devops/persons";
import { isDeleted, type Comment, type Thread } from "../devops/threads";
import type { Entity } from "../state";
import { describeIdentity } from "./build-description";

interface Place {
  readonly repository: Entity;
  readonly pullRequest: PullRequest;
}

function addressOf(cloud: Cloud, { repository, pullRequest }: Place, thread: Thread): string {
  const base = `${cloud.address()}/devops/${cloud.organization}/_apis/git/repositories/${repository.id}`;
  return `${base}/pullRequests/${pullRequest.id}/threads/${thread.id}`;
}

/** A thread as the service's `GitPullRequestCommentThread`. */
export function describeThread(cloud: Cloud, place: Place, thread: Thread): Record<string, unknown> {
  const { id, status, publishedDate, lastUpdatedDate, properties } = thread;
  const href = addressOf(cloud, place, thread);
  return {
    pullRequestThreadContext: null,
    ...{ id, publishedDate, lastUpdatedDate },
    comments: thread.comments.map((comment) => describeComment(cloud, place, thread, comment)),
    status,
    threadContext: null,
    properties,
    identities: null,
    isDeleted: isDeleted(thread),
    _links: {
      self: { href },
      repository: { href: href.replace(/\/pullRequests\/\d+\/threads\/\d+$/, "") },
    },
  };
}

/** A comment as the service's `Comment`; a deleted one without its content. */
export function describeComment(
  cloud: Cloud,
  place: Place,
  thread: Thread,
  { author, content, isDeleted: gone, ...comment }: Comment,
): Record<string, unknown> {
  const identity = identityOf(cloud, author);
  return {
    ...comment,
    author: identity === undefined ? { id: author, displayName: "" } : describeIdentity(cloud, identity),
    ...(gone ? { isDeleted: true } : { content }),
    usersLiked: [],
    _links: { self: { href: `${addressOf(cloud, place, thread)}/comments/${comment.id}` } },
  };
}
