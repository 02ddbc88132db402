/** Who may call: both clouds take HTTP Basic, the one with a personal access token or a job's, the other with an application's secret. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FeedTokens } from "../services/feed/tokens";
import type { JobReach } from "../services/types";
import type { Cloud } from "./cloud";
import { personWith } from "./devops/persons";
import type { Entity } from "./state";

export interface Credentials {
  readonly personalAccessToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Pair {
  readonly user: string;
  readonly password: string;
}

function pairOf(header: string | undefined): Pair | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) {
    return undefined;
  }
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return colon === -1 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** Compares in a time that says nothing of how much is right. An empty secret is never right. */
function same(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return secret !== "" && timingSafeEqual(digest(given), digest(secret));
}

/** Whether the value of an `Authorization` header holds the owner's personal access token, with any user name. */
export function mayUseDevops(header: string | undefined, credentials: Credentials): boolean {
  const pair = pairOf(header);
  return pair !== undefined && same(pair.password, credentials.personalAccessToken);
}

/** The person beside the owner whose personal access token the value of an `Authorization` header holds. */
export function personOf(header: string | undefined, cloud: Cloud): Entity | undefined {
  const password = pairOf(header)?.password ?? "";
  return password === "" ? undefined : personWith(cloud, password);
}

/** What the job may fetch whose token the value of an `Authorization` header holds; git's own task on agents sends it as a bearer token. */
export function jobOf(header: string | undefined, tokens: FeedTokens | undefined): JobReach | undefined {
  const token = pairOf(header)?.password ?? /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  return token === undefined ? undefined : tokens?.jobOf(token);
}

/** Whether the value of an `Authorization` header holds the application's id and its secret. */
export function mayUseAzure(header: string | undefined, credentials: Credentials): boolean {
  const pair = pairOf(header);
  return pair?.user === credentials.clientId && same(pair.password, credentials.clientSecret);
}
