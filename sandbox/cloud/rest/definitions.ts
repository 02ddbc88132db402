/** Build definitions over REST, to read. */
import { z } from "zod";
import { list, ok, type Answer, type Call } from "../call";
import type { Cloud } from "../cloud";
import { tokens } from "../devops/tokens";
import { missing, ServiceError } from "../errors";
import { text } from "../kind";
import type { Entity } from "../state";

/** `_apis/build/definitions[/<id>]` of a project. */
export function definitions(call: Call, projectId: string, id: string | undefined): Answer {
  if (call.method !== "GET") {
    throw new ServiceError(405, "MethodNotAllowed", "build definitions are only read over REST here");
  }
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

/** A definition as the service's `BuildDefinition`. */
export function describeDefinition(cloud: Cloud, entity: Entity): Record<string, unknown> {
  const { repoId, repoType, branchName, ymlPath } = source.parse(entity.properties.repository);
  return {
    id: Number(entity.id),
    name: text(entity, "name"),
    path: text(entity, "path"),
    revision: entity.properties.revision,
    createdDate: entity.properties.createdDate,
    type: "build",
    queueStatus: text(entity, "queueStatus"),
    jobAuthorizationScope: text(entity, "jobAuthorizationScope"),
    project: { id: text(entity, "projectId") },
    repository: { id: repoId, type: repoType, defaultBranch: branchName },
    process: ymlPath === undefined ? { type: 1 } : { type: 2, yamlFilename: ymlPath },
    url: `${cloud.address()}/devops/${cloud.organization}/${text(entity, "projectId")}/_apis/build/Definitions/${entity.id}`,
  };
}
