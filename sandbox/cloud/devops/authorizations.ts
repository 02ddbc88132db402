/** What pipelines may use: authorizations of single pipelines or all, and the check that wants a template. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { invalid, missing } from "../errors";
import { numbered, recordKind, text, type Kind } from "../kind";
import type { Entity, Reference } from "../state";
import { requireProject } from "./identities";
import { requireDefinition } from "./pipelines";
import { tokens } from "./tokens";

/** Kinds of resource that a pipeline can be let at, with the tokens of what stands for each. */
const protectable: Readonly<Record<string, readonly string[]>> = {
  endpoint: [tokens.serviceEndpointAzureEcr, tokens.serviceEndpointAzureRM],
  queue: [tokens.queue],
  variablegroup: [tokens.variableGroup],
  environment: [tokens.environment],
  repository: [tokens.git],
};

function target(cloud: Cloud, projectId: string, type: string, id: string): Entity {
  const kinds = Object.hasOwn(protectable, type) ? protectable[type] : undefined;
  if (kinds === undefined) {
    throw invalid(
      "ResourceTypeInvalid",
      `"${type}" is no type of resource that pipelines are authorized for; there are ${Object.keys(protectable).join(", ")}`,
    );
  }
  const found = kinds.map((token) => cloud.state.get(token, id)).find((entity) => entity !== undefined);
  if (found === undefined || text(found, "projectId") !== projectId) {
    throw missing("ResourceNotFound", `the project ${projectId} has no ${type} with the id ${id}`);
  }
  return found;
}

const authorizationInputs = z.looseObject({
  projectId: z.string(),
  resourceId: z.string(),
  type: z.string(),
  pipelineId: z.number().int().optional(),
  pipelineProjectId: z.string().optional(),
});

type Authorization = z.infer<typeof authorizationInputs>;

/** The form in which the provider writes the id, which is also what an import takes. */
function authorizationId({ projectId, type, resourceId, pipelineId, pipelineProjectId }: Authorization): string {
  const project = pipelineProjectId === undefined ? "" : `;pipeline_project_id=${pipelineProjectId}`;
  return `${projectId}/${type}/${resourceId}${project}${pipelineId === undefined ? "" : `;pipeline_id=${pipelineId}`}`;
}

/** Lets one pipeline, or without `pipelineId` all of the project, use a resource. */
export const pipelineAuthorization: Kind = recordKind<Authorization>({
  token: tokens.pipelineAuthorization,
  called: "pipeline authorization",
  inputs: authorizationInputs,
  overwrites: true,
  key: authorizationId,
  newId: authorizationId,
  idOf: (id) => id,
  within(inputs, cloud) {
    const { token, id } = target(cloud, inputs.projectId, inputs.type, inputs.resourceId);
    const owners: Reference[] = [{ token, id }];
    return inputs.pipelineId === undefined
      ? owners
      : [...owners, { token: tokens.buildDefinition, id: String(inputs.pipelineId) }];
  },
  check(inputs, cloud) {
    requireProject(cloud, inputs.projectId);
    target(cloud, inputs.projectId, inputs.type, inputs.resourceId);
    if (inputs.pipelineId !== undefined) {
      requireDefinition(cloud, inputs.pipelineProjectId ?? inputs.projectId, inputs.pipelineId);
    }
  },
});

const templateInputs = z.looseObject({
  projectId: z.string(),
  targetResourceId: z.string(),
  targetResourceType: z.string(),
  requiredTemplates: z.array(
    z.looseObject({
      repositoryName: z.string(),
      repositoryRef: z.string(),
      repositoryType: z.string().optional(),
      templatePath: z.string(),
    }),
  ),
});

/** Lets only pipelines that extend one of the named templates use a resource. */
export const checkRequiredTemplate: Kind = recordKind<z.infer<typeof templateInputs>>({
  token: tokens.checkRequiredTemplate,
  called: "required-template check",
  inputs: templateInputs,
  newId: numbered("check"),
  within({ projectId, targetResourceId, targetResourceType }, cloud) {
    const { token, id } = target(cloud, projectId, targetResourceType, repositoryId(targetResourceId));
    return [{ token, id }];
  },
  alike: (inputs, entity) =>
    text(entity, "targetResourceId") === inputs.targetResourceId &&
    text(entity, "targetResourceType") === inputs.targetResourceType,
  check({ projectId, targetResourceId, targetResourceType, requiredTemplates }, cloud) {
    requireProject(cloud, projectId);
    target(cloud, projectId, targetResourceType, repositoryId(targetResourceId));
    if (requiredTemplates.length === 0) {
      throw invalid("CheckInvalid", "a required-template check names one template at least");
    }
    for (const { repositoryType, repositoryRef, repositoryName, templatePath } of requiredTemplates) {
      if (!["azuregit", "bitbucket", "github", undefined].includes(repositoryType)) {
        throw invalid(
          "CheckInvalid",
          `"${repositoryType ?? ""}" is no type of template repository; write azuregit, bitbucket or github`,
        );
      }
      if (repositoryName.trim() === "" || templatePath.trim() === "" || !repositoryRef.startsWith("refs/")) {
        throw invalid(
          "CheckInvalid",
          "a required template has a repositoryName, a templatePath and a repositoryRef like refs/heads/main",
        );
      }
    }
  },
  computed: (_inputs, _cloud, _id, current) => ({ version: Number(current?.properties.version ?? 0) + 1 }),
});

/** Repositories are named with their project here: `<project id>.<repository id>`. */
function repositoryId(id: string): string {
  return id.slice(id.indexOf(".") + 1);
}
