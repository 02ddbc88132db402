/** Finds out what a service connection may do with a registry, in the order in which Azure does. */
import type { Directory, Endpoint } from "../world";
import { same } from "./resources";

/** What Microsoft Entra expects a federated token to be for. */
const audience = "api://AzureADTokenExchange";

/** Built-in roles by the ids that Azure publishes, with what they allow at a registry (its documentation, "Roles and permissions"). */
const rolesOf: Readonly<Record<string, "push" | "pull">> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "push", // Owner
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "push", // Contributor
  "acdd72a7-3385-48ef-bd42-f606fba81ae7": "pull", // Reader
  "7f951dda-4ed3-4680-a7ca-43fe172d538d": "pull", // AcrPull
  "8311e382-0749-4cb8-b61a-304f252e45ec": "push", // AcrPush
};

/** Azure does not let a service connection in. */
export class SignInRefused extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "SignInRefused";
  }
}

/** The role that an assignment gives here, if it gives any. */
function roleFor(roleDefinitionId: string): "push" | "pull" | undefined {
  return rolesOf[(/([^/]+)$/.exec(roleDefinitionId)?.[1] ?? "").toLowerCase()];
}

/** A role on a resource group or a subscription is one on what is in it. */
function covers(scope: string, id: string): boolean {
  const [outer, inner] = [scope.toLowerCase().replace(/\/+$/, ""), id.toLowerCase()];
  return inner === outer || inner.startsWith(`${outer}/`);
}

/** Whether an application has any role in a subscription: one without does not see it. */
export function hasRoleWithin(
  clientId: string,
  subscriptionId: string,
  { identities, assignments }: Pick<Directory, "identities" | "assignments">,
): boolean {
  const subscription = `/subscriptions/${subscriptionId}`;
  const principals = identities.filter((one) => same(one.clientId, clientId)).map(({ principalId }) => principalId);
  return assignments.some(({ principalId, scope }) => principals.includes(principalId) && covers(subscription, scope));
}

function principalOf(endpoint: Endpoint, { identities, credentials }: Directory): string {
  const { name, clientId, tenantId, issuer, subject } = endpoint;
  const identity = identities.find((one) => same(one.clientId, clientId) && same(one.tenantId, tenantId));
  if (identity === undefined) {
    throw new SignInRefused(
      `AADSTS700016: the application ${clientId} of the service connection ${name} was not found in the directory ${tenantId}. Correct the connection's serviceprincipalid`,
    );
  }
  const trusted = credentials.some(
    (one) =>
      same(one.identityId, identity.id) &&
      // Entra compares these letter by letter.
      one.issuer === issuer &&
      one.subject === subject &&
      one.audiences.includes(audience),
  );
  if (!trusted) {
    throw new SignInRefused(
      `AADSTS70021: no matching federated identity record found for presented assertion. Assertion issuer: ${issuer}, subject: ${subject}, audience: ${audience}. Add a federated credential with these to the identity of ${name}`,
    );
  }
  return identity.principalId;
}

/**
 * What the connection may do at the registry that it is for, and where that answers.
 * @throws SignInRefused
 */
export function registryRole(
  endpoint: Endpoint,
  directory: Directory,
): { readonly role: "push" | "pull"; readonly loginServer: string } {
  const { name, scheme, registry: wanted } = endpoint;
  if (wanted === undefined) {
    throw new SignInRefused(`the service connection ${name} is none to a container registry: name one that is`);
  }
  if (scheme !== "WorkloadIdentityFederation") {
    throw new SignInRefused(
      `the service connection ${name} signs in by ${scheme}; here only WorkloadIdentityFederation is done`,
    );
  }
  const principalId = principalOf(endpoint, directory);
  const group = `/subscriptions/${wanted.subscriptionId}/resourceGroups/${wanted.resourceGroup}/`.toLowerCase();
  const registry = directory.registries.find(
    (one) => same(one.name, wanted.name) && (wanted.resourceGroup === "" || one.id.toLowerCase().startsWith(group)),
  );
  if (registry === undefined) {
    throw new SignInRefused(
      `the registry ${wanted.name} of the service connection ${name} does not exist in the resource group ${wanted.resourceGroup}: correct the connection, or make the registry`,
    );
  }
  const roles = directory.assignments
    .filter((one) => one.principalId === principalId && covers(one.scope, registry.id))
    .map(({ roleDefinitionId }) => roleFor(roleDefinitionId));
  const role = roles.includes("push") ? "push" : roles.includes("pull") ? "pull" : undefined;
  if (role === undefined) {
    throw new SignInRefused(
      `unauthorized: authentication required. The identity of the service connection ${name} has no role on the registry ${registry.name}: assign it AcrPull or AcrPush`,
    );
  }
  return { role, loginServer: registry.loginServer };
}
