/** Builds a base image and its builder: to this machine first, searched there, then pushed as they are, and tagged. */
import type { BaseImageFacts } from "../../spec/recipe-facts";
import { UsageError } from "../errors";
import { formatReference, parseReference } from "../registry";
import { readLocks } from "../resolve/locks-file";
import { exportAndSearch, layoutOf } from "./export";
import { phase, type Job } from "./job";
import type { Leak } from "./leaks";
import { builderTag, digestOfImage, grounds, layersOf, type Ground } from "./look-up";
import { tagImages } from "./publish";
import { readPublished, type PublishedImage } from "./published";
import { pushImage } from "./push-image";
import { bakedImage, type BakedImage, type BakeResult } from "./result";

export async function bakeBaseImage(job: Job, facts: BaseImageFacts): Promise<BakeResult> {
  const [lock] = readLocks(job.locks ?? "", facts).sets;
  if (lock === undefined) throw new UsageError(`the locks have none for ${facts.name}`, "run wheelhouse resolve again");
  const upstream = job.options.upstream ?? facts.upstream;
  const reference = parseReference(upstream);
  const mend = "is its name right? Another place for it can be given with --upstream";
  const digest = await phase(job, "look up", () => digestOfImage(job, reference, mend));
  // Its layers are another's: the job's secrets cannot be in them, and they are not what this build adds.
  const { registry, repository } = reference;
  const ground = await phase(job, "look up", () => grounds(job, [{ registry, repository, digest }]));
  const variables = {
    UPSTREAM: formatReference({ ...reference, digest: undefined }),
    UPSTREAM_DIGEST: digest,
    LOCK_HASH: lock.sha256,
  };
  const { builder, runtime } = facts.targets;
  job.context.progress(`building ${facts.name} and ${facts.builder} on ${upstream}`);
  const leaks = await exportAndSearch(
    job,
    { targets: [builder, runtime], variables, attested: job.push, compression: { [builder]: "zstd" } },
    layersOf(ground),
  );
  const base = { reference: upstream, digest };
  if (leaks.length > 0 || !job.push) return result(job, facts, base, lock.packages, [], leaks);
  const published = await push(job, facts, ground);
  return result(job, facts, base, lock.packages, published, []);
}

/** The builder first: an application that finds the new base image must find its builder. */
async function push(job: Job, facts: BaseImageFacts, ground: readonly Ground[]): Promise<readonly BakedImage[]> {
  const { registry, tag: tags } = job.options;
  const owners = new Map<string, string>();
  for (const { reference, layers } of ground) {
    if (reference.registry === registry) for (const layer of layers) owners.set(layer, reference.repository);
  }
  const pushed = [
    { target: facts.targets.builder, repository: facts.builder },
    { target: facts.targets.runtime, repository: facts.name },
  ];
  const images = await phase(job, "push", async () => {
    const done: PublishedImage[] = [];
    for (const { target, repository } of pushed) {
      const digest = await pushImage(job, layoutOf(job, target), repository, owners);
      done.push(await readPublished(job.client, registry, repository, digest));
    }
    return done;
  });
  const runtime = images.find(({ repository }) => repository === facts.name);
  const own = runtime === undefined ? [] : [builderTag(runtime.digest)];
  await tagImages(job, images, ({ repository }) => (repository === facts.builder ? [...own, ...tags] : tags));
  return images.map((image) => bakedImage(registry, image, tags));
}

function result(
  job: Job,
  facts: BaseImageFacts,
  base: { readonly reference: string; readonly digest: string },
  packages: number,
  pushed: readonly BakedImage[],
  leaks: readonly Leak[],
): BakeResult {
  const images = [facts.name, facts.builder].map((name) => ({
    tags: [],
    platforms: [],
    ...pushed.find((image) => image.name === name),
    name,
    packages,
  }));
  const isPushed = job.push && leaks.length === 0;
  return { kind: facts.kind, name: facts.name, pushed: isPushed, base, images, built: [], leaks };
}
