/** Type tokens that rules know, and how a resource's token is read. */

export const BRANCH_POLICY_BUILD_VALIDATION = "azuredevops:BranchPolicyBuildValidation";
export const BUILD_DEFINITION = "azuredevops:BuildDefinition";
export const CHECK_REQUIRED_TEMPLATE = "azuredevops:CheckRequiredTemplate";
export const ELASTIC_POOL = "azuredevops:ElasticPool";
export const FEED = "azuredevops:Feed";
export const FEED_PERMISSION = "azuredevops:FeedPermission";
export const GIT = "azuredevops:Git";
export const GIT_REPOSITORY_FILE = "azuredevops:GitRepositoryFile";
export const PIPELINE_AUTHORIZATION = "azuredevops:PipelineAuthorization";
export const PROJECT = "azuredevops:Project";
export const ENDPOINT_AZURE_ECR = "azuredevops:ServiceEndpointAzureEcr";
export const ENDPOINT_AZURE_RM = "azuredevops:ServiceEndpointAzureRM";
export const ENDPOINT_DOCKER_REGISTRY = "azuredevops:ServiceEndpointDockerRegistry";
export const VARIABLE_GROUP = "azuredevops:VariableGroup";

export const REGISTRY = "azure-native:containerregistry:Registry";
export const REGISTRY_TASK = "azure-native:containerregistry:Task";
export const REGISTRY_TOKEN = "azure-native:containerregistry:Token";
export const RESOURCE_GROUP = "azure-native:resources:ResourceGroup";
export const ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment";
export const USER_ASSIGNED_IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
export const FEDERATED_IDENTITY_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential";

/** Of the component library itself: a dynamic resource in a program of node, one of the plugin's in every other. */
export const FEED_UPSTREAMS = "wheelhouse:FeedUpstreams";

/** Components of the platform. */
export const APP_IMAGE_PIPELINE = "wheelhouse:AppImagePipeline";
export const CONTAINER_REGISTRY = "wheelhouse:ContainerRegistry";
export const PREVIEW_PIPELINE = "wheelhouse:PreviewPipeline";
export const TEMPLATE_REPOSITORY = "wheelhouse:TemplateRepository";

/**
 * A token as rules know it: `azuredevops:index/git:Git` is `azuredevops:Git`; a version of Azure's interface, as in
 * `azure-native:containerregistry/v20230701:Registry`, is no other type. A dynamic resource is of the package that names it:
 * `pulumi-nodejs:dynamic/wheelhouse:FeedUpstreams` is `wheelhouse:FeedUpstreams`.
 */
export function plainType(token: string): string {
  const [provider = "", module = "", name = ""] = token.split(":");
  if (name === "") return token;
  if (provider === "azure-native") return `${provider}:${module.replace(/\/.*$/, "")}:${name}`;
  const owner =
    provider === "pulumi-nodejs" && module.startsWith("dynamic/") ? module.slice("dynamic/".length) : provider;
  return `${owner}:${name}`;
}

/** The plain type of the parent that a URN names, `undefined` for what has none but the stack. */
export function parentType(urn: string): string | undefined {
  const chain = urn.split("::")[2]?.split("$") ?? [];
  const parent = chain.at(-2);
  return parent === undefined ? undefined : plainType(parent);
}
