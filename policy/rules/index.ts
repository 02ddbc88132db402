/** All rules, in the order of their names. */
import type { Policies } from "@pulumi/policy";
import { agentsAreRecycled } from "./agents-are-recycled";
import { baseImagesByDigest } from "./base-images-by-digest";
import { buildValidationBlocks } from "./build-validation-blocks";
import { connectionsNameTheirPipelines } from "./connections-name-their-pipelines";
import { dailySchedule } from "./daily-schedule";
import { federatedCredentialsAreNarrow } from "./federated-credentials-are-narrow";
import { federationOnly } from "./federation-only";
import { feedRolesAreNarrow } from "./feed-roles-are-narrow";
import { forksGetNoSecrets } from "./forks-get-no-secrets";
import { noCredentialsInFiles } from "./no-credentials-in-files";
import { noNameConflictOverride } from "./no-name-conflict-override";
import { noProviderSchedules } from "./no-provider-schedules";
import { noSecretsInPipelineVariables } from "./no-secrets-in-pipeline-variables";
import { oneUpstreamSet } from "./one-upstream-set";
import { organizationNames } from "./organization-names";
import { privateProject } from "./private-project";
import { projectJobScope } from "./project-job-scope";
import { protectedResources } from "./protected-resources";
import { pullRequestsAreBuilt } from "./pull-requests-are-built";
import { pushConnectionsAreChecked } from "./push-connections-are-checked";
import { pushConnectionsNotForPullRequests } from "./push-connections-not-for-pull-requests";
import { registryRolesAreNarrow } from "./registry-roles-are-narrow";
import { registryWithoutAdminUser } from "./registry-without-admin-user";
import { registryWithoutAnonymousPull } from "./registry-without-anonymous-pull";
import { requiredTags } from "./required-tags";
import { roleAssignmentsOnTheRegistry } from "./role-assignments-on-the-registry";
import { singlePackageIndex } from "./single-package-index";

export const rules: Policies = [
  agentsAreRecycled,
  baseImagesByDigest,
  buildValidationBlocks,
  connectionsNameTheirPipelines,
  dailySchedule,
  federatedCredentialsAreNarrow,
  federationOnly,
  feedRolesAreNarrow,
  forksGetNoSecrets,
  noCredentialsInFiles,
  noNameConflictOverride,
  noProviderSchedules,
  noSecretsInPipelineVariables,
  oneUpstreamSet,
  organizationNames,
  privateProject,
  projectJobScope,
  protectedResources,
  pullRequestsAreBuilt,
  pushConnectionsAreChecked,
  pushConnectionsNotForPullRequests,
  registryRolesAreNarrow,
  registryWithoutAdminUser,
  registryWithoutAnonymousPull,
  requiredTags,
  roleAssignmentsOnTheRegistry,
  singlePackageIndex,
];
