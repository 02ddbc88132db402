/** Runs over the REST area `build`: queued, listed, read and cancelled. */
import { z } from "zod";
import { jsonBody, list, ok, type Answer, type Call } from "../call";
import { queueRun, refuseBuild, requireOwnDefinition } from "../devops/queueing";
import { runsOf, updateRun, type Run } from "../devops/runs";
import { invalid, missing, ServiceError } from "../errors";
import { fullName } from "../git/repositories";
import { describeBuild, statusOf, resultOf, reasonOf } from "./build-description";
import { checkQuery, flagsOf, listOf, memberOf, numberOf, readBody } from "./request";

const statuses = { inProgress: 1, completed: 2, cancelling: 4, postponed: 8, notStarted: 32, all: 47 } as const;
const results = { none: 0, succeeded: 2, partiallySucceeded: 4, failed: 8, canceled: 32 } as const;
const reasons = {
  manual: 1,
  individualCI: 2,
  batchedCI: 4,
  schedule: 8,
  pullRequest: 256,
  resourceTrigger: 1024,
  all: 2031,
} as const;
const orders = {
  finishTimeAscending: 2,
  finishTimeDescending: 3,
  queueTimeDescending: 4,
  queueTimeAscending: 5,
  startTimeDescending: 6,
  startTimeAscending: 7,
} as const;

const filters = [
  "definitions",
  "buildIds",
  "buildNumber",
  "statusFilter",
  "resultFilter",
  "reasonFilter",
  "tagFilters",
  "branchName",
  "repositoryId",
  "repositoryType",
  "maxBuildsPerDefinition",
  "queryOrder",
  "$top",
];

/** Most runs of one answer. */
const mostRuns = 5000;
const usualRuns = 1000;

/** `_apis/build/builds[/<id>]` of a project. */
export async function builds(call: Call, projectId: string, path: readonly string[]): Promise<Answer> {
  const [id, ...more] = path;
  if (more.length > 0) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  if (id === undefined) {
    switch (call.method) {
      case "GET":
        return list(select(call, runsOf(call.cloud, projectId)).map((run) => describeBuild(call.cloud, run)));
      case "POST":
        return ok(describeBuild(call.cloud, await queue(call, projectId)));
    }
  } else {
    const run = requireRun(call, projectId, id);
    switch (call.method) {
      case "GET":
        return ok(describeBuild(call.cloud, run));
      case "PATCH":
        return ok(describeBuild(call.cloud, await cancel(call, run)));
    }
  }
  throw new ServiceError(
    405,
    "MethodNotAllowed",
    `${call.method} on builds is not served here; GET, POST and PATCH are`,
  );
}

/** The run of a project with this number. */
export function requireRun({ cloud }: Call, projectId: string, id: string): Run {
  const run = runsOf(cloud, projectId).find((one) => String(one.id) === id);
  if (run === undefined) {
    throw missing("BuildNotFoundException", `the project has no build with the id ${id}`);
  }
  return run;
}

const json = z.string().transform((given, context) => {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(given));
  } catch {
    context.addIssue({ code: "custom", message: 'is JSON text of an object of texts, as in {"name": "value"}' });
    return z.NEVER;
  }
});

const request = z.strictObject({
  definition: z.looseObject({ id: z.number().int() }).optional(),
  sourceBranch: z.string().min(1).optional(),
  sourceVersion: z.string().min(1).optional(),
  /** Variables. */
  parameters: json.optional(),
  templateParameters: z.record(z.string(), z.string()).optional(),
  // The account may say that it is a person who asks; the other reasons are the service's own to give.
  reason: memberOf({ none: 0, manual: 1 }).optional(),
  project: z.looseObject({ id: z.string().optional() }).optional(),
});

async function queue(call: Call, projectId: string): Promise<Run> {
  checkQuery(call, ["definitionId"]);
  const asked = readBody(request, await jsonBody(call), "build");
  const definitionId = asked.definition?.id ?? numberOf(call, "definitionId", 0);
  if (definitionId === 0) {
    throw refuseBuild('the body names no definition: give { "definition": { "id": 1 } }');
  }
  if (asked.project?.id !== undefined && asked.project.id !== projectId) {
    throw refuseBuild("project: its id is another one than that of the project in the address");
  }
  const definition = requireOwnDefinition(call.cloud, projectId, definitionId);
  const wanted = {
    branch: asked.sourceBranch,
    commit: asked.sourceVersion,
    variables: asked.parameters,
    parameters: asked.templateParameters,
  };
  return queueRun(call.cloud, definition, wanted, refuseBuild);
}

