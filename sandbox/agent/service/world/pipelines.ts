/** Reads what starts pipelines: definitions, pushes, pull requests, policies and runs. */
import { z } from "zod";

import type { BuildValidation, CloudRun, Definition, PullRequest, Push, VariableGroup } from "./model";
import { optionalText, reader, text } from "./reader";

export const named = z.object({ name: text });
export const settings = z.object({
  projectId: text,
  enforceJobScope: z.boolean(),
  enforceReferencedRepoScopedToken: z.boolean(),
});
export const repository = z.object({
  name: text,
  projectId: text,
  defaultBranch: text.default(""),
  disabled: z.boolean().default(false),
});

const variables = z.array(z.object({ name: text, value: optionalText, isSecret: z.boolean().default(false) }));

const definition = z.object({
  name: text,
  path: text,
  projectId: text,
  queueStatus: z.enum(["enabled", "paused", "disabled"]),
  jobAuthorizationScope: z.enum(["project", "projectCollection"]),
  agentPoolName: text,
  repository: z.object({ repoId: text, repoType: text, branchName: optionalText, ymlPath: optionalText }),
  variables: variables.default([]),
  variableGroups: z.array(z.number()).default([]),
  createdDate: optionalText,
});

function fullName(branch: string): string {
  return branch === "" || branch.startsWith("refs/") ? branch : `refs/heads/${branch}`;
}

export const readDefinition = reader(definition, (it, id): Definition | undefined => {
  const { repoId, repoType, branchName = "", ymlPath } = it.repository;
  // Others cannot have runs here: the clouds refuse to make any.
  if (repoType !== "TfsGit" || ymlPath === undefined) return undefined;
  return {
    id: Number(id),
    name: it.name,
    path: it.path,
    projectId: it.projectId,
    queueStatus: it.queueStatus,
    jobScope: it.jobAuthorizationScope,
    pool: it.agentPoolName,
    repositoryId: repoId,
    branch: fullName(branchName),
    file: ymlPath.replace(/^\/+/, ""),
    variables: it.variables,
    variableGroups: it.variableGroups,
    createdAt: it.createdDate,
  };
});

export const readVariableGroup = reader(
  z.object({
    projectId: text,
    name: text,
    variables,
    keyVault: z.unknown().optional(),
    allowAccess: z.boolean().default(false),
  }),
  (it, id): VariableGroup => ({
    id: Number(id),
    projectId: it.projectId,
    name: it.name,
    variables: it.variables,
    ofKeyVault: it.keyVault !== undefined,
    allowAccess: it.allowAccess,
  }),
);

export const readPush = reader(
  z.object({
    pushId: z.number(),
    repositoryId: text,
    date: text,
    refUpdates: z.array(z.object({ name: text, oldObjectId: text, newObjectId: text })),
  }),
  (it): Push => ({
    id: it.pushId,
    repositoryId: it.repositoryId,
    date: it.date,
    updates: it.refUpdates.map(({ name, oldObjectId, newObjectId }) => ({
      name,
      before: oldObjectId,
      after: newObjectId,
    })),
  }),
);

export const readValidation = reader(
  z.object({
    projectId: text,
    enabled: z.boolean(),
    settings: z.object({
      buildDefinitionId: z.number(),
      displayName: text,
      manualQueueOnly: z.boolean().default(false),
      queueOnSourceUpdateOnly: z.boolean().default(true),
      scopes: z.array(
        z.object({ repositoryId: optionalText, repositoryRef: optionalText, matchType: text.default("Exact") }),
      ),
    }),
  }),
  ({ projectId, enabled, settings: it }, id): BuildValidation => ({
    id: Number(id),
    projectId,
    enabled,
    definitionId: it.buildDefinitionId,
    displayName: it.displayName,
    manualQueueOnly: it.manualQueueOnly,
    queueOnSourceUpdateOnly: it.queueOnSourceUpdateOnly,
    scopes: it.scopes.map((scope) => ({
      repositoryId: scope.repositoryId,
      ref: scope.repositoryRef,
      matchType: scope.matchType,
    })),
  }),
);

export const readRun = reader(
  z.object({
    definitionId: z.number(),
    projectId: text,
    repositoryId: text,
    reason: z.enum(["Manual", "IndividualCI", "BatchedCI", "Schedule", "PullRequest", "ResourceTrigger"]),
    branch: text,
    commit: text,
    parameters: z.record(text, text),
    variables: z.record(text, text),
    state: z.enum(["queued", "running", "completed"]),
    result: z.enum(["succeeded", "succeededWithIssues", "failed", "canceled"]).optional(),
    number: text,
    because: optionalText,
    tags: z.array(text),
    queuedAt: text,
    endedAt: optionalText,
    cancelRequested: z.boolean(),
    pullRequest: z.number().optional(),
    sourceCommit: optionalText,
  }),
  (it, id): CloudRun => ({ ...it, id: Number(id) }),
);

export const readPullRequest = reader(
  z.object({
    repositoryId: text,
    status: z.enum(["active", "abandoned", "completed"]),
    sourceRefName: text,
    targetRefName: text,
    title: text,
    isDraft: z.boolean(),
    mergeStatus: text,
    lastMergeSourceCommit: optionalText,
    lastMergeCommit: optionalText,
  }),
  (it, id): PullRequest => ({
    id: Number(id),
    repositoryId: it.repositoryId,
    status: it.status,
    source: it.sourceRefName,
    target: it.targetRefName,
    title: it.title,
    isDraft: it.isDraft,
    sourceCommit: it.lastMergeSourceCommit ?? "",
    mergeCommit: it.mergeStatus === "succeeded" ? it.lastMergeCommit : undefined,
  }),
);
