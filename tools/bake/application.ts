/** Builds an application's images: packages and run-time image where the registry lacks them, then its own layer. */
import type { ApplicationFacts } from "../../spec/recipe-facts";
import { readLocks, type BaseReference, type LocksDocument } from "../resolve/locks-file";
import { exportAndSearch } from "./export";
import { build, phase, type Job } from "./job";
import type { Leak } from "./leaks";
import { makeOwnLayer, type OwnLayer } from "./own-layer";
import { pairSets, planSets, type MissingImage, type PlannedSet } from "./plan";
import { baseImage, builderDigest, grounds, layersOf, type Ground } from "./look-up";
import { mountLayers } from "./mount";
import { searchPushed, tagImages, withdraw } from "./publish";
import { bakedImage, type BakedImage, type BakeResult } from "./result";

export async function bakeApplication(job: Job, facts: ApplicationFacts): Promise<BakeResult> {
  const locks = readLocks(job.locks ?? "", facts);
  const making = makeOwnLayer(job, facts);
  // The registry is asked while the project is built. What is no project is a copy of the source: packages are installed beside that
  // very copy, as another one, with other modes, would have all of it done again when the images are built.
  const source = async (): Promise<Pick<OwnLayer, "variables" | "reads">> =>
    facts.project ? { variables: {}, reads: [] } : await making;
  const [layer, ground] = await bothEnded(making, () => prepareGround(job, facts, locks, source));
  const { work, packageLeaks, builder } = ground;
  const needsBuilder = layer.leftToBuilder || work.plans.some(({ runtime }) => runtime !== undefined);
  const all = {
    ...ground.variables,
    ...layer.variables,
    ...(needsBuilder ? { BUILDER_DIGEST: await builder() } : {}),
  };
  const leaks = [...layer.leaks, ...packageLeaks];
  if (layer.leftToBuilder) leaks.push(...(await searchProject(job, all, work.known)));
  return leaks.length > 0 ? result(work, [], leaks) : await buildImages(work, all, layer);
}

/** What the images are made on, with the packages that no image has yet installed and searched. */
interface PreparedGround {
  readonly work: Work;
  readonly variables: Readonly<Record<string, string>>;
  readonly packageLeaks: readonly Leak[];
  /** Digest of the builder image, looked up once it is needed. */
  readonly builder: () => Promise<string>;
}

async function prepareGround(
  job: Job,
  facts: ApplicationFacts,
  locks: LocksDocument,
  source: () => Promise<Pick<OwnLayer, "variables" | "reads">>,
): Promise<PreparedGround> {
  const base = await phase(job, "look up", () => baseImage(job, facts.base, locks.base));
  const plans = await phase(job, "look up", () =>
    planSets({
      registry: job.options.registry,
      application: facts,
      sets: pairSets(facts, locks.sets),
      baseDigest: base.digest,
      lookUp: async (reference) => (await job.client.head(reference))?.digest,
    }),
  );
  const found = await phase(job, "look up", () =>
    grounds(
      job,
      plans.flatMap((plan) => plan.grounds),
    ),
  );
  const known = layersOf(found);
  const dependencies = plans.flatMap((plan) => plan.dependencies ?? []);
  sayPlan(job, facts, dependencies);
  const builder = () => phase(job, "look up", () => builderDigest(job, facts.builder, base.digest));
  const variables = { BASE_DIGEST: base.digest, ...merged(plans) };
  const work = { job, facts, base, plans, found, known };
  if (dependencies.length === 0) return { work, variables, packageLeaks: [], builder };
  const targets = dependencies.map(({ target }) => target);
  const { variables: own, reads } = await source();
  const all = { ...variables, ...own, BUILDER_DIGEST: await builder() };
  const packageLeaks = await exportAndSearch(job, { targets, variables: all, reads }, known);
  return { work, variables, packageLeaks, builder };
}

interface Work {
  readonly job: Job;
  readonly facts: ApplicationFacts;
  readonly base: BaseReference;
  readonly plans: readonly PlannedSet[];
  /** What its images are made on. */
  readonly found: readonly Ground[];
  /** Digests of layers that were searched. */
  readonly known: Set<string>;
}

