/** Branch policies: what a pull request must have before it may be completed, and why a direct push is refused. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { invalid, missing } from "../errors";
import { numbered, recordKind, text, type Kind } from "../kind";
import type { Entity } from "../state";
import { requireProject } from "./identities";
import { requireDefinition } from "./pipelines";
import { tokens } from "./tokens";

const scope = z.looseObject({
  repositoryId: z.string().optional(),
  repositoryRef: z.string().optional(),
  matchType: z.string().default("Exact"),
});

const validationInputs = z.looseObject({
  projectId: z.string(),
  enabled: z.boolean().default(true),
  blocking: z.boolean().default(true),
  settings: z.looseObject({
    buildDefinitionId: z.number().int(),
    displayName: z.string(),
    manualQueueOnly: z.boolean().optional(),
    queueOnSourceUpdateOnly: z.boolean().optional(),
    validDuration: z.number().optional(),
    scopes: z.array(scope),
  }),
});

function checkScopes(cloud: Cloud, projectId: string, scopes: readonly z.infer<typeof scope>[]): void {
  requireProject(cloud, projectId);
  if (scopes.length === 0) {
    throw malformed("it covers no branch: scopes needs one entry at least");
  }
  for (const { repositoryId, repositoryRef, matchType } of scopes) {
    if (!["exact", "prefix", "defaultbranch"].includes(matchType.toLowerCase())) {
      throw malformed(`matchType is Exact, Prefix or DefaultBranch, and not "${matchType}"`);
    }
    const repository = repositoryId === undefined ? undefined : cloud.state.get(tokens.git, repositoryId);
    if (repositoryId !== undefined && (repository === undefined || text(repository, "projectId") !== projectId)) {
      throw missing("RepositoryNotFound", `TF401019: the project has no Git repository with the id ${repositoryId}`);
    }
    const anywhere = matchType.toLowerCase() === "defaultbranch";
    if (anywhere && (repositoryId !== undefined || repositoryRef !== undefined)) {
      throw malformed("a scope with matchType DefaultBranch names neither a repository nor a branch");
    }
    if (!anywhere && repositoryRef?.startsWith("refs/heads/") !== true) {
      throw malformed(`repositoryRef is a full name like refs/heads/main, and not "${repositoryRef ?? ""}"`);
    }
  }
}

function malformed(reason: string): Error {
  return invalid("PolicyConfigurationInvalid", `TF402457: the settings of this policy are not right: ${reason}`);
}

function sameScopes(one: unknown, entity: Entity): boolean {
  const settings = z.looseObject({ scopes: z.unknown() }).parse(entity.properties.settings);
  return JSON.stringify(settings.scopes) === JSON.stringify(one);
}

/** A build that must succeed. The service itself runs it for each pull request. */
export const buildValidation: Kind = recordKind<z.infer<typeof validationInputs>>({
  token: tokens.branchPolicyBuildValidation,
  called: "build validation policy",
  inputs: validationInputs,
  newId: numbered("policy"),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  alike: ({ projectId, settings }, entity) =>
    text(entity, "projectId") === projectId &&
    z.looseObject({ buildDefinitionId: z.number() }).parse(entity.properties.settings).buildDefinitionId ===
      settings.buildDefinitionId &&
    sameScopes(settings.scopes, entity),
  check({ projectId, settings }, cloud) {
    checkScopes(cloud, projectId, settings.scopes);
    requireDefinition(cloud, projectId, settings.buildDefinitionId);
    if (settings.displayName.trim() === "") {
      throw malformed("displayName is empty");
    }
    if (settings.validDuration !== undefined && settings.validDuration < 0) {
      throw malformed("validDuration is a number of minutes, 0 or more");
    }
  },
});

const reviewerInputs = z.looseObject({
  projectId: z.string(),
  enabled: z.boolean().default(true),
  blocking: z.boolean().default(true),
  settings: z.looseObject({
    reviewerCount: z.number().int().optional(),
    scopes: z.array(scope),
    onLastIterationRequireVote: z.boolean().optional(),
    onEachIterationRequireVote: z.boolean().optional(),
    onPushResetAllVotes: z.boolean().optional(),
    onPushResetApprovedVotes: z.boolean().optional(),
  }),
});

/** People who must approve. */
export const minimumReviewers: Kind = recordKind<z.infer<typeof reviewerInputs>>({
  token: tokens.branchPolicyMinReviewers,
  called: "reviewer policy",
  inputs: reviewerInputs,
  newId: numbered("policy"),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  alike: ({ projectId, settings }, entity) =>
    text(entity, "projectId") === projectId && sameScopes(settings.scopes, entity),
  check({ projectId, settings }, cloud) {
    checkScopes(cloud, projectId, settings.scopes);
    if (settings.reviewerCount === undefined || settings.reviewerCount < 1) {
      throw malformed("reviewerCount is 1 or more");
    }
    if (settings.onPushResetAllVotes === true && settings.onPushResetApprovedVotes === true) {
      throw malformed("of onPushResetAllVotes and onPushResetApprovedVotes only one can be set");
    }
  },
});
