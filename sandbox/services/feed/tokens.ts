/** The job tokens: signed, for one role at the feed and for some git repositories, for a limited time, and revocable. */
import { createHmac, randomBytes, randomUUID } from "node:crypto";

import { z } from "zod";

import { isSameSecret } from "../basic-credentials";
import type { FeedRole, IssueOptions, JobReach } from "../types";

const claims = z.object({
  jti: z.string(),
  role: z.enum(["reader", "collaborator", "contributor"]),
  /** Seconds since 1970. */
  exp: z.number(),
  job: z.object({ project: z.string().optional(), repositories: z.array(z.string()).optional() }).optional(),
});

/** Fewest characters of a key, so that nobody guesses it. */
const fewestCharacters = 32;

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Issues tokens of the form that the service's job tokens have (RFC 7519), and knows its own. */
export class FeedTokens {
  private readonly key: string | Buffer;
  private readonly revoked = new Set<string>();

  /**
   * @param key Who has the same one knows the same tokens. At least 32 characters. Default: one that nobody else has.
   * @throws RangeError when the key is shorter
   */
  public constructor(
    private readonly now: () => number = Date.now,
    key?: string,
  ) {
    if (key !== undefined && key.length < fewestCharacters) {
      throw new RangeError(`the key of job tokens has at least ${fewestCharacters} characters: make a random one`);
    }
    this.key = key ?? randomBytes(32);
  }

  /** @throws RangeError when `seconds` is not above 0 */
  public issue({ role, seconds, job }: IssueOptions): string {
    if (!(seconds > 0)) throw new RangeError(`a token has to be good for more than 0 seconds, not ${seconds}`);
    const issued = Math.floor(this.now() / 1000);
    const body = {
      nameid: "build",
      scp: "app_token",
      role,
      ...(job === undefined ? {} : { job }),
      jti: randomUUID(),
      iat: issued,
      exp: this.now() / 1000 + seconds,
    };
    const signed = `${part({ typ: "JWT", alg: "HS256" })}.${part(body)}`;
    return `${signed}.${this.sign(signed)}`;
  }

  public revoke(token: string): void {
    const known = this.read(token);
    if (known !== undefined) this.revoked.add(known.jti);
  }

  /** The role that a token has now; nothing when it is not one of these, expired or revoked. */
  public roleOf(token: string): FeedRole | undefined {
    return this.good(token)?.role;
  }

  /** What a token's job may fetch now; nothing when it is not one of these, expired, revoked, or good for the feed alone. */
  public jobOf(token: string): JobReach | undefined {
    return this.good(token)?.job;
  }

  private good(token: string): z.infer<typeof claims> | undefined {
    const known = this.read(token);
    return known === undefined || this.revoked.has(known.jti) || known.exp <= this.now() / 1000 ? undefined : known;
  }

  private sign(text: string): string {
    return createHmac("sha256", this.key).update(text).digest("base64url");
  }

  private read(token: string): z.infer<typeof claims> | undefined {
    const [head = "", body = "", signature = "", ...more] = token.split(".");
    if (more.length > 0 || !isSameSecret(signature, this.sign(`${head}.${body}`))) return undefined;
    return claims.safeParse(JSON.parse(Buffer.from(body, "base64url").toString("utf8"))).data;
  }
}

/** Whether a role may do what another one may. */
export function isAtLeast(role: FeedRole, needed: FeedRole): boolean {
  const order: readonly FeedRole[] = ["reader", "collaborator", "contributor"];
  return order.indexOf(role) >= order.indexOf(needed);
}
