/** For every rule, by its name, the least that violates it and no other rule; `about` is the resource that is named. */
import {
  authorization,
  buildValidation,
  check,
  connection,
  definition,
  devops,
  feed,
  PROJECT,
  REGISTRY_ID,
  registry,
  repositoryFile,
  roleDefinition,
  ROLES,
  SUBSCRIPTION,
  upstreamsOf,
  type Declared,
} from "./declared";

export interface ViolationCase {
  readonly about: string;
  readonly resources: readonly Declared[];
}

/** What the organization of the cases has set. */
export const configuration = {
  "organization-names": { repository: "^team-" },
  "required-tags": { tags: { owner: ".+" } },
} as const;

const one = (resource: Declared): ViolationCase => ({ about: resource.name, resources: [resource] });
const elasticPool = (name: string, recycleAfterEachUse: boolean): Declared => ({
  token: devops("ElasticPool"),
  name,
  args: {
    name,
    azureResourceId: `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/agents`,
    serviceEndpointId: PROJECT,
    serviceEndpointScope: PROJECT,
    maxCapacity: 2,
    desiredIdle: 1,
    recycleAfterEachUse,
  },
});
const roleAssignment = (name: string, role: string, scope: string): Declared => ({
  token: "azure-native:authorization:RoleAssignment",
  name,
  args: {
    roleAssignmentName: PROJECT,
    principalId: PROJECT,
    principalType: "ServicePrincipal",
    roleDefinitionId: roleDefinition(role),
    scope,
  },
});

export const violations: Readonly<Record<string, ViolationCase>> = {
  "agents-are-recycled": one(elasticPool("kept-agents", false)),
  "base-images-by-digest": one(repositoryFile("tagged-base", "apps/tagged/Dockerfile", "FROM python:3.13-slim\n")),
  "build-validation-blocks": {
    about: "toothless",
    resources: [
      definition("toothless-pipeline"),
      buildValidation("toothless", "toothless-pipeline", { blocking: false }),
    ],
  },
  "connections-name-their-pipelines": {
    about: "open-push-authorization",
    resources: [
      ...connection("open-push", roleDefinition(ROLES.push)),
      check("open-push-check", "open-push"),
      authorization("open-push-authorization", "open-push"),
    ],
  },
  "daily-schedule": one(
    repositoryFile(
      "idle-base",
      "base-images/idle/azure-pipelines.yml",
      "trigger: none\nschedules:\n  - cron: 0 4 * * *\n    branches: { include: [main] }\nsteps: []\n",
    ),
  ),
  "federated-credentials-are-narrow": one({
    token: "azure-native:managedidentity:FederatedIdentityCredential",
    name: "wide-credential",
    args: {
      federatedIdentityCredentialResourceName: "wide",
      resourceName: "identity",
      resourceGroupName: "rg",
      audiences: ["https://example.com"],
      issuer: "https://issuer.example.com",
      subject: "sc://contoso/Platform/push",
    },
  }),
  "federation-only": one({
    token: devops("ServiceEndpointDockerRegistry"),
    name: "password-connection",
    args: {
      projectId: PROJECT,
      serviceEndpointName: "docker",
      dockerUsername: "user",
      dockerPassword: "of no use",
      registryType: "Others",
    },
  }),
  "feed-roles-are-narrow": one({
    token: devops("FeedPermission"),
    name: "feed-owner",
    args: { feedId: PROJECT, identityDescriptor: "vssgp.group", role: "administrator" },
  }),
  "forks-get-no-secrets": one(
    definition("generous", { pullRequestTrigger: { forks: { enabled: true, shareSecrets: true }, useYaml: true } }),
  ),
  "no-credentials-in-files": one(
    repositoryFile("leaky-recipe", "apps/leaky/Dockerfile", "FROM scratch\nARG NPM_TOKEN\n"),
  ),
  "no-name-conflict-override": {
    about: "confused-upstreams",
    resources: [feed("confused"), upstreamsOf("confused-upstreams", "confused", { allowUpstreamNameConflict: true })],
  },
  "no-provider-schedules": one(
    definition("scheduled", {
      schedules: [{ daysToBuilds: ["Mon"], startHours: 3, startMinutes: 0, branchFilters: [{ includes: ["main"] }] }],
    }),
  ),
  "no-secrets-in-pipeline-variables": one({
    token: devops("VariableGroup"),
    name: "plain-secrets",
    args: { projectId: PROJECT, name: "secrets", variables: [{ name: "NPM_TOKEN", value: "of no use" }] },
  }),
  "one-upstream-set": one(feed("lonely")),
  "organization-names": one({
    token: devops("Git"),
    name: "misnamed",
    args: { projectId: PROJECT, name: "Anything", initialization: { initType: "Clean" } },
  }),
  "private-project": one({
    token: devops("Project"),
    name: "open-source",
    protect: true,
    args: { name: "Open", visibility: "public" },
  }),
  "project-job-scope": one(definition("wide-jobs", { jobAuthorizationScope: "projectCollection" })),
  "protected-resources": {
    about: "fragile",
    resources: [feed("fragile", false), upstreamsOf("fragile-upstreams", "fragile")],
  },
  "pull-requests-are-built": one({ ...definition("unbuilt"), parent: "wheelhouse:index:AppImagePipeline" }),
  "push-connections-are-checked": {
    about: "unchecked",
    resources: connection("unchecked", roleDefinition(ROLES.push)),
  },
  "push-connections-not-for-pull-requests": {
    about: "careless-template",
    resources: [
      ...connection("careful-push", roleDefinition(ROLES.push)),
      check("careful-push-check", "careful-push"),
      repositoryFile(
        "careless-template",
        "templates/careless.yml",
        "steps:\n  - task: Docker@2\n    inputs: { command: login, containerRegistry: careful-push }\n",
      ),
    ],
  },
  "registry-roles-are-narrow": one(roleAssignment("registry-owner", ROLES.owner, REGISTRY_ID)),
  "registry-without-admin-user": one(registry("admin-registry", { adminUserEnabled: true })),
  "registry-without-anonymous-pull": one(registry("anonymous-registry", { anonymousPullEnabled: true })),
  "required-tags": one({
    token: "azure-native:managedidentity:UserAssignedIdentity",
    name: "untagged",
    args: { resourceName: "untagged", resourceGroupName: "rg", location: "westeurope" },
  }),
  "role-assignments-on-the-registry": one(
    roleAssignment("group-reader", ROLES.pull, `${SUBSCRIPTION}/resourceGroups/rg`),
  ),
  "single-package-index": one(
    repositoryFile(
      "two-indexes",
      "base-images/two/requirements.in",
      "--extra-index-url https://other.example.com/simple\nrequests\n",
    ),
  ),
};
