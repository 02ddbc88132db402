/** Pipelines: build definitions and the folders that they are in. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid, missing } from "../errors";
import { numbered, recordKind, text, type Kind } from "../kind";
import { newGuid, type Entity } from "../state";
import { queueNamed } from "./agents";
import { splitVariables } from "./environments";
import { requireProject } from "./identities";
import { checkFolder, checkName } from "./names";
import { tokens } from "./tokens";

const folderInputs = z.looseObject({
  projectId: z.string(),
  path: z.string(),
  description: z.string().default(""),
});

function folderKey(projectId: string, path: string): string {
  return `${projectId}/${path.toLowerCase()}`;
}

/** Folders of pipelines; the id is a GUID, and `<project id>/<path>` finds one too. */
export const buildFolder: Kind = recordKind<z.infer<typeof folderInputs>>({
  token: tokens.buildFolder,
  called: "folder of pipelines",
  inputs: folderInputs,
  key: ({ projectId, path }) => folderKey(projectId, path),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  check({ projectId, path }, cloud, current) {
    requireProject(cloud, projectId);
    checkFolder(path);
    if (path === "\\") {
      throw invalid("FolderPathInvalid", "the root folder \\ exists in every project and cannot be made");
    }
    if (current !== undefined) {
      move(cloud, projectId, text(current, "path"), path);
    }
  },
  duplicate: ({ path }) => conflict("FolderExists", `the project has a folder ${path} already`),
  idOf: (id, cloud) => cloud.state.byKey(tokens.buildFolder, id.toLowerCase())?.id ?? id,
  beforeDelete(entity, cloud) {
    const path = text(entity, "path");
    inFolder(cloud, text(entity, "projectId"), path).forEach(({ token, id }) => cloud.state.remove(token, id));
  },
});

/** Definitions and folders under a folder. */
function inFolder(cloud: Cloud, projectId: string, path: string): Entity[] {
  const under = `${path.toLowerCase()}\\`;
  return [...cloud.state.list(tokens.buildDefinition), ...cloud.state.list(tokens.buildFolder)].filter(
    (entity) =>
      text(entity, "projectId") === projectId &&
      (text(entity, "path").toLowerCase().startsWith(under) ||
        (entity.token === tokens.buildDefinition && text(entity, "path").toLowerCase() === path.toLowerCase())),
  );
}

/** A folder that moves takes along what is in it. */
function move(cloud: Cloud, projectId: string, before: string, after: string): void {
  if (before.toLowerCase() === after.toLowerCase()) {
    return;
  }
  for (const entity of inFolder(cloud, projectId, before)) {
    const path = after + text(entity, "path").slice(before.length);
    const key =
      entity.token === tokens.buildFolder
        ? folderKey(projectId, path)
        : definitionKey(projectId, path, text(entity, "name"));
    cloud.state.put({ ...entity, key, properties: { ...entity.properties, path } });
  }
}

/** A definition in a folder that does not exist makes the folder, and those above it. */
function putFolders(cloud: Cloud, projectId: string, path: string): void {
  const parts = path.split("\\").filter((part) => part !== "");
  for (let length = 1; length <= parts.length; length += 1) {
    const folder = `\\${parts.slice(0, length).join("\\")}`;
    const key = folderKey(projectId, folder);
    if (cloud.state.byKey(tokens.buildFolder, key) === undefined) {
      const properties = { projectId, path: folder, description: "" };
      const within = [{ token: tokens.project, id: projectId }];
      cloud.state.put({ token: tokens.buildFolder, id: newGuid(), key, within, properties });
    }
  }
}

const repositoryTypes = ["TfsGit", "GitHub", "GitHubEnterprise", "Bitbucket", "Git"];

const definitionInputs = z.looseObject({
  projectId: z.string(),
  name: z.string(),
  path: z.string().default("\\"),
  agentPoolName: z.string().default("Azure Pipelines"),
  queueStatus: z.string().default("enabled"),
  jobAuthorizationScope: z.string().default("projectCollection"),
  variableGroups: z.array(z.number().int()).optional(),
  variables: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string().optional(),
        secretValue: z.string().optional(),
        isSecret: z.boolean().default(false),
      }),
    )
    .optional(),
  buildCompletionTriggers: z.array(z.looseObject({ buildDefinitionId: z.number().int() })).optional(),
  jobs: z.array(z.looseObject({})).optional(),
  repository: z.looseObject({
    repoId: z.string(),
    repoType: z.string(),
    ymlPath: z.string().optional(),
    serviceConnectionId: z.string().optional(),
  }),
});

type Definition = z.infer<typeof definitionInputs>;

