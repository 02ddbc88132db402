/** Feeds over REST: their list, their settings, and the replacement of their upstream sources. */
import { z } from "zod";
import { jsonBody, list, ok, type Answer, type Call } from "../call";
import type { Cloud } from "../cloud";
import { seesFeed } from "../devops/build-accounts";
import { requireFeed } from "../devops/feeds";
import { projectOf } from "../devops/functions";
import { requireProject } from "../devops/identities";
import { checkName } from "../devops/names";
import { tokens } from "../devops/tokens";
import { conflict, invalid, missing, ServiceError } from "../errors";
import { checkJobFinding, checkJobProject } from "../job-access";
import { text } from "../kind";
import { newGuid, type Entity } from "../state";
import { checkVersion } from "./version";

const upstreamSource = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1),
  protocol: z.enum(["pypi", "npm", "nuget", "maven", "cargo", "upack"]),
  location: z.string().min(1),
  displayLocation: z.string().optional(),
  upstreamSourceType: z.enum(["public", "internal"]),
  status: z.enum(["ok", "disabled"]).optional(),
  statusDetails: z.array(z.unknown()).optional(),
  deletedDate: z.string().nullable().optional(),
  internalUpstreamCollectionId: z.string().nullable().optional(),
  internalUpstreamFeedId: z.string().nullable().optional(),
  internalUpstreamProjectId: z.string().nullable().optional(),
  internalUpstreamViewId: z.string().nullable().optional(),
  serviceEndpointId: z.string().nullable().optional(),
  serviceEndpointProjectId: z.string().nullable().optional(),
});

type UpstreamSource = z.infer<typeof upstreamSource>;

const update = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().nullable().optional(),
  allowUpstreamNameConflict: z.boolean().nullable().optional(),
  badgesEnabled: z.boolean().optional(),
  defaultViewId: z.string().optional(),
  hideDeletedPackageVersions: z.boolean().optional(),
  upstreamEnabled: z.boolean().optional(),
  upstreamSources: z.array(upstreamSource).optional(),
});

/** Most upstream sources of a feed. */
const mostSources = 20;

/** `/_apis/packaging/feeds[/<feed>]`, after the project's name or id for feeds of a project. */
export async function feeds(call: Call): Promise<Answer> {
  const at = call.parts.indexOf("_apis");
  const [area, kind, nameOrId, ...more] = call.parts.slice(at + 1);
  if (at < 0 || at > 1 || area?.toLowerCase() !== "packaging" || kind?.toLowerCase() !== "feeds" || more.length > 0) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  checkVersion(call);
  const projectId = at === 0 ? undefined : projectIdOf(call.cloud, call.parts[0] ?? "");
  if (projectId !== undefined) checkJobProject(call, projectId);
  if (nameOrId === undefined) {
    return listFeeds(call, projectId);
  }
  const feed = requireFeed(call.cloud, projectId, nameOrId);
  checkJobFinding(call, tokens.feed, { id: feed.id });
  switch (call.method) {
    case "GET":
      return ok(describe(call.cloud, feed));
    case "PATCH":
      return ok(describe(call.cloud, await patch(call, feed)));
    default:
      throw new ServiceError(405, "MethodNotAllowed", `${call.method} on a feed is not served here; GET and PATCH are`);
  }
}

function projectIdOf(cloud: Cloud, nameOrId: string): string {
  const project = projectOf(cloud, nameOrId);
  if (project === undefined) {
    throw missing("ProjectDoesNotExist", `TF200016: there is no project ${nameOrId} in ${cloud.organization}`);
  }
  return project.id;
}

/** Without a project the service lists all feeds that the caller may see; with one, those of the project. */
function listFeeds({ cloud, job, method }: Call, projectId: string | undefined): Answer {
  if (method !== "GET") {
    throw new ServiceError(405, "MethodNotAllowed", `${method} on the list of feeds is not served here; GET is`);
  }
  const all = cloud.state.list(tokens.feed).filter(({ id }) => job === undefined || seesFeed(cloud, job, id));
  const wanted = projectId === undefined ? all : all.filter((feed) => text(feed, "projectId") === projectId);
  return list(wanted.map((feed) => describe(cloud, feed)));
}

