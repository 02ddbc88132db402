/** What the generated classes say about themselves: one sentence each, and a property only where a fact about it matters. */

/** `summary` documents the class, function or type; each other key the property of that name. */
export type Documentation = Readonly<Record<string, string>> & { readonly summary: string };

const BRANCH_POLICY_SCOPE: Documentation = {
  summary: "The branches that a branch policy holds for.",
  matchType: "`Exact`, `Prefix` or `DefaultBranch`. Default `Exact`.",
  repositoryId: "Absent: every repository of the project.",
  repositoryRef: "Full name such as `refs/heads/main`; not with `DefaultBranch`.",
};

const CHECK_TARGET = {
  targetResourceId: "ID of what the check protects, such as the ID of a service endpoint.",
  targetResourceType: "`endpoint`, `environment`, `queue`, `repository`, `securefile` or `variablegroup`.",
};

const PERMISSIONS = {
  permissions: "`Allow`, `Deny` or `NotSet` by the name of the permission.",
  principal: "Descriptor of a group.",
  replace: "Whether `permissions` replaces what is there, or is merged into it. Default `true`.",
};

const POLICY = {
  blocking: "Whether a violation refuses the change. Default `true`.",
  enabled: "Default `true`.",
};

const FEDERATION = {
  workloadIdentityFederationIssuer:
    "Issuer that the federated credential in Azure is to trust. Take it from here: it is announced to change.",
  workloadIdentityFederationSubject: "Subject that the federated credential in Azure is to trust.",
};

