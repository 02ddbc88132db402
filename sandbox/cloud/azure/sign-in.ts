/** Microsoft Entra: a token of a trusted issuer becomes a token for Azure of the identity that trusts it. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { ServiceError } from "../errors";
import { text } from "../kind";
import type { Principal } from "./principal";
import { tokens } from "./resource-manager";

const request = z.object({ clientId: z.string(), tenantId: z.string(), assertion: z.string() });
const assertionClaims = z.object({ iss: z.string(), sub: z.string(), aud: z.string() });
const principal = z.object({ clientId: z.string(), principalId: z.string() });

/** Seconds for which a token for Azure is good. */
const seconds = 3600;

function refused(code: string, message: string): ServiceError {
  return new ServiceError(401, code, `${code}: ${message}`);
}

/** @returns a token for Azure. @throws ServiceError in Entra's words */
export function signIn(cloud: Cloud, body: unknown): { readonly accessToken: string } {
  const parsed = request.safeParse(body);
  if (!parsed.success) throw refused("AADSTS900144", "the request needs clientId, tenantId and assertion");
  const { clientId, tenantId, assertion } = parsed.data;
  const claims = cloud.signedTokens.read("federation", assertion);
  if (claims === "expired") {
    throw refused("AADSTS700024", "client assertion is not within its valid time range: sign in again");
  }
  if (claims === undefined) throw refused("AADSTS50027", "the client assertion is no token of a known issuer");
  const { iss, sub, aud } = assertionClaims.parse(claims);
  const identity = cloud.state
    .list(tokens.userAssignedIdentity)
    .find((entity) => text(entity, "clientId").toLowerCase() === clientId.toLowerCase());
  if (identity === undefined || tenantId.toLowerCase() !== cloud.tenantId.toLowerCase()) {
    throw refused("AADSTS700016", `the application ${clientId} was not found in the directory ${tenantId}`);
  }
  // Compared letter by letter.
  const trusted = cloud.state
    .list(tokens.federatedIdentityCredential)
    .filter((entity) => entity.within.some(({ id }) => id === identity.id))
    .some(
      (entity) =>
        text(entity, "issuer") === iss &&
        text(entity, "subject") === sub &&
        z.array(z.string()).catch([]).parse(entity.properties.audiences).includes(aud),
    );
  if (!trusted) {
    throw refused(
      "AADSTS70021",
      `no matching federated identity record found for presented assertion. Assertion issuer: ${iss}, subject: ${sub}, ` +
        `audience: ${aud}. Add a federated credential with these to the identity`,
    );
  }
  const who: Principal = { clientId: text(identity, "clientId"), principalId: text(identity, "principalId") };
  return { accessToken: cloud.signedTokens.issue("azure", { ...who }, seconds) };
}

/** Whose token the value of an `Authorization` header holds; nothing where it is none, or its time is over. */
export function principalOf(header: string | undefined, cloud: Cloud): Principal | undefined {
  const token = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  const claims = token === undefined ? undefined : cloud.signedTokens.read("azure", token);
  return claims === undefined || claims === "expired" ? undefined : principal.parse(claims);
}
