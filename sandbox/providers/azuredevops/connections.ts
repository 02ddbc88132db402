/**
 * Rules of service connections. Source of the facts: the resource schemas of microsoft/terraform-provider-azuredevops 1.15,
 * which the published Pulumi provider wraps.
 */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import type { PlainMap } from "../properties";
import type { ResourceRules } from "../rules";
import { projectQualified, resourceToken } from "./tokens";

const schemes = ["WorkloadIdentityFederation", "ManagedServiceIdentity", "ServicePrincipal"];
const shared = { description: "Managed by Terraform" };

/** Of the three schemes, a connection to a container registry supports one and a half. */
function checkRegistryScheme({
  serviceEndpointAuthenticationScheme,
  credentials = null,
}: PlainMap): readonly CheckFailure[] {
  const property = "serviceEndpointAuthenticationScheme";
  if (serviceEndpointAuthenticationScheme === "ManagedServiceIdentity") {
    return [{ property, reason: "ManagedServiceIdentity is not supported yet: use WorkloadIdentityFederation" }];
  }
  if (serviceEndpointAuthenticationScheme === "ServicePrincipal" && credentials !== null) {
    const reason = "ServicePrincipal with credentials is not supported yet: use WorkloadIdentityFederation";
    return [{ property, reason }];
  }
  return [];
}

function checkSubscription(inputs: PlainMap): readonly CheckFailure[] {
  const given = (name: string): boolean => (inputs[name] ?? null) !== null;
  const failures: CheckFailure[] = [];
  if (!given("azurermSubscriptionId") && !given("azurermManagementGroupId")) {
    const reason = "missing; the service requires it, or azurermManagementGroupId, although the schema does not";
    failures.push({ property: "azurermSubscriptionId", reason });
  }
  if (given("azurermSubscriptionId") && !given("azurermSubscriptionName")) {
    const reason = "missing; azurermSubscriptionId requires it";
    failures.push({ property: "azurermSubscriptionName", reason });
  }
  if (given("azurermManagementGroupId") && !given("azurermManagementGroupName")) {
    const reason = "missing; azurermManagementGroupId requires it";
    failures.push({ property: "azurermManagementGroupName", reason });
  }
  return failures;
}

export const connectionRules: Readonly<Record<string, ResourceRules>> = {
  [resourceToken("ServiceEndpointAzureEcr")]: {
    required: ["azurecrSpnTenantid", "azurecrSubscriptionId", "azurecrSubscriptionName", "azurecrName"],
    uuids: ["projectId"],
    notBlank: ["serviceEndpointName", "credentials.serviceprincipalid"],
    values: { serviceEndpointAuthenticationScheme: schemes },
    defaults: { ...shared, serviceEndpointAuthenticationScheme: "ServicePrincipal" },
    replaces: ["credentials.serviceprincipalid"],
    writeOnly: ["credentials"],
    check: checkRegistryScheme,
    importForm: projectQualified,
  },
  [resourceToken("ServiceEndpointAzureRM")]: {
    required: ["azurermSpnTenantid"],
    uuids: ["projectId"],
    notBlank: ["serviceEndpointName"],
    values: {
      serviceEndpointAuthenticationScheme: schemes,
      environment: ["AzureCloud", "AzureChinaCloud", "AzureUSGovernment", "AzureGermanCloud", "AzureStack"],
    },
    defaults: { ...shared, serviceEndpointAuthenticationScheme: "ServicePrincipal", environment: "AzureCloud" },
    conflicts: [
      ["resourceGroup", "credentials"],
      ["resourceGroup", "azurermManagementGroupId"],
      ["azurermSubscriptionId", "azurermManagementGroupId"],
      ["azurermSubscriptionName", "azurermManagementGroupId"],
    ],
    serviceChooses: ["serverUrl"],
    writeOnly: ["credentials", "features"],
    check: checkSubscription,
    importForm: projectQualified,
  },
  [resourceToken("ServiceEndpointDockerRegistry")]: {
    uuids: ["projectId"],
    notBlank: ["serviceEndpointName"],
    values: { registryType: ["DockerHub", "Others"] },
    defaults: { ...shared, dockerRegistry: "https://index.docker.io/v1/", registryType: "DockerHub" },
    writeOnly: ["dockerPassword"],
    importForm: projectQualified,
  },
};
