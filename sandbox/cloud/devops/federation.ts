/** What Azure DevOps says of a service connection to who asks whom it stands for: issuer and subject, signed for a few minutes. */
import type { Cloud } from "../cloud";
import { invalid, missing } from "../errors";
import { text } from "../kind";
import { federation } from "./endpoints";
import { tokens } from "./tokens";

/** Whom the tokens are for. */
export const federatedAudience = "api://AzureADTokenExchange";

/** The service's own: ten minutes. */
const seconds = 600;

/** A token about a service connection, as the service gives to the job that uses it. */
export function federatedToken(cloud: Cloud, endpointId: string): string {
  const endpoint =
    cloud.state.get(tokens.serviceEndpointAzureRM, endpointId) ??
    cloud.state.get(tokens.serviceEndpointAzureEcr, endpointId);
  if (endpoint === undefined) {
    throw missing("ServiceEndpointNotFoundException", `there is no service connection with the id ${endpointId}`);
  }
  const { workloadIdentityFederationIssuer: iss, workloadIdentityFederationSubject: sub } = federation(endpoint, cloud);
  if (iss === undefined) {
    throw invalid(
      "OidcTokenNotSupportedException",
      `the service connection ${text(endpoint, "serviceEndpointName")} does not sign in by workload identity federation`,
    );
  }
  return cloud.signedTokens.issue("federation", { iss, sub, aud: federatedAudience }, seconds);
}
