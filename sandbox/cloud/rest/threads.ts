/** Threads of a pull request over REST, and the comments in them. */
import { z } from "zod";
import { jsonBody, list, ok, type Answer, type Call } from "../call";
import type { PullRequest } from "../devops/merges";
import { requirePullRequestContribution } from "../devops/pull-request-permission";
import { requirePullRequest } from "../devops/pull-requests";
import {
  addComment,
  commentTypes,
  editComment,
  editThread,
  openThread,
  removeComment,
  requireComment,
  requireThread,
  threadsOf,
  threadStatuses,
  type Said,
  type Thread,
} from "../devops/threads";
import { invalid, missing, ServiceError } from "../errors";
import type { Entity } from "../state";
import { callerOf } from "./caller";
import { checkQuery, memberOf, readBody } from "./request";
import { describeComment, describeThread } from "./thread-description";
import { propertiesForm, readProperties } from "./thread-properties";

const content = z.string();

const newComment = z.strictObject({
  content,
  commentType: memberOf(commentTypes).optional(),
  parentCommentId: z.number().int().min(0).nullish(),
  author: z.unknown().optional(),
});

const newThread = z.strictObject({
  comments: z.array(newComment),
  status: memberOf(threadStatuses).optional(),
  properties: propertiesForm.nullish(),
  // Of comments on a line of a file, which are not served.
  threadContext: z.null().optional(),
  pullRequestThreadContext: z.null().optional(),
});

const threadChange = z.strictObject({
  id: z.number().int().optional(),
  status: memberOf(threadStatuses).optional(),
  properties: propertiesForm.nullish(),
});

const commentChange = z.strictObject({
  id: z.number().int().optional(),
  content,
  commentType: memberOf(commentTypes).optional(),
  author: z.unknown().optional(),
});

interface Place {
  readonly repository: Entity;
  readonly pullRequest: PullRequest;
}

/** `…/pullRequests/<id>/threads[/<thread>[/comments[/<comment>]]]`. */
export async function threads(call: Call, place: Place, path: readonly string[]): Promise<Answer> {
  const { cloud, method } = call;
  const [threadId, what, commentId, ...more] = path;
  checkQuery(call, []);
  if (more.length > 0 || (what !== undefined && what.toLowerCase() !== "comments")) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  if (threadId === undefined) {
    switch (method) {
      case "GET":
        return list(threadsOf(cloud, place.pullRequest).map((thread) => describeThread(cloud, place, thread)));
      case "POST":
        return ok(describeThread(cloud, place, await begin(call, place)));
    }
    throw notServed(call);
  }
  const thread = requireThread(cloud, place.pullRequest, Number(threadId));
  if (what !== undefined) return commentsOf(call, place, thread, commentId);
  switch (method) {
    case "GET":
      return ok(describeThread(cloud, place, thread));
    case "PATCH":
      return ok(describeThread(cloud, place, await change(call, place, thread)));
  }
  throw notServed(call);
}

function notServed({ method }: Call): ServiceError {
  return new ServiceError(405, "MethodNotAllowed", `${method} on this part of a thread is not served`);
}

/** The body, and the account that sent it: whoever changes anything needs the permission for it. */
async function changeOf<T>(call: Call, { repository }: Place, schema: z.ZodType<T>, what: string) {
  const caller = callerOf(call);
  requirePullRequestContribution(call.cloud, repository, caller);
  return { caller, body: readBody(schema, await jsonBody(call), what) };
}

/** What was looked up before the body came may be old by now. */
function latest({ cloud }: Call, { pullRequest }: Place, { id }: Thread): Thread {
  return requireThread(cloud, pullRequest, id);
}

async function begin(call: Call, place: Place): Promise<Thread> {
  const { caller, body } = await changeOf(call, place, newThread, "thread");
  const { cloud } = call;
  const current = requirePullRequest(cloud, place.repository.id, place.pullRequest.id);
  const properties = Object.entries(readProperties(body.properties ?? {})).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const wanted = {
    status: body.status ?? "unknown",
    properties: Object.fromEntries(properties),
    comments: body.comments.map(said),
  };
  return openThread(cloud, current, wanted, caller);
}

async function change(call: Call, place: Place, thread: Thread): Promise<Thread> {
  const { body } = await changeOf(call, place, threadChange, "thread: its status and properties can be changed");
  checkId(body.id, thread.id);
  const properties = readProperties(body.properties ?? {});
  return editThread(call.cloud, latest(call, place, thread), { status: body.status, properties });
}

async function commentsOf(call: Call, place: Place, thread: Thread, id: string | undefined): Promise<Answer> {
  const { cloud, method } = call;
  const described = (comment: Thread["comments"][number]) => describeComment(cloud, place, thread, comment);
  if (id === undefined) {
    switch (method) {
      case "GET":
        return list(thread.comments.map(described));
      case "POST": {
        const { caller, body } = await changeOf(call, place, newComment, "comment");
        return ok(described(addComment(cloud, latest(call, place, thread), said(body), caller)));
      }
    }
    throw notServed(call);
  }
  const comment = requireComment(thread, Number(id));
  switch (method) {
    case "GET":
      return ok(described(comment));
    case "PATCH": {
      const { caller, body } = await changeOf(call, place, commentChange, "comment: its content can be changed");
      checkId(body.id, comment.id);
      checkAuthor(body.author);
      return ok(described(editComment(cloud, latest(call, place, thread), comment.id, body.content, caller)));
    }
    case "DELETE": {
      const caller = callerOf(call);
      requirePullRequestContribution(cloud, place.repository, caller);
      removeComment(cloud, thread, comment.id, caller);
      return { status: 200 };
    }
  }
  throw notServed(call);
}

function said({ content, commentType, parentCommentId, author }: z.infer<typeof newComment>): Said {
  checkAuthor(author);
  return { content, commentType: commentType ?? "unknown", parentCommentId: parentCommentId ?? 0 };
}

/** The author is who calls, and nobody else. */
function checkAuthor(author: unknown): void {
  if (author !== undefined && author !== null) {
    throw invalid("ArgumentException", "An author of a comment cannot be updated.\r\nParameter name: comment.Author");
  }
}

function checkId(given: number | undefined, known: number): void {
  if (given !== undefined && given !== known) {
    throw invalid("InvalidArgumentValueException", `id: the body speaks of ${given}, and the address of ${known}`);
  }
}
