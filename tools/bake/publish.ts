/** The end of every build: what was pushed by digest is searched, then tagged, or removed where a leak was found. */
import { OutsideError } from "../errors";
import { formatReference } from "../registry";
import type { BuiltImage } from "./buildx";
import { phase, type Job } from "./job";
import { searchImage, type Leak } from "./leaks";
import { readPublished, remove, tag, type PublishedImage } from "./published";

/** A target that was pushed, and where to. */
export interface Pushed {
  readonly target: string;
  readonly repository: string;
}

/** Digest of a target. @throws OutsideError where buildx names none. */
export function digestOf(built: ReadonlyMap<string, BuiltImage>, target: string): string {
  const digest = built.get(target)?.digest;
  if (digest === undefined) {
    throw new OutsideError(`buildx tells no digest of ${target}`, "use buildx 0.13 or newer");
  }
  return digest;
}

/**
 * Reads what was pushed and searches it: config, history, attestations, and every layer that is not known.
 * @param pushed in an order in which images come after those that they are made of.
 * @param known digests of layers that were searched before.
 */
export async function searchPushed(
  job: Job,
  pushed: readonly Pushed[],
  built: ReadonlyMap<string, BuiltImage>,
  known: Set<string>,
): Promise<{ images: PublishedImage[]; leaks: Leak[] }> {
  return await phase(job, "scan", async () => {
    const images: PublishedImage[] = [];
    const leaks: Leak[] = [];
    const { registry } = job.options;
    for (const { target, repository } of pushed) {
      const image = await readPublished(job.client, registry, repository, digestOf(built, target));
      images.push(image);
      const reference = formatReference({ registry, repository, digest: image.digest });
      job.context.progress(`scanning ${repository}`);
      leaks.push(...(await searchImage(job, repository, reference, known)));
    }
    return { images, leaks };
  });
}

/** Gives the run's tags to images that were searched. */
export async function tagImages(
  job: Job,
  images: readonly PublishedImage[],
  tags: (image: PublishedImage) => readonly string[] = () => job.options.tag,
): Promise<void> {
  await phase(job, "tag", async () => {
    for (const image of images) {
      job.context.progress(`tagging ${image.repository}: ${[...new Set(tags(image))].join(", ")}`);
      await tag(job.client, job.options.registry, image, tags(image));
    }
  });
}

/** Removes what was pushed; what cannot be is said, as someone has to do it. */
export async function withdraw(job: Job, images: readonly PublishedImage[]): Promise<void> {
  const left = await remove(job.client, job.options.registry, images);
  if (left.length === 0) {
    job.context.progress("removed what was pushed; nothing was tagged");
    return;
  }
  job.context.progress(
    "nothing was tagged, but these could not be removed; have someone with the role AcrDelete do it:",
  );
  for (const line of left) job.context.progress(`  ${line}`);
}
