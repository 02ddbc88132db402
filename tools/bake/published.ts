/** Images in the registry that this run pushed: what they are made of, their tags, and their removal after a leak. */
import { z } from "zod";
import { OutsideError } from "../errors";
import { formatReference, type Reference, type RegistryClient } from "../registry";

/** An image, by digest. */
export interface PublishedImage {
  readonly repository: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly body: Buffer;
  /** One for each platform. */
  readonly platforms: readonly PublishedPlatform[];
  /** Digests of the manifests that an index holds, those of attestations too. */
  readonly children: readonly string[];
}

export interface PublishedPlatform {
  /** Such as `linux/amd64`; "" where the manifest stands alone. */
  readonly platform: string;
  /** Bytes as they lie in the registry: layers and config. */
  readonly size: number;
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

const descriptor = z.looseObject({
  digest: z.string(),
  size: z.number(),
  platform: z.looseObject({ os: z.string(), architecture: z.string() }).optional(),
});
const manifestForm = z.looseObject({ config: descriptor, layers: z.array(descriptor) });
const indexForm = z.looseObject({ manifests: z.array(descriptor) });

/** Reads an image's manifests. */
export async function readPublished(
  client: RegistryClient,
  registry: string,
  repository: string,
  digest: string,
): Promise<PublishedImage> {
  const { mediaType, body } = await client.manifest({ registry, repository, digest });
  const document: unknown = JSON.parse(body.toString("utf8"));
  const index = indexForm.safeParse(document);
  if (!index.success) {
    return { repository, digest, mediaType, body, platforms: [platformOf(document, "")], children: [] };
  }
  const images = index.data.manifests.filter(({ platform }) => platform?.os !== "unknown");
  const platforms = await Promise.all(
    images.map(async ({ digest: child, platform }) => {
      const manifest = await client.manifest({ registry, repository, digest: child });
      const name = platform === undefined ? "" : `${platform.os}/${platform.architecture}`;
      return platformOf(JSON.parse(manifest.body.toString("utf8")), name);
    }),
  );
  return {
    repository,
    digest,
    mediaType,
    body,
    platforms,
    children: index.data.manifests.map((child) => child.digest),
  };
}

function platformOf(document: unknown, platform: string): PublishedPlatform {
  const { config, layers } = manifestForm.parse(document);
  return {
    platform,
    size: layers.reduce((sum, { size }) => sum + size, config.size),
    layers: layers.map(({ digest, size }) => ({ digest, size })),
  };
}

/** Puts tags on an image that is there by digest. */
export async function tag(
  client: RegistryClient,
  registry: string,
  { repository, body, mediaType }: PublishedImage,
  tags: readonly string[],
): Promise<void> {
  for (const name of new Set(tags)) {
    await client.putManifest({ registry, repository, tag: name }, body, mediaType);
  }
}

/**
 * Removes images with all their manifests, so that nobody can pull them by digest either.
 * @returns what could not be removed, with the reason.
 */
export async function remove(
  client: RegistryClient,
  registry: string,
  images: readonly Pick<PublishedImage, "repository" | "digest" | "children">[],
): Promise<string[]> {
  const left: string[] = [];
  for (const { repository, digest, children } of images) {
    for (const one of [digest, ...children]) {
      const reference: Reference = { registry, repository, digest: one };
      try {
        await client.deleteManifest(reference);
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
        left.push(`${formatReference(reference)}: ${error.message.replace(/^cannot delete [^ ]+: /, "")}`);
      }
    }
  }
  return left;
}