function describe(cloud: Cloud, feed: Entity): Record<string, unknown> {
  const projectId = text(feed, "projectId");
  const project = projectId === "" ? undefined : requireProject(cloud, projectId);
  const path = `${cloud.address()}/feeds/${cloud.organization}/${project === undefined ? "" : `${projectId}/`}`;
  return {
    ...feed.hidden,
    id: feed.id,
    name: text(feed, "name"),
    fullyQualifiedName: text(feed, "name"),
    fullyQualifiedId: feed.id,
    url: `${path}_apis/Packaging/Feeds/${feed.id}`,
    ...(project === undefined
      ? {}
      : { project: { id: projectId, name: text(project, "name"), visibility: text(project, "visibility") } }),
  };
}

async function patch(call: Call, feed: Entity): Promise<Entity> {
  const { cloud } = call;
  const body = await jsonBody(call);
  const parsed = update.safeParse(body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`);
    throw invalid("InvalidUserInputException", `the feed cannot be changed so: ${problems.join("; ")}`);
  }
  const { id, name, upstreamSources, ...settings } = parsed.data;
  if (id !== undefined && id !== feed.id) {
    throw invalid("InvalidUserInputException", `the body speaks of the feed ${id}, the address of ${feed.id}`);
  }
  const sources = upstreamSources === undefined ? {} : { upstreamSources: accepted(upstreamSources, feed) };
  // The body took its time: others may have changed the feed meanwhile, or deleted it.
  const latest = cloud.state.get(tokens.feed, feed.id);
  if (latest === undefined) {
    throw missing("FeedIdNotFound", `the feed ${feed.id} was deleted meanwhile`);
  }
  const renamed = name === undefined ? {} : rename(cloud, latest, name);
  return cloud.state.put({ ...latest, ...renamed, hidden: { ...latest.hidden, ...settings, ...sources } });
}

function rename(cloud: Cloud, feed: Entity, name: string): Pick<Entity, "key" | "properties"> {
  checkName("feed", name);
  const key = `${text(feed, "projectId")}/${name.toLowerCase()}`;
  const holder = cloud.state.byKey(tokens.feed, key);
  if (holder !== undefined && holder.id !== feed.id) {
    throw conflict("FeedNameAlreadyExists", `a feed named "${name}" exists already here, or can still be restored`);
  }
  return { key, properties: { ...feed.properties, name } };
}

/** The whole list as the service keeps it: each source has an id, which it keeps as long as it stays the same source. */
function accepted(sources: readonly UpstreamSource[], feed: Entity): Record<string, unknown>[] {
  if (sources.length > mostSources) {
    throw invalid(
      "InvalidUserInputException",
      `a feed has at most ${mostSources} upstream sources, and these are ${sources.length}`,
    );
  }
  const names = sources.map(({ name }) => name.toLowerCase());
  const places = sources.map(({ protocol, location }) => `${protocol} ${location.replace(/\/+$/, "")}`);
  const twice = [...names, ...places].find(
    (value) => [...names, ...places].filter((other) => other === value).length > 1,
  );
  if (twice !== undefined) {
    throw invalid(
      "InvalidUserInputException",
      `two upstream sources have the same name or the same location: ${twice}`,
    );
  }
  const before = z
    .array(z.looseObject({ id: z.string(), name: z.string() }))
    .catch([])
    .parse(feed.hidden?.upstreamSources);
  return sources.map((source) => {
    checkLocation(source);
    const known = before.find(({ name }) => name.toLowerCase() === source.name.toLowerCase());
    return {
      status: "ok",
      displayLocation: source.location,
      ...source,
      id: source.id ?? known?.id ?? newGuid(),
    };
  });
}

function checkLocation({ name, location, upstreamSourceType, internalUpstreamFeedId }: UpstreamSource): void {
  if (upstreamSourceType === "public") {
    const scheme = URL.canParse(location) ? new URL(location).protocol : "";
    if (scheme !== "https:" && scheme !== "http:") {
      throw invalid(
        "InvalidUpstreamSourceException",
        `the upstream source "${name}" has the location "${location}", which is no web address`,
      );
    }
    if (new URL(location).username !== "" || new URL(location).password !== "") {
      throw invalid(
        "InvalidUpstreamSourceException",
        `the location of the upstream source "${name}" may not hold credentials`,
      );
    }
  } else if (!/^azure-feed:\/\/[^/]+\/.+@[^@]+$/.test(location) && typeof internalUpstreamFeedId !== "string") {
    throw invalid(
      "InvalidUpstreamSourceException",
      `the internal upstream source "${name}" needs a location like azure-feed://<organization>/<project>/<feed>@<view>`,
    );
  }
}
