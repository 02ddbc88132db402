/** The organization over REST: projects, repositories and build definitions, to read. */
import { z } from "zod";
import { list, ok, type Answer, type Call } from "../call";
import type { Cloud } from "../cloud";
import { tokens } from "../devops/tokens";
import { missing, ServiceError } from "../errors";
import { text } from "../kind";
import type { Entity } from "../state";
import { projectId as projectIdOf, repositories } from "./repositories";
import { checkVersion } from "./version";

/** Everything under `/devops/<organization>/` that is neither git nor the control API. */
export async function organization(call: Call): Promise<Answer> {
  const at = call.parts.indexOf("_apis");
  if (at < 0 || at > 1) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  checkVersion(call);
  const projectId = at === 0 ? undefined : projectIdOf(call.cloud, call.parts[0] ?? "");
  const [area = "", kind = "", ...rest] = call.parts.slice(at + 1);
  const what = `${area}/${kind}`.toLowerCase();
  if (area.toLowerCase() === "projects" && projectId === undefined) {
    return projects(call, kind === "" ? undefined : kind);
  }
  if (what === "git/repositories") {
    return repositories(call, projectId, rest);
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
    const project = call.cloud.state.get(tokens.project, id);
    return ok(project === undefined ? {} : describeProject(call.cloud, project));
  }
  return list(call.cloud.state.list(tokens.project).map((project) => describeProject(call.cloud, project)));
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

function definitions(call: Call, projectId: string, id: string | undefined): Answer {
  readOnly(call, "build definitions");
  const all = call.cloud.state.list(tokens.buildDefinition).filter((entity) => text(entity, "projectId") === projectId);
  if (id !== undefined) {
    const definition = all.find((entity) => entity.id === id);
    if (definition === undefined) {
      throw missing("DefinitionNotFound", `the project has no build definition with the id ${id}`);
    }
    return ok(describeDefinition(call.cloud, definition));
  }
  const [name, path] = [call.query.get("name")?.toLowerCase(), call.query.get("path")?.toLowerCase()];
  const wanted = all.filter(
    (entity) =>
      (name === undefined || matches(text(entity, "name").toLowerCase(), name)) &&
      (path === undefined || text(entity, "path").toLowerCase() === path),
  );
  return list(wanted.map((entity) => describeDefinition(call.cloud, entity)));
}

/** Names may be asked for with `*` for any text. */
function matches(name: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
}

const source = z.looseObject({
  repoId: z.string(),
  repoType: z.string(),
  branchName: z.string().optional(),
  ymlPath: z.string().optional(),
});

function describeDefinition(cloud: Cloud, entity: Entity): Record<string, unknown> {
  const { repoId, repoType, branchName, ymlPath } = source.parse(entity.properties.repository);
  return {
    id: Number(entity.id),
    name: text(entity, "name"),
    path: text(entity, "path"),
    revision: entity.properties.revision,
    type: "build",
    queueStatus: text(entity, "queueStatus"),
    jobAuthorizationScope: text(entity, "jobAuthorizationScope"),
    project: { id: text(entity, "projectId") },
    repository: { id: repoId, type: repoType, defaultBranch: branchName },
    process: ymlPath === undefined ? { type: 1 } : { type: 2, yamlFilename: ymlPath },
    url: `${cloud.address()}/devops/${cloud.organization}/${text(entity, "projectId")}/_apis/build/Definitions/${entity.id}`,
  };
}
