/** Reads what pipelines use: service connections and feeds, and who may. */
import { z } from "zod";

import type { Entity } from "./cloud";
import type { Authorization, Endpoint, Feed, RequiredTemplateCheck } from "./model";
import { optionalText, reader, text } from "./reader";

/** Repositories are named with their project here and there: `<project id>.<repository id>`. */
function resourceId(type: string, id: string): string {
  return type === "repository" ? id.slice(id.indexOf(".") + 1) : id;
}

export const readAuthorization = reader(
  z.object({ projectId: text, type: text, resourceId: text, pipelineId: z.number().optional() }),
  (it): Authorization => ({
    projectId: it.projectId,
    type: it.type,
    resourceId: resourceId(it.type, it.resourceId),
    definitionId: it.pipelineId,
  }),
);

export const readCheck = reader(
  z.object({
    projectId: text,
    targetResourceId: text,
    targetResourceType: text,
    requiredTemplates: z.array(z.object({ repositoryName: text, repositoryRef: text, templatePath: text })),
  }),
  (it): RequiredTemplateCheck => ({
    projectId: it.projectId,
    type: it.targetResourceType,
    resourceId: resourceId(it.targetResourceType, it.targetResourceId),
    templates: it.requiredTemplates.map(({ repositoryName, repositoryRef, templatePath }) => ({
      repository: repositoryName,
      ref: repositoryRef,
      path: templatePath,
    })),
  }),
);

const endpoint = z.object({
  projectId: text,
  serviceEndpointName: text,
  serviceEndpointAuthenticationScheme: text,
  credentials: z.object({ serviceprincipalid: text }).optional(),
  workloadIdentityFederationIssuer: text.default(""),
  workloadIdentityFederationSubject: text.default(""),
});

function endpointOf(it: z.infer<typeof endpoint>, id: string): Omit<Endpoint, "kind" | "tenantId" | "registry"> {
  return {
    id,
    projectId: it.projectId,
    name: it.serviceEndpointName,
    scheme: it.serviceEndpointAuthenticationScheme,
    clientId: it.credentials?.serviceprincipalid ?? "",
    issuer: it.workloadIdentityFederationIssuer,
    subject: it.workloadIdentityFederationSubject,
  };
}

export const readRegistryEndpoint = reader(
  endpoint.extend({
    azurecrName: text,
    azurecrSpnTenantid: text,
    azurecrSubscriptionId: text,
    resourceGroup: text.default(""),
  }),
  (it, id): Endpoint => ({
    ...endpointOf(it, id),
    kind: "registry",
    tenantId: it.azurecrSpnTenantid,
    registry: { name: it.azurecrName, subscriptionId: it.azurecrSubscriptionId, resourceGroup: it.resourceGroup },
  }),
);

export const readManagerEndpoint = reader(
  endpoint.extend({ azurermSpnTenantid: text, azurermSubscriptionId: optionalText }),
  (it, id): Endpoint => ({
    ...endpointOf(it, id),
    kind: "resource manager",
    tenantId: it.azurermSpnTenantid,
    subscriptionId: it.azurermSubscriptionId,
  }),
);

const feedForm = z.object({ name: text, projectId: optionalText });
const permission = z.object({ feedId: text, identityDescriptor: text, role: text });

/** Feeds with who may do what with each. */
export function feedsOf(feeds: readonly Entity[], permissions: readonly Entity[]): Feed[] {
  const known = permissions.map(reader(permission, (it) => it));
  return feeds.map(
    reader(feedForm, ({ name, projectId }, id): Feed => ({
      id,
      name,
      projectId,
      permissions: known
        .filter(({ feedId }) => feedId === id)
        .map(({ identityDescriptor, role }) => ({ descriptor: identityDescriptor, role })),
    })),
  );
}