function definitionKey(projectId: string, path: string, name: string): string {
  return `${projectId}/${path.toLowerCase()}\\${name.toLowerCase()}`;
}

/** The definition of a project with this number, or the service's refusal. */
export function requireDefinition(cloud: Cloud, projectId: string, id: number): Entity {
  const entity = cloud.state.get(tokens.buildDefinition, String(id));
  if (entity === undefined || text(entity, "projectId") !== projectId) {
    throw missing("DefinitionNotFound", `the project ${projectId} has no build definition with the id ${id}`);
  }
  return entity;
}

function checkSource(cloud: Cloud, definition: Definition): void {
  const { repoType, repoId, ymlPath, serviceConnectionId } = definition.repository;
  if (!repositoryTypes.includes(repoType)) {
    const right = repositoryTypes.find((type) => type.toLowerCase() === repoType.toLowerCase());
    throw invalid(
      "RepositoryTypeInvalid",
      `"${repoType}" is no type of repository; ${right === undefined ? `there are ${repositoryTypes.join(", ")}` : `write ${right}`}`,
    );
  }
  if (repoType === "TfsGit" && cloud.state.get(tokens.git, repoId) === undefined) {
    throw missing(
      "RepositoryNotFound",
      `the repository ${repoId} of the definition "${definition.name}" does not exist`,
    );
  }
  if (repoType !== "TfsGit" && endpointOf(cloud, definition.projectId, serviceConnectionId ?? "") === undefined) {
    throw invalid(
      "ServiceConnectionRequired",
      `a ${repoType} repository needs the id of a service connection of the project`,
    );
  }
  if ((ymlPath === undefined || ymlPath.trim() === "") && (definition.jobs?.length ?? 0) === 0) {
    throw invalid("ProcessInvalid", `the definition "${definition.name}" names no YAML file (ymlPath) and no jobs`);
  }
}

function endpointOf(cloud: Cloud, projectId: string, id: string): Entity | undefined {
  const endpoint =
    cloud.state.get(tokens.serviceEndpointAzureEcr, id) ?? cloud.state.get(tokens.serviceEndpointAzureRM, id);
  return endpoint !== undefined && text(endpoint, "projectId") === projectId ? endpoint : undefined;
}

function checkDefinition(cloud: Cloud, definition: Definition): void {
  const { projectId, name, path, agentPoolName, queueStatus, jobAuthorizationScope } = definition;
  requireProject(cloud, projectId);
  checkName("build definition", name);
  checkFolder(path);
  checkSource(cloud, definition);
  if (queueNamed(cloud, projectId, agentPoolName) === undefined) {
    throw missing(
      "QueueNotFound",
      `the project has no agent queue named "${agentPoolName}": add one for the pool, or name another`,
    );
  }
  if (!["enabled", "paused", "disabled"].includes(queueStatus)) {
    throw invalid("QueueStatusInvalid", `queueStatus is enabled, paused or disabled, and not "${queueStatus}"`);
  }
  if (!["project", "projectCollection"].includes(jobAuthorizationScope)) {
    throw invalid(
      "ScopeInvalid",
      `jobAuthorizationScope is project or projectCollection, and not "${jobAuthorizationScope}"`,
    );
  }
  for (const group of definition.variableGroups ?? []) {
    const entity = cloud.state.get(tokens.variableGroup, String(group));
    if (entity === undefined || text(entity, "projectId") !== projectId) {
      throw missing("VariableGroupNotFound", `the project has no variable group with the id ${group}`);
    }
  }
  for (const { buildDefinitionId } of definition.buildCompletionTriggers ?? []) {
    requireDefinition(cloud, projectId, buildDefinitionId);
  }
}

/** Build definitions, numbered. */
export const buildDefinition: Kind = recordKind<Definition>({
  token: tokens.buildDefinition,
  called: "build definition",
  inputs: definitionInputs,
  key: ({ projectId, path, name }) => definitionKey(projectId, path, name),
  newId: numbered("definition"),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  check: (definition, cloud) => checkDefinition(cloud, definition),
  duplicate: ({ name, path }) =>
    conflict("DefinitionExists", `a build definition named "${name}" exists already in the folder ${path}`),
  split(definition) {
    const { shown, secretValues } = splitVariables(definition.variables ?? []);
    const variables = definition.variables === undefined ? {} : { variables: shown };
    return { shown: { ...definition, ...variables }, hidden: { secretValues } };
  },
  computed(definition, cloud, _id, current) {
    putFolders(cloud, definition.projectId, definition.path);
    return {
      revision: Number(current?.properties.revision ?? 0) + 1,
      createdDate: current?.properties.createdDate ?? new Date().toISOString(),
    };
  },
});
