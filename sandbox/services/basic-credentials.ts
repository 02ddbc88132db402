/** Reads the user and the password of HTTP Basic, and compares secrets without telling how much of them is right. */
import { createHash, timingSafeEqual } from "node:crypto";

export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** Of an `Authorization` header; nothing when it holds no Basic credentials. */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return colon === -1 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** An empty secret is never right. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return secret !== "" && timingSafeEqual(digest(given), digest(secret));
}
