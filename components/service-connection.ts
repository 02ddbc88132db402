/** A connection from pipelines to a container registry, made of federated identities: there is no secret to store. */
import * as authorization from "@pulumi/azure-native/authorization";
import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { ACR_PULL, ACR_PUSH, roleDefinitionId, stableGuid, subscriptionOf } from "./naming";

/** A template that a pipeline must extend to use a connection. */
export interface RequiredTemplate {
  /** `<project>/<repository>`. */
  readonly repositoryName: pulumi.Input<string>;
  /** Full name of the branch, such as `refs/heads/main`. */
  readonly repositoryRef: pulumi.Input<string>;
  /** Path in the repository. */
  readonly templatePath: pulumi.Input<string>;
}

export interface ServiceConnectionArgs {
  /** Name in Azure DevOps, and of the identity in Azure. Replaces on change. */
  readonly connectionName: string;
  /** Role on the registry. Decides who may use the connection: see {@link ServiceConnection}. */
  readonly access: "push" | "pull";
  readonly projectId: pulumi.Input<string>;
  /** Azure id of the registry, the only thing that the identity has a role on. */
  readonly registryId: pulumi.Input<string>;
  /** Name of the registry; also part of what names the role assignment, so it is no `Input`. */
  readonly registryName: string;
  /** Resource group of registry and identity. */
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region of the identity. Replaces on change. */
  readonly location: pulumi.Input<string>;
  /** Display name of the subscription, which Azure DevOps wants beside its id. */
  readonly subscriptionName: pulumi.Input<string>;
  /** Templates of which a pipeline must extend one. Default: none, so any pipeline that is authorized may push. For `push` only. */
  readonly requiredTemplates?: readonly RequiredTemplate[] | undefined;
  /** Tags on the identity. Default: none. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What Microsoft Entra expects a federated token to be for. */
const AUDIENCE = "api://AzureADTokenExchange";

const ACCESS = {
  push: { role: ACR_PUSH, description: "Pushes images. Only for pipelines that extend the platform's template." },
  pull: { role: ACR_PULL, description: "Pulls images. For every pipeline of the project." },
} as const;

/**
 * A user-assigned identity, an Azure DevOps service connection that acts as it by workload identity federation, the
 * trust between the two (from what the connection itself says its issuer and subject are), and one role on one registry.
 *
 * `push`: each pipeline is authorized by itself, and a check refuses all that do not extend a required template.
 * `pull`: every pipeline of the project is authorized, once.
 */
export class ServiceConnection extends pulumi.ComponentResource {
  /** GUID of the service connection. */
  readonly endpointId: pulumi.Output<string>;
  /** Name by which pipelines call the connection, known once they can use it. */
  readonly connectionName: pulumi.Output<string>;

  /** @throws Error when templates are required of a connection that is not for pushing. */
  constructor(name: string, args: ServiceConnectionArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:ServiceConnection", name, {}, options);
    const requiredTemplates = args.requiredTemplates ?? [];
    if (args.access === "pull" && requiredTemplates.length > 0) {
      throw new Error("ServiceConnection: requiredTemplates are for access push: pull is open to every pipeline");
    }
    const parent = { parent: this };
    const { role, description } = ACCESS[args.access];

    const identity = new managedidentity.UserAssignedIdentity(
      name,
      {
        resourceName: args.connectionName,
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        tags: { ...args.tags },
      },
      parent,
    );
    const subscriptionId = pulumi.output(args.registryId).apply(subscriptionOf);
    const endpoint = new azuredevops.ServiceEndpointAzureEcr(
      name,
      {
        projectId: args.projectId,
        serviceEndpointName: args.connectionName,
        description,
        serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
        credentials: { serviceprincipalid: identity.clientId },
        azurecrSpnTenantid: identity.tenantId,
        azurecrSubscriptionId: subscriptionId,
        azurecrSubscriptionName: args.subscriptionName,
        azurecrName: args.registryName,
        resourceGroup: args.resourceGroupName,
      },
      // A project has one connection of a name, so a second one cannot come before the first one goes.
      { ...parent, deleteBeforeReplace: true },
    );
    const trust = new managedidentity.FederatedIdentityCredential(
      name,
      {
        federatedIdentityCredentialResourceName: args.connectionName,
        resourceName: identity.name,
        resourceGroupName: args.resourceGroupName,
        audiences: [AUDIENCE],
        issuer: endpoint.workloadIdentityFederationIssuer,
        subject: endpoint.workloadIdentityFederationSubject,
      },
      parent,
    );
    const assignment = new authorization.RoleAssignment(
      name,
      {
        roleAssignmentName: stableGuid(args.registryName, args.connectionName, role),
        roleDefinitionId: subscriptionId.apply((id) => roleDefinitionId(id, role)),
        principalId: identity.principalId,
        // Without it Azure looks the identity up, and a new one may not be found yet.
        principalType: "ServicePrincipal",
        scope: args.registryId,
      },
      // The name stays the same, and Azure lets no second assignment have it.
      { ...parent, deleteBeforeReplace: true },
    );
    if (args.access === "pull") {
      new azuredevops.PipelineAuthorization(
        name,
        { projectId: args.projectId, resourceId: endpoint.id, type: "endpoint" },
        parent,
      );
    }
    if (requiredTemplates.length > 0) {
      new azuredevops.CheckRequiredTemplate(
        name,
        {
          projectId: args.projectId,
          targetResourceId: endpoint.id,
          targetResourceType: "endpoint",
          requiredTemplates: requiredTemplates.map((template) => ({ repositoryType: "azuregit", ...template })),
        },
        parent,
      );
    }

    this.endpointId = endpoint.id;
    this.connectionName = pulumi.all([trust.id, assignment.id]).apply(() => args.connectionName);
    this.registerOutputs({ endpointId: this.endpointId, connectionName: this.connectionName });
  }
}
