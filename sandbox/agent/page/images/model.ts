/** Images as they are shown: their tags, platforms and layers. */
import type { Configuration, Descriptor } from "./documents";

/**
 * Whose a layer is: of the upstream image, of the base image, an application's packages, its source, or what the application's own
 * Dockerfile made, which can be either.
 */
export type LayerOrigin = "upstream" | "base" | "packages" | "source" | "application";

export interface ImageLayer {
  readonly digest: string;
  /** Bytes as they are sent. */
  readonly size: number;
  /** What made it, as the image's history says. */
  readonly command: string | undefined;
  readonly origin: LayerOrigin;
}

export interface PlatformImage {
  /** Such as `linux/amd64`. */
  readonly platform: string;
  readonly digest: string;
  /** Bytes of its layers as they are sent. */
  readonly size: number;
  readonly configuration: Configuration;
  /** The lowest first. */
  readonly layers: readonly ImageLayer[];
}

export type ImageRole = "application" | "base" | "builder" | "packages" | "runtime" | "upstream" | "cache";

export interface TaggedImage {
  readonly repository: string;
  readonly digest: string;
  /** `latest` first, then the newest. */
  readonly tags: readonly string[];
  readonly role: ImageRole;
  /** Empty for what is no image, such as a build cache. */
  readonly platforms: readonly PlatformImage[];
  /** ISO 8601; absent where the image does not say. */
  readonly created: string | undefined;
}

export interface Catalogue {
  /** By repository, each with its newest image first. */
  readonly repositories: ReadonlyMap<string, readonly TaggedImage[]>;
  /** Images by the digest of a layer that they have. */
  readonly sharing: ReadonlyMap<string, readonly TaggedImage[]>;
}

/** As it was read, before it is known what is whose. */
export interface RawPlatform {
  readonly platform: string;
  readonly digest: string;
  readonly configuration: Configuration;
  readonly layers: readonly Descriptor[];
}

export interface RawImage {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly platforms: readonly RawPlatform[];
}

/** Labels of OCI. Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export const labels = {
  baseName: "org.opencontainers.image.base.name",
  baseDigest: "org.opencontainers.image.base.digest",
  created: "org.opencontainers.image.created",
} as const;

export function labelsOf({ config }: Configuration): Readonly<Record<string, string>> {
  return config.Labels ?? {};
}
