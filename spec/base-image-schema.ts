/** What `base-images/<name>/base-image.yaml` may say, and how it becomes a {@link BaseImage}. */
import { z } from "zod";
import { environment, pool, text, toPool, uniqueList } from "./fields";
import type { BaseImage } from "./model";
import { specName } from "./names";
import { cronLine } from "./schedule";
import { description, imageTag, pythonVersion, upstreamImage, userName } from "./texts";

/** `base-image.yaml`, as users write it. */
export const baseImageSchema = z
  .strictObject({
    name: text(specName, {
      description:
        "Name of the base image: of its folder, pipeline and image. Lowercase letters, digits and single hyphens.",
      pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
      examples: ["python-web"],
    }),
    description: text(description, { description: "What the base image is for, in one line." }).optional(),
    upstream: text(upstreamImage, {
      description: "Image to start from, without its tag.",
      examples: ["python"],
    }).default("python"),
    python: text(pythonVersion, {
      description: "Python version, major.minor, in quotes.",
      pattern: "^3\\.[0-9]+$",
      examples: ["3.12"],
    }),
    tag: text(imageTag, {
      description: "Tag of the upstream image. Default: <python>-slim.",
      examples: ["3.12-slim-bookworm"],
    }).optional(),
    schedule: text(cronLine, {
      description: "When it is refreshed: a cron line of five fields, in UTC.",
      examples: ["0 4 * * *"],
    }).default("0 4 * * *"),
    platforms: uniqueList(z.enum(["linux/amd64", "linux/arm64"]))
      .min(1)
      .default(["linux/amd64"])
      .meta({ description: "Platforms to build for." }),
    user: text(userName, { description: "Name of the user that applications run as." }).default("app"),
    env: environment,
    pool: pool.optional(),
  })
  .meta({
    title: "Wheelhouse base image",
    description:
      "One base image: base-images/<name>/base-image.yaml, with requirements.in and, where it needs system packages, bindep.txt beside it.",
  });

/** What passes {@link baseImageSchema}. */
export type WrittenBaseImage = z.infer<typeof baseImageSchema>;

/** The base image with every default filled in, and with the files beside it. */
export function toBaseImage(
  written: WrittenBaseImage,
  requirements: string,
  systemPackages: string | undefined,
): BaseImage {
  return {
    name: written.name,
    description: written.description,
    upstream: written.upstream,
    python: written.python,
    tag: written.tag ?? `${written.python}-slim`,
    schedule: written.schedule,
    platforms: written.platforms,
    requirements,
    systemPackages,
    user: written.user,
    env: written.env,
    pool: written.pool === undefined ? undefined : toPool(written.pool),
  };
}
