/** An Azure Container Registry that has no password and tidies itself. */
import * as containerregistry from "@pulumi/azure-native/containerregistry";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import type { RegistrySku } from "../spec";
import { purgeTask } from "./purge-task";

export interface ContainerRegistryArgs {
  /** Unique in all of Azure: 5 to 50 letters and digits. Replaces on change. */
  readonly registryName: string;
  readonly resourceGroupName: string;
  /** Whether the resource group is made here; else it must exist. Default `true`. */
  readonly createResourceGroup?: boolean | undefined;
  /** Azure region, such as `westeurope`. Replaces on change. */
  readonly location: pulumi.Input<string>;
  /** Tier; decides which resources there are, so it is no `Input`. Default `Basic`. */
  readonly sku?: RegistrySku | undefined;
  /** Days until a manifest without tag is removed: whole, from 0 to 365. Default 7. */
  readonly untaggedRetentionDays?: number | undefined;
  /** Address ranges (CIDR) that may reach the registry. Default: every one. Needs `Premium`. */
  readonly allowedNetworks?: readonly string[] | undefined;
  /** Tags on every Azure resource. Default: none. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Whether Pulumi refuses to delete the registry and its resource group. Default `true`. */
  readonly protect?: boolean | undefined;
}

/**
 * The registry for every image and cache. Its admin user is off and nobody pulls without a role, so whoever reaches it
 * has an identity. `Premium` removes untagged manifests by its own policy; the smaller tiers by a task, every night.
 */
export class ContainerRegistry extends pulumi.ComponentResource {
  /** Azure id of the registry. */
  readonly registryId: pulumi.Output<string>;
  /** Host that images are pushed to and pulled from, such as `contoso.azurecr.io`. */
  readonly loginServer: pulumi.Output<string>;
  /** Name of the registry, known once it is there. */
  readonly registryName: pulumi.Output<string>;
  /** Name of its resource group, known once that is there. */
  readonly resourceGroupName: pulumi.Output<string>;

  /** @throws Error when networks are given for a tier that has no network rules. */
  constructor(name: string, args: ContainerRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:ContainerRegistry", name, {}, options);
    const sku = args.sku ?? "Basic";
    const allowedNetworks = args.allowedNetworks ?? [];
    const untaggedRetentionDays = args.untaggedRetentionDays ?? 7;
    if (allowedNetworks.length > 0 && sku !== "Premium") {
      throw new Error(`ContainerRegistry: allowedNetworks needs sku Premium, not ${sku}`);
    }
    const parent = { parent: this };
    const keep = { ...parent, protect: args.protect ?? true };
    const tags = { ...args.tags };

    this.resourceGroupName =
      (args.createResourceGroup ?? true)
        ? new resources.ResourceGroup(
            name,
            { resourceGroupName: args.resourceGroupName, location: args.location, tags },
            keep,
          ).name
        : pulumi.output(args.resourceGroupName);

    const registry = new containerregistry.Registry(
      name,
      {
        registryName: args.registryName,
        resourceGroupName: this.resourceGroupName,
        location: args.location,
        sku: { name: sku },
        adminUserEnabled: false,
        anonymousPullEnabled: false,
        ...(sku === "Premium" ? { policies: retention(untaggedRetentionDays) } : {}),
        ...(allowedNetworks.length > 0 ? { networkRuleSet: allowOnly(allowedNetworks) } : {}),
        tags,
      },
      keep,
    );
    if (sku !== "Premium") {
      new containerregistry.Task(
        `${name}-purge`,
        {
          registryName: registry.name,
          resourceGroupName: this.resourceGroupName,
          location: args.location,
          ...purgeTask(untaggedRetentionDays),
          tags,
        },
        parent,
      );
    }

    this.registryId = registry.id;
    this.loginServer = registry.loginServer;
    this.registryName = registry.name;
    this.registerOutputs({
      registryId: this.registryId,
      loginServer: this.loginServer,
      registryName: this.registryName,
      resourceGroupName: this.resourceGroupName,
    });
  }
}

function retention(days: number): { retentionPolicy: { days: number; status: string } } {
  return { retentionPolicy: { days, status: "enabled" } };
}

function allowOnly(networks: readonly string[]): {
  defaultAction: string;
  ipRules: { action: string; iPAddressOrRange: string }[];
} {
  return {
    defaultAction: "Deny",
    ipRules: networks.map((network) => ({ action: "Allow", iPAddressOrRange: network })),
  };
}
