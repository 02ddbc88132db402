/** What all Azure resources share: ids, places, the group that holds them, and what is refused for each. */
import { createHash } from "node:crypto";
import type { Cloud } from "../cloud";
import { conflict, invalid, missing } from "../errors";
import type { Entity, Properties } from "../state";

export const tokens = {
  resourceGroup: "azure-native:resources:ResourceGroup",
  registry: "azure-native:containerregistry:Registry",
  task: "azure-native:containerregistry:Task",
  userAssignedIdentity: "azure-native:managedidentity:UserAssignedIdentity",
  federatedIdentityCredential: "azure-native:managedidentity:FederatedIdentityCredential",
  roleAssignment: "azure-native:authorization:RoleAssignment",
} as const;

/** Regions of the public cloud, as Azure writes their names in ids. */
const regions = new Set(
  (
    "australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth brazilsoutheast " +
    "canadacentral canadaeast centralindia centralus chilecentral eastasia eastus eastus2 francecentral francesouth " +
    "germanynorth germanywestcentral indonesiacentral israelcentral italynorth japaneast japanwest koreacentral koreasouth " +
    "malaysiawest mexicocentral newzealandnorth northcentralus northeurope norwayeast norwaywest polandcentral qatarcentral " +
    "southafricanorth southafricawest southcentralus southeastasia southindia spaincentral swedencentral switzerlandnorth " +
    "switzerlandwest uaecentral uaenorth uksouth ukwest westcentralus westeurope westindia westus westus2 westus3"
  ).split(" "),
);

/** `West Europe` as `westeurope`. Refuses what is no region. */
export function regionOf(location: string): string {
  const region = location.replace(/\s+/g, "").toLowerCase();
  if (!regions.has(region)) {
    throw invalid(
      "LocationNotAvailableForResourceType",
      `the provided location "${location}" is no region of Azure; write one such as westeurope`,
    );
  }
  return region;
}

/** Id of a resource group, with the subscription that the cloud has. */
export function groupId(cloud: Cloud, name: string): string {
  return `/subscriptions/${cloud.subscriptionId}/resourceGroups/${name}`;
}

/** The entity with this id. Azure reads ids without regard to case. */
export function byId(cloud: Cloud, token: string, id: string): Entity | undefined {
  const entity = cloud.state.byKey(token, id.toLowerCase());
  return entity?.deletedAt === undefined ? entity : undefined;
}

/** How a kind of Azure finds an entity by the id that a caller writes. */
export function idOf(token: string): (id: string, cloud: Cloud) => string {
  return (id, cloud) => byId(cloud, token, id)?.id ?? id;
}

/** The resource group with this name, or Azure's refusal. */
export function requireGroup(cloud: Cloud, name: string): Entity {
  const group = byId(cloud, tokens.resourceGroup, groupId(cloud, name));
  if (group === undefined) {
    throw missing(
      "ResourceGroupNotFound",
      `the resource group "${name}" could not be found in ${cloud.subscriptionId}`,
    );
  }
  return group;
}

/** The refusal of a resource that is there already. The provider asks before it writes, so nothing is overwritten. */
export function alreadyThere(id: string): Error {
  return conflict("ResourceExists", `cannot create already existing resource ${id}: import it, or choose another name`);
}

/** Refuses a name that does not have the form that Azure publishes for the kind. */
export function checkForm(what: string, name: string, form: RegExp, rule: string): void {
  if (!form.test(name)) {
    throw invalid("InvalidResourceName", `the ${what} name "${name}" is invalid: it ${rule}`);
  }
}

/** Refuses a change of what cannot be changed. */
export function refuseChange(entity: Entity, after: Properties, properties: readonly string[]): void {
  for (const property of properties) {
    if (entity.properties[property] !== after[property]) {
      throw conflict(
        "PropertyChangeNotAllowed",
        `${property} of ${entity.id} cannot be changed: make another resource`,
      );
    }
  }
}

/** Object id of the account that the sandbox signs in to Azure with. */
export function ownObjectId(cloud: Cloud): string {
  return guidOf(`${cloud.tenantId}/${cloud.clientId}`);
}

/** A GUID that is the same for the same text. */
export function guidOf(text: string): string {
  const digits = createHash("sha256").update(text).digest("hex");
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `b${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join("-");
}

/** Who made a resource and when, which stays on a change, and who changed it last. */
export function systemData(cloud: Cloud, current: Entity | undefined): Properties {
  const now = new Date().toISOString();
  const before = current?.properties.systemData;
  const made = { createdAt: now, createdBy: cloud.clientId, createdByType: "Application" };
  return {
    ...(typeof before === "object" && before !== null ? before : made),
    lastModifiedAt: now,
    lastModifiedBy: cloud.clientId,
    lastModifiedByType: "Application",
  };
}