const update = z.strictObject({
  id: z.number().int().optional(),
  status: memberOf({ cancelling: statuses.cancelling }),
});

async function cancel(call: Call, run: Run): Promise<Run> {
  checkQuery(call, []);
  const { id } = readBody(update, await jsonBody(call), "build: only its status can be changed here, to cancelling");
  if (id !== undefined && id !== run.id) {
    throw invalid(
      "InvalidArgumentValueException",
      `id: the body speaks of the build ${id}, and the address of ${run.id}`,
    );
  }
  if (run.state === "completed") {
    throw invalid(
      "BuildStatusInvalidChangeException",
      `the build ${run.id} is completed, so there is nothing to cancel`,
    );
  }
  return updateRun(call.cloud, String(run.id), { cancelRequested: true });
}

/** The runs that a query asks for, in its order. */
function select(call: Call, all: readonly Run[]): Run[] {
  checkQuery(call, filters);
  const definitions = listOf(call, "definitions");
  const ids = listOf(call, "buildIds");
  const tags = listOf(call, "tagFilters");
  const status = flagsOf(call, "statusFilter", statuses);
  const result = flagsOf(call, "resultFilter", results);
  const reason = flagsOf(call, "reasonFilter", reasons);
  const repository = call.query.get("repositoryId");
  const number = call.query.get("buildNumber");
  const branch = call.query.get("branchName");
  checkRepositoryType(call);
  const chosen = all.filter(
    (run) =>
      (definitions?.includes(String(run.definitionId)) ?? true) &&
      (ids?.includes(String(run.id)) ?? true) &&
      (tags?.every((tag) => run.tags.includes(tag)) ?? true) &&
      (status === undefined || status.has("all") || status.has(statusOf(run))) &&
      (result === undefined || (run.result !== undefined && result.has(resultOf(run.result)))) &&
      (reason === undefined || reason.has("all") || reason.has(reasonOf(run.reason))) &&
      (repository === null || run.repositoryId === repository) &&
      (branch === null || run.branch === fullName(branch)) &&
      (number === null || isOfNumber(run.number, number)),
  );
  const most = numberOf(call, "maxBuildsPerDefinition", mostRuns);
  const seen = new Map<number, number>();
  const few = chosen.filter(({ definitionId }) => {
    seen.set(definitionId, (seen.get(definitionId) ?? 0) + 1);
    return (seen.get(definitionId) ?? 0) <= most;
  });
  return inOrder(call, few).slice(0, Math.min(numberOf(call, "$top", usualRuns), mostRuns));
}

function isOfNumber(number: string, wanted: string): boolean {
  return wanted.endsWith("*") ? number.startsWith(wanted.slice(0, -1)) : number === wanted;
}

/** The service takes a repository only together with its type. */
function checkRepositoryType({ query }: Call): void {
  const [id, type] = [query.get("repositoryId"), query.get("repositoryType")];
  if ((id === null) !== (type === null) || (type !== null && type.toLowerCase() !== "tfsgit")) {
    throw invalid("InvalidArgumentValueException", "repositoryId comes with repositoryType, which is TfsGit here");
  }
}

/** The newest first, unless the query wants another order; what has no such time yet comes last. */
function inOrder({ query }: Call, runs: readonly Run[]): readonly Run[] {
  const given = query.get("queryOrder");
  if (given === null || given === "") {
    return runs;
  }
  const order = readBody(z.object({ queryOrder: memberOf(orders) }), { queryOrder: given }, "query").queryOrder;
  const timeOf = ({ queuedAt, startedAt, endedAt }: Run): string | undefined =>
    order.startsWith("finish") ? endedAt : order.startsWith("start") ? startedAt : queuedAt;
  const sign = order.endsWith("Ascending") ? 1 : -1;
  return [...runs].sort((one, other) => {
    const [a, b] = [timeOf(one), timeOf(other)];
    if (a === undefined || b === undefined) {
      return Number(a === undefined) - Number(b === undefined);
    }
    return sign * (Date.parse(a) - Date.parse(b) || one.id - other.id);
  });
}
