/** What a platform team sets up by hand before its pull requests show previews, as docs/preview-comments.md has it, and what the pull requests say then. */
import { readFileSync } from "node:fs";

import { z } from "zod";

import { identity as account } from "../commands/sandbox";
import { tokens as azure } from "../cloud/azure/resource-manager";
import { tokens as devops } from "../cloud/devops/tokens";
import type { Stage } from "./stage";

/** Name of the identity, of the connection that signs in as it, and of the group with its secrets. */
const name = "wheelhouse-preview";

/** Azure's built-in role Reader. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

const resourceGroupName = "wheelhouse";

/** Of a managed identity, what other services know it by. */
const principal = z.looseObject({ clientId: z.string(), principalId: z.string() });
/** Of a service connection, what an identity must trust. */
const federation = z.looseObject({
  workloadIdentityFederationIssuer: z.string(),
  workloadIdentityFederationSubject: z.string(),
});

/**
 * Makes an identity that may read, the connection that signs in as it, and the variable group with the passphrase of the stack's
 * secrets, where they are not there yet.
 * @returns the setting `wheelhouse:preview`
 */
export async function allowPreviews({ clouds, stack }: Stage): Promise<Readonly<Record<string, unknown>>> {
  const projectId = await clouds.idOf(devops.project, { name: "Platform" });
  const scope = `/subscriptions/${account.subscriptionId}/resourceGroups/${resourceGroupName}`;
  const made = await clouds.ensure(azure.userAssignedIdentity, { resourceGroupName, resourceName: name });
  const { clientId, principalId } = principal.parse(made.properties);
  await clouds.ensure(azure.roleAssignment, {
    principalId,
    principalType: "ServicePrincipal",
    roleDefinitionId: `/subscriptions/${account.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
    scope,
  });
  const connection = await clouds.ensure(devops.serviceEndpointAzureRM, {
    projectId,
    serviceEndpointName: name,
    azurermSpnTenantid: account.tenantId,
    azurermSubscriptionId: account.subscriptionId,
    azurermSubscriptionName: "Wheelhouse sandbox",
    serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
    credentials: { serviceprincipalid: clientId },
  });
  const { workloadIdentityFederationIssuer, workloadIdentityFederationSubject } = federation.parse(
    connection.properties,
  );
  await clouds.ensure(azure.federatedIdentityCredential, {
    resourceGroupName,
    resourceName: name,
    federatedIdentityCredentialResourceName: name,
    issuer: workloadIdentityFederationIssuer,
    subject: workloadIdentityFederationSubject,
    audiences: ["api://AzureADTokenExchange"],
  });
  const secretValue = readFileSync(stack.passphraseFile, "utf8");
  const group = await clouds.ensure(devops.variableGroup, {
    projectId,
    name,
    variables: [{ name: "PULUMI_CONFIG_PASSPHRASE", isSecret: true, secretValue }],
  });
  return { backend: stack.backend, stacks: [stack.name], connection: name, variableGroup: Number(group.id) };
}

/** A comment of `wheelhouse preview-comment`, as the pull request's page has it. */
export interface PreviewComment {
  readonly id: number;
  /** As the page shows it: `active`, or `closed`. */
  readonly status: string;
  readonly text: string;
}

const threadList = z.looseObject({
  value: z.array(
    z.looseObject({
      id: z.number(),
      status: z.string().optional(),
      comments: z.array(z.looseObject({ content: z.string().optional() })),
    }),
  ),
});

/** The one comment of the stack. @throws Error where there is none, or more than one */
export async function previewComment(stage: Stage, repository: string, pullRequest: number): Promise<PreviewComment> {
  const { value } = threadList.parse(await stage.organization.threads(repository, pullRequest));
  const texts = value.map(({ id, status, comments }) => ({
    id,
    status: status ?? "unknown",
    text: comments[0]?.content ?? "",
  }));
  const own = texts.filter(({ text }) => text.startsWith("### Preview of "));
  const [only, ...more] = own;
  if (only === undefined || more.length > 0) {
    throw new Error(
      `pull request ${pullRequest} of ${repository} has ${own.length} comments on the preview, and not one`,
    );
  }
  return only;
}
