/** Plans what of an application's packages is built: what the registry has already is taken from it by digest. */
import { createHash } from "node:crypto";
import type { ApplicationFacts, PackageSetFacts } from "../../spec/recipe-facts";
import { UsageError } from "../errors";
import type { Reference } from "../registry";
import type { LockedSet } from "../resolve/locks-file";

/** A target that is built and pushed, as the registry lacks its image. */
export interface MissingImage {
  readonly target: string;
  readonly repository: string;
  readonly tag: string;
}

/** One set of packages, and how its run-time image comes to be. */
export interface PlannedSet {
  readonly facts: PackageSetFacts;
  readonly lock: LockedSet;
  /** The dependency image, where it has to be built. */
  readonly dependencies: MissingImage | undefined;
  /** The run-time image, where it has to be joined. */
  readonly runtime: MissingImage | undefined;
  /** An image of the registry whose layers are in the result: the run-time image, or what it will be joined from. */
  readonly grounds: readonly Reference[];
  /** Values of the set's bake variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The sets of a recipe, each with its lock. @throws UsageError where the locks are of another version of the recipe. */
export function pairSets(
  facts: ApplicationFacts,
  locks: readonly LockedSet[],
): { readonly facts: PackageSetFacts; readonly lock: LockedSet }[] {
  return facts.sets.map((set) => {
    const lock = locks.find(({ folder, suffix }) => folder === set.folder && suffix === set.suffix);
    if (lock === undefined) {
      throw new UsageError(`the locks have none for ${set.folder}`, "run wheelhouse resolve again: the recipe changed");
    }
    return { facts: set, lock };
  });
}

export interface PlanInput {
  readonly registry: string;
  readonly application: ApplicationFacts;
  readonly sets: readonly { readonly facts: PackageSetFacts; readonly lock: LockedSet }[];
  readonly baseDigest: string;
  /** Digest of an image, `undefined` where the registry has none. */
  readonly lookUp: (reference: Reference) => Promise<string | undefined>;
}

/** Sets with the same lock share what is built. */
export async function planSets(input: PlanInput): Promise<PlannedSet[]> {
  const plans: PlannedSet[] = [];
  const looked = await Promise.all(input.sets.map((set) => lookUpSet(input, set.facts, set.lock)));
  for (const [index, { facts, lock }] of input.sets.entries()) {
    const twin = plans.find((plan) => plan.lock.sha256 === lock.sha256);
    const images = looked[index];
    if (images === undefined) continue;
    plans.push(twin === undefined ? planSet(input, facts, lock, images) : sharedSet(facts, lock, twin));
  }
  return plans;
}

interface LookedUp {
  readonly runtimeTag: string;
  readonly runtime: string | undefined;
  readonly dependencies: string | undefined;
}

/** Without packages and system packages, an image is made right on the base image. */
function isBare({ application }: PlanInput, lock: LockedSet): boolean {
  return lock.packages === 0 && application.systemPackages === undefined;
}

async function lookUpSet(input: PlanInput, facts: PackageSetFacts, lock: LockedSet): Promise<LookedUp> {
  const { registry, baseDigest, lookUp } = input;
  const runtimeTag = createHash("sha256").update(`${baseDigest}\n${lock.sha256}\n`).digest("hex");
  if (isBare(input, lock)) return { runtimeTag, runtime: undefined, dependencies: undefined };
  const [runtime, dependencies] = await Promise.all([
    lookUp({ registry, repository: facts.runtime.repository, tag: runtimeTag }),
    lookUp({ registry, repository: facts.dependencies.repository, tag: lock.sha256 }),
  ]);
  return { runtimeTag, runtime, dependencies };
}

function planSet(input: PlanInput, facts: PackageSetFacts, lock: LockedSet, looked: LookedUp): PlannedSet {
  const { registry, application, baseDigest } = input;
  const { runtimeTag } = looked;
  const reference = (repository: string, digest: string): Reference => ({ registry, repository, digest });
  const base = reference(application.base, baseDigest);
  const hashes = { [`LOCK_HASH${facts.suffix}`]: lock.sha256, [`RUNTIME_TAG${facts.suffix}`]: runtimeTag };
  const runtimeFrom = (ground: Reference) => ({ ...hashes, [`RUNTIME${facts.suffix}`]: imageContext(ground) });
  const nothing = { facts, lock, dependencies: undefined, runtime: undefined };
  if (isBare(input, lock)) return { ...nothing, grounds: [base], variables: runtimeFrom(base) };
  if (looked.runtime !== undefined) {
    const ground = reference(facts.runtime.repository, looked.runtime);
    return { ...nothing, grounds: [ground], variables: runtimeFrom(ground) };
  }
  const runtime = { ...facts.runtime, tag: runtimeTag };
  if (looked.dependencies !== undefined) {
    const ground = reference(facts.dependencies.repository, looked.dependencies);
    const variables = { ...hashes, [`DEPENDENCIES${facts.suffix}`]: imageContext(ground) };
    return { facts, lock, dependencies: undefined, runtime, grounds: [base, ground], variables };
  }
  const dependencies = { ...facts.dependencies, tag: lock.sha256 };
  return { facts, lock, dependencies, runtime, grounds: [base], variables: hashes };
}

function imageContext({ registry, repository, digest }: Reference): string {
  return `docker-image://${registry}/${repository}@${digest ?? ""}`;
}

/** The images of a set whose lock is another set's, too, are made on that one's. */
function sharedSet(facts: PackageSetFacts, lock: LockedSet, twin: PlannedSet): PlannedSet {
  const value = (name: string) => twin.variables[`${name}${twin.facts.suffix}`];
  const runtime = value("RUNTIME") ?? `target:${twin.facts.runtime.target}`;
  return {
    facts,
    lock,
    dependencies: undefined,
    runtime: undefined,
    grounds: twin.grounds,
    variables: {
      [`LOCK_HASH${facts.suffix}`]: lock.sha256,
      [`RUNTIME_TAG${facts.suffix}`]: value("RUNTIME_TAG") ?? "",
      [`RUNTIME${facts.suffix}`]: runtime,
    },
  };
}
