import assert from "node:assert/strict";
import { account, refusal, TestCloud } from "./client";

const scaleSet = `/subscriptions/${account.subscriptionId}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/vmss`;

describe("agents, environments, variables and service connections", () => {
  let cloud: TestCloud;
  let projectId: string;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Agents" })).id;
  });
  after(() => cloud.end());

  const principal = "44444444-4444-4444-8444-444444444444";
  const connection = (name: string, more: object = {}): object => ({
    projectId,
    serviceEndpointName: name,
    serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
    azurermSpnTenantid: account.tenantId,
    azurermSubscriptionId: account.subscriptionId,
    azurermSubscriptionName: "Platform",
    credentials: { serviceprincipalid: principal },
    ...more,
  });
  const registryConnection = (name: string, more: object = {}): object => ({
    projectId,
    serviceEndpointName: name,
    serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
    azurecrName: "acmeregistry",
    azurecrSpnTenantid: account.tenantId,
    azurecrSubscriptionId: account.subscriptionId,
    azurecrSubscriptionName: "Platform",
    resourceGroup: "rg",
    credentials: { serviceprincipalid: principal },
    ...more,
  });

  it("have pools with names that are free in the organization", async () => {
    assert.equal((await cloud.refused("Pool", { name: "azure pipelines" })).says, "409 TaskAgentPoolExists");
    assert.equal((await cloud.refused("Pool", { name: "a/b" })).says, "400 AgentPoolNameInvalid");
    assert.ok(Number((await cloud.make("Pool", { name: "linux" })).id) > 9);
  });

  it("keep the service's own pools", async () => {
    assert.equal(refusal(await cloud.verb("delete", "Pool", { id: "9" })).says, "403 AccessDenied");
  });

  it("have one queue a pool and project, by the pool's id or a name", async () => {
    const { id } = await cloud.make("Pool", { name: "shared" });
    const { properties } = await cloud.make("Queue", { projectId, agentPoolId: Number(id) });
    assert.equal(properties.name, "shared");
    assert.equal(
      (await cloud.refused("Queue", { projectId, agentPoolId: Number(id) })).says,
      "409 TaskAgentQueueExists",
    );
    assert.equal((await cloud.refused("Queue", { projectId, agentPoolId: 999 })).says, "404 TaskAgentPoolNotFound");
    assert.equal((await cloud.refused("Queue", { projectId })).says, "400 AgentQueueInvalid");
    const made = await cloud.make("Queue", { projectId, name: "new pool" });
    assert.equal((await cloud.read("Pool", String(made.properties.agentPoolId)))?.name, "new pool");
    assert.equal(
      refusal(await cloud.invoke("getAgentQueue", { projectId, name: "none" })).says,
      "404 TaskAgentQueueNotFound",
    );
  });

  it("give a pool a queue in every project where it is to have one, and take the queues with it", async () => {
    const { id } = await cloud.make("Pool", { name: "everywhere", autoProvision: true });
    const later = (await cloud.make("Project", { name: "Later" })).id;
    for (const project of [projectId, later]) {
      assert.equal((await cloud.invoke("getAgentQueue", { projectId: project, name: "everywhere" })).status, 200);
    }
    await cloud.verb("delete", "Pool", { id });
    assert.equal((await cloud.invoke("getAgentQueue", { projectId, name: "everywhere" })).status, 404);
  });

  it("make elastic pools of a scale set and a connection that exist", async () => {
    const endpoint = await cloud.make("ServiceEndpointAzureRM", connection("for-pool"));
    const right = {
      name: "elastic",
      azureResourceId: scaleSet,
      serviceEndpointId: endpoint.id,
      serviceEndpointScope: projectId,
      desiredIdle: 1,
      maxCapacity: 2,
      projectId,
    };
    const { id } = await cloud.make("ElasticPool", right);
    assert.equal(
      (await cloud.invoke("getAgentQueue", { projectId, name: "elastic" })).json.result?.agentPoolId,
      Number(id),
    );
    for (const [part, says] of [
      [{}, "409 TaskAgentPoolExists"],
      [{ name: "e2", azureResourceId: "/subscriptions/x" }, "400 ElasticPoolInvalid"],
      [{ name: "e2", serviceEndpointId: "none" }, "404 ServiceEndpointNotFound"],
      [{ name: "e2", serviceEndpointScope: "none" }, "404 ServiceEndpointNotFound"],
      [{ name: "e2", desiredIdle: 3 }, "400 ElasticPoolInvalid"],
    ] as const) {
      assert.equal((await cloud.refused("ElasticPool", { ...right, ...part })).says, says);
    }
    await cloud.verb("delete", "ElasticPool", { id });
    assert.equal(await cloud.read("Pool", id), undefined);
  });

  it("have environments and variable groups with free names in a project", async () => {
    await cloud.make("Environment", { projectId, name: "test" });
    assert.equal((await cloud.refused("Environment", { projectId, name: "TEST" })).says, "409 EnvironmentExists");
    assert.equal((await cloud.refused("Environment", { projectId, name: "a/b" })).says, "400 EnvironmentNameInvalid");
    assert.equal(
      (await cloud.refused("Environment", { projectId: "none", name: "x" })).says,
      "404 ProjectDoesNotExist",
    );
    const variables = [{ name: "a", value: "1" }];
    await cloud.make("VariableGroup", { projectId, name: "settings", variables });
    for (const [inputs, says] of [
      [{ name: "Settings", variables }, "409 VariableGroupExists"],
      [{ name: "v", variables: [] }, "400 VariableGroupInvalid"],
      [{ name: "v", variables: [...variables, { name: "A", value: "2" }] }, "400 VariableGroupInvalid"],
      [{ name: " ", variables }, "400 VariableGroupNameInvalid"],
      [{ name: "v", variables, keyVault: { name: "k", serviceEndpointId: "none" } }, "404 ServiceEndpointNotFound"],
    ] as const) {
      assert.equal((await cloud.refused("VariableGroup", { projectId, ...inputs })).says, says);
    }
  });

  it("never show a secret variable again", async () => {
    const variables = [{ name: "key", secretValue: "hidden-value", isSecret: true }];
    const { id, properties } = await cloud.make("VariableGroup", { projectId, name: "secret", variables });
    assert.deepEqual(properties.variables, [{ name: "key", isSecret: true }]);
    assert.deepEqual(await cloud.read("VariableGroup", id), properties);
  });

  describe("service connections", () => {
    it("say what a federated credential must trust, and follow their name", async () => {
      const { id, properties } = await cloud.make("ServiceEndpointAzureEcr", registryConnection("push"));
      const organization = (await cloud.invoke("getClientConfig", {})).json.result;
      assert.equal(properties.workloadIdentityFederationSubject, "sc://acme/Agents/push");
      assert.equal(
        properties.workloadIdentityFederationIssuer,
        `https://vstoken.dev.azure.com/${String(organization?.id)}`,
      );
      assert.equal(properties.servicePrincipalId, principal);
      const news = registryConnection("renamed");
      const reply = await cloud.verb("update", "ServiceEndpointAzureEcr", { id, olds: {}, news });
      assert.equal(reply.json.properties?.workloadIdentityFederationSubject, "sc://acme/Agents/renamed");
    });

    it("share their names among all kinds", async () => {
      await cloud.make("ServiceEndpointAzureRM", connection("shared-name"));
      const { says } = await cloud.refused("ServiceEndpointAzureEcr", registryConnection("Shared-Name"));
      assert.equal(says, "409 DuplicateServiceConnection");
    });

    it("do not ask Azure whether the registry exists where the identity is the caller's own", async () => {
      await cloud.make("ServiceEndpointAzureEcr", registryConnection("early", { azurecrName: "notyetthere" }));
    });

    const refused: [string, string, object, string][] = [
      ["a project that does not exist", "ServiceEndpointAzureEcr", { projectId: "none" }, "404 ProjectDoesNotExist"],
      ["an empty name", "ServiceEndpointAzureEcr", { serviceEndpointName: " " }, "400 ServiceEndpointNameInvalid"],
      [
        "an unknown scheme",
        "ServiceEndpointAzureEcr",
        { serviceEndpointAuthenticationScheme: "Magic" },
        "400 AuthorizationSchemeInvalid",
      ],
      [
        "the scheme of a managed identity",
        "ServiceEndpointAzureEcr",
        { serviceEndpointAuthenticationScheme: "ManagedServiceIdentity" },
        "400 AuthorizationSchemeInvalid",
      ],
      [
        "a stored secret for a registry",
        "ServiceEndpointAzureEcr",
        { serviceEndpointAuthenticationScheme: "ServicePrincipal" },
        "400 AuthorizationSchemeInvalid",
      ],
      ["no identity", "ServiceEndpointAzureEcr", { credentials: undefined }, "400 InsufficientDirectoryPrivileges"],
      [
        "an identity that is no GUID",
        "ServiceEndpointAzureEcr",
        { credentials: { serviceprincipalid: "me" } },
        "400 ServiceEndpointInvalid",
      ],
      [
        "a tenant that is no GUID",
        "ServiceEndpointAzureEcr",
        { azurecrSpnTenantid: "acme" },
        "400 ServiceEndpointInvalid",
      ],
      ["no registry", "ServiceEndpointAzureEcr", { azurecrName: undefined }, "400 InvalidArgument"],
      [
        "neither subscription nor management group",
        "ServiceEndpointAzureRM",
        { azurermSubscriptionId: undefined },
        "400 ServiceEndpointInvalid",
      ],
      [
        "a resource group beside credentials",
        "ServiceEndpointAzureRM",
        { resourceGroup: "rg" },
        "400 ServiceEndpointInvalid",
      ],
      [
        "a secret that is missing",
        "ServiceEndpointAzureRM",
        { serviceEndpointAuthenticationScheme: "ServicePrincipal" },
        "400 ServiceEndpointInvalid",
      ],
    ];
    for (const [what, kind, part, says] of refused) {
      it(`are refused with ${what} (${kind})`, async () => {
        const inputs = kind === "ServiceEndpointAzureEcr" ? registryConnection("r") : connection("r");
        assert.equal((await cloud.refused(kind, { ...inputs, ...part })).says, says);
      });
    }

    it("keep a stored secret to themselves", async () => {
      const credentials = { serviceprincipalid: principal, serviceprincipalkey: "stored-secret" };
      const inputs = connection("stored", { serviceEndpointAuthenticationScheme: "ServicePrincipal", credentials });
      const { id, properties } = await cloud.make("ServiceEndpointAzureRM", inputs);
      assert.deepEqual(properties.credentials, { serviceprincipalid: principal });
      const found = await cloud.invoke("getServiceEndpointAzureRM", { projectId, serviceEndpointName: "stored" });
      assert.equal(found.json.result?.id, id);
      assert.equal(found.text.includes("stored-secret"), false);
    });
  });
});
