/** Threads of comments on pull requests: how they begin, what is said in them, and who may change what. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { forbidden, invalid, missing } from "../errors";
import type { Entity } from "../state";
import type { PullRequest } from "./merges";
import { tokens } from "./tokens";

/** Of a thread, by the service's numbers. */
export const threadStatuses = {
  unknown: 0,
  active: 1,
  fixed: 2,
  wontFix: 3,
  closed: 4,
  byDesign: 5,
  pending: 6,
} as const;

/** Of a comment, by the service's numbers. What a request does not say is unknown, as any of the service's enumerations. */
export const commentTypes = { unknown: 0, text: 1, codeChange: 2, system: 3 } as const;

/** Characters (UTF-16 code units) of a comment. The service does not write the limit down, and says it when it refuses. */
export const longestComment = 150_000;

const comment = z.object({
  id: z.number().int(),
  parentCommentId: z.number().int(),
  /** Id of the identity. */
  author: z.string(),
  content: z.string(),
  commentType: z.enum(["unknown", "text", "codeChange", "system"]),
  publishedDate: z.string(),
  lastUpdatedDate: z.string(),
  lastContentUpdatedDate: z.string(),
  isDeleted: z.boolean(),
});

/** A value with the name of its .NET type, as the service keeps and shows properties. */
const property = z.object({ $type: z.string(), $value: z.union([z.string(), z.number()]) });

const form = z.object({
  pullRequestId: z.number().int(),
  status: z.enum(["unknown", "active", "fixed", "wontFix", "closed", "byDesign", "pending"]),
  publishedDate: z.string(),
  lastUpdatedDate: z.string(),
  comments: z.array(comment),
  properties: z.record(z.string(), property),
});

export type Comment = z.infer<typeof comment>;
export type Property = z.infer<typeof property>;
/** A thread as it is kept. */
export type Thread = z.infer<typeof form> & { readonly id: number };

/** What a request says about a new comment. */
export interface Said {
  readonly content: string;
  readonly commentType: Comment["commentType"];
  /** 0: none. */
  readonly parentCommentId: number;
}

/** All of a pull request, in the order in which they began. */
export function threadsOf(cloud: Cloud, pullRequest: PullRequest): Thread[] {
  return cloud.state
    .list(tokens.pullRequestThread)
    .map(threadOf)
    .filter(({ pullRequestId }) => pullRequestId === pullRequest.id)
    .sort((one, other) => one.id - other.id);
}

/** The thread of a pull request with this number, or the service's refusal. */
export function requireThread(cloud: Cloud, pullRequest: PullRequest, id: number): Thread {
  const found = threadsOf(cloud, pullRequest).find((thread) => thread.id === id);
  if (found === undefined) {
    throw missing(
      "DiscussionThreadNotFoundException",
      `the pull request ${pullRequest.id} has no thread with the id ${id}`,
    );
  }
  return found;
}

/** A comment of a thread. Deleted ones are still there, without their content. */
export function requireComment(thread: Thread, id: number): Comment {
  const found = thread.comments.find((one) => one.id === id);
  if (found === undefined) {
    throw missing("DiscussionCommentNotFoundException", `the thread ${thread.id} has no comment with the id ${id}`);
  }
  return found;
}

/** Whether nothing of it is left. */
export function isDeleted({ comments }: Thread): boolean {
  return comments.every((one) => one.isDeleted);
}

/** Begins a thread with one comment at least. */
export function openThread(
  cloud: Cloud,
  pullRequest: PullRequest,
  wanted: Pick<Thread, "status" | "properties"> & { readonly comments: readonly Said[] },
  author: Entity,
): Thread {
  if (wanted.comments.length === 0) {
    throw invalid("ArgumentException", "a new thread needs one comment at least.\r\nParameter name: comments");
  }
  const now = new Date().toISOString();
  const comments: Comment[] = [];
  for (const said of wanted.comments) comments.push(newComment(comments, said, author, now));
  const { status, properties } = wanted;
  return put(cloud, {
    id: cloud.state.nextNumber("pullRequestThread"),
    pullRequestId: pullRequest.id,
    ...{ status, properties, comments, publishedDate: now, lastUpdatedDate: now },
  });
}

