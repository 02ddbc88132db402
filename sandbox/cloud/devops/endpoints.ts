/** Service connections: the identities that pipelines have towards Azure. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import type { Entity, Properties } from "../state";
import { checkName } from "./names";
import { organizationId, requireProject } from "./identities";
import { tokens } from "./tokens";

const kinds = [tokens.serviceEndpointAzureEcr, tokens.serviceEndpointAzureRM];
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A name is taken by a connection of any kind. */
function checkEndpoint(cloud: Cloud, projectId: string, name: string, current: Entity | undefined): void {
  requireProject(cloud, projectId);
  checkName("service connection", name);
  const holder = kinds
    .map((token) => cloud.state.byKey(token, endpointKey(projectId, name)))
    .find((entity) => entity !== undefined && entity.id !== current?.id);
  if (holder !== undefined) {
    throw conflict("DuplicateServiceConnection", `the project has a service connection named "${name}" already`);
  }
}

function endpointKey(projectId: string, name: string): string {
  return `${projectId}/${name.toLowerCase()}`;
}

/** What a federated credential must trust: wire it from here. */
export function federation(entity: Entity, cloud: Cloud): Properties {
  if (text(entity, "serviceEndpointAuthenticationScheme") !== "WorkloadIdentityFederation") {
    return {};
  }
  const project = text(requireProject(cloud, text(entity, "projectId")), "name");
  return {
    workloadIdentityFederationIssuer: `https://vstoken.dev.azure.com/${organizationId(cloud)}`,
    workloadIdentityFederationSubject: `sc://${cloud.organization}/${project}/${text(entity, "serviceEndpointName")}`,
  };
}

function checkScheme(scheme: string, allowed: readonly string[]): void {
  if (!allowed.includes(scheme)) {
    throw invalid(
      "AuthorizationSchemeInvalid",
      `the authentication scheme is one of ${allowed.join(", ")}, and not "${scheme}"`,
    );
  }
}

function checkGuid(value: string | undefined, what: string): void {
  if (value === undefined || !guid.test(value)) {
    throw invalid("ServiceEndpointInvalid", `${what} is a GUID, and not "${value ?? ""}"`);
  }
}

const registryInputs = z.looseObject({
  projectId: z.string(),
  serviceEndpointName: z.string(),
  description: z.string().default(""),
  azurecrName: z.string().min(1),
  azurecrSpnTenantid: z.string().min(1),
  azurecrSubscriptionId: z.string().min(1),
  azurecrSubscriptionName: z.string().min(1),
  resourceGroup: z.string().default(""),
  serviceEndpointAuthenticationScheme: z.string().default("ServicePrincipal"),
  credentials: z.looseObject({ serviceprincipalid: z.string() }).optional(),
});

/**
 * Connections to a container registry. With `credentials` the identity is the caller's own and nothing in Azure is looked at. Without,
 * the service would make an application in the directory; here nobody may, so it is refused as it is for most accounts.
 */
export const registryEndpoint: Kind = recordKind<z.infer<typeof registryInputs>>({
  token: tokens.serviceEndpointAzureEcr,
  called: "service connection",
  inputs: registryInputs,
  key: ({ projectId, serviceEndpointName }) => endpointKey(projectId, serviceEndpointName),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  check(inputs, cloud, current) {
    checkEndpoint(cloud, inputs.projectId, inputs.serviceEndpointName, current);
    const scheme = inputs.serviceEndpointAuthenticationScheme;
    checkScheme(scheme, ["WorkloadIdentityFederation", "ServicePrincipal"]);
    checkGuid(inputs.azurecrSpnTenantid, "azurecrSpnTenantid");
    checkGuid(inputs.azurecrSubscriptionId, "azurecrSubscriptionId");
    if (scheme === "ServicePrincipal" && inputs.credentials !== undefined) {
      throw invalid("AuthorizationSchemeInvalid", "the scheme ServicePrincipal takes no credentials of your own");
    }
    if (inputs.credentials === undefined) {
      throw noDirectory();
    }
    checkGuid(inputs.credentials.serviceprincipalid, "credentials.serviceprincipalid");
  },
  computed: (inputs) => ({
    authorization: { scheme: inputs.serviceEndpointAuthenticationScheme },
    servicePrincipalId: inputs.credentials?.serviceprincipalid ?? "",
    appObjectId: "",
    spnObjectId: "",
    azSpnRoleAssignmentId: "",
    azSpnRolePermissions: "",
  }),
  show: federation,
});

