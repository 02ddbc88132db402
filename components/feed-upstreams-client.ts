/** Reads and writes the upstream sources of an Azure Artifacts feed over its REST interface. */
import { sendJson, RestError, type RestOptions } from "./azure-devops-rest";

/** One upstream source, in the service's terms. */
export interface UpstreamSource {
  readonly name: string;
  /** Kind of package; Wheelhouse declares `pypi` only, others appear when someone else added them. */
  readonly protocol: string;
  /** Address of the index behind. */
  readonly location: string;
  readonly kind: "public" | "internal";
}

/** Which feed, where. */
export interface FeedAddress {
  /** Root of the feeds service for one organization, such as `https://feeds.dev.azure.com/<organization>`. */
  readonly feedsUrl: string;
  /** Name or GUID of the feed's project; absent: a feed of the organization. */
  readonly project?: string;
  /** Name or GUID of the feed. */
  readonly feed: string;
}

export interface FeedUpstreamsState {
  /** Whether the feed looks at its upstream sources at all. */
  readonly upstreamEnabled: boolean;
  readonly upstreams: readonly UpstreamSource[];
}

/** The preview version that has upstream sources. */
const API_VERSION = "7.1-preview.1";

/**
 * What the feed shows now; `undefined` when there is no such feed.
 * @throws RestError for everything but success and 404.
 */
export async function readUpstreams(
  address: FeedAddress,
  options: RestOptions,
): Promise<FeedUpstreamsState | undefined> {
  try {
    return parseFeed(await sendJson({ method: "GET", ...about(address) }, options));
  } catch (error) {
    if (error instanceof RestError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Replaces the feed's whole list: the service knows no smaller change. An empty list switches upstream sources off.
 * @throws RestError for everything but success.
 */
export async function writeUpstreams(
  address: FeedAddress,
  upstreams: readonly UpstreamSource[],
  options: RestOptions,
): Promise<FeedUpstreamsState> {
  const body = {
    upstreamEnabled: upstreams.length > 0,
    upstreamSources: upstreams.map(({ name, protocol, location, kind }) => ({
      name,
      protocol,
      location,
      upstreamSourceType: kind,
    })),
  };
  return parseFeed(await sendJson({ method: "PATCH", body, ...about(address) }, options));
}

/** Whether two lists say the same. Order counts: the service asks the sources one after another. */
export function sameUpstreams(left: readonly UpstreamSource[], right: readonly UpstreamSource[]): boolean {
  return JSON.stringify(left.map(comparable)) === JSON.stringify(right.map(comparable));
}

function comparable({ name, protocol, location, kind }: UpstreamSource): readonly string[] {
  // The service may show an address with or without the slash that it was given.
  return [name, protocol.toLowerCase(), location.replace(/\/+$/, ""), kind];
}

function urlOf({ feedsUrl, project, feed }: FeedAddress): string {
  const scope = project === undefined ? "" : `${encodeURIComponent(project)}/`;
  const root = feedsUrl.replace(/\/+$/, "");
  return `${root}/${scope}_apis/packaging/feeds/${encodeURIComponent(feed)}?api-version=${API_VERSION}`;
}

function about(address: FeedAddress) {
  const { project, feed } = address;
  return {
    url: urlOf(address),
    subject: `upstream sources of feed ${project === undefined ? "" : `${project}/`}${feed}`,
    rights: "the scope Packaging (read, write and manage), and its user the role of feed owner",
    parts: "organization, project and feed",
  } as const;
}

function parseFeed(answer: unknown): FeedUpstreamsState {
  if (!isRecord(answer)) {
    throw new RestError("the feeds service answered something that is not a feed", 200);
  }
  const sources = Array.isArray(answer.upstreamSources) ? answer.upstreamSources : [];
  return {
    upstreamEnabled: answer.upstreamEnabled === true,
    // A source that was removed may stay in the answer for a while, with the date of its removal.
    upstreams: sources
      .filter((source) => isRecord(source) && (source.deletedDate ?? undefined) === undefined)
      .map(parseSource),
  };
}

function parseSource(source: unknown): UpstreamSource {
  const fields = isRecord(source) ? source : {};
  return {
    name: textOf(fields.name),
    protocol: textOf(fields.protocol),
    location: textOf(fields.location),
    kind: fields.upstreamSourceType === "internal" ? "internal" : "public",
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
