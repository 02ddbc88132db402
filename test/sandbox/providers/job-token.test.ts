/** What the plugins do for a pipeline's job: they read for a preview, and change nothing. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { functionToken, resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { FeedTokens } from "../../../sandbox/services/feed/tokens";
import { account, azureTokens, TestCloud, type Properties } from "../cloud/client";
import { PluginClient, urn } from "./plugin-client";

const jobTokenKey = "key-of-the-job-tokens-of-these-tests";

describe("a plugin in a pipeline's job", () => {
  let cloud: TestCloud;
  let projectId: string;
  const clients: PluginClient[] = [];
  before(async () => {
    cloud = await TestCloud.start({ jobTokenKey });
    projectId = (await cloud.make("Project", { name: "Platform" })).id;
  });
  after(async () => {
    clients.forEach((client) => client.close());
    await cloud.end();
  });

  async function devops(): Promise<PluginClient> {
    const job = { project: projectId };
    const personalAccessToken = new FeedTokens(Date.now, jobTokenKey).issue({ role: "reader", seconds: 60, job });
    const client = await PluginClient.of(azuredevops);
    clients.push(client);
    await client.configure({ orgServiceUrl: `${cloud.address}/devops/acme`, personalAccessToken });
    return client;
  }

  it("checks, compares, looks up and previews with the job's token, and reads what is there", async () => {
    const client = await devops();
    const found = await client.invoke(functionToken("getProject"), { name: "Platform" });
    strictEqual(found.result.id, projectId);
    const git = urn(resourceToken("Git"));
    const inputs = { projectId, name: "new", initialization: { initType: "Clean" } };
    const checked = await client.check(git, inputs);
    deepStrictEqual(checked.failures, []);
    const made = await cloud.make("Git", { projectId, name: "there", initialization: { initType: "Clean" } });
    strictEqual((await client.read(git, `Platform/${made.id}`)).id, made.id);
  });

  it("creates, updates and deletes nothing with it, in the service's words", async () => {
    const client = await devops();
    const git = urn(resourceToken("Git"));
    const { inputs } = await client.check(git, { projectId, name: "new", initialization: { initType: "Clean" } });
    const refusal = /cannot (create|update|delete) Git .*403 AccessCheckException.*Platform Build Service \(acme\)/s;
    await rejects(client.create(git, inputs), refusal);
    const { id, properties } = await cloud.make("Git", {
      projectId,
      name: "kept",
      initialization: { initType: "Clean" },
    });
    await rejects(client.update(git, id, properties as never, inputs), refusal);
    await rejects(client.delete(git, id, {}), refusal);
    strictEqual((await cloud.read("Git", id))?.name, "kept");
  });

  describe("towards Azure", () => {
    let identity: { id: string; properties: Properties };
    let endpoint: { id: string; properties: Properties };
    let group: string;
    before(async () => {
      group = (await cloud.make(azureTokens.group, { resourceGroupName: "rg", location: "westeurope" })).id;
      identity = await cloud.make(azureTokens.identity, { resourceGroupName: "rg", resourceName: "preview" });
      endpoint = await cloud.make("ServiceEndpointAzureRM", {
        projectId,
        serviceEndpointName: "preview",
        azurermSpnTenantid: account.tenantId,
        azurermSubscriptionId: account.subscriptionId,
        azurermSubscriptionName: "Production",
        serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
        credentials: { serviceprincipalid: identity.properties.clientId },
      });
    });

    async function azure(): Promise<PluginClient> {
      const { json } = await cloud.call("POST", "/devops/acme/_sandbox/federate", { endpointId: endpoint.id });
      const client = await PluginClient.of(azureNative);
      clients.push(client);
      await client.configure({
        metadataHost: `127.0.0.1:${cloud.port}`,
        subscriptionId: account.subscriptionId,
        tenantId: account.tenantId,
        clientId: String(identity.properties.clientId),
        useOidc: "true",
        oidcToken: String(json.idToken),
      });
      return client;
    }

    it("signs in with the token of the connection, once it is trusted, and has the identity's roles", async () => {
      const read = urn(azureTokens.group);
      await rejects((await azure()).read(read, group), /cannot read ResourceGroup .*401 AADSTS70021/);
      await cloud.make(azureTokens.credential, {
        resourceGroupName: "rg",
        resourceName: "preview",
        federatedIdentityCredentialResourceName: "azure-devops",
        issuer: endpoint.properties.workloadIdentityFederationIssuer,
        subject: endpoint.properties.workloadIdentityFederationSubject,
        audiences: ["api://AzureADTokenExchange"],
      });
      const client = await azure();
      await rejects(client.read(read, group), /403 AuthorizationFailed.*resourceGroups\/read/);
      const definitions = `/subscriptions/${account.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;
      await cloud.make(azureTokens.role, {
        principalId: identity.properties.principalId,
        principalType: "ServicePrincipal",
        roleDefinitionId: `${definitions}/acdd72a7-3385-48ef-bd42-f606fba81ae7`,
        scope: group,
      });
      strictEqual((await client.read(read, group)).id, group);
      await rejects(client.delete(read, group, {}), /403 AuthorizationFailed.*resourceGroups\/delete/);
    });
  });
});