/** Changes a thread's status and properties. A property without a value goes; those that are not named stay. */
export function editThread(
  cloud: Cloud,
  thread: Thread,
  edit: {
    readonly status?: Thread["status"] | undefined;
    readonly properties?: Readonly<Record<string, Property | undefined>> | undefined;
  },
): Thread {
  const properties = Object.entries({ ...thread.properties, ...edit.properties }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return touch(cloud, {
    ...thread,
    status: edit.status ?? thread.status,
    properties: Object.fromEntries(properties),
  });
}

/** Adds a comment to a thread. */
export function addComment(cloud: Cloud, thread: Thread, said: Said, author: Entity): Comment {
  const made = newComment(thread.comments, said, author, new Date().toISOString());
  touch(cloud, { ...thread, comments: [...thread.comments, made] });
  return made;
}

/** Changes what a comment says. Only its author may. */
export function editComment(cloud: Cloud, thread: Thread, id: number, content: string, caller: Entity): Comment {
  const known = requireOwn(thread, id, caller);
  if (known.isDeleted) {
    throw invalid("InvalidOperationException", `the comment ${id} of the thread ${thread.id} is deleted`);
  }
  checkContent(content);
  const now = new Date().toISOString();
  return replace(cloud, thread, { ...known, content, lastUpdatedDate: now, lastContentUpdatedDate: now });
}

/** Deletes a comment: it stays as a mark without content. Only its author may. */
export function removeComment(cloud: Cloud, thread: Thread, id: number, caller: Entity): void {
  const known = requireOwn(thread, id, caller);
  replace(cloud, thread, { ...known, content: "", isDeleted: true, lastUpdatedDate: new Date().toISOString() });
}

function requireOwn(thread: Thread, id: number, caller: Entity): Comment {
  const known = requireComment(thread, id);
  if (known.author !== caller.id) {
    throw forbidden(
      "DiscussionCommentPermissionException",
      `only the author of the comment ${id} in the thread ${thread.id} can change it`,
    );
  }
  return known;
}

function newComment(before: readonly Comment[], said: Said, author: Entity, now: string): Comment {
  checkContent(said.content);
  if (said.parentCommentId !== 0 && !before.some(({ id }) => id === said.parentCommentId)) {
    throw invalid(
      "ArgumentException",
      `the thread has no comment ${said.parentCommentId} to answer.\r\nParameter name: comment.ParentCommentId`,
    );
  }
  return {
    id: before.length + 1,
    ...said,
    author: author.id,
    ...{ publishedDate: now, lastUpdatedDate: now, lastContentUpdatedDate: now },
    isDeleted: false,
  };
}

function checkContent(content: string): void {
  if (content.trim() === "") {
    throw invalid("ArgumentException", "a comment needs content.\r\nParameter name: comment.Content");
  }
  if (content.length > longestComment) {
    throw invalid(
      "ArgumentException",
      `A discussion comment cannot be longer than ${longestComment} characters.\r\nParameter name: comment.Content`,
    );
  }
}

function replace(cloud: Cloud, thread: Thread, changed: Comment): Comment {
  touch(cloud, { ...thread, comments: thread.comments.map((one) => (one.id === changed.id ? changed : one)) });
  return changed;
}

function touch(cloud: Cloud, thread: Thread): Thread {
  return put(cloud, { ...thread, lastUpdatedDate: new Date().toISOString() });
}

function threadOf({ id, properties }: Entity): Thread {
  return { ...form.parse(properties), id: Number(id) };
}

function put(cloud: Cloud, { id, ...properties }: Thread): Thread {
  const entity = cloud.state.put({
    token: tokens.pullRequestThread,
    id: String(id),
    key: String(id),
    within: [{ token: tokens.pullRequest, id: String(properties.pullRequestId) }],
    properties,
  });
  return threadOf(entity);
}
