/** The table of everything that the control API can make and look up. */
import { azureFunctions } from "./azure/functions";
import { federatedIdentityCredential, userAssignedIdentity } from "./azure/identities";
import { registry } from "./azure/registry";
import { resourceGroup } from "./azure/resource-groups";
import { roleAssignment } from "./azure/role-assignments";
import { task } from "./azure/tasks";
import { elasticPool, pool, queue } from "./devops/agents";
import { checkRequiredTemplate, pipelineAuthorization } from "./devops/authorizations";
import { registryEndpoint, resourceManagerEndpoint } from "./devops/endpoints";
import { environment, variableGroup } from "./devops/environments";
import { feed, feedPermission, feedRetentionPolicy } from "./devops/feeds";
import { devopsFunctions } from "./devops/functions";
import { group, groupMembership } from "./devops/groups";
import { gitPermissions } from "./devops/permissions";
import { person } from "./devops/persons";
import { buildDefinition, buildFolder } from "./devops/pipelines";
import { buildValidation, minimumReviewers } from "./devops/policies";
import { projectFeatures, projectPipelineSettings } from "./devops/project-settings";
import { project } from "./devops/projects";
import { run } from "./devops/runs";
import { team } from "./devops/teams";
import { repository } from "./devops/repositories";
import { repositoryFile } from "./devops/repository-files";
import { tokens } from "./devops/tokens";
import type { CloudFunction, Kind } from "./kind";

/** What one service offers to the control API. */
export interface Offer {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly functions: ReadonlyMap<string, CloudFunction>;
  /** Tokens of what the service makes itself: listed, and never made from outside. */
  readonly records: ReadonlySet<string>;
}

function offer(kinds: readonly Kind[], functions: readonly CloudFunction[], records: readonly string[] = []): Offer {
  return {
    records: new Set(records),
    kinds: new Map(kinds.map((kind) => [kind.token, kind])),
    functions: new Map(functions.map((one) => [one.token, one])),
  };
}

export const devops: Offer = offer(
  [
    project,
    projectFeatures,
    projectPipelineSettings,
    feed,
    feedPermission,
    feedRetentionPolicy,
    repository,
    gitPermissions,
    repositoryFile,
    buildDefinition,
    buildFolder,
    run,
    person,
    pipelineAuthorization,
    checkRequiredTemplate,
    buildValidation,
    minimumReviewers,
    registryEndpoint,
    resourceManagerEndpoint,
    environment,
    variableGroup,
    group,
    groupMembership,
    team,
    pool,
    queue,
    elasticPool,
  ],
  devopsFunctions,
  [tokens.identity, tokens.push, tokens.references, tokens.pullRequest, tokens.pullRequestThread],
);

export const azure: Offer = offer(
  [resourceGroup, registry, task, userAssignedIdentity, federatedIdentityCredential, roleAssignment],
  azureFunctions,
);
