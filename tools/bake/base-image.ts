/** Builds a base image and its builder: to this machine first, searched there, then pushed and tagged. */
import type { BaseImageFacts } from "../../spec/recipe-facts";
import { UsageError } from "../errors";
import { formatReference, parseReference } from "../registry";
import { readLocks } from "../resolve/locks-file";
import { exportAndSearch } from "./export";
import { build, phase, type Job } from "./job";
import type { Leak } from "./leaks";
import { builderTag, digestOfImage, layersIn } from "./look-up";
import { digestOf, searchPushed, tagImages, withdraw } from "./publish";
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
  const known = await phase(job, "look up", () => layersIn(job, [{ registry, repository, digest }]));
  const variables = {
    UPSTREAM: formatReference({ ...reference, digest: undefined }),
    UPSTREAM_DIGEST: digest,
    LOCK_HASH: lock.sha256,
  };
  const targets = [facts.targets.builder, facts.targets.runtime];
  job.context.progress(`building ${facts.name} and ${facts.builder} on ${upstream}`);
  const leaks = await exportAndSearch(job, { targets, variables }, known);
  const base = { reference: upstream, digest };
  if (leaks.length > 0 || !job.push) return result(job, facts, base, lock.packages, [], leaks);
  return await push(job, facts, variables, known, (baked, found) =>
    result(job, facts, base, lock.packages, baked, found),
  );
}

/** What was searched is pushed: from the builder's cache, as a second build from nothing would be another one. */
async function push(
  job: Job,
  facts: BaseImageFacts,
  variables: Readonly<Record<string, string>>,
  known: Set<string>,
  end: (baked: readonly BakedImage[], leaks: readonly Leak[]) => BakeResult,
): Promise<BakeResult> {
  const { builder, runtime } = facts.targets;
  const built = await phase(job, "build", () =>
    build(job, {
      targets: [builder, runtime],
      variables: { ...variables, PUSH: "true" },
      overrides: [`${builder}.no-cache=false`, `${runtime}.no-cache=false`],
    }),
  );
  const pushed = [
    { target: builder, repository: facts.builder },
    { target: runtime, repository: facts.name },
  ];
  const { images, leaks } = await searchPushed(job, pushed, built, known);
  if (leaks.length > 0) {
    await withdraw(job, images);
    return end([], leaks);
  }
  // The builder first: an application that finds the new base image must find its builder.
  const own = builderTag(digestOf(built, runtime));
  const { tag: tags } = job.options;
  await tagImages(job, images, ({ repository }) => (repository === facts.builder ? [own, ...tags] : tags));
  return end(
    images.map((image) => bakedImage(job.options.registry, image, tags)),
    [],
  );
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
