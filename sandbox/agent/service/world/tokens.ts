/** Names of the kinds that the clouds are asked for, as the clouds write them. */

function devops(name: string): string {
  return `azuredevops:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}

export const devopsTokens = {
  project: devops("Project"),
  settings: devops("ProjectPipelineSettings"),
  repository: devops("Git"),
  definition: devops("BuildDefinition"),
  variableGroup: devops("VariableGroup"),
  authorization: devops("PipelineAuthorization"),
  requiredTemplate: devops("CheckRequiredTemplate"),
  buildValidation: devops("BranchPolicyBuildValidation"),
  registryEndpoint: devops("ServiceEndpointAzureEcr"),
  resourceManagerEndpoint: devops("ServiceEndpointAzureRM"),
  queue: devops("Queue"),
  feed: devops("Feed"),
  feedPermission: devops("FeedPermission"),
  identity: "sandbox:index/identity:Identity",
  push: "sandbox:index/push:Push",
  run: "sandbox:index/run:Run",
  pullRequest: "sandbox:index/pullRequest:PullRequest",
} as const;

export const azureTokens = {
  registry: "azure-native:containerregistry:Registry",
  identity: "azure-native:managedidentity:UserAssignedIdentity",
  credential: "azure-native:managedidentity:FederatedIdentityCredential",
  assignment: "azure-native:authorization:RoleAssignment",
} as const;
