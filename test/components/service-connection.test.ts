import assert from "node:assert/strict";
import { ServiceConnection, type ServiceConnectionArgs } from "../../components";
import { keysIn, only, record, SUBSCRIPTION, type Recording } from "./recording";

const IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
const TRUST = "azure-native:managedidentity:FederatedIdentityCredential";
const ASSIGNMENT = "azure-native:authorization:RoleAssignment";
const ENDPOINT = "azuredevops:index/serviceEndpointAzureEcr:ServiceEndpointAzureEcr";
const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";
const CHECK = "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate";
const REGISTRY_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso`;

function declare(access: "push" | "pull", more: Partial<ServiceConnectionArgs> = {}): Promise<Recording> {
  const args: ServiceConnectionArgs = {
    connectionName: `wheelhouse-${access}`,
    access,
    projectId: "project",
    registryId: REGISTRY_ID,
    registryName: "contoso",
    resourceGroupName: "rg",
    location: "westeurope",
    subscriptionName: "Contoso",
    ...more,
  };
  return record(() => new ServiceConnection(access, args));
}

const template = {
  repositoryName: "Platform/wheelhouse",
  repositoryRef: "refs/heads/main",
  templatePath: "templates/application.yml",
};

describe("ServiceConnection", () => {
  it("has everything that Azure DevOps asks for at run time", async () => {
    const { inputs } = only(await declare("push"), ENDPOINT);
    assert.deepEqual(
      { ...inputs, description: undefined },
      {
        projectId: "project",
        serviceEndpointName: "wheelhouse-push",
        description: undefined,
        serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
        credentials: { serviceprincipalid: "client-of-push" },
        azurecrSpnTenantid: "tenant",
        azurecrSubscriptionId: SUBSCRIPTION,
        azurecrSubscriptionName: "Contoso",
        azurecrName: "contoso",
        resourceGroup: "rg",
      },
    );
  });

  it("stores no secret anywhere", async () => {
    for (const access of ["push", "pull"] as const) {
      const { resources } = await declare(access);
      const keys = resources.flatMap(({ inputs }) => keysIn(inputs)).map((key) => key.toLowerCase());
      for (const secret of ["serviceprincipalkey", "password", "secret", "key", "token", "clientsecret"]) {
        assert.ok(!keys.includes(secret), secret);
      }
    }
  });

  it("trusts the issuer and the subject that the connection itself tells", async () => {
    assert.deepEqual(only(await declare("push"), TRUST).inputs, {
      federatedIdentityCredentialResourceName: "wheelhouse-push",
      resourceName: "wheelhouse-push",
      resourceGroupName: "rg",
      audiences: ["api://AzureADTokenExchange"],
      issuer: "https://issuer.example/push",
      subject: "sc://subject/push",
    });
  });

  for (const [access, role] of [
    ["push", "8311e382-0749-4cb8-b61a-304f252e45ec"],
    ["pull", "7f951dda-4ed3-4680-a7ca-43fe172d538d"],
  ] as const) {
    it(`has the one role it needs, on the registry only: ${access}`, async () => {
      const assignment = only(await declare(access), ASSIGNMENT);
      const { roleAssignmentName, ...inputs } = assignment.inputs;
      assert.deepEqual(inputs, {
        scope: REGISTRY_ID,
        principalId: `principal-of-${access}`,
        principalType: "ServicePrincipal",
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      });
      assert.match(String(roleAssignmentName), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    });
  }

  it("gives way before it is replaced, since a project has one connection of a name", async () => {
    assert.equal(only(await declare("push"), ENDPOINT).deleteBeforeReplace, true);
  });

  it("names the role assignment the same every time, and makes way before it is replaced", async () => {
    const one = only(await declare("push"), ASSIGNMENT);
    const again = only(await declare("push"), ASSIGNMENT);
    const pull = only(await declare("pull"), ASSIGNMENT);
    const elsewhere = only(await declare("push", { registryName: "fabrikam" }), ASSIGNMENT);
    assert.equal(one.inputs.roleAssignmentName, again.inputs.roleAssignmentName);
    assert.notEqual(one.inputs.roleAssignmentName, pull.inputs.roleAssignmentName);
    assert.notEqual(one.inputs.roleAssignmentName, elsewhere.inputs.roleAssignmentName);
    assert.equal(one.deleteBeforeReplace, true);
  });

  it("that pushes is open only to pipelines that extend a required template", async () => {
    const recording = await declare("push", { requiredTemplates: [template] });
    assert.deepEqual(only(recording, CHECK).inputs, {
      projectId: "project",
      targetResourceId: "id-of-push",
      targetResourceType: "endpoint",
      requiredTemplates: [{ repositoryType: "azuregit", ...template }],
    });
    assert.ok(recording.resources.every(({ type }) => type !== AUTHORIZATION));
  });

  it("that pulls is open to every pipeline of the project, once", async () => {
    const recording = await declare("pull");
    assert.deepEqual(only(recording, AUTHORIZATION).inputs, {
      projectId: "project",
      resourceId: "id-of-pull",
      type: "endpoint",
    });
    assert.ok(recording.resources.every(({ type }) => type !== CHECK));
  });

  it("that pulls refuses a required template, which would shut pipelines out that only test", async () => {
    await assert.rejects(declare("pull", { requiredTemplates: [template] }), /requiredTemplates are for access push/);
  });

  it("tags its identity", async () => {
    const recording = await declare("push", { tags: { owner: "platform" } });
    assert.deepEqual(only(recording, IDENTITY).inputs, {
      resourceName: "wheelhouse-push",
      resourceGroupName: "rg",
      location: "westeurope",
      tags: { owner: "platform" },
    });
  });
});