/** Documentation by the name of the class, function or type. */
export const DOCUMENTATION: Readonly<Record<string, Documentation>> = {
  BranchPolicyAutoReviewers: { summary: "Adds reviewers to the pull requests of a branch.", ...POLICY },
  BranchPolicyAutoReviewersSettingsScope: BRANCH_POLICY_SCOPE,
  BranchPolicyBuildValidation: {
    summary:
      "Runs a pipeline on each pull request of a branch. Azure Repos ignores `pr:` in YAML, so this is how one starts there.",
    ...POLICY,
  },
  BranchPolicyBuildValidationSettings: {
    summary: "Which pipeline validates, and when it runs anew.",
    filenamePatterns: "Paths whose change needs the run, such as `/apps/*`; a leading `!` excludes. Absent: all.",
    manualQueueOnly: "Default `false`: it starts by itself.",
    queueOnSourceUpdateOnly: "Whether only a new push makes a run stale, not one to the target branch. Default `true`.",
    validDuration: "Minutes for which a run stays valid; 0: for ever. Default 720.",
  },
  BranchPolicyBuildValidationSettingsScope: BRANCH_POLICY_SCOPE,
  BranchPolicyMinReviewers: { summary: "Demands a number of approvals on the pull requests of a branch.", ...POLICY },
  BranchPolicyMinReviewersSettingsScope: BRANCH_POLICY_SCOPE,
  BuildDefinition: {
    summary: "A pipeline, whose steps come from a YAML file of a repository.",
    features: "Absent: as with `skipFirstRun`, a new pipeline does not run by itself.",
    jobAuthorizationScope:
      "`project` or `projectCollection`: how far the token of a job reaches. Default `projectCollection`; prefer `project`.",
    path: "Folder: starts with a backslash and does not end with one. Default `\\`.",
    queueStatus: "`enabled`, `paused` or `disabled`. Default `enabled`.",
    schedules:
      "They are set but never run, and any of them makes the schedules in YAML ignored: schedule in YAML only.",
    variables: "Plain values are masked in diffs too.",
  },
  BuildDefinitionCiTrigger: {
    summary: "When a push starts the pipeline.",
    useYaml: "Whether the YAML file decides. Default `false`.",
  },
  BuildDefinitionFeature: {
    summary: "Settings of the provider, not of the pipeline.",
    skipFirstRun: "Whether creation queues no run. Default `true`.",
  },
  BuildDefinitionRepository: {
    summary: "Where the pipeline's YAML file and source are.",
    branchName: "Default `refs/heads/master`; say `refs/heads/main` where that is meant.",
    repoType: "`TfsGit` for Azure Repos; also `GitHub`, `GitHubEnterprise`, `Bitbucket`, `Git`. Case matters.",
    repoId: "ID of the repository in Azure Repos; `<owner>/<name>` elsewhere.",
    serviceConnectionId: "Service endpoint for a repository outside Azure Repos.",
    ymlPath: "Path of the YAML file in the repository.",
  },
  BuildDefinitionVariable: {
    summary: "A variable of the pipeline.",
    allowOverride: "Whether who queues a run may set it. Default `true`.",
    secretValue: "Value where `isSecret`.",
    value: "Value where not `isSecret`.",
  },
  BuildDefinitionPermissions: { summary: "What a group may do with one pipeline.", ...PERMISSIONS },
  BuildFolder: {
    summary: "A folder of pipelines.",
    path: "Starts with a backslash and does not end with one.",
  },
  CheckApproval: {
    summary: "Asks people before a pipeline may use a protected resource.",
    ...CHECK_TARGET,
    approvers: "Origin IDs of users or groups.",
    minimumRequiredApprovers: "Absent: all of them.",
    requesterCanApprove: "Default `false`.",
    timeout: "Minutes until the run fails without an answer. Default 43200.",
  },
  CheckRequiredTemplate: {
    summary: "Lets only pipelines that `extends` a named template use a protected resource.",
    ...CHECK_TARGET,
  },
  CheckRequiredTemplateRequiredTemplate: {
    summary: "One template that a pipeline may extend.",
    repositoryName: "`<project>/<repository>` in Azure Repos.",
    repositoryRef: "Full name such as `refs/heads/main`.",
    repositoryType: "`azuregit`, `github`, `githubenterprise` or `bitbucket`. Default `azuregit`.",
    templatePath: "Path of the template in its repository.",
  },
  ElasticPool: {
    summary: "A pool whose agents are the machines of an Azure scale set.",
    azureResourceId: "Resource ID of the scale set.",
    desiredIdle: "Machines that wait for jobs.",
    maxCapacity: "Machines at most.",
    projectId: "Project that gets a queue for it.",
    recycleAfterEachUse: "Whether a machine is torn down after one job. Default `false`.",
    serviceEndpointScope: "Project of the service endpoint.",
    timeToLiveMinutes: "Minutes that an idle machine above `desiredIdle` stays. Default 30.",
  },
  Environment: { summary: "A place that deployment jobs name, and that checks can protect." },
  Feed: {
    summary:
      "An Artifacts feed. The provider knows no upstream sources: its updates leave those alone that were set elsewhere.",
    name: "After a soft deletion the name stays taken.",
    projectId: "Absent: a feed of the organization.",
  },
  FeedFeature: {
    summary: "What deletion and creation do.",
    permanentDelete: "Whether deletion also frees the name. Default `false`.",
    restore: "Whether creation brings a soft-deleted feed of the name back. Default `false`.",
  },
  FeedPermission: {
    summary: "A role of one identity on a feed.",
    role: "`reader`, `collaborator`, `contributor` or `administrator`. Saving packages from an upstream needs `collaborator`.",
    projectId: "Project of the feed; absent for a feed of the organization.",
  },
  FeedRetentionPolicy: {
    summary: "How many versions of a package a feed keeps.",
    countLimit: "Versions of each package.",
    daysToKeepRecentlyDownloadedPackages: "Days for which a downloaded version stays in any case.",
    projectId: "Project of the feed; absent for a feed of the organization.",
  },
  Git: {
    summary: "A Git repository of Azure Repos.",
    defaultBranch: "Full name such as `refs/heads/main`; the branch must exist.",
    initialization: "Counts at creation only: ignore changes to it after an import.",
    size: "Bytes.",
  },
  GitInitialization: {
    summary: "How the repository begins.",
    initType: "`Clean`: with a first commit; `Uninitialized`: without a branch; `Import`: copied from `sourceUrl`.",
    sourceType: "`Git`; with `Import` only.",
  },
  GitPermissions: {
    summary: "What a group may do with a repository, or with one branch of it.",
    ...PERMISSIONS,
    branchName: "Full name such as `refs/heads/main`. Absent: the repository.",
    repositoryId: "Absent: every repository of the project.",
  },
  GitRepositoryFile: {
    summary: "A file of a repository. Each change is one push, which a protected branch refuses.",
    branch: "Full name; the branch must exist. Default `refs/heads/master`.",
    commitMessage:
      "Read back from the last commit to the file, so the commits of others drift it: ignore changes to it.",
    file: "Path in the repository.",
    overwriteOnCreate: "Whether creation takes over a file that exists, instead of failing. Default `false`.",
  },
  Group: {
    summary:
      "A group of the organization, or of one project (`scope`). Give one of `displayName`, `mail` and `originId`.",
    members: "Descriptors. Not together with `GroupMembership`.",
    scope: "ID of the project; absent: the organization.",
  },
  GroupMembership: {
    summary: "Members of a group.",
    group: "Descriptor of the group.",
    members: "Descriptors of users or groups.",
    mode: "`add` leaves other members alone, `overwrite` removes them. Default `add`.",
  },
  PipelineAuthorization: {
    summary: "Lets pipelines use a resource. A feed is not among what can be authorized.",
    pipelineId: "Absent: every pipeline of the project.",
    pipelineProjectId: "Project of the pipeline, where it is not `projectId`.",
    type: "`endpoint`, `queue`, `variablegroup`, `environment` or `repository`.",
  },
  Pool: {
    summary: "A pool of agents of the organization.",
    autoProvision: "Whether every project gets a queue for it. Default `false`.",
    poolType: "`automation` or `deployment`. Default `automation`.",
  },
  Project: {
    summary: "A project of the organization.",
    features: "`enabled` or `disabled` by `boards`, `repositories`, `pipelines`, `testplans`, `artifacts`.",
    versionControl: "`Git` or `Tfvc`. Default `Git`.",
    visibility: "`private` or `public`. Default `private`.",
    workItemTemplate: "Name of the process.",
  },
  ProjectFeatures: {
    summary: "Which services of a project are on. Not together with `features` of `Project`.",
    features: "`enabled` or `disabled` by `boards`, `repositories`, `pipelines`, `testplans`, `artifacts`.",
  },
  ProjectPipelineSettings: {
    summary: "What pipelines of a project may do. A setting of the organization overrides it.",
    enforceJobScope: "Whether a job's token reaches its own project only.",
    enforceReferencedRepoScopedToken: "Whether a job's token reaches only the repositories that its YAML names.",
    enforceSettableVar: "Whether only variables marked as settable can be set when a run is queued.",
  },
  Queue: {
    summary: "A pool as one project sees it.",
    agentPoolId: "Give this or `name`, not both.",
    name: "Give this or `agentPoolId`, not both.",
  },
  RepositoryPolicyCheckCredentials: {
    summary: "Refuses pushes with credentials in them.",
    ...POLICY,
    repositoryIds: "Absent: every repository of the project.",
  },
  ServiceEndpointAzureEcr: {
    summary: "A service connection to an Azure Container Registry.",
    azurecrName: "Optional here, yet demanded at run time: name of the registry.",
    azurecrSpnTenantid: "Optional here, yet demanded at run time: tenant of the registry.",
    azurecrSubscriptionId: "Optional here, yet demanded at run time.",
    azurecrSubscriptionName: "Optional here, yet demanded at run time.",
    credentials: "With `WorkloadIdentityFederation`: your own identity; absent, Azure DevOps makes one.",
    resourceGroup: "Resource group of the registry; always set it, it becomes the scope.",
    serviceEndpointAuthenticationScheme:
      "`WorkloadIdentityFederation` or `ServicePrincipal` (without `credentials`); `ManagedServiceIdentity` is an error. Default `ServicePrincipal`.",
    ...FEDERATION,
  },
  ServiceEndpointAzureEcrCredentials: {
    summary: "The identity of a service connection.",
    serviceprincipalid: "Client ID of the identity.",
  },
  ServiceEndpointAzureRM: {
    summary: "A service connection to Azure. A subscription or a management group is demanded at run time.",
    credentials: "Your own identity; not together with `resourceGroup`.",
    environment: "Azure cloud. Default `AzureCloud`.",
    resourceGroup: "Scope of the identity that Azure DevOps makes; not together with `credentials`.",
    serviceEndpointAuthenticationScheme:
      "`WorkloadIdentityFederation`, `ManagedServiceIdentity` or `ServicePrincipal`. Default `ServicePrincipal`, which stores a secret.",
    ...FEDERATION,
  },
  ServiceEndpointAzureRMCredentials: {
    summary: "The identity of a service connection.",
    serviceprincipalid: "Client ID of the identity.",
    serviceprincipalkey: "Only with `ServicePrincipal`.",
  },
  ServiceEndpointDockerRegistry: {
    summary: "A service connection to a registry by name and password.",
    dockerRegistry: "Address of the registry.",
    registryType: "`DockerHub` or `Others`. Default `DockerHub`.",
  },
  Team: {
    summary: "A team of a project.",
    administrators: "Descriptors.",
    members: "Descriptors.",
  },
  VariableGroup: {
    summary: "Variables that pipelines share.",
    allowAccess: "Whether every pipeline of the project may use it. Default `false`.",
    keyVault: "Key vault that the values come from; `variables` then only names them.",
  },
  VariableGroupVariable: {
    summary: "A variable of a group.",
    secretValue: "Value where `isSecret`.",
    value: "Value where not `isSecret`.",
  },
  getAgentQueue: { summary: "Looks up the queue of a project by the name of its pool." },
  getClientConfig: { summary: "The organization that the provider is configured for." },
  getFeed: {
    summary: "Looks up a feed by `name` or `feedId`.",
    projectId: "Project of the feed; absent for a feed of the organization.",
  },
  getGitRepository: { summary: "Looks up a repository by its name." },
  getGroup: { summary: "Looks up a group by its name.", projectId: "Absent: a group of the organization." },
  getProject: { summary: "Looks up a project by `name` or `projectId`." },
  getServiceEndpointAzureRM: {
    summary: "Looks up a service connection to Azure by `serviceEndpointName` or `serviceEndpointId`.",
  },
  getTeam: { summary: "Looks up a team by its name.", top: "Teams that the look-up reads at most. Default 100." },
};

/** Documentation of the provider's configuration, by property. */
export const CONFIGURATION_DOCUMENTATION: Readonly<Record<string, string>> = {
  orgServiceUrl: "Address of the organization.",
  personalAccessToken: "Absent: the provider reads the environment variable AZDO_PERSONAL_ACCESS_TOKEN.",
  oidcAzureServiceConnectionId: "Service connection whose identity the provider takes, inside a pipeline.",
  tenantId: "Tenant of the service principal or managed identity.",
  useCli: "Whether the identity that is logged in at the Azure command line counts.",
  useMsi: "Whether the machine's managed identity counts.",
  useOidc: "Whether a token of OpenID Connect counts.",
};
