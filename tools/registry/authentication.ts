/** Signs requests to one registry: Basic, or Bearer with tokens fetched as the registry's challenge asks. */
import { z } from "zod";
import { parseChallenges, type Challenge } from "./challenge";
import { type Credential } from "./credentials";
import { RegistryError, explanation, refused } from "./errors";
import { exchange, readBody, type Patience, type Transferred } from "./exchange";

/** Bytes of a token answer that are read at most. */
const tokenLimit = 1 << 20;

/** Seconds before its end at which a token is fetched anew. */
const marginSeconds = 10;

/** How long a token holds that does not say so, in seconds: what the token specification sets. */
const unsaidSeconds = 60;

const tokenSchema = z.looseObject({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

export interface AuthenticatorOptions {
  /** Host and port, for messages. */
  readonly host: string;
  readonly credential: Credential | undefined;
  readonly transferred: Transferred;
  readonly patience: Patience;
  /** Whether a token service may be spoken to without TLS. */
  readonly mayBePlain: (url: URL) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Keeps the tokens of one registry, one for each scope. */
export class Authenticator {
  private basic = false;
  private readonly tokens = new Map<string, { header: string; until: number }>();

  constructor(private readonly options: AuthenticatorOptions) {}

  get signedIn(): boolean {
    return this.options.credential !== undefined;
  }

  /** Header for a request of this scope as far as it is known already; `undefined` before the first challenge. */
  header(scope: string): string | undefined {
    if (this.basic) return this.basicHeader();
    const token = this.tokens.get(scope);
    return token !== undefined && token.until > Date.now() ? token.header : undefined;
  }

  /**
   * Header that answers a challenge; `undefined` when nothing can answer it, so that the refusal stands.
   * @throws RegistryError when the token service refuses or fails.
   */
  async answer(challengeHeader: string, scope: string): Promise<string | undefined> {
    const challenges = parseChallenges(challengeHeader);
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      this.tokens.delete(scope);
      const { token, seconds } = await this.fetchToken(bearer, scope);
      const header = `Bearer ${token}`;
      this.tokens.set(scope, { header, until: Date.now() + Math.max(seconds - marginSeconds, 1) * 1000 });
      return header;
    }
    if (!challenges.some(({ scheme }) => scheme === "basic")) return undefined;
    const header = this.basicHeader();
    this.basic = header !== undefined;
    return header;
  }

  private basicHeader(): string | undefined {
    const { credential } = this.options;
    if (credential?.kind !== "password") return undefined;
    return `Basic ${Buffer.from(`${credential.user}:${credential.password}`).toString("base64")}`;
  }

  /** As the distribution's token specification has it: GET with Basic, or POST (OAuth 2) with an identity token. */
  private async fetchToken({ parameters }: Challenge, scope: string): Promise<{ token: string; seconds: number }> {
    const { host, credential, transferred, patience, signal } = this.options;
    const realm = this.realmOf(parameters.get("realm"));
    const service = parameters.get("service");
    const form = new URLSearchParams();
    if (service !== undefined) form.set("service", service);
    // What a mount takes is more than some registries ask for in their challenge.
    const asked = (parameters.get("scope") ?? scope).split(" ");
    const scopes = scope.includes(" ") ? new Set([...asked, ...scope.split(" ")]) : asked;
    for (const one of scopes) form.append("scope", one);
    const subject = { deed: "sign in to", what: host, host: realm.host };
    const shared = { subject, signal };
    const basic = this.basicHeader();
    if (credential?.kind === "identity-token") {
      form.set("grant_type", "refresh_token");
      form.set("client_id", "wheelhouse");
      form.set("refresh_token", credential.token);
      form.set("scope", form.getAll("scope").join(" "));
    } else {
      for (const [name, value] of form) realm.searchParams.append(name, value);
    }
    const answer =
      credential?.kind === "identity-token"
        ? await exchange(
            {
              ...shared,
              method: "POST",
              url: realm,
              headers: { "content-type": "application/x-www-form-urlencoded" },
              body: Buffer.from(form.toString()),
            },
            transferred,
            patience,
          )
        : await exchange(
            { ...shared, method: "GET", url: realm, headers: basic === undefined ? {} : { authorization: basic } },
            transferred,
            patience,
          );
    const body = await readBody(answer, tokenLimit);
    const status = answer.statusCode ?? 0;
    if (status !== 200) throw refused(subject, status, explanation(body), this.signedIn);
    return readToken(body, realm.host);
  }

  private realmOf(text: string | undefined): URL {
    let realm: URL | undefined;
    try {
      realm = new URL(text ?? "");
    } catch {
      realm = undefined;
    }
    const usable =
      realm !== undefined &&
      (realm.protocol === "https:" || (realm.protocol === "http:" && this.options.mayBePlain(realm)));
    if (realm === undefined || !usable) {
      throw new RegistryError(
        `cannot sign in to ${this.options.host}: it names ${JSON.stringify(text ?? "")} as its token service, which is no https address`,
        "Is this host the registry that you mean? Its configuration has to name a token service with https.",
      );
    }
    return realm;
  }
}

function readToken(body: Buffer, host: string): { token: string; seconds: number } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    parsed = undefined;
  }
  const answer = tokenSchema.safeParse(parsed);
  const token = answer.success ? (answer.data.access_token ?? answer.data.token) : undefined;
  if (!answer.success || token === undefined || token === "" || /[^\x21-\x7e]/.test(token)) {
    throw new RegistryError(`the token service ${host} gave no token`, "Is the registry's token service set up?");
  }
  return { token, seconds: answer.data.expires_in ?? unsaidSeconds };
}
