/** What an image is made of, whatever it is read from: descriptors, manifests, and a source of verified blobs. */
import { type Readable } from "node:stream";
import { z } from "zod";
import { OutsideError } from "../errors";

/** An image, or one of its parts, that is broken: cut off, changed, or not what it says it is. */
export class BrokenImageError extends OutsideError {}

const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});

const descriptorSchema = z.object({
  mediaType: z.string().default(""),
  digest: z.string().regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/),
  size: z.number().int().nonnegative(),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: platformSchema.nullish(),
});

/** Points at content by digest, as the OCI image specification has it. */
export type Descriptor = z.infer<typeof descriptorSchema>;

const indexSchema = z.object({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });

const configSchema = z.object({
  os: z.string().optional(),
  architecture: z.string().optional(),
  variant: z.string().optional(),
  rootfs: z.object({ diff_ids: z.array(z.string()).nullish() }).nullish(),
  history: z.array(z.object({ created_by: z.string().optional(), empty_layer: z.boolean().optional() })).nullish(),
});

/** The part of an image's configuration that is read here. */
export type ImageConfig = z.infer<typeof configSchema>;

/** A manifest or an index, as bytes and as data. */
export type ManifestDocument =
  | {
      readonly kind: "index";
      readonly descriptor: Descriptor;
      readonly body: Buffer;
      readonly manifests: readonly Descriptor[];
    }
  | {
      readonly kind: "manifest";
      readonly descriptor: Descriptor;
      readonly body: Buffer;
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
    };

/** Something that images are read from. Every stream fails at its end when it was not what its digest says. */
export interface ImageSource {
  /** As its user named it. */
  readonly name: string;
  readonly kind: "registry" | "oci-layout" | "docker-archive";
  /** The documents at the top: one for a reference; each image of a layout or archive. */
  roots(): Promise<readonly ManifestDocument[]>;
  /** The manifest or index that a descriptor of an index points at. */
  manifest(descriptor: Descriptor): Promise<ManifestDocument>;
  /** Content, verified: its length and digest are compared when it has been read to the end. */
  blob(descriptor: Descriptor): Promise<Readable>;
  /** Files that an archive or layout has besides, such as blobs that no manifest names. Known once the roots are. */
  otherFiles(reached: ReadonlySet<string>): Promise<readonly OtherFile[]>;
  close(): Promise<void>;
}

export interface OtherFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  open(): Promise<Readable>;
}

/** Bytes of a configuration or another document that are read into memory at most. */
export const documentLimit = 16 << 20;

const indexTypes = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);
const manifestTypes = new Set([
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
]);

/** Whether the media type is that of a document that points at others; a cache's index may point at layers instead. */
export function isManifestType(mediaType: string): boolean {
  return indexTypes.has(mediaType) || manifestTypes.has(mediaType);
}

/**
 * Reads a manifest or an index.
 * @throws BrokenImageError when it is neither, or of a kind from before 2016.
 */
export function parseManifest(descriptor: Descriptor, body: Buffer, where: string): ManifestDocument {
  const parsed = parseJson(body, `the manifest ${descriptor.digest} of ${where}`);
  const said = typeof parsed === "object" && parsed !== null && "mediaType" in parsed ? String(parsed.mediaType) : "";
  const mediaType = isManifestType(said) ? said : descriptor.mediaType;
  const index = indexTypes.has(mediaType) || !manifestTypes.has(mediaType) ? indexSchema.safeParse(parsed) : undefined;
  if (index?.success === true) {
    return { kind: "index", descriptor: { ...descriptor, mediaType }, body, manifests: index.data.manifests };
  }
  const manifest = manifestSchema.safeParse(parsed);
  if (manifest.success && !indexTypes.has(mediaType)) {
    const { config, layers } = manifest.data;
    return { kind: "manifest", descriptor: { ...descriptor, mediaType }, body, config, layers };
  }
  const old = typeof parsed === "object" && parsed !== null && "schemaVersion" in parsed && parsed.schemaVersion === 1;
  throw new BrokenImageError(
    `${where}: ${descriptor.digest} is ${old ? "a manifest of schema version 1, which is not read" : "no image manifest"}`,
    old ? "Push the image anew with a current docker." : "Is this an image? Build or push it anew.",
  );
}

/** The part of a configuration that is read; a document of another kind, such as an attestation's, has none of it. */
export function parseConfig(body: Buffer): ImageConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    return {};
  }
  const config = configSchema.safeParse(parsed);
  return config.success ? config.data : {};
}

/** @throws BrokenImageError when it is not JSON. */
export function parseJson(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch (error) {
    throw new BrokenImageError(`${what} is not JSON`, "Build or push the image anew.", { cause: error });
  }
}

/** Such as `linux/arm64/v8`; `undefined` when nothing is known, or for an attestation's `unknown/unknown`. */
export function platformName(
  platform: { os?: string; architecture?: string; variant?: string } | null | undefined,
): string | undefined {
  if (platform?.os === undefined || platform.architecture === undefined || platform.os === "unknown") return undefined;
  return [platform.os, platform.architecture, ...(platform.variant === undefined ? [] : [platform.variant])].join("/");
}
