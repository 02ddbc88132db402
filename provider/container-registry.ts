/** ContainerRegistry for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { ContainerRegistry as Component } from "../components/container-registry";
import { facade } from "./facade";
import type { RegistrySku } from "./values";

export interface ContainerRegistryArgs {
  /** Unique in all of Azure: 5 to 50 letters and digits. Replaces on change. */
  readonly registryName: string;
  /** Resource group that the registry is in. */
  readonly resourceGroupName: string;
  /** Whether the resource group is made here; else it must exist. Default `true`. */
  readonly createResourceGroup?: boolean;
  /** Azure region, such as `westeurope`. Replaces on change. */
  readonly location: pulumi.Input<string>;
  /** Default `Basic`. */
  readonly sku?: RegistrySku;
  /** Days until a manifest without tag is removed: whole, from 0 to 365. Default 7. */
  readonly untaggedRetentionDays?: number;
  /** Address ranges (CIDR) that may reach the registry; needs `Premium`. Default: every one. */
  readonly allowedNetworks?: string[];
  /** Tags on every Azure resource. Default: none. */
  readonly tags?: Record<string, string>;
  /** Whether Pulumi refuses to delete the registry and its resource group. Default `true`. */
  readonly protect?: boolean;
}

/**
 * The registry for every image and cache. Its admin user is off and nobody pulls without a role, so whoever reaches it
 * has an identity. `Premium` removes untagged manifests by its own policy; the smaller tiers by a task, every night.
 */
export class ContainerRegistry extends facade(Component) {
  /** Azure id of the registry. */
  declare readonly registryId: pulumi.Output<string>;
  /** Host that images are pushed to and pulled from, such as `contoso.azurecr.io`. */
  declare readonly loginServer: pulumi.Output<string>;
  /** Name of the registry, known once it is there. */
  declare readonly registryName: pulumi.Output<string>;
  /** Name of its resource group, known once that is there. */
  declare readonly resourceGroupName: pulumi.Output<string>;

  constructor(name: string, args: ContainerRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super(name, { ...args }, options);
  }
}
