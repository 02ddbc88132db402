/** The organization over REST: the way to projects, repositories, pipelines and their runs. */
import { list, ok, type Answer, type Call } from "../call";
import type { Cloud } from "../cloud";
import { reachesProject } from "../devops/build-accounts";
import { tokens } from "../devops/tokens";
import { missing, ServiceError } from "../errors";
import { text } from "../kind";
import { checkJobProject } from "../job-access";
import type { Entity } from "../state";
import { builds } from "./builds";
import { definitions } from "./definitions";
import { pipelineRuns } from "./pipeline-runs";
import { locations, resourceAreas } from "./locations";
import { policyEvaluations } from "./policy-evaluations";
import { pullRequestsAcross } from "./pull-requests";
import { projectId as projectIdOf, repositories } from "./repositories";
import { checkVersion } from "./version";

/** Everything under `/devops/<organization>/` that is neither git nor the control API. */
export async function organization(call: Call): Promise<Answer> {
  const at = call.parts.indexOf("_apis");
  if (at < 0 || at > 1) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  if (call.method === "OPTIONS" && call.parts.length === at + 2) {
    return locations(call.parts[at + 1] ?? "");
  }
  checkVersion(call);
  const projectId = at === 0 ? undefined : projectIdOf(call.cloud, call.parts[0] ?? "");
  if (projectId !== undefined) checkJobProject(call, projectId);
  const [area = "", kind = "", ...rest] = call.parts.slice(at + 1);
  const what = `${area}/${kind}`.toLowerCase();
  if (what === "resourceareas/" && call.method === "GET") {
    return resourceAreas(call);
  }
  if (area.toLowerCase() === "projects" && projectId === undefined) {
    return projects(call, kind === "" ? undefined : kind);
  }
  if (what === "git/repositories") {
    return repositories(call, projectId, rest);
  }
  if (what === "git/pullrequests" && rest.length <= 1) {
    return pullRequestsAcross(call, projectId, rest[0]);
  }
  if (what === "policy/evaluations" && projectId !== undefined && rest.length === 0) {
    return policyEvaluations(call, projectId);
  }
  if (what === "build/builds" && projectId !== undefined) {
    return builds(call, projectId, rest);
  }
  if (area.toLowerCase() === "pipelines" && projectId !== undefined) {
    return pipelineRuns(call, projectId, [kind, ...rest]);
  }
  if (what === "build/definitions" && projectId !== undefined) {
    return definitions(call, projectId, rest[0]);
  }
  throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
}

function readOnly({ method }: Call, what: string): void {
  if (method !== "GET") {
    throw new ServiceError(405, "MethodNotAllowed", `${what} are only read over REST here`);
  }
}

function projects(call: Call, nameOrId: string | undefined): Answer {
  readOnly(call, "projects");
  if (nameOrId !== undefined) {
    const id = projectIdOf(call.cloud, nameOrId);
    checkJobProject(call, id);
    const project = call.cloud.state.get(tokens.project, id);
    return ok(project === undefined ? {} : describeProject(call.cloud, project));
  }
  const { cloud, job } = call;
  const seen = cloud.state.list(tokens.project).filter(({ id }) => job === undefined || reachesProject(job, id));
  return list(seen.map((project) => describeProject(cloud, project)));
}

function describeProject(cloud: Cloud, project: Entity): Record<string, unknown> {
  return {
    id: project.id,
    name: text(project, "name"),
    description: text(project, "description"),
    url: `${cloud.address()}/devops/${cloud.organization}/_apis/projects/${project.id}`,
    state: "wellFormed",
    visibility: text(project, "visibility"),
  };
}
