/** Resources that tests declare: as data, from which rules are asked and programs are made. */

export interface Declared {
  /** Type token as in a program. */
  readonly token: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly protect?: boolean;
  /** Type of the component that it is in. */
  readonly parent?: string;
}

/** An output of another declared resource: not known before it is made. */
export interface Reference {
  readonly of: string;
  readonly output: string;
}

export function reference(of: string, output = "id"): Reference {
  return { of, output };
}

export function isReference(value: unknown): value is Reference {
  return typeof value === "object" && value !== null && "of" in value && "output" in value;
}

/** The token of a resource of the azuredevops provider. */
export function devops(name: string): string {
  return `azuredevops:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}

export const UPSTREAMS = "pulumi-nodejs:dynamic/wheelhouse:FeedUpstreams";
export const PROJECT = "0d2c5f5e-6c1c-4f5e-9a43-3f6d1f6f0001";
export const SUBSCRIPTION = "/subscriptions/11111111-2222-4333-8444-555555555555";
export const REGISTRY_ID = `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso`;
export const ROLES = {
  pull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  push: "8311e382-0749-4cb8-b61a-304f252e45ec",
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
} as const;

/** The id of a role. */
export function roleDefinition(role: string): string {
  return `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}

export function registry(name: string, more: Readonly<Record<string, unknown>> = {}): Declared {
  return {
    token: "azure-native:containerregistry:Registry",
    name,
    protect: true,
    args: {
      registryName: name.replaceAll("-", "").slice(0, 50),
      resourceGroupName: "rg",
      location: "westeurope",
      sku: { name: "Standard" },
      tags: { owner: "platform" },
      ...more,
    },
  };
}

/** A file of a repository that is there already. */
export function repositoryFile(name: string, file: string, content: unknown): Declared {
  return {
    token: devops("GitRepositoryFile"),
    name,
    args: { repositoryId: PROJECT, branch: "refs/heads/main", file, content, overwriteOnCreate: true },
  };
}

export function definition(name: string, more: Readonly<Record<string, unknown>> = {}): Declared {
  return {
    token: devops("BuildDefinition"),
    name,
    args: {
      projectId: PROJECT,
      name,
      jobAuthorizationScope: "project",
      ciTrigger: { useYaml: true },
      repository: { repoType: "TfsGit", repoId: PROJECT, ymlPath: `${name}.yml`, branchName: "refs/heads/main" },
      ...more,
    },
  };
}

export function feed(name: string, protect = true): Declared {
  return { token: devops("Feed"), name, protect, args: { name } };
}

export function upstreamsOf(name: string, of: string, more: Readonly<Record<string, unknown>> = {}): Declared {
  const upstreams = [
    { name: "public", protocol: "pypi", location: "https://index.example.com/simple/", kind: "public" },
  ];
  return {
    token: UPSTREAMS,
    name,
    args: { feedsUrl: "https://feeds.example.com", feed: reference(of), upstreams, ...more },
  };
}

/** A service connection to a registry with its identity and role; what guards it is for the test to add. */
export function connection(name: string, role: unknown, scope: unknown = REGISTRY_ID): Declared[] {
  return [
    {
      token: "azure-native:managedidentity:UserAssignedIdentity",
      name: `${name}-identity`,
      args: { resourceName: name, resourceGroupName: "rg", location: "westeurope", tags: { owner: "platform" } },
    },
    {
      token: devops("ServiceEndpointAzureEcr"),
      name,
      args: {
        projectId: PROJECT,
        serviceEndpointName: name,
        serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
        credentials: { serviceprincipalid: reference(`${name}-identity`, "clientId") },
        azurecrSpnTenantid: reference(`${name}-identity`, "tenantId"),
        azurecrSubscriptionId: PROJECT,
        azurecrSubscriptionName: "Contoso",
        azurecrName: "contoso",
        resourceGroup: "rg",
      },
    },
    {
      token: "azure-native:authorization:RoleAssignment",
      name: `${name}-role`,
      args: {
        roleAssignmentName: PROJECT,
        principalId: reference(`${name}-identity`, "principalId"),
        principalType: "ServicePrincipal",
        roleDefinitionId: role,
        scope,
      },
    },
  ];
}

export function check(name: string, endpoint: string): Declared {
  return {
    token: devops("CheckRequiredTemplate"),
    name,
    args: {
      projectId: PROJECT,
      targetResourceId: reference(endpoint),
      targetResourceType: "endpoint",
      requiredTemplates: [
        {
          repositoryType: "azuregit",
          repositoryName: "Platform/wheelhouse",
          repositoryRef: "refs/heads/main",
          templatePath: "templates/application.yml",
        },
      ],
    },
  };
}

export function authorization(name: string, endpoint: string, more: Readonly<Record<string, unknown>> = {}): Declared {
  return {
    token: devops("PipelineAuthorization"),
    name,
    args: { projectId: PROJECT, resourceId: reference(endpoint), type: "endpoint", ...more },
  };
}

export function buildValidation(
  name: string,
  of: string,
  more: Readonly<Record<string, unknown>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Declared {
  return {
    token: devops("BranchPolicyBuildValidation"),
    name,
    args: {
      projectId: PROJECT,
      settings: {
        buildDefinitionId: reference(of),
        displayName: name,
        scopes: [{ repositoryId: PROJECT, repositoryRef: "refs/heads/main", matchType: "Exact" }],
        ...settings,
      },
      ...more,
    },
  };
}
