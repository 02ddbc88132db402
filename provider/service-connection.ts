/** ServiceConnection for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { ServiceConnection as Component } from "../components/service-connection";
import { facade } from "./facade";
import type { ConnectionAccess, RequiredTemplate } from "./values";

export interface ServiceConnectionArgs {
  /** Name in Azure DevOps, and of the identity in Azure. Replaces on change. */
  readonly connectionName: string;
  /** Role on the registry, which decides who may use the connection. */
  readonly access: ConnectionAccess;
  /** GUID of the project. */
  readonly projectId: pulumi.Input<string>;
  /** Azure id of the registry, the only thing that the identity has a role on. */
  readonly registryId: pulumi.Input<string>;
  /** Name of the registry; also part of what names the role assignment. */
  readonly registryName: string;
  /** Resource group of registry and identity. */
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region of the identity. Replaces on change. */
  readonly location: pulumi.Input<string>;
  /** Display name of the subscription, which Azure DevOps wants beside its id. */
  readonly subscriptionName: pulumi.Input<string>;
  /** Templates of which a pipeline must extend one; for `push` only. Default: none, so any pipeline that is authorized may push. */
  readonly requiredTemplates?: RequiredTemplate[];
  /** Tags on the identity. Default: none. */
  readonly tags?: Record<string, string>;
}

/**
 * A connection from pipelines to a container registry by workload identity federation: there is no secret to store.
 * `push`: each pipeline is authorized by itself, and a check refuses all that do not extend a required template.
 * `pull`: every pipeline of the project is authorized, once.
 */
export class ServiceConnection extends facade(Component) {
  /** GUID of the service connection. */
  declare readonly endpointId: pulumi.Output<string>;
  /** Name by which pipelines call the connection, known once they can use it. */
  declare readonly connectionName: pulumi.Output<string>;

  constructor(name: string, args: ServiceConnectionArgs, options?: pulumi.ComponentResourceOptions) {
    super(name, { ...args }, options);
  }
}
