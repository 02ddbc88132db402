/** Declares a connection to a registry in the stand-in cloud, as the platform does. */
import { account, azureTokens, type TestCloud } from "../../cloud/client";

const group = { resourceGroupName: "images" };

/** With its identity, what that trusts, and its role (an id) on the registry. @returns the connection's id */
export async function declareConnection(
  cloud: TestCloud,
  projectId: string,
  name: string,
  role: string,
): Promise<string> {
  const found = await cloud.verb("find", azureTokens.group, { inputs: { ...group, location: "westeurope" } });
  if (found.status === 404) {
    await cloud.make(azureTokens.group, { ...group, location: "westeurope" });
    await cloud.make(azureTokens.registry, { ...group, registryName: "contoso", sku: { name: "Basic" } });
  }
  const identity = await cloud.make(azureTokens.identity, { ...group, resourceName: name });
  const endpoint = await cloud.make("ServiceEndpointAzureEcr", {
    projectId,
    serviceEndpointName: name,
    serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
    credentials: { serviceprincipalid: identity.properties.clientId },
    azurecrSpnTenantid: account.tenantId,
    azurecrSubscriptionId: account.subscriptionId,
    azurecrSubscriptionName: "Sandbox",
    azurecrName: "contoso",
    resourceGroup: "images",
  });
  await cloud.make(azureTokens.credential, {
    ...group,
    resourceName: name,
    federatedIdentityCredentialResourceName: name,
    audiences: ["api://AzureADTokenExchange"],
    issuer: endpoint.properties.workloadIdentityFederationIssuer,
    subject: endpoint.properties.workloadIdentityFederationSubject,
  });
  const subscription = `/subscriptions/${account.subscriptionId}`;
  await cloud.make(azureTokens.role, {
    principalId: identity.properties.principalId,
    principalType: "ServicePrincipal",
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    scope: `${subscription}/resourceGroups/images/providers/Microsoft.ContainerRegistry/registries/contoso`,
  });
  return endpoint.id;
}
