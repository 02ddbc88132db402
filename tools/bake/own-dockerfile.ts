/** Builds the image of a Dockerfile that a team brings: whole to this machine, searched with its cache, then pushed. */
import * as path from "node:path";
import type { OwnDockerfileFacts } from "../../spec/recipe-facts";
import type { BaseReference } from "../resolve/locks-file";
import { exportAndSearch } from "./export";
import { build, phase, type Job } from "./job";
import { searchImage, type Leak } from "./leaks";
import { baseImage, builderDigest, grounds, layersOf } from "./look-up";
import { searchPushed, tagImages, withdraw } from "./publish";
import { bakedImage, type BakedImage, type BakeResult } from "./result";

export async function bakeOwnDockerfile(job: Job, facts: OwnDockerfileFacts): Promise<BakeResult> {
  const { registry } = job.options;
  const { target, repository } = facts.image;
  const base = await phase(job, "look up", () => baseImage(job, facts.base, undefined));
  const variables = {
    BASE_DIGEST: base.digest,
    BUILDER_DIGEST: await phase(job, "look up", () => builderDigest(job, facts.builder, base.digest)),
  };
  const known = layersOf(
    await phase(job, "look up", () =>
      grounds(job, [
        { registry, repository: facts.base, digest: base.digest },
        { registry, repository: facts.builder, digest: variables.BUILDER_DIGEST },
      ]),
    ),
  );
  job.context.progress(`building ${repository} by its own ${facts.dockerfile}`);
  const leaks = await buildAndSearch(job, target, variables, known);
  if (leaks.length > 0 || !job.push) return result(job, facts, base, [], leaks);
  const built = await phase(job, "build", () =>
    build(job, { targets: [target], variables: { ...variables, PUSH: "true" } }),
  );
  const searched = await searchPushed(job, [facts.image], built, known);
  if (searched.leaks.length > 0) {
    await withdraw(job, searched.images);
    return result(job, facts, base, [], searched.leaks);
  }
  await tagImages(job, searched.images);
  const baked = searched.images.map((image) => bakedImage(registry, image, job.options.tag));
  return result(job, facts, base, baked, []);
}

/**
 * The cache holds the layers of every stage, and whoever can pull the image can pull it, too. So it is written to this
 * machine first and searched like the image.
 */
async function buildAndSearch(
  job: Job,
  target: string,
  variables: Readonly<Record<string, string>>,
  known: Set<string>,
): Promise<Leak[]> {
  const caches = job.push && job.recipe.targets[target]?.caches === true;
  const cache = path.join(job.folder, "cache");
  const overrides = [`${target}.cache-to=${caches ? `type=local,dest=${cache},mode=max` : ""}`];
  // No times are rewritten: that would fetch layers which the cache in the registry has.
  const leaks = await exportAndSearch(job, { targets: [target], variables, overrides, options: [] }, known);
  if (!caches) return leaks;
  return [...leaks, ...(await phase(job, "scan", () => searchImage(job, `cache of ${target}`, cache, known)))];
}

function result(
  job: Job,
  { kind, name, image }: OwnDockerfileFacts,
  base: BaseReference,
  pushed: readonly BakedImage[],
  leaks: readonly Leak[],
): BakeResult {
  const images = pushed.length > 0 ? pushed : [{ name: image.repository, tags: [], platforms: [] }];
  return { kind, name, pushed: job.push && leaks.length === 0, base, images, built: [], leaks };
}
