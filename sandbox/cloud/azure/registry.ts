/** Container registries, with what each tier has and has not. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import type { Entity, Properties } from "../state";
import {
  alreadyThere,
  checkForm,
  groupId,
  idOf,
  refuseChange,
  regionOf,
  requireGroup,
  systemData,
  tokens,
} from "./resource-manager";

const status = z.looseObject({ status: z.string().optional() });

const inputs = z.looseObject({
  resourceGroupName: z.string(),
  registryName: z.string(),
  location: z.string().optional(),
  sku: z.looseObject({ name: z.string() }),
  adminUserEnabled: z.boolean().default(false),
  anonymousPullEnabled: z.boolean().default(false),
  dataEndpointEnabled: z.boolean().default(false),
  networkRuleBypassOptions: z.string().default("AzureServices"),
  networkRuleSet: z
    .looseObject({
      defaultAction: z.string().default("Allow"),
      ipRules: z
        .array(z.looseObject({ iPAddressOrRange: z.string(), action: z.string().default("Allow") }))
        .default([]),
    })
    .optional(),
  policies: z
    .looseObject({
      azureADAuthenticationAsArmPolicy: status.optional(),
      exportPolicy: status.optional(),
      quarantinePolicy: status.optional(),
      retentionPolicy: status.extend({ days: z.number().int().optional() }).optional(),
      softDeletePolicy: status.extend({ retentionDays: z.number().int().optional() }).optional(),
      trustPolicy: status.optional(),
    })
    .optional(),
  encryption: status.optional(),
  publicNetworkAccess: z.string().default("Enabled"),
  zoneRedundancy: z.string().default("Disabled"),
  tags: z.record(z.string(), z.string()).optional(),
});

type Registry = z.infer<typeof inputs>;

const tiers = ["Basic", "Standard", "Premium"];

/** Id of a registry. */
export function registryId(cloud: Cloud, group: string, name: string): string {
  return `${groupId(cloud, group)}/providers/Microsoft.ContainerRegistry/registries/${name}`;
}

function enabled(policy: { status?: string | undefined } | undefined): boolean {
  return policy?.status?.toLowerCase() === "enabled";
}

/** What these inputs ask for that only the highest tier has. */
function premiumOnly({ policies, networkRuleSet, ...registry }: Registry): string[] {
  const restricted = networkRuleSet?.defaultAction === "Deny" || (networkRuleSet?.ipRules.length ?? 0) > 0;
  const asked: [string, boolean][] = [
    ["policies.retentionPolicy", enabled(policies?.retentionPolicy)],
    ["policies.trustPolicy", enabled(policies?.trustPolicy)],
    ["policies.quarantinePolicy", enabled(policies?.quarantinePolicy)],
    ["policies.exportPolicy", policies?.exportPolicy?.status?.toLowerCase() === "disabled"],
    ["networkRuleSet", restricted],
    ["publicNetworkAccess", registry.publicNetworkAccess === "Disabled"],
    ["dataEndpointEnabled", registry.dataEndpointEnabled],
    ["zoneRedundancy", registry.zoneRedundancy === "Enabled"],
    ["encryption", enabled(registry.encryption)],
  ];
  return asked.filter(([, wanted]) => wanted).map(([property]) => property);
}

function checkTier(registry: Registry): void {
  const tier = registry.sku.name;
  if (!tiers.includes(tier)) {
    throw invalid("SkuNotSupported", `"${tier}" is no tier of a container registry; there are ${tiers.join(", ")}`);
  }
  const refused = tier === "Premium" ? [] : premiumOnly(registry);
  if (refused.length > 0) {
    throw invalid(
      "FeatureNotSupportedForSku",
      `${refused.join(", ")}: the tier ${tier} does not have this, only Premium does`,
    );
  }
  if (tier === "Basic" && registry.anonymousPullEnabled) {
    throw invalid(
      "FeatureNotSupportedForSku",
      "anonymousPullEnabled: the tier Basic has no anonymous pull, Standard and Premium have",
    );
  }
}

function checkPolicies({ policies, networkRuleSet }: Registry): void {
  const days = policies?.retentionPolicy?.days;
  if (days !== undefined && (days < 0 || days > 365)) {
    throw invalid("InvalidRetentionDays", `policies.retentionPolicy.days lies between 0 and 365, and ${days} does not`);
  }
  if (enabled(policies?.retentionPolicy) && enabled(policies?.softDeletePolicy)) {
    throw conflict("PolicyConflict", "the retention policy and the soft-delete policy cannot both be enabled");
  }
  const kept = policies?.softDeletePolicy?.retentionDays;
  if (kept !== undefined && (kept < 1 || kept > 90)) {
    throw invalid(
      "InvalidRetentionDays",
      `policies.softDeletePolicy.retentionDays lies between 1 and 90, and ${kept} does not`,
    );
  }
  if ((networkRuleSet?.ipRules.length ?? 0) > 100) {
    throw invalid("TooManyIpRules", "networkRuleSet.ipRules holds at most 100 rules");
  }
  for (const { iPAddressOrRange: range } of networkRuleSet?.ipRules ?? []) {
    if (!isPublicRange(range)) {
      throw invalid("InvalidIpRule", `networkRuleSet.ipRules: "${range}" is no public IPv4 address or range (CIDR)`);
    }
  }
}