/** Builds all that is missing and, unless for a pull request, pushes, searches and tags it. */
async function buildImages(
  work: Work,
  variables: Readonly<Record<string, string>>,
  layer: OwnLayer,
): Promise<BakeResult> {
  const { job, facts, plans, known } = work;
  const missing = plans.flatMap(({ dependencies, runtime }) =>
    [dependencies, runtime].filter((image) => image !== undefined),
  );
  const images = plans.flatMap((plan) => plan.facts.images);
  if (job.push) await phase(job, "push", () => mountGrounds(work));
  job.context.progress(`building ${images.map(({ repository }) => repository).join(", ")}`);
  const built = await phase(job, "build", () =>
    build(job, {
      targets: [...(job.push ? missing : []), ...images].map(({ target }) => target),
      variables: { ...variables, PUSH: String(job.push) },
      overrides: job.push || !facts.project ? [] : ["application.cache-to="],
      reads: layer.reads,
    }),
  );
  if (!job.push) return result(work, [], []);
  const searched = await searchPushed(job, [...missing, ...images], built, known);
  if (searched.leaks.length > 0) {
    await withdraw(job, searched.images);
    return result(work, [], searched.leaks);
  }
  const own = searched.images.slice(missing.length);
  await tagImages(job, own);
  const baked = own.map((image) => bakedImage(job.options.registry, image, job.options.tag));
  return result(work, baked, []);
}

/**
 * What is made on the base image itself, and not on a run-time image that is there, has layers that its repositories lack: those of
 * a new base image, as a rule. A set whose lock is another set's, too, shares that one's run-time image, and has repositories of its own.
 */
async function mountGrounds({ job, facts, plans, found }: Work): Promise<void> {
  const joined = plans.filter(({ grounds: own }) => own.some(({ repository }) => repository === facts.base));
  const repositories = joined.flatMap(({ facts, runtime }) => [
    ...(runtime === undefined ? [] : [runtime.repository]),
    ...facts.images.map(({ repository }) => repository),
  ]);
  await mountLayers(job, found, repositories);
}

/** What the builder installed of a project that cannot be laid out here. */
async function searchProject(
  job: Job,
  variables: Readonly<Record<string, string>>,
  known: Set<string>,
): Promise<Leak[]> {
  return await exportAndSearch(
    job,
    { targets: ["application"], variables, overrides: ["application.cache-to="] },
    known,
  );
}

function result({ job, facts, base, plans }: Work, pushed: readonly BakedImage[], leaks: readonly Leak[]): BakeResult {
  const images = plans.flatMap(({ facts: set, lock }) =>
    set.images.map(({ repository, script }) => ({
      tags: [],
      platforms: [],
      ...pushed.find(({ name }) => name === repository),
      name: repository,
      ...(script === undefined ? {} : { script }),
      packages: lock.packages,
    })),
  );
  const isPushed = job.push && leaks.length === 0;
  const built = isPushed ? plans.flatMap(({ dependencies, runtime }) => [dependencies, runtime]) : [];
  return {
    kind: facts.kind,
    name: facts.name,
    pushed: isPushed,
    base,
    images,
    built: built.flatMap((image) => (image === undefined ? [] : { name: image.repository, tag: image.tag })),
    leaks,
  };
}

function sayPlan({ context }: Job, facts: ApplicationFacts, dependencies: readonly MissingImage[]): void {
  context.progress(
    dependencies.length === 0
      ? `the packages of ${facts.name} are in the registry: nothing is installed`
      : `new packages: installing for ${dependencies.map(({ target }) => target).join(", ")}`,
  );
}

function merged(plans: readonly PlannedSet[]): Record<string, string> {
  return Object.fromEntries(plans.flatMap(({ variables }) => Object.entries(variables)));
}

/** Side by side; where one fails, the other is waited for, as both work in one temporary folder. */
async function bothEnded<A, B>(first: Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second()]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}
