/** Repositories over REST: their list, branches, files, commits and pushes, to read, and the way to their pull requests. */
import { z } from "zod";
import { jsonBody, list, ok, type Answer, type Call } from "../call";
import type { Cloud } from "../cloud";
import { reachesRepository } from "../devops/build-accounts";
import { projectOf } from "../devops/functions";
import { requireProject } from "../devops/identities";
import { pushesTo } from "../devops/pushes";
import { repository as kind, repositoryOf, requireRepository, showRepository } from "../devops/repositories";
import { tokens } from "../devops/tokens";
import { invalid, missing, ServiceError } from "../errors";
import { fullName, shortName, type Commit } from "../git/repositories";
import { identityOf } from "../devops/persons";
import { text } from "../kind";
import type { Entity } from "../state";
import { describeIdentity } from "./build-description";
import { readBody } from "./request";
import { pullRequests } from "./pull-requests";

/** `_apis/git/repositories[/<repository>[/<what>]]`, after the project's name or id or without. */
export async function repositories(
  call: Call,
  projectId: string | undefined,
  path: readonly string[],
): Promise<Answer> {
  const [nameOrId, what, one] = path;
  if (nameOrId !== undefined && what?.toLowerCase() === "pullrequests") {
    return pullRequests(call, find(call, projectId, nameOrId), path.slice(2));
  }
  if (call.method === "POST" && nameOrId === undefined) return create(call, projectId);
  if (call.method === "DELETE" && nameOrId !== undefined && what === undefined) {
    return remove(call, projectId, nameOrId);
  }
  if (call.method !== "GET") {
    throw new ServiceError(
      405,
      "MethodNotAllowed",
      "over REST, repositories are only made, read and deleted here: push with git to change them",
    );
  }
  if (nameOrId === undefined) {
    const all = call.cloud.state.list(tokens.git);
    return list(
      all
        .filter((entity) => projectId === undefined || text(entity, "projectId") === projectId)
        .filter((entity) => call.job === undefined || reachesRepository(call.job, entity))
        .map((entity) => describe(call.cloud, entity)),
    );
  }
  const repository = find(call, projectId, nameOrId);
  switch (what?.toLowerCase()) {
    case undefined:
      return ok(describe(call.cloud, repository));
    case "items":
      return items(call, repository);
    case "commits":
      return commits(call, repository);
    case "pushes":
      return pushes(call, repository, one);
    case "refs":
      return references(call, repository);
    default:
      throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
}

const newRepository = z.strictObject({
  name: z.string(),
  project: z.looseObject({ id: z.string() }).optional(),
});

/** An empty repository; the project comes by the path, or by its id in the body. */
async function create(call: Call, projectId: string | undefined): Promise<Answer> {
  const { name, project } = readBody(newRepository, await jsonBody(call), "repository");
  const owner = projectId ?? project?.id;
  if (owner === undefined) throw invalid("ProjectRequired", "say in which project: in the path, or as project.id");
  const inputs = { projectId: owner, name, initialization: { initType: "Uninitialized" } };
  const { id } = await kind.create(call.cloud, inputs);
  return { status: 201, json: describe(call.cloud, requireRepository(call.cloud, id)) };
}

/** Deletes by id: the service takes no name here, since a name can come to mean another repository. */
async function remove(call: Call, projectId: string | undefined, id: string): Promise<Answer> {
  const { id: found } = find(call, projectId, id);
  if (found !== id) throw invalid("InvalidRepositoryId", `a repository is deleted by its id, and "${id}" is none`);
  await kind.delete(call.cloud, id);
  return { status: 204 };
}

/** A repository of a project by name or id; without a project, by id only. */
function find({ cloud, job }: Call, projectId: string | undefined, nameOrId: string): Entity {
  const entity =
    projectId === undefined ? cloud.state.get(tokens.git, nameOrId) : repositoryOf(cloud, projectId, nameOrId);
  if (entity === undefined || (job !== undefined && !reachesRepository(job, entity))) {
    throw missing("GitRepositoryNotFound", `TF401019: there is no Git repository ${nameOrId}, or you may not see it`);
  }
  return requireRepository(cloud, entity.id);
}

function describe(cloud: Cloud, entity: Entity): Record<string, unknown> {
  const { id, properties } = showRepository(cloud, entity);
  const project = requireProject(cloud, text(entity, "projectId"));
  const { name, defaultBranch, size, remoteUrl, sshUrl, webUrl, url, disabled, isFork } = properties;
  return {
    id,
    name,
    url,
    project: { id: project.id, name: text(project, "name"), state: "wellFormed" },
    ...(defaultBranch === "" ? {} : { defaultBranch }),
    size,
    remoteUrl,
    sshUrl,
    webUrl,
    isDisabled: disabled,
    ...(isFork === true ? { isFork } : {}),
  };
}

/** The commit or branch that a query asks for; the default branch where it asks for none. */
async function revisionOf(call: Call, repository: Entity, prefix: string): Promise<string> {
  const version = call.query.get(`${prefix}.version`) ?? call.query.get("version");
  const type = (call.query.get(`${prefix}.versionType`) ?? call.query.get("versionType") ?? "branch").toLowerCase();
  const name = version ?? shortName(text(repository, "defaultBranch"));
  const revision = type === "commit" ? name : type === "tag" ? `refs/tags/${name}` : fullName(name);
  const safe = name !== "" && !name.startsWith("-") && !/[\s~^:?*[\\]|\.\./.test(name);
  if (!safe || (type === "commit" && !/^[0-9a-f]{40}$/i.test(name))) {
    throw invalid("InvalidVersion", `TF401175: "${name}" is no ${type} of the repository ${text(repository, "name")}`);
  }
  const commit = await call.cloud.repositories.tip(repository.id, revision);
  if (commit === undefined) {
    throw missing(
      "GitUnresolvableToCommit",
      `TF401175: "${name}" is no ${type} of the repository ${text(repository, "name")}`,
    );
  }
  return commit;
}

async function items(call: Call, repository: Entity): Promise<Answer> {
  const revision = await revisionOf(call, repository, "versionDescriptor");
  const path = call.query.get("path");
  if (path === null || path === "/") {
    const files = await call.cloud.repositories.tree(repository.id, revision);
    return list(
      files.map((file) => ({ objectId: file.blob, gitObjectType: "blob", commitId: revision, path: `/${file.path}` })),
    );
  }
  const file = await call.cloud.repositories.file(repository.id, revision, path.replace(/^\/+/, ""));
  if (file === undefined) {
    throw missing(
      "GitItemNotFound",
      `TF401174: there is no file ${path} in ${text(repository, "name")} at ${revision}`,
    );
  }
  const json =
    call.query.get("$format") === "json" || call.request.headers.accept?.includes("application/json") === true;
  if (!json) {
    return { status: 200, text: file.content, headers: { "content-type": "application/octet-stream" } };
  }
  const content = call.query.get("includeContent") === "true" ? { content: file.content } : {};
  return ok({ gitObjectType: "blob", commitId: file.commit.id, path: `/${path.replace(/^\/+/, "")}`, ...content });
}

function top({ query }: Call): number {
  const asked = Number(query.get("searchCriteria.$top") ?? query.get("$top") ?? 100);
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, 1000) : 100;
}

async function commits(call: Call, repository: Entity): Promise<Answer> {
  if (text(repository, "defaultBranch") === "") {
    return list([]);
  }
  const revision = await revisionOf(call, repository, "searchCriteria.itemVersion");
  const path = call.query.get("searchCriteria.itemPath")?.replace(/^\/+/, "");
  const found = await call.cloud.repositories.log(repository.id, revision, path === "" ? undefined : path, top(call));
  return list(found.map(describeCommit));
}

function describeCommit({ id, author, committer, date, message }: Commit): Record<string, unknown> {
  return { commitId: id, author: { ...author, date }, committer: { ...committer, date }, comment: message };
}

function describePusher(cloud: Cloud, id: string): Record<string, unknown> {
  const pusher = identityOf(cloud, id);
  return pusher === undefined ? {} : { pushedBy: describeIdentity(cloud, pusher) };
}

function pushes(call: Call, repository: Entity, id: string | undefined): Answer {
  const all = pushesTo(call.cloud, repository.id);
  const described = (withReferences: boolean) =>
    all.map(({ pushId, date, pushedBy, refUpdates }) => ({
      pushId,
      date,
      ...describePusher(call.cloud, pushedBy),
      repository: { id: repository.id, name: text(repository, "name") },
      ...(withReferences ? { refUpdates } : {}),
    }));
  if (id === undefined) {
    return list(described(call.query.get("searchCriteria.includeRefUpdates") === "true").slice(0, top(call)));
  }
  const push = described(true).find(({ pushId }) => String(pushId) === id);
  if (push === undefined) {
    throw missing("GitPushNotFound", `TF401179: there is no push ${id} to the repository ${text(repository, "name")}`);
  }
  return ok(push);
}

async function references(call: Call, repository: Entity): Promise<Answer> {
  const filter = `refs/${call.query.get("filter") ?? ""}`;
  const all = await call.cloud.repositories.references(repository.id);
  return list([...all].filter(([name]) => name.startsWith(filter)).map(([name, objectId]) => ({ name, objectId })));
}

/** Id of the project that a path names first, or a refusal. */
export function projectId(cloud: Cloud, nameOrId: string): string {
  const project = projectOf(cloud, nameOrId);
  if (project === undefined) {
    throw missing("ProjectDoesNotExist", `TF200016: there is no project ${nameOrId} in ${cloud.organization}`);
  }
  return project.id;
}
