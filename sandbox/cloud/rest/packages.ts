/** What the feeds hold, over the package managers' own protocols: one feed's packages come from a package index, others are empty. */
import { request as send, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { feedPath, isOfFeed, readFeedAddress, type FeedPlace } from "../../services/feed/address";
import { type Answer, type Call } from "../call";
import { requireFeed } from "../devops/feeds";
import { requireProject } from "../devops/identities";
import { missing, ServiceError } from "../errors";
import { text } from "../kind";
import { projectId } from "./repositories";

/** A gateway that serves the packages of one feed and checks tokens itself; `sandbox/services` has it. */
export interface PackageIndex extends FeedPlace {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
}

/**
 * `[<project>/]_packaging/<feed>/pypi/{simple,download,upload}/…`.
 * @param index The package index, where there is one; for its feed the caller's credentials are its business.
 * @param mayUse Whether the caller may see the other feeds, which nobody has published to and which have an empty index.
 */
export async function packages(
  call: Call,
  index: PackageIndex | undefined,
  mayUse: (header: string | undefined) => boolean,
): Promise<Answer | undefined> {
  const address = readFeedAddress(call.parts);
  const known = address === undefined ? undefined : placeOf(call, address.project, address.feed, mayUse, index);
  if (address === undefined || known === undefined) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  if (index !== undefined && isOfFeed({ ...address, project: known.project, feed: known.name }, index)) {
    return forward(call, index);
  }
  const { resource } = address;
  if (resource.kind === "upload" || (call.method !== "GET" && call.method !== "HEAD")) {
    throw new ServiceError(405, "MethodNotAllowed", "nothing is published to this feed here");
  }
  if (resource.kind !== "list") {
    throw missing("PackageNotFound", `the feed ${known.name} holds no package named ${resource.name}`);
  }
  return {
    status: 200,
    headers: { "content-type": "text/html" },
    text: "<!DOCTYPE html>\n<html><body></body></html>\n",
  };
}

/** Names of a feed that exists and of its project, whichever way the address writes them. */
function placeOf(
  { cloud, request }: Call,
  project: string | undefined,
  nameOrId: string,
  mayUse: (header: string | undefined) => boolean,
  index: PackageIndex | undefined,
): { readonly project: string | undefined; readonly name: string } {
  const allowed = mayUse(request.headers.authorization);
  try {
    const ofProject = project === undefined ? undefined : projectId(cloud, project);
    const feed = requireFeed(cloud, ofProject, nameOrId);
    const known = {
      project: ofProject === undefined ? undefined : text(requireProject(cloud, ofProject), "name"),
      name: text(feed, "name"),
    };
    // A token of the index says nothing about other feeds.
    if (allowed || (index !== undefined && isOfFeed({ project: known.project, feed: known.name }, index))) return known;
  } catch (error) {
    if (allowed) throw error;
  }
  throw new ServiceError(401, "Unauthorized", "access denied: sign in with HTTP Basic and a token for this feed");
}

/** Passes a request on as it is, to the same address on the index. Its answers hold no address with a host. */
async function forward({ request, response }: Call, index: PackageIndex): Promise<undefined> {
  const target = request.url ?? "";
  const rest = target.slice(target.indexOf("/pypi/") + "/pypi/".length);
  const sent = send(new URL(`${feedPath(index)}${rest}`, index.address), {
    method: request.method,
    headers: { ...request.headers, host: new URL(index.address).host, connection: "close" },
  });
  const answered = once(sent, "response");
  request.pipe(sent);
  const [answer] = (await answered.catch((cause: unknown) => {
    throw new ServiceError(503, "PackageIndexUnavailable", "the feed's package index does not answer", { cause });
  })) as [IncomingMessage];
  response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: "close" });
  await pipeline(answer, response).catch(() => response.destroy());
  return undefined;
}
