/** The plugins and the stand-in cloud agree: what one creates the other shows, finds again, and lets go of. */
import { ok, rejects, strictEqual } from "node:assert";
import { functionToken, resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { Agreement, subscriptionId, tenantId } from "./agreement";
import { urn } from "./plugin-client";

describe("a plugin and the stand-in cloud", function () {
  this.timeout(60_000);
  let agreement: Agreement;
  beforeEach(async () => {
    agreement = await Agreement.start();
  });
  afterEach(async () => agreement.end());

  const make: Agreement["make"] = async (...args) => agreement.make(...args);

  const group = { resourceGroupName: "rg-wheelhouse", location: "westeurope" };

  it("agree on Azure's resources", async () => {
    const resourceGroup = await make("azure-native:resources:ResourceGroup", { ...group, tags: { team: "platform" } });
    const { resourceGroupName } = group;
    const registry = await make("azure-native:containerregistry:Registry", {
      resourceGroupName,
      registryName: "contosowheelhouse",
      sku: { name: "Premium" },
      adminUserEnabled: false,
      anonymousPullEnabled: false,
      policies: { retentionPolicy: { status: "enabled", days: 7 } },
      networkRuleSet: { defaultAction: "Deny", ipRules: [{ iPAddressOrRange: "192.0.2.0/24", action: "Allow" }] },
      tags: { team: "platform" },
    });
    strictEqual(registry.inputs.location, "westeurope");
    ok(String(registry.outputs.loginServer).length > 0);
    const identity = await make("azure-native:managedidentity:UserAssignedIdentity", {
      resourceGroupName,
      resourceName: "id-push",
    });
    const credential = await make("azure-native:managedidentity:FederatedIdentityCredential", {
      resourceGroupName,
      resourceName: "id-push",
      federatedIdentityCredentialResourceName: "azure-devops",
      issuer: "https://example.com/issuer",
      subject: "sc://contoso/Platform/wheelhouse-push",
      audiences: ["api://AzureADTokenExchange"],
    });
    const assignment = await make("azure-native:authorization:RoleAssignment", {
      principalId: String(identity.outputs.principalId),
      principalType: "ServicePrincipal",
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/8311e382-0749-4cb8-b61a-304f252e45ec`,
      scope: registry.id,
    });
    const task = await make("azure-native:containerregistry:Task", {
      resourceGroupName,
      registryName: "contosowheelhouse",
      taskName: "purge",
      platform: { os: "Linux", architecture: "amd64" },
      step: { type: "EncodedTask", encodedTaskContent: Buffer.from("version: v1.1.0\nsteps: []\n").toString("base64") },
      trigger: { timerTriggers: [{ name: "daily", schedule: "0 3 * * *" }] },
      status: "Enabled",
    });
    for (const made of [task, assignment, credential, identity, registry, resourceGroup]) {
      await agreement.remove(made);
    }
    const { result } = await agreement.azure.invoke("azure-native:authorization:getClientConfig", {});
    strictEqual(result.subscriptionId, subscriptionId);
  });

  it("agree on the resources of an Azure DevOps project", async () => {
    const project = await make(resourceToken("Project"), {
      name: "Platform",
      description: "d",
    });
    const projectId = project.id;
    const inProject = (id: string): string => `Platform/${id}`;
    const byId = (id: string): string => `${projectId}/${id}`;

    const repository = await make(
      resourceToken("Git"),
      { projectId, name: "orders", defaultBranch: "refs/heads/main", initialization: { initType: "Clean" } },
      () => `${projectId}/orders`,
    );
    const file = await make(resourceToken("GitRepositoryFile"), {
      repositoryId: repository.id,
      file: "azure-pipelines.yml",
      branch: "refs/heads/main",
      content: "pool: x\n",
      commitMessage: "Begin",
    });
    const folderOf = await make(
      resourceToken("BuildFolder"),
      { projectId, path: "\\wheelhouse" },
      () => `${projectId}/\\wheelhouse`,
    );
    const group = await make(
      resourceToken("VariableGroup"),
      {
        projectId,
        name: "settings",
        variables: [
          { name: "a", value: "1" },
          { name: "b", secretValue: "hidden-value", isSecret: true },
        ],
      },
      byId,
      "variables",
    );
    const definition = await make(
      resourceToken("BuildDefinition"),
      {
        projectId,
        name: "orders",
        path: "\\wheelhouse",
        jobAuthorizationScope: "project",
        repository: {
          repoId: repository.id,
          repoType: "TfsGit",
          branchName: "refs/heads/main",
          ymlPath: "azure-pipelines.yml",
        },
        ciTrigger: { useYaml: true },
        features: [{ skipFirstRun: true }],
        variableGroups: [Number(group.id)],
      },
      byId,
    );
    const policy = await make(
      resourceToken("BranchPolicyBuildValidation"),
      {
        projectId,
        settings: {
          buildDefinitionId: Number(definition.id),
          displayName: "orders",
          scopes: [{ repositoryId: repository.id, repositoryRef: "refs/heads/main" }],
        },
      },
      byId,
    );
    const reviewers = await make(
      resourceToken("BranchPolicyMinReviewers"),
      {
        projectId,
        settings: {
          reviewerCount: 1,
          scopes: [{ repositoryId: repository.id, repositoryRef: "refs/heads/release", matchType: "Prefix" }],
        },
      },
      byId,
    );
    const environment = await make(resourceToken("Environment"), { projectId, name: "production" }, byId);
    const authorization = await make(resourceToken("PipelineAuthorization"), {
      projectId,
      resourceId: environment.id,
      type: "environment",
      pipelineId: Number(definition.id),
    });
    const endpoint = await make(
      resourceToken("ServiceEndpointAzureEcr"),
      {
        projectId,
        serviceEndpointName: "wheelhouse-push",
        serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
        azurecrName: "contosowheelhouse",
        azurecrSpnTenantid: tenantId,
        azurecrSubscriptionId: subscriptionId,
        azurecrSubscriptionName: "Platform",
        resourceGroup: "rg-wheelhouse",
        credentials: { serviceprincipalid: "44444444-4444-4444-8444-444444444444" },
      },
      byId,
    );
    ok(String(endpoint.outputs.workloadIdentityFederationSubject).startsWith("sc://contoso/Platform/"));
    const required = await make(
      resourceToken("CheckRequiredTemplate"),
      {
        projectId,
        targetResourceId: endpoint.id,
        targetResourceType: "endpoint",
        requiredTemplates: [
          { repositoryName: "Platform/orders", repositoryRef: "refs/heads/main", templatePath: "t.yml" },
        ],
      },
      byId,
    );
    const feed = await make(resourceToken("Feed"), { name: "packages", projectId }, inProject);
    const team = await make(resourceToken("Team"), { projectId, name: "commerce" }, byId);
    const permission = await make(resourceToken("FeedPermission"), {
      feedId: feed.id,
      projectId,
      role: "reader",
      identityDescriptor: String(team.outputs.descriptor),
    });
    const retention = await make(
      resourceToken("FeedRetentionPolicy"),
      { feedId: feed.id, projectId, countLimit: 50, daysToKeepRecentlyDownloadedPackages: 30 },
      inProject,
    );
    const settings = await make(resourceToken("ProjectPipelineSettings"), { projectId, enforceJobScope: true });
    for (const made of [
      settings,
      retention,
      permission,
      team,
      feed,
      required,
      endpoint,
      authorization,
      environment,
      reviewers,
      policy,
      definition,
      group,
      folderOf,
      file,
      repository,
    ]) {
      if (made !== settings) {
        await agreement.remove(made);
      }
    }
    await agreement.devops.delete(urn(settings.token), settings.id);
    await agreement.remove(project);
  });

  it("pass on what the cloud refuses, and adopt nothing on their own", async () => {
    const { id: projectId } = await make(resourceToken("Project"), { name: "Platform" });
    const git = urn(resourceToken("Git"));
    const { inputs } = await agreement.devops.check(git, {
      projectId,
      name: "orders",
      initialization: { initType: "Clean" },
    });
    await agreement.devops.create(git, inputs);
    await rejects(agreement.devops.create(git, inputs), /cannot create Git "x": Azure DevOps refused \(409 .*TF400948/);
    await rejects(
      agreement.azure.create(urn("azure-native:containerregistry:Registry"), {
        resourceGroupName: "none",
        registryName: "contoso",
        location: "westeurope",
        sku: { name: "Basic" },
      }),
      /cannot create Registry "x": Azure refused \(404 ResourceGroupNotFound\)/,
    );
  });

  it("agree on functions", async () => {
    const { id } = await make(resourceToken("Project"), { name: "Platform" });
    const project = await agreement.devops.invoke(functionToken("getProject"), { name: "Platform" });
    strictEqual(project.result.projectId ?? project.result.id, id);
    const queue = await agreement.devops.invoke(functionToken("getAgentQueue"), {
      projectId: id,
      name: "Azure Pipelines",
    });
    ok(Number(queue.result.agentPoolId) > 0);
    const contributors = await agreement.devops.invoke(functionToken("getGroup"), {
      projectId: id,
      name: "Contributors",
    });
    ok(typeof contributors.result.descriptor === "string");
    const config = await agreement.devops.invoke(functionToken("getClientConfig"), {});
    ok(JSON.stringify(config.result.organizationUrl).includes("contoso"));
    await rejects(
      agreement.devops.invoke(functionToken("getGitRepository"), { projectId: id, name: "none" }),
      /refused \(404/,
    );
  });

  it("are refused with other credentials, which nobody gets to see", async () => {
    await agreement.devops.configure({ ...agreement.devopsKeys, personalAccessToken: "another-token" });
    await rejects(agreement.devops.invoke(functionToken("getProject"), { name: "Platform" }), (error: Error) => {
      ok(error.message.includes("refused (401"), error.message);
      ok(!error.message.includes("another-token"));
      return true;
    });
    await agreement.azure.configure({ ...agreement.azureKeys, clientSecret: "another-secret" });
    await rejects(agreement.azure.invoke("azure-native:authorization:getClientConfig", {}), /Azure refused \(401/);
  });
});
