/** What an image's documents say, checked as they are read. */
import { z } from "zod";

import { ContainerError } from "./errors";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const descriptor = z.object({
  mediaType: z.string().default(""),
  digest,
  size: z.number().int().nonnegative().max(1e12),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/** What a blob is, and how large. */
export type Descriptor = z.infer<typeof descriptor>;

/** @see https://github.com/opencontainers/image-spec/blob/main/image-index.md and manifest.md */
export const indexSchema = z.object({ manifests: z.array(descriptor).max(1000) });
export const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor).max(500) });

/** Times of a health check are nanoseconds, and 0 or absent is the default: Docker's addition to the format. */
const healthcheck = z.object({
  Test: z.array(z.string()).nullish(),
  Timeout: z.number().nonnegative().nullish(),
});

/** @see https://github.com/opencontainers/image-spec/blob/main/config.md */
export const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  config: z
    .object({
      User: z.string().nullish(),
      Env: z.array(z.string()).nullish(),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      WorkingDir: z.string().nullish(),
      StopSignal: z.string().nullish(),
      Healthcheck: healthcheck.nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .default({}),
  rootfs: z.object({ diff_ids: z.array(digest).max(500) }),
});

/** An image's configuration. */
export type ImageConfiguration = z.infer<typeof configSchema>;

/** One layer: its blob, and the digest of what is in it. */
export interface Layer {
  readonly blob: Descriptor;
  readonly diffId: string;
}

/** A document of an image, or a clear error that names it. */
export function parseDocument<Schema extends z.ZodType>(schema: Schema, text: Buffer, what: string): z.infer<Schema> {
  let document: unknown;
  try {
    document = JSON.parse(text.toString("utf8"));
  } catch (error) {
    throw new ContainerError(`${what} is not JSON`, "Build or fetch the image anew.", { cause: error });
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined ? "" : `: ${issue.path.map(String).join(".")}: ${issue.message}`;
  throw new ContainerError(`${what} is not what the format says${place}`, "Build or fetch the image anew.");
}

/** The layers of a manifest with what its configuration says of them. */
export function layersOf(blobs: readonly Descriptor[], configuration: ImageConfiguration): Layer[] {
  const ids = configuration.rootfs.diff_ids;
  if (ids.length !== blobs.length) {
    throw new ContainerError(
      `the image's manifest has ${blobs.length} layers and its configuration ${ids.length}`,
      "Build or fetch the image anew.",
    );
  }
  return blobs.map((blob, index) => ({ blob, diffId: ids[index] ?? "" }));
}