function isPublicRange(range: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(range)?.slice(1).map(Number);
  if (parts === undefined || parts.slice(0, 4).some((part) => part > 255) || (parts[4] ?? 0) > 32) {
    return false;
  }
  const [first = 0, second = 0] = parts;
  return !(
    first === 10 ||
    first === 127 ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 192 && second === 168)
  );
}

/** A name belongs to one registry in all of Azure, so also across groups. */
function checkUnique(cloud: Cloud, registry: Registry, current: Entity | undefined): void {
  const holder = cloud.state
    .list(tokens.registry)
    .find((entity) => text(entity, "name").toLowerCase() === registry.registryName.toLowerCase());
  const own = registryId(cloud, registry.resourceGroupName, registry.registryName).toLowerCase();
  if (holder !== undefined && holder.id !== current?.id && holder.key !== own) {
    throw conflict(
      "AlreadyInUse",
      `the registry name ${registry.registryName} is already in use: a name is unique in all of Azure`,
    );
  }
}

/** Container registries. */
export const registry: Kind = recordKind<Registry>({
  token: tokens.registry,
  called: "container registry",
  inputs,
  key: ({ resourceGroupName, registryName }, cloud) => registryId(cloud, resourceGroupName, registryName).toLowerCase(),
  newId: ({ resourceGroupName, registryName }, cloud) => registryId(cloud, resourceGroupName, registryName),
  idOf: idOf(tokens.registry),
  within: ({ resourceGroupName }, cloud) => [
    { token: tokens.resourceGroup, id: requireGroup(cloud, resourceGroupName).id },
  ],
  check(wanted, cloud, current) {
    checkForm(
      "container registry",
      wanted.registryName,
      /^[a-zA-Z0-9]{5,50}$/,
      "has 5 to 50 letters and digits, and nothing else",
    );
    const group = requireGroup(cloud, wanted.resourceGroupName);
    checkTier(wanted);
    checkPolicies(wanted);
    checkUnique(cloud, wanted, current);
    const location = regionOf(wanted.location ?? text(group, "location"));
    if (current !== undefined) {
      refuseChange(current, { location, zoneRedundancy: wanted.zoneRedundancy }, ["location", "zoneRedundancy"]);
    }
  },
  duplicate: ({ registryName }) => alreadyThere(`container registry ${registryName}`),
  computed(wanted, cloud, _id, current) {
    const location = regionOf(wanted.location ?? text(requireGroup(cloud, wanted.resourceGroupName), "location"));
    return {
      name: wanted.registryName,
      location,
      sku: { name: wanted.sku.name, tier: wanted.sku.name },
      creationDate: current?.properties.creationDate ?? new Date().toISOString(),
      dataEndpointHostNames: wanted.dataEndpointEnabled
        ? [`${wanted.registryName.toLowerCase()}.${location}.data.azurecr.io`]
        : [],
      encryption: { status: "disabled", ...wanted.encryption },
      policies: policiesOf(wanted),
      ...(wanted.sku.name === "Premium"
        ? { networkRuleSet: wanted.networkRuleSet ?? { defaultAction: "Allow", ipRules: [] } }
        : {}),
      privateEndpointConnections: [],
      provisioningState: "Succeeded",
      systemData: systemData(cloud, current),
      type: "Microsoft.ContainerRegistry/registries",
      azureApiVersion: "2023-01-01-preview",
    };
  },
  show: (entity, cloud) => ({ loginServer: loginServer(entity, cloud) }),
});

/** Host of a registry: that of the real one behind this stand-in, else the one that Azure would give it. */
export function loginServer(entity: Entity, cloud: Cloud): string {
  return cloud.registryHost ?? `${text(entity, "name").toLowerCase()}.azurecr.io`;
}

/** Every policy, with Azure's defaults where the inputs say nothing. */
function policiesOf({ policies }: Registry): Properties {
  return {
    azureADAuthenticationAsArmPolicy: { status: "enabled", ...policies?.azureADAuthenticationAsArmPolicy },
    exportPolicy: { status: "enabled", ...policies?.exportPolicy },
    quarantinePolicy: { status: "disabled", ...policies?.quarantinePolicy },
    retentionPolicy: { status: "disabled", days: 7, ...policies?.retentionPolicy },
    softDeletePolicy: { status: "disabled", retentionDays: 7, ...policies?.softDeletePolicy },
    trustPolicy: { status: "disabled", type: "Notary", ...policies?.trustPolicy },
  };
}
