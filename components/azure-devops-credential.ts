/** Reads the credential for Azure DevOps' REST services from the environment, at the moment it is needed. */

/** What a request needs to be let in, and every text that must never appear in a log or an error. */
export interface Credential {
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  /** The token in each form it takes on the way. */
  readonly secrets: readonly string[];
}

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The credential that the environment offers: `AZDO_PERSONAL_ACCESS_TOKEN` (also what the azuredevops provider reads),
 * sent as the password of Basic authentication; else `SYSTEM_ACCESSTOKEN`, a pipeline's job token or a token of
 * Microsoft Entra, sent as a bearer token. White space around a token is not part of it.
 * @throws Error when neither is set, or the bearer token holds characters that no token has.
 */
export function credentialFrom(environment: Environment): Credential {
  const personal = environment.AZDO_PERSONAL_ACCESS_TOKEN?.trim();
  if (personal) {
    const encoded = Buffer.from(`:${personal}`).toString("base64");
    return { authorization: `Basic ${encoded}`, secrets: [encoded, personal] };
  }
  const bearer = environment.SYSTEM_ACCESSTOKEN?.trim();
  if (bearer) {
    // An invalid header value would come back in the text of fetch's own error, token and all.
    if (!/^[\x21-\x7e]+$/.test(bearer)) {
      throw new Error("SYSTEM_ACCESSTOKEN holds white space or characters that no token has: set it again");
    }
    return { authorization: `Bearer ${bearer}`, secrets: [bearer] };
  }
  throw new Error(
    "no credential for Azure DevOps: set AZDO_PERSONAL_ACCESS_TOKEN (scopes Packaging: read, write and manage, " +
      "Build: read and execute) or SYSTEM_ACCESSTOKEN in the environment that runs pulumi",
  );
}

/** The text with every form of the token replaced. */
export function redact(text: string, credential: Credential): string {
  return credential.secrets.reduce(
    (redacted, secret) => redacted.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***"),
    text,
  );
}
