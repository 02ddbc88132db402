/** The stand-in of the azure-native provider: facts of its schema, rules, and the way to the sandbox's Azure Resource Manager. */
import { Cloud, type Assertion } from "../cloud";
import { loopbackAddress, requireKey } from "../configuration";
import type { PlainMap } from "../properties";
import type { ResourceService } from "../resource-service";
import type { ProviderDefinition } from "../rules";
import type { Schema } from "../schema";
import { inputsFromId, rules } from "./rules";
import reduced from "./schema.json";

const schema = reduced as unknown as Schema;
const group = "azure-native:resources:ResourceGroup";

const environment = {
  subscriptionId: "ARM_SUBSCRIPTION_ID",
  tenantId: "ARM_TENANT_ID",
  clientId: "ARM_CLIENT_ID",
  clientSecret: "ARM_CLIENT_SECRET",
  useOidc: "ARM_USE_OIDC",
  oidcToken: "ARM_OIDC_TOKEN",
  metadataHost: "ARM_METADATA_HOSTNAME",
  location: "ARM_LOCATION",
};

export const azureNative: ProviderDefinition = {
  schema,
  rules,
  service: "Azure",
  environment,
  deleteBeforeReplace: "givenName",
  zeroIsAbsent: false,
  connect(configuration) {
    const value = (key: string): string => requireKey({ schema, environment }, configuration, key);
    const address = loopbackAddress(`http://${value("metadataHost")}`, "azure-native:metadataHost");
    return new Cloud({
      service: "Azure",
      address: `${address}/azure`,
      authorization: authorizationOf(configuration, value),
      context: { subscriptionId: value("subscriptionId"), tenantId: value("tenantId") },
    });
  },
  complete: completeLocation,
  inputsFromId,
};

/** With `useOidc` the word of a trusted issuer, as pipelines have it; else the application's secret. */
function authorizationOf(
  { useOidc }: Readonly<Record<string, string>>,
  value: (key: string) => string,
): string | Assertion {
  if (useOidc === "true") {
    return { clientId: value("clientId"), tenantId: value("tenantId"), assertion: value("oidcToken") };
  }
  return `Basic ${Buffer.from(`${value("clientId")}:${value("clientSecret")}`).toString("base64")}`;
}

/** The configured location, else the resource group's: which is how the provider documents it. */
async function completeLocation(
  token: string,
  inputs: PlainMap,
  configuration: Readonly<Record<string, string>>,
  service: ResourceService | undefined,
): Promise<PlainMap> {
  if (schema.resources[token]?.inputs.location === undefined || (inputs.location ?? null) !== null) {
    return {};
  }
  const { location, subscriptionId } = configuration;
  if (location !== undefined) {
    return { location };
  }
  const { resourceGroupName } = inputs;
  if (token === group || typeof resourceGroupName !== "string" || subscriptionId === undefined) {
    return {};
  }
  const found = await service?.read(group, `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`);
  const inherited = found?.properties.location ?? null;
  return inherited === null ? {} : { location: inherited };
}
