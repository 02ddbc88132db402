/** The feed's job tokens: signed, for one role, for a limited time, and worth nothing once they are revoked or the feed restarts. */
import { createHmac, randomBytes, randomUUID } from "node:crypto";

import { z } from "zod";

import { isSameSecret } from "../basic-credentials";
import type { FeedRole } from "../types";

const claims = z.object({
  jti: z.string(),
  role: z.enum(["reader", "collaborator", "contributor"]),
  /** Seconds since 1970. */
  exp: z.number(),
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Issues tokens of the form that the service's job tokens have (RFC 7519), and knows its own. */
export class FeedTokens {
  private readonly key = randomBytes(32);
  private readonly revoked = new Set<string>();

  public constructor(private readonly now: () => number = Date.now) {}

  /** @throws RangeError when `seconds` is not above 0 */
  public issue({ role, seconds }: { readonly role: FeedRole; readonly seconds: number }): string {
    if (!(seconds > 0)) throw new RangeError(`a token has to be good for more than 0 seconds, not ${seconds}`);
    const issued = Math.floor(this.now() / 1000);
    const body = {
      nameid: "build",
      scp: "app_token",
      role,
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
    const known = this.read(token);
    if (known === undefined || this.revoked.has(known.jti) || known.exp <= this.now() / 1000) return undefined;
    return known.role;
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
