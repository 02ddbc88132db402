import assert from "node:assert/strict";
import { account, azureTokens, refusal, TestCloud, type Properties, type Reply } from "./client";

const jobTokenKey = "key-of-the-job-tokens-of-these-tests";
const roles = {
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  pull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
};

describe("signing in to Azure by workload identity federation", () => {
  let cloud: TestCloud;
  let endpoint: { id: string; properties: Properties };
  let identity: { id: string; properties: Properties };
  let groupId: string;
  const subscription = `/subscriptions/${account.subscriptionId}`;

  beforeEach(async () => {
    cloud = await TestCloud.start({ jobTokenKey });
    const projectId = (await cloud.make("Project", { name: "Platform" })).id;
    groupId = (await cloud.make(azureTokens.group, { resourceGroupName: "rg", location: "westeurope" })).id;
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
  afterEach(async () => cloud.end());

  const trust = async (more: object = {}): Promise<void> => {
    await cloud.make(azureTokens.credential, {
      resourceGroupName: "rg",
      resourceName: "preview",
      federatedIdentityCredentialResourceName: "azure-devops",
      issuer: endpoint.properties.workloadIdentityFederationIssuer,
      subject: endpoint.properties.workloadIdentityFederationSubject,
      audiences: ["api://AzureADTokenExchange"],
      ...more,
    });
  };
  const assign = async (role: string, scope: string): Promise<void> => {
    const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    const { principalId } = identity.properties;
    await cloud.make(azureTokens.role, { principalId, roleDefinitionId, scope, principalType: "ServicePrincipal" });
  };
  const idToken = async (): Promise<string> => {
    const reply = await cloud.call("POST", "/devops/acme/_sandbox/federate", { endpointId: endpoint.id });
    assert.equal(reply.status, 200, reply.text);
    return String(reply.json.idToken);
  };
  const signIn = async (more: object = {}): Promise<Reply> => {
    const { clientId } = identity.properties;
    const body = { clientId, tenantId: account.tenantId, assertion: await idToken(), ...more };
    return cloud.call("POST", "/azure/_sandbox/sign-in", body, { authorization: "" });
  };
  const asIdentity = async (verb: string, sent: object): Promise<Reply> => {
    const authorization = `Bearer ${String((await signIn()).json.accessToken)}`;
    const { subscriptionId, tenantId } = account;
    return cloud.call("POST", `/azure/_sandbox/${verb}`, { subscriptionId, tenantId, ...sent }, { authorization });
  };

  it("takes a token about a connection for the identity that trusts just this connection", async () => {
    await trust();
    assert.equal((await signIn()).status, 200);
    const { json } = await asIdentity("invoke", { token: "azure-native:authorization:getClientConfig" });
    const { clientId, principalId } = identity.properties;
    assert.deepEqual([json.result?.clientId, json.result?.objectId], [clientId, principalId]);
  });

  it("is refused in Entra's words where nothing, another subject or another audience is trusted", async () => {
    assert.match(refusal(await signIn()).message, /^AADSTS70021: no matching federated identity record found/);
    await trust({ subject: "sc://acme/Platform/other" });
    assert.equal(refusal(await signIn()).says, "401 AADSTS70021");
    await trust({ federatedIdentityCredentialResourceName: "second", audiences: ["api://other"] });
    assert.equal(refusal(await signIn()).says, "401 AADSTS70021");
  });

  it("is refused for another application, another directory, and what no known issuer signed", async () => {
    await trust();
    assert.equal(refusal(await signIn({ clientId: account.clientId })).says, "401 AADSTS700016");
    assert.equal(refusal(await signIn({ tenantId: account.subscriptionId })).says, "401 AADSTS700016");
    assert.equal(refusal(await signIn({ assertion: `${await idToken()}x` })).says, "401 AADSTS50027");
    assert.equal(refusal(await signIn({ assertion: undefined })).says, "401 AADSTS900144");
    const { accessToken } = (await signIn()).json;
    assert.equal(refusal(await signIn({ assertion: accessToken })).says, "401 AADSTS50027");
  });

  it("gives an identity what its roles give, on what they are assigned on", async () => {
    await trust();
    const group = { token: azureTokens.group, id: groupId };
    const registry = { resourceGroupName: "rg", registryName: "acmeregistry", sku: { name: "Standard" } };
    await assign(roles.pull, groupId);
    const { says, message } = refusal(await asIdentity("read", group));
    assert.equal(says, "403 AuthorizationFailed");
    assert.match(
      message,
      /perform action 'Microsoft\.Resources\/subscriptions\/resourceGroups\/read' over scope '\/subscr/,
    );
    await assign(roles.reader, groupId);
    assert.equal((await asIdentity("read", group)).status, 200);
    const create = { token: azureTokens.registry, inputs: registry };
    assert.match(refusal(await asIdentity("create", create)).message, /registries\/write/);
    assert.equal(refusal(await asIdentity("delete", group)).says, "403 AuthorizationFailed");
    assert.equal(refusal(await asIdentity("update", { ...group, news: {} })).says, "403 AuthorizationFailed");
    assert.equal(refusal(await asIdentity("fault", { status: 500 })).says, "403 AuthorizationFailed");
    await assign(roles.contributor, groupId);
    assert.equal((await asIdentity("create", create)).status, 200);
    const { principalId } = identity.properties;
    const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`;
    const role = { token: azureTokens.role, inputs: { principalId, roleDefinitionId, scope: groupId } };
    assert.equal(refusal(await asIdentity("create", role)).says, "403 AuthorizationFailed");
  });

  it("does not take a role on one group for one on another whose name begins alike", async () => {
    await trust();
    await assign(roles.reader, groupId);
    const other = await cloud.make(azureTokens.group, { resourceGroupName: "rg-two", location: "westeurope" });
    const read = { token: azureTokens.group, id: other.id };
    assert.equal(refusal(await asIdentity("read", read)).says, "403 AuthorizationFailed");
  });

  it("gives tokens only about connections that are federated, and only to the owner's call", async () => {
    const { projectId } = endpoint.properties;
    const secret = await cloud.make("ServiceEndpointAzureRM", {
      projectId,
      serviceEndpointName: "with a secret",
      azurermSpnTenantid: account.tenantId,
      azurermSubscriptionId: account.subscriptionId,
      azurermSubscriptionName: "Production",
      credentials: { serviceprincipalid: account.clientId, serviceprincipalkey: "key" },
    });
    const federate = (endpointId: string) => cloud.call("POST", "/devops/acme/_sandbox/federate", { endpointId });
    assert.equal(refusal(await federate(secret.id)).says, "400 OidcTokenNotSupportedException");
    assert.equal(refusal(await federate("absent")).says, "404 ServiceEndpointNotFoundException");
  });

  it("goes on over a restart of the clouds", async () => {
    await trust();
    const assertion = await idToken();
    await cloud.restart({ jobTokenKey });
    assert.equal((await signIn({ assertion })).status, 200);
    await cloud.restart({ jobTokenKey: `${jobTokenKey}x` });
    assert.equal(refusal(await signIn({ assertion })).says, "401 AADSTS50027");
  });
});