function noDirectory(): Error {
  return invalid(
    "InsufficientDirectoryPrivileges",
    "without credentials the service makes an application in the directory, which this account may not: give credentials of an identity",
  );
}

const resourceManagerInputs = z.looseObject({
  projectId: z.string(),
  serviceEndpointName: z.string(),
  description: z.string().default(""),
  azurermSpnTenantid: z.string().min(1),
  azurermSubscriptionId: z.string().optional(),
  azurermSubscriptionName: z.string().optional(),
  azurermManagementGroupId: z.string().optional(),
  azurermManagementGroupName: z.string().optional(),
  environment: z.string().default("AzureCloud"),
  resourceGroup: z.string().optional(),
  serviceEndpointAuthenticationScheme: z.string().default("ServicePrincipal"),
  credentials: z
    .looseObject({
      serviceprincipalid: z.string(),
      serviceprincipalkey: z.string().optional(),
      serviceprincipalcertificate: z.string().optional(),
    })
    .optional(),
});

/** Connections to Azure Resource Manager. */
export const resourceManagerEndpoint: Kind = recordKind<z.infer<typeof resourceManagerInputs>>({
  token: tokens.serviceEndpointAzureRM,
  called: "service connection",
  inputs: resourceManagerInputs,
  key: ({ projectId, serviceEndpointName }) => endpointKey(projectId, serviceEndpointName),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  check(inputs, cloud, current) {
    checkEndpoint(cloud, inputs.projectId, inputs.serviceEndpointName, current);
    const scheme = inputs.serviceEndpointAuthenticationScheme;
    checkScheme(scheme, ["WorkloadIdentityFederation", "ManagedServiceIdentity", "ServicePrincipal"]);
    checkGuid(inputs.azurermSpnTenantid, "azurermSpnTenantid");
    const subscription = inputs.azurermSubscriptionId !== undefined && inputs.azurermSubscriptionName !== undefined;
    const managementGroup =
      inputs.azurermManagementGroupId !== undefined && inputs.azurermManagementGroupName !== undefined;
    if (subscription === managementGroup) {
      throw invalid(
        "ServiceEndpointInvalid",
        "one of a subscription and a management group is needed, each with its id and its name",
      );
    }
    if (inputs.resourceGroup !== undefined && inputs.credentials !== undefined) {
      throw invalid(
        "ServiceEndpointInvalid",
        "resourceGroup is for connections that the service makes itself, without credentials",
      );
    }
    if (scheme !== "ManagedServiceIdentity" && inputs.credentials === undefined) {
      throw noDirectory();
    }
    if (
      scheme === "ServicePrincipal" &&
      inputs.credentials?.serviceprincipalkey === undefined &&
      inputs.credentials?.serviceprincipalcertificate === undefined
    ) {
      throw invalid("ServiceEndpointInvalid", "the scheme ServicePrincipal needs a key or a certificate");
    }
  },
  split({ credentials, ...inputs }) {
    if (credentials === undefined) {
      return { shown: inputs, hidden: {} };
    }
    const { serviceprincipalkey, serviceprincipalcertificate, ...shownCredentials } = credentials;
    const hidden = { serviceprincipalkey, serviceprincipalcertificate };
    return { shown: { ...inputs, credentials: shownCredentials }, hidden };
  },
  computed: (inputs) => ({
    authorization: { scheme: inputs.serviceEndpointAuthenticationScheme },
    servicePrincipalId: inputs.credentials?.serviceprincipalid ?? "",
  }),
  show: federation,
});
