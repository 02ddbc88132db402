/** Reads what is asked of the feed: by whom, and about what. No network, and no credential in what it says. */
import type { IncomingMessage } from "node:http";

import { basicCredentials } from "../basic-credentials";
import type { FeedRole } from "../types";
import {
  feedPath,
  isOfFeed,
  isPackageName,
  normalizedName,
  readFeedAddress,
  type FeedPlace,
  type FeedResource,
} from "./address";
import type { FeedTokens } from "./tokens";

/** An answer other than the one that was asked for. */
export class Refusal extends Error {
  public constructor(
    public readonly status: number,
    message: string,
    public readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Who has no good token is told nothing else. */
export function roleOf(
  { headers: { authorization } }: IncomingMessage,
  tokens: FeedTokens,
  place: FeedPlace,
): FeedRole {
  const password = basicCredentials(authorization)?.password ?? "";
  const role = password === "" ? undefined : tokens.roleOf(password);
  if (role !== undefined) return role;
  const why =
    authorization === undefined ? "no credentials came with the request" : "the token is wrong, expired or revoked";
  throw new Refusal(401, `401 Unauthorized: ${why}; give a job token as the password, with any user name`, {
    "www-authenticate": `Basic realm="${place.organization}"`,
  });
}

/** What a request is about, which its path alone says. @throws Refusal */
export function resourceOf({ url: target = "" }: IncomingMessage, place: FeedPlace): FeedResource {
  if (!target.startsWith("/")) throw new Refusal(400, "only paths are served here");
  const [path = "", query] = target.split("?");
  if (query !== undefined) {
    throw new Refusal(400, "an address here has no query: credentials belong into the Authorization header");
  }
  const parts = path.split("/").slice(1).map(decode);
  if (parts.some((part) => /^[^/]*:[^/]*@/.test(part))) {
    throw new Refusal(400, "the path holds credentials, which belong into the Authorization header");
  }
  const [organization = "", ...rest] = parts;
  const address = readFeedAddress(rest);
  if (
    address === undefined ||
    organization.toLowerCase() !== place.organization.toLowerCase() ||
    !isOfFeed(address, place)
  ) {
    throw new Refusal(404, `there is nothing at this address; the feed is at ${feedPath(place)}simple/`);
  }
  const { resource, slash } = address;
  if ((resource.kind === "list" || resource.kind === "package") && !slash) {
    // Relative, so that it is right behind another server, too.
    throw redirect(`${path.slice(path.lastIndexOf("/") + 1)}/`);
  }
  return resource;
}

/** For the log. */
export function describe(resource: FeedResource): string {
  switch (resource.kind) {
    case "list":
      return "simple/";
    case "package":
      return `simple/${shown(resource.name)}/`;
    case "download":
      return `download/${shown(resource.name)}/${shown(resource.file)}`;
    case "upload":
      return "upload/";
  }
}

/** What cannot be a package's name may be anything, a credential too. */
function shown(name: string): string {
  return /^[A-Za-z0-9._+!-]{1,200}$/.test(name) ? name : "(no name)";
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, "the path holds a broken percent sign");
  }
}

export function redirect(location: string): Refusal {
  return new Refusal(301, "this address is written another way", { location });
}

/** The name as indexes compare it. @throws Refusal for what can be no package's name */
export function packageName(asked: string): string {
  if (!isPackageName(asked)) throw new Refusal(404, "this can be no package's name");
  return normalizedName(asked);
}
