/** Which resources and functions of the provider this package declares: those that the platform and its tools use. */

/** Class names of the resources, in alphabetical order. */
export const RESOURCES: readonly string[] = [
  "BranchPolicyAutoReviewers",
  "BranchPolicyBuildValidation",
  "BranchPolicyMinReviewers",
  "BuildDefinition",
  "BuildDefinitionPermissions",
  "BuildFolder",
  "CheckApproval",
  "CheckRequiredTemplate",
  "ElasticPool",
  "Environment",
  "Feed",
  "FeedPermission",
  "FeedRetentionPolicy",
  "Git",
  "GitPermissions",
  "GitRepositoryFile",
  "Group",
  "GroupMembership",
  "PipelineAuthorization",
  "Pool",
  "Project",
  "ProjectFeatures",
  "ProjectPipelineSettings",
  "Queue",
  "RepositoryPolicyCheckCredentials",
  "ServiceEndpointAzureEcr",
  "ServiceEndpointAzureRM",
  "ServiceEndpointDockerRegistry",
  "Team",
  "VariableGroup",
];

/** Names of the functions, in alphabetical order. */
export const FUNCTIONS: readonly string[] = [
  "getAgentQueue",
  "getClientConfig",
  "getFeed",
  "getGitRepository",
  "getGroup",
  "getProject",
  "getServiceEndpointAzureRM",
  "getTeam",
];
