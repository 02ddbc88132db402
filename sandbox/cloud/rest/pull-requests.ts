/** Pull requests over REST: opened, listed, read, changed, completed, abandoned and reviewed. */
import { z } from "zod";
import { jsonBody, list, ok, type Answer, type Call } from "../call";
import { reachesRepository } from "../devops/build-accounts";
import { pullRequestOf, pullRequestsOf, type PullRequest } from "../devops/merges";
import {
  abandon,
  complete,
  editPullRequest,
  openPullRequest,
  reactivate,
  requirePullRequest,
  review,
} from "../devops/pull-requests";
import { tokens } from "../devops/tokens";
import { invalid, missing, ServiceError } from "../errors";
import { text } from "../kind";
import type { Entity } from "../state";
import { callerOf } from "./caller";
import { describePullRequest, describeReviewer } from "./pull-request-description";
import { checkQuery, listOf, memberOf, numberOf, readBody } from "./request";
import { threads } from "./threads";

const statuses = { notSet: 0, active: 1, abandoned: 2, completed: 3 } as const;
const askable = { ...statuses, all: 4 } as const;
const strategies = { noFastForward: 1, squash: 2, rebase: 3, rebaseMerge: 4 } as const;

const title = z.string().trim().min(1).max(400);
const description = z.string().max(4000);

const proposal = z.strictObject({
  sourceRefName: z.string(),
  targetRefName: z.string(),
  title,
  description: description.optional(),
  isDraft: z.boolean().optional(),
  reviewers: z.array(z.looseObject({ id: z.string() })).optional(),
});

const options = z.strictObject({
  mergeStrategy: memberOf(strategies).optional(),
  squashMerge: z.boolean().optional(),
  mergeCommitMessage: z.string().min(1).optional(),
  deleteSourceBranch: z.boolean().optional(),
  bypassPolicy: z.boolean().optional(),
  bypassReason: z.string().optional(),
  transitionWorkItems: z.boolean().optional(),
});

const change = z.strictObject({
  title: title.optional(),
  description: description.optional(),
  isDraft: z.boolean().optional(),
  status: memberOf(statuses).optional(),
  lastMergeSourceCommit: z.looseObject({ commitId: z.string() }).optional(),
  completionOptions: options.optional(),
});

const votes = [10, 5, 0, -5, -10] as const;
const vote = z.looseObject({
  id: z.string().optional(),
  vote: z.literal(votes).default(0),
  isRequired: z.boolean().optional(),
});

/** Most pull requests of one answer. */
const mostShown = 1000;
const usuallyShown = 101;

/** `_apis/git/repositories/<repository>/pullrequests[/<id>[/reviewers[/<id>]|/threads/…]]`. */
export async function pullRequests(call: Call, repository: Entity, path: readonly string[]): Promise<Answer> {
  const { cloud, method } = call;
  const [id, what, reviewerId, ...more] = path;
  if (id === undefined) {
    switch (method) {
      case "GET":
        return list(select(call, [repository.id]).map((one) => describePullRequest(cloud, one)));
      case "POST":
        return { status: 201, json: describePullRequest(cloud, await open(call, repository)) };
    }
    throw notServed(call);
  }
  const one = requirePullRequest(cloud, repository.id, Number(id));
  if (what === undefined) {
    switch (method) {
      case "GET":
        return ok(describePullRequest(cloud, one));
      case "PATCH":
        return ok(describePullRequest(cloud, await update(call, repository, one)));
    }
    throw notServed(call);
  }
  if (what.toLowerCase() === "threads") {
    return threads(call, { repository, pullRequest: one }, path.slice(2));
  }
  if (what.toLowerCase() !== "reviewers" || more.length > 0) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  return reviewersOf(call, one, reviewerId);
}

/** `_apis/git/pullrequests[/<id>]`, of one project or of all, to read. */
export function pullRequestsAcross(call: Call, projectId: string | undefined, id: string | undefined): Answer {
  const { cloud } = call;
  if (call.method !== "GET") {
    throw notServed(call);
  }
  const repositories = cloud.state
    .list(tokens.git)
    .filter((entity) => entity.properties.disabled !== true)
    .filter((entity) => projectId === undefined || text(entity, "projectId") === projectId)
    .filter((entity) => call.job === undefined || reachesRepository(call.job, entity))
    .map((entity) => entity.id);
  if (id === undefined) {
    return list(select(call, repositories).map((one) => describePullRequest(cloud, one)));
  }
  const entity = cloud.state.get(tokens.pullRequest, id);
  const one = entity === undefined ? undefined : pullRequestOf(entity);
  if (one === undefined || !repositories.includes(one.repositoryId)) {
    throw missing("GitPullRequestNotFoundException", `TF401180: there is no pull request ${id}`);
  }
  return ok(describePullRequest(cloud, one));
}

function notServed({ method }: Call): ServiceError {
  return new ServiceError(405, "MethodNotAllowed", `${method} on pull requests is not served here`);
}

