/** Tokens of the Azure DevOps kinds, as the provider's schema writes them. */

function token(name: string): string {
  return `azuredevops:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}

export const tokens = {
  project: token("Project"),
  projectFeatures: token("ProjectFeatures"),
  projectPipelineSettings: token("ProjectPipelineSettings"),
  feed: token("Feed"),
  feedPermission: token("FeedPermission"),
  feedRetentionPolicy: token("FeedRetentionPolicy"),
  git: token("Git"),
  gitPermissions: token("GitPermissions"),
  gitRepositoryFile: token("GitRepositoryFile"),
  buildDefinition: token("BuildDefinition"),
  buildFolder: token("BuildFolder"),
  pipelineAuthorization: token("PipelineAuthorization"),
  checkRequiredTemplate: token("CheckRequiredTemplate"),
  branchPolicyBuildValidation: token("BranchPolicyBuildValidation"),
  branchPolicyMinReviewers: token("BranchPolicyMinReviewers"),
  serviceEndpointAzureEcr: token("ServiceEndpointAzureEcr"),
  serviceEndpointAzureRM: token("ServiceEndpointAzureRM"),
  environment: token("Environment"),
  group: token("Group"),
  groupMembership: token("GroupMembership"),
  team: token("Team"),
  pool: token("Pool"),
  queue: token("Queue"),
  elasticPool: token("ElasticPool"),
  variableGroup: token("VariableGroup"),
  /** Users and service identities: the service makes them itself, so no resource stands for them. */
  identity: "sandbox:index/identity:Identity",
  /** Somebody beside the owner. */
  person: "sandbox:index/person:Person",
  /** One pull request. */
  pullRequest: "sandbox:index/pullRequest:PullRequest",
  /** One thread of comments on a pull request. */
  pullRequestThread: "sandbox:index/pullRequestThread:PullRequestThread",
  /** One run of a pipeline. The agents bring it forward. */
  run: "sandbox:index/run:Run",
  /** One push to a repository, as the service lists it. */
  push: "sandbox:index/push:Push",
  /** Where the branches of a repository were when its pushes were last written down. */
  references: "sandbox:index/references:References",
} as const;
