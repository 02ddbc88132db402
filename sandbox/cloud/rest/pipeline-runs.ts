/** Runs over the newer REST area `pipelines`: queued, listed and read. */
import { z } from "zod";
import { jsonBody, list, ok, type Answer, type Call } from "../call";
import type { Cloud } from "../cloud";
import { queueRun, refusePipeline, requireOwnDefinition } from "../devops/queueing";
import { runsOf, type Run } from "../devops/runs";
import { missing, ServiceError } from "../errors";
import { text } from "../kind";
import type { Entity } from "../state";
import { definitionOf, statusOf, webAddress } from "./build-description";
import { checkQuery, readBody } from "./request";

/** Most runs of one answer, as the service has it. */
const mostRuns = 10_000;

/** `_apis/pipelines/<id>/runs[/<id>]` of a project. */
export async function pipelineRuns(call: Call, projectId: string, path: readonly string[]): Promise<Answer> {
  const [pipeline = "", kind, id, ...more] = path;
  if (kind?.toLowerCase() !== "runs" || !/^\d+$/.test(pipeline) || more.length > 0) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  const { cloud } = call;
  const definition = requireOwnDefinition(cloud, projectId, Number(pipeline));
  const all = runsOf(cloud, projectId).filter(({ definitionId }) => String(definitionId) === definition.id);
  if (call.method === "POST" && id === undefined) {
    return ok(describe(cloud, await queue(call, definition)));
  }
  if (call.method !== "GET") {
    throw new ServiceError(405, "MethodNotAllowed", `${call.method} on runs is not served here; GET and POST are`);
  }
  checkQuery(call, []);
  if (id === undefined) {
    return list(all.slice(0, mostRuns).map((run) => describe(cloud, run)));
  }
  const run = all.find((one) => String(one.id) === id);
  if (run === undefined) {
    throw missing("RunNotFoundException", `the pipeline ${definition.id} has no run with the id ${id}`);
  }
  return ok(describe(cloud, run));
}

const request = z.strictObject({
  resources: z
    .strictObject({
      repositories: z
        .strictObject({
          self: z
            .strictObject({ refName: z.string().min(1).optional(), version: z.string().min(1).optional() })
            .optional(),
        })
        .optional(),
    })
    .optional(),
  templateParameters: z.record(z.string(), z.string()).optional(),
  variables: z
    .record(z.string(), z.strictObject({ value: z.string(), isSecret: z.literal(false).optional() }))
    .optional(),
  previewRun: z.literal(false).optional(),
  stagesToSkip: z.array(z.string()).max(0).optional(),
});

async function queue(call: Call, definition: Entity): Promise<Run> {
  checkQuery(call, []);
  const { resources, templateParameters, variables } = readBody(request, await jsonBody(call), "run");
  const { refName, version } = resources?.repositories?.self ?? {};
  const wanted = {
    branch: refName,
    commit: version,
    parameters: templateParameters,
    variables: Object.fromEntries(Object.entries(variables ?? {}).map(([name, { value }]) => [name, value])),
  };
  return queueRun(call.cloud, definition, wanted, refusePipeline);
}

/** A run as the service's `Run`, which has fewer states and results than a `Build`. */
function describe(cloud: Cloud, run: Run): Record<string, unknown> {
  const definition = definitionOf(cloud, run);
  const { projectId } = run;
  const base = `${cloud.address()}/devops/${cloud.organization}/${projectId}`;
  const pipeline = `${base}/_apis/pipelines/${definition.id}?revision=${String(definition.properties.revision)}`;
  const address = `${base}/_apis/pipelines/${definition.id}/runs/${run.id}`;
  const status = statusOf(run);
  return {
    _links: {
      self: { href: address },
      web: { href: webAddress(cloud, projectId, run) },
      pipeline: { href: pipeline },
    },
    templateParameters: run.parameters,
    variables: Object.fromEntries(Object.entries(run.variables).map(([name, value]) => [name, { value }])),
    pipeline: {
      url: pipeline,
      id: Number(definition.id),
      revision: definition.properties.revision,
      name: text(definition, "name"),
      folder: text(definition, "path"),
    },
    state: status === "completed" ? "completed" : status === "cancelling" ? "canceling" : "inProgress",
    ...(run.result === undefined ? {} : { result: run.result === "succeededWithIssues" ? "succeeded" : run.result }),
    createdDate: run.queuedAt,
    ...(run.endedAt === undefined ? {} : { finishedDate: run.endedAt }),
    url: address,
    resources: {
      repositories: {
        self: {
          repository: { id: run.repositoryId, type: "azureReposGit" },
          refName: run.branch,
          version: run.commit,
        },
      },
    },
    id: run.id,
    name: run.number,
  };
}
