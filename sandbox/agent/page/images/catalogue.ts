/** All images of the registry with their layers, and which of them have a layer in common. */
import { commandsOf, configurationTypes } from "./documents";
import {
  labels,
  labelsOf,
  type Catalogue,
  type PlatformImage,
  type RawImage,
  type RawPlatform,
  type TaggedImage,
} from "./model";
import { baseOf, Origins, Roles } from "./origins";
import type { RegistryReader } from "./registry-reader";

/** Requests that are under way at a time, for each list. */
const atOnce = 6;

/** Does the same for each, a few at a time; results are in the order of the items. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

function tagOrder(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "latest") return -1;
  return b === "latest" ? 1 : b.localeCompare(a, "en", { numeric: true });
}

/** Those of the images of a repository that have a tag; one whose tag a push moves meanwhile is left out. */
async function taggedImages(reader: RegistryReader, repository: string): Promise<RawImage[]> {
  const tags = await reader.tags(repository);
  const digests = await each(tags, async (tag) => ({ tag, digest: await reader.digestOf(repository, tag) }));
  const byDigest = new Map<string, string[]>();
  for (const { tag, digest } of digests) {
    if (digest !== undefined) byDigest.set(digest, [...(byDigest.get(digest) ?? []), tag]);
  }
  const images = await each([...byDigest], async ([digest, own]) => {
    const platforms = await platformsOf(reader, repository, digest);
    return platforms === undefined ? undefined : { repository, digest, tags: own.sort(tagOrder), platforms };
  });
  return images.filter((image) => image !== undefined);
}

/** The images of a digest, one a platform: none for what is no image, nothing for what is not there. */
async function platformsOf(
  reader: RegistryReader,
  repository: string,
  digest: string,
): Promise<RawPlatform[] | undefined> {
  const manifest = await reader.manifest(repository, digest);
  if (manifest === undefined) return undefined;
  if ("manifests" in manifest) {
    // Attestations are for no platform that anything runs on.
    const images = manifest.manifests.filter(({ platform }) => platform !== undefined && platform.os !== "unknown");
    const found = await each(images, (image) => platformsOf(reader, repository, image.digest));
    return found.flatMap((platforms) => platforms ?? []);
  }
  if (!configurationTypes.has(manifest.config.mediaType)) return [];
  const configuration = await reader.configuration(repository, manifest.config);
  if (configuration === undefined) return undefined;
  const { os, architecture, variant } = configuration;
  const platform = [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/");
  return [{ platform, digest, configuration, layers: manifest.layers }];
}

/** What images were made on and what has no tag any more: else the layers of a base image that was replaced would be nobody's. */
async function basesWithoutTag(reader: RegistryReader, images: readonly RawImage[]): Promise<RawImage[]> {
  const known = new Set(images.map(({ repository, digest }) => `${repository}@${digest}`));
  const found: RawImage[] = [];
  let above: readonly RawImage[] = images;
  while (above.length > 0) {
    const named = above.flatMap(({ platforms }) => platforms.map((platform) => baseOf(platform, reader.host)));
    const wanted = new Map(
      named.flatMap((base) => (base === undefined ? [] : [[`${base.repository}@${base.digest}`, base] as const])),
    );
    const missing = [...wanted].filter(([key]) => !known.has(key));
    for (const [key] of missing) known.add(key);
    const read = await each(missing, async ([, { repository, digest }]) => {
      const platforms = await platformsOf(reader, repository, digest);
      return platforms === undefined ? undefined : { repository, digest, tags: [], platforms };
    });
    above = read.filter((image) => image !== undefined);
    found.push(...above);
  }
  return found;
}

function finished(raw: RawImage, roles: Roles, origins: Origins): TaggedImage {
  const { repository, digest, tags } = raw;
  const platforms = raw.platforms.map(({ layers, ...platform }): PlatformImage => {
    const commands = commandsOf(platform.configuration, layers.length);
    return {
      ...platform,
      size: layers.reduce((sum, { size }) => sum + size, 0),
      layers: layers.map((layer, index) => ({
        digest: layer.digest,
        size: layer.size,
        command: commands[index],
        origin: origins.of(repository, layer.digest),
      })),
    };
  });
  const configuration = platforms[0]?.configuration;
  const said = configuration === undefined ? undefined : labelsOf(configuration)[labels.created];
  const created = realTime(said) ?? realTime(configuration?.created);
  return { repository, digest, tags, platforms, created, role: roles.of(repository, platforms.length > 0) };
}

/** Images that come out the same whenever they are made bear a time of long ago, which tells nothing. */
function realTime(created: string | undefined): string | undefined {
  const time = new Date(created ?? "");
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() < 2000 ? undefined : time.toISOString();
}

function newestFirst(a: TaggedImage, b: TaggedImage): number {
  const latest = Number(b.tags.includes("latest")) - Number(a.tags.includes("latest"));
  return latest !== 0 ? latest : (b.created ?? "").localeCompare(a.created ?? "");
}

/** @throws RegistryUnread */
export async function readCatalogue(reader: RegistryReader): Promise<Catalogue> {
  const names = [...(await reader.repositories())].sort((a, b) => a.localeCompare(b, "en"));
  const raw = (await each(names, (name) => taggedImages(reader, name))).flat();
  const all = [...raw, ...(await basesWithoutTag(reader, raw))];
  const roles = new Roles(all, reader.host);
  const origins = new Origins(all, roles);
  const repositories = new Map<string, TaggedImage[]>();
  const sharing = new Map<string, TaggedImage[]>();
  for (const image of raw.map((found) => finished(found, roles, origins))) {
    repositories.set(image.repository, [...(repositories.get(image.repository) ?? []), image]);
    const layers = new Set(image.platforms.flatMap((platform) => platform.layers.map(({ digest }) => digest)));
    for (const digest of layers) sharing.set(digest, [...(sharing.get(digest) ?? []), image]);
  }
  for (const images of repositories.values()) images.sort(newestFirst);
  return { repositories, sharing };
}
