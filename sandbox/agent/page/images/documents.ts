/** What manifests and configurations in a registry say, as far as it is shown. */
import { z } from "zod";

/** Source: https://github.com/opencontainers/image-spec (descriptor.md, manifest.md, image-index.md, config.md). */
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const descriptor = z.object({
  mediaType: z.string().default(""),
  digest,
  size: z.number().int().nonnegative(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
});

export type Descriptor = z.infer<typeof descriptor>;

export const manifestSchema = z.union([
  z.object({ manifests: z.array(descriptor).max(1000) }),
  z.object({ config: descriptor, layers: z.array(descriptor).max(500) }),
]);

export type Manifest = z.infer<typeof manifestSchema>;

const history = z.object({
  created_by: z.string().optional(),
  comment: z.string().optional(),
  empty_layer: z.boolean().optional(),
});

export const configurationSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  created: z.string().optional(),
  config: z
    .object({
      User: z.string().nullish(),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      WorkingDir: z.string().nullish(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .default({}),
  history: z.array(history).nullish(),
});

export type Configuration = z.infer<typeof configurationSchema>;

export const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Media types of the configurations of images; what has another one, such as a build cache, is none. */
export const configurationTypes = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
]);

/** What made each layer, in the layers' order; nothing where the history does not fit them. */
export function commandsOf(configuration: Configuration, layers: number): (string | undefined)[] {
  const made = (configuration.history ?? []).filter((entry) => entry.empty_layer !== true);
  return made.length === layers
    ? made.map((entry) => entry.created_by)
    : Array.from({ length: layers }, () => undefined);
}
