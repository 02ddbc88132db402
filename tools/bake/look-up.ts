/** Looks up in the registry what a build is made on: base image, builder, and the layers that were searched before. */
import { OutsideError } from "../errors";
import { allLayers, openImage } from "../image";
import { formatReference, parseReference, type Reference } from "../registry";
import type { BaseReference } from "../resolve/locks-file";
import type { Job } from "./job";

/** @throws OutsideError with the mend where the registry has no such image. */
export async function digestOfImage({ client }: Job, reference: Reference, mend: string): Promise<string> {
  const found = await client.head(reference);
  if (found === undefined) throw new OutsideError(`the registry has no image ${formatReference(reference)}`, mend);
  return found.digest;
}

/** The base image of the run: the one that was resolved with, so that a refresh in between does not mix two. */
export async function baseImage(job: Job, name: string, resolved: BaseReference | undefined): Promise<BaseReference> {
  const named = job.options.base;
  if (named === undefined && resolved !== undefined) return resolved;
  const reference = named ?? `${job.options.registry}/${name}:latest`;
  return { reference, digest: await digestOfImage(job, parseReference(reference), runBasePipeline(name)) };
}

/**
 * Digest of the builder that was made with a base image, by the tag that names this; of the newest one where the base
 * image was published without.
 */
export async function builderDigest(job: Job, builder: string, baseDigest: string): Promise<string> {
  const { registry } = job.options;
  const own = await job.client.head({ registry, repository: builder, tag: builderTag(baseDigest) });
  if (own !== undefined) return own.digest;
  return await digestOfImage(job, { registry, repository: builder, tag: "latest" }, runBasePipeline(builder));
}

/** Tag of the builder that belongs to a base image. */
export function builderTag(baseDigest: string): string {
  return `for-${baseDigest.replace(/^sha256:/, "")}`;
}

function runBasePipeline(name: string): string {
  return `run the pipeline of the base image (${name}) first`;
}

/** An image of the registry and the digests of its layers, of every platform. */
export interface Ground {
  readonly reference: Reference;
  readonly layers: readonly string[];
}

/** Images that were searched when they were published, each once. */
export async function grounds({ client, context }: Job, references: readonly Reference[]): Promise<Ground[]> {
  const distinct = new Map(references.map((reference) => [formatReference(reference), reference]));
  return await Promise.all(
    [...distinct].map(async ([text, reference]) => {
      const image = await openImage(text, { client, signal: context.signal });
      try {
        return { reference, layers: await allLayers(image) };
      } finally {
        await image.close();
      }
    }),
  );
}

/** Digests of all their layers. */
export function layersOf(images: readonly Ground[]): Set<string> {
  return new Set(images.flatMap(({ layers }) => layers));
}
