/** The errors of a registry, each with what to do about it; no text of theirs holds a credential. */
import { OutsideError } from "../errors";

/** A registry that could not be reached, or that answered with an error. */
export class RegistryError extends OutsideError {
  constructor(
    message: string,
    mend: string,
    /** HTTP status of the answer; absent where there was none. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, mend, options);
  }
}

/** What was asked for, in words for messages. */
export interface Subject {
  /** Such as `read manifest`. */
  readonly deed: string;
  /** Such as `contoso.azurecr.io/orders:1.2`. */
  readonly what: string;
  readonly host: string;
}

const tlsCodes = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "EPROTO",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The error code that node gives to failures of the network, or "". */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** An error for a request that got no answer. */
export function unreachable({ deed, what, host }: Subject, error: unknown): RegistryError {
  const code = codeOf(error);
  const cannot = `cannot ${deed} ${what}`;
  const reason = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  if (tlsCodes.has(code)) {
    return new RegistryError(
      `${cannot}: the TLS connection to ${host} failed (${code})`,
      "Is it the right host and port? For a certificate authority of your own, name its file in NODE_EXTRA_CA_CERTS.",
      undefined,
      cause,
    );
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new RegistryError(
      `${cannot}: there is no host ${host} (${code})`,
      "Check the spelling of the registry, and the name service of this machine.",
      undefined,
      cause,
    );
  }
  if (code === "ECONNREFUSED") {
    return new RegistryError(
      `${cannot}: ${host} refuses connections`,
      "Is the registry running, and is this its port?",
      undefined,
      cause,
    );
  }
  return new RegistryError(
    `${cannot}: ${host} did not answer (${code === "" ? reason : code})`,
    "Check the network between this machine and the registry, then run it again.",
    undefined,
    cause,
  );
}

/** An error for an answer that is not what was asked for. `said` is the registry's own explanation. */
export function refused({ deed, what, host }: Subject, status: number, said: string, signedIn: boolean): RegistryError {
  const message = `cannot ${deed} ${what}: ${host} answered ${status}${said === "" ? "" : ` (${said})`}`;
  return new RegistryError(message, mendOf(status, host, signedIn), status);
}

function mendOf(status: number, host: string, signedIn: boolean): string {
  if (status === 401 || status === 403) {
    return signedIn
      ? `The credential for ${host} is wrong, has expired or lacks the role: sign in again (docker login ${host}), or give the identity the role it needs.`
      : `There is no credential for ${host}: sign in first (docker login ${host}), or set DOCKER_CONFIG to the folder whose config.json has it.`;
  }
  if (status === 404)
    return "Check the repository, the tag and the digest; a private registry may hide what one may not read.";
  if (status === 429) return "The registry limits requests: wait a few minutes, or sign in for a higher limit.";
  if (status >= 500) return "The registry failed, several times: try again later.";
  return "This is not an answer that a registry should give: is the host a container registry?";
}

/** Explanation in the body of a registry's error, as the distribution specification has it; "" when there is none. */
export function explanation(body: Buffer): string {
  try {
    const parsed = JSON.parse(body.toString("utf8")) as unknown;
    if (typeof parsed !== "object" || parsed === null || !("errors" in parsed) || !Array.isArray(parsed.errors))
      return "";
    const first = (parsed.errors as unknown[])[0];
    if (typeof first !== "object" || first === null) return "";
    const code = "code" in first && typeof first.code === "string" ? first.code : "";
    const message = "message" in first && typeof first.message === "string" ? first.message : "";
    return [code, message]
      .filter((part) => part !== "")
      .join(": ")
      .slice(0, 300);
  } catch {
    return "";
  }
}
