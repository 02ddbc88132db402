/** Pipelines reach Azure by workload identity federation: nothing is stored that could leak or expire. */
import { resourceRule, type ReadResource } from "../resource-rule";
import { ENDPOINT_AZURE_ECR, ENDPOINT_AZURE_RM, ENDPOINT_DOCKER_REGISTRY, REGISTRY_TOKEN } from "../resource-types";
import { at, UNKNOWN } from "../values";
import type { Violation } from "../violation";

const FEDERATION = "WorkloadIdentityFederation";
const SCHEME = "serviceEndpointAuthenticationScheme";

export const federationOnly = resourceRule({
  name: "federation-only",
  description: "Service connections log in by workload identity federation, without a stored secret.",
  severity: "critical",
  mend: `Set ${SCHEME} to ${FEDERATION}, remove keys and passwords, and revoke them.`,
  types: [ENDPOINT_AZURE_ECR, ENDPOINT_AZURE_RM, ENDPOINT_DOCKER_REGISTRY, REGISTRY_TOKEN],
  check: (resource) => {
    switch (resource.type) {
      case ENDPOINT_DOCKER_REGISTRY:
        return storedPassword();
      case REGISTRY_TOKEN:
        return registryToken();
      default:
        return [...scheme(resource), ...key(resource)];
    }
  },
});

function scheme({ inputs }: ReadResource): Violation[] {
  const value = inputs[SCHEME];
  if (value === FEDERATION || value === UNKNOWN) return [];
  return [
    {
      where: SCHEME,
      what: value === undefined ? "it is missing, which means a service principal" : `it is not ${FEDERATION}`,
      why: "the connection then rests on a secret that can leak and expires",
      mend: `Set it to ${FEDERATION}`,
    },
  ];
}

function key({ inputs }: ReadResource): Violation[] {
  return ["serviceprincipalkey", "serviceprincipalcertificate"]
    .filter((name) => at(inputs.credentials, name) !== undefined)
    .map((name) => ({
      where: `credentials.${name}`,
      what: "it is a stored secret",
      why: "whoever reads the state or the connection can act as the service principal",
      mend: `Remove it, set ${SCHEME} to ${FEDERATION}, and revoke the secret`,
    }));
}

function storedPassword(): Violation[] {
  return [
    {
      where: "dockerPassword",
      what: "the connection logs in by a stored password",
      why: "a password can leak, expires, and names nobody",
      mend: `Use a ServiceEndpointAzureEcr with ${SCHEME} ${FEDERATION}`,
    },
  ];
}

function registryToken(): Violation[] {
  return [
    {
      where: "credentials",
      what: "it is a token of the registry, which logs in by a password",
      why: "a password can leak, and the registry's roles do not bind it",
      mend: "Remove it, and give an identity a role on the registry",
    },
  ];
}