async function open(call: Call, repository: Entity): Promise<PullRequest> {
  checkQuery(call, ["supportsIterations"]);
  const asked = readBody(proposal, await jsonBody(call), "pull request");
  const wanted = {
    ...asked,
    description: asked.description ?? "",
    isDraft: asked.isDraft ?? false,
    reviewers: asked.reviewers?.map(({ id }) => id) ?? [],
  };
  return openPullRequest(call.cloud, repository, wanted, callerOf(call));
}

async function update(call: Call, repository: Entity, one: PullRequest): Promise<PullRequest> {
  checkQuery(call, []);
  const body = readBody(change, await jsonBody(call), "pull request");
  const { status = "notSet", lastMergeSourceCommit, completionOptions, ...edit } = body;
  if (status !== "notSet" && Object.keys(edit).length > 0) {
    throw invalid(
      "InvalidArgumentValueException",
      "change the status in a request of its own, and the rest in another",
    );
  }
  // What was looked up before the body came may be old by now.
  const current = requirePullRequest(call.cloud, repository.id, one.id);
  switch (status) {
    case "completed":
      return finish(call, repository, current, lastMergeSourceCommit?.commitId, completionOptions);
    case "abandoned":
      return abandon(call.cloud, current, callerOf(call));
    case "active":
      return reactivate(call.cloud, current);
    case "notSet":
      return editPullRequest(call.cloud, current, { ...edit, completionOptions });
  }
}

async function finish(
  call: Call,
  repository: Entity,
  one: PullRequest,
  sourceCommit: string | undefined,
  given: z.infer<typeof options> | undefined,
): Promise<PullRequest> {
  const kept = options.safeParse(one.completionOptions ?? {});
  const chosen = given ?? (kept.success ? kept.data : {});
  const strategy = chosen.mergeStrategy ?? (chosen.squashMerge === true ? "squash" : "noFastForward");
  if (strategy === "rebase" || strategy === "rebaseMerge") {
    throw invalid(
      "MergeStrategyNotServed",
      `the strategy ${strategy} is not served here; noFastForward and squash are`,
    );
  }
  if (sourceCommit === undefined) {
    throw invalid(
      "ArgumentNullException",
      "lastMergeSourceCommit: name the commit that is to be merged, as the pull request shows it",
    );
  }
  const wanted = {
    sourceCommit: sourceCommit.toLowerCase(),
    strategy,
    message: chosen.mergeCommitMessage,
    deleteSourceBranch: chosen.deleteSourceBranch ?? false,
    bypassPolicy: chosen.bypassPolicy ?? false,
  };
  return complete(call.cloud, repository, one.id, wanted, call.person, callerOf(call));
}

async function reviewersOf(call: Call, one: PullRequest, id: string | undefined): Promise<Answer> {
  const { cloud, method } = call;
  if (method === "PUT" && id !== undefined) {
    const body = readBody(vote, await jsonBody(call), "reviewer");
    const given = { id, vote: body.vote, ...(body.isRequired === undefined ? {} : { isRequired: body.isRequired }) };
    const current = requirePullRequest(cloud, one.repositoryId, one.id);
    const changed = review(cloud, current, given, callerOf(call));
    return ok(
      changed.reviewers.filter((other) => other.id === id).map((other) => describeReviewer(cloud, changed, other))[0],
    );
  }
  if (method !== "GET") {
    throw notServed(call);
  }
  const all = one.reviewers.map((reviewer) => describeReviewer(cloud, one, reviewer));
  if (id === undefined) {
    return list(all);
  }
  const found = all.find((reviewer) => reviewer.id === id);
  if (found === undefined) {
    throw missing("GitIdentityNotFoundException", `the pull request ${one.id} has no reviewer with the id ${id}`);
  }
  return ok(found);
}

/** The pull requests of some repositories that a query asks for; without a status, the active ones. */
function select(call: Call, repositoryIds: readonly string[]): PullRequest[] {
  const names = ["status", "sourceRefName", "targetRefName", "creatorId", "reviewerId", "repositoryId"];
  checkQuery(call, [...names.map((name) => `searchCriteria.${name}`), "$top", "$skip", "maxCommentLength"]);
  const criterion = (name: string): string | undefined => listOf(call, `searchCriteria.${name}`)?.join(",");
  const { status } = readBody(
    z.object({ status: memberOf(askable) }),
    { status: criterion("status") ?? "active" },
    "searchCriteria",
  );
  const all = repositoryIds.flatMap((id) => pullRequestsOf(call.cloud, id)).sort((one, other) => other.id - one.id);
  const wanted = all.filter(
    (one) =>
      (status === "all" || one.status === (status === "notSet" ? "active" : status)) &&
      (criterion("sourceRefName") ?? one.sourceRefName) === one.sourceRefName &&
      (criterion("targetRefName") ?? one.targetRefName) === one.targetRefName &&
      (criterion("creatorId") ?? one.createdBy) === one.createdBy &&
      (criterion("repositoryId") ?? one.repositoryId) === one.repositoryId &&
      (criterion("reviewerId") === undefined || one.reviewers.some(({ id }) => id === criterion("reviewerId"))),
  );
  const skipped = call.query.get("$skip") === "0" ? 0 : numberOf(call, "$skip", 0);
  return wanted.slice(skipped, skipped + Math.min(numberOf(call, "$top", usuallyShown), mostShown));
}
