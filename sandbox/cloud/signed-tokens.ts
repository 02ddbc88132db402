/** Tokens that the clouds sign for each other: what one service says about somebody, another one believes for a while. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

type Claims = Readonly<Record<string, unknown>>;

function part(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Issues tokens of the form of RFC 7519, and knows its own. Each purpose has tokens of its own. */
export class SignedTokens {
  private readonly key: Buffer;

  /** @param key Who has it could sign, too. Default: one that nobody has, so that a restart ends every token. */
  public constructor(
    key?: string,
    private readonly now: () => number = Date.now,
  ) {
    this.key = createHmac("sha256", key ?? randomBytes(32))
      .update("tokens of the clouds")
      .digest();
  }

  public issue(purpose: string, claims: Claims, seconds: number): string {
    const issued = Math.floor(this.now() / 1000);
    const signed = `${part({ typ: "JWT", alg: "HS256" })}.${part({ ...claims, iat: issued, exp: issued + seconds })}`;
    return `${signed}.${this.sign(purpose, signed).toString("base64url")}`;
  }

  /** What a token says. `expired` where its time is over; nothing where it is none of these. */
  public read(purpose: string, token: string): Claims | "expired" | undefined {
    const [head = "", body = "", signature = "", ...more] = token.split(".");
    const given = Buffer.from(signature, "base64url");
    const right = this.sign(purpose, `${head}.${body}`);
    if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const claims = JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as Claims;
    return Number(claims.exp) <= this.now() / 1000 ? "expired" : claims;
  }

  private sign(purpose: string, text: string): Buffer {
    return createHmac("sha256", this.key).update(`${purpose} ${text}`).digest();
  }
}
