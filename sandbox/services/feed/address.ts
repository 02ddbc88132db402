/** The form of a feed's addresses, in one place for the feed's gateway and for the stand-in cloud: no network here. */

/** Where a feed is. Without a project it is one of the organization's. */
export interface FeedPlace {
  readonly organization: string;
  readonly project?: string;
  readonly name: string;
}

/** What an address within a feed's package area is of. */
export type FeedResource =
  | { readonly kind: "list" }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "download"; readonly name: string; readonly version: string; readonly file: string }
  | { readonly kind: "upload" };

export interface FeedAddress {
  readonly project: string | undefined;
  readonly feed: string;
  readonly resource: FeedResource;
  /** Whether it ends with a slash, which addresses of pages do. */
  readonly slash: boolean;
}

/** `/<organization>/[<project>/]_packaging/<feed>/pypi/` */
export function feedPath({ organization, project, name }: FeedPlace): string {
  const parts = [organization, ...(project === undefined ? [] : [project]), "_packaging", name, "pypi"];
  return `/${parts.map(encodeURIComponent).join("/")}/`;
}

function resourceOf(area: string, rest: readonly string[]): FeedResource | undefined {
  if (rest.some((part) => part === "")) return undefined;
  const [name, version, file] = rest;
  switch (area) {
    case "simple":
      if (rest.length > 1) return undefined;
      return name === undefined ? { kind: "list" } : { kind: "package", name };
    case "download":
      if (name === undefined || version === undefined || file === undefined || rest.length > 3) return undefined;
      return { kind: "download", name, version, file };
    case "upload":
      return rest.length === 0 ? { kind: "upload" } : undefined;
    default:
      return undefined;
  }
}

/**
 * Reads `[<project>/]_packaging/<feed>/pypi/{simple,download,upload}/…`.
 * @param parts The path's parts after the organization, decoded; an empty last one stands for a slash at the end.
 * @returns nothing for an address of another form
 */
export function readFeedAddress(parts: readonly string[]): FeedAddress | undefined {
  const at = parts.indexOf("_packaging");
  const [feed = "", protocol, area = "", ...rest] = parts.slice(at + 1);
  if (at < 0 || at > 1 || feed === "" || protocol !== "pypi") return undefined;
  const slash = rest.at(-1) === "";
  const resource = resourceOf(area, slash ? rest.slice(0, -1) : rest);
  return resource === undefined ? undefined : { project: at === 0 ? undefined : parts[0], feed, resource, slash };
}

/** Whether an address is of this feed; names are compared without their case, as the service does. */
export function isOfFeed({ project, feed }: Pick<FeedAddress, "project" | "feed">, place: FeedPlace): boolean {
  return project?.toLowerCase() === place.project?.toLowerCase() && feed.toLowerCase() === place.name.toLowerCase();
}

/** A package's name as indexes compare it (PEP 503). */
export function normalizedName(name: string): string {
  return name.replaceAll(/[-_.]+/g, "-").toLowerCase();
}

/** Whether it can be a package's name at all (PEP 508). */
export function isPackageName(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i.test(name);
}

/** The version in the name of a wheel or a source archive of a package; nothing for files of other kinds. */
export function versionInFile(file: string, name: string): string | undefined {
  if (file.endsWith(".whl")) {
    const [project = "", version] = file.split("-");
    return normalizedName(project) === normalizedName(name) ? version : undefined;
  }
  const stem = /^(.+)\.(?:tar\.gz|zip|tar\.bz2|tgz)$/.exec(file)?.[1];
  // A name may hold dashes itself: the version begins after the first dash behind which the name is whole.
  for (let dash = stem?.indexOf("-") ?? -1; stem !== undefined && dash > 0; dash = stem.indexOf("-", dash + 1)) {
    if (normalizedName(stem.slice(0, dash)) === normalizedName(name)) return stem.slice(dash + 1);
  }
  return undefined;
}
