/** Decides whether a base image has to be built: what it would be made of against the labels of what was published last. */
import type { Labels, PublishedLabels } from "./labels";

/** What the next image would be made of. */
export interface Wanted {
  readonly platforms: readonly string[];
  /** Upstream image, with its tag and without digest. */
  readonly upstream: string;
  readonly upstreamDigest: string;
  /** SHA-256 of the lock. */
  readonly lock: string;
  /** SHA-256 of the recipe; `undefined` where the recipe does not tell it. */
  readonly recipe: string | undefined;
  /** Days after which an image is old; `undefined`: never. */
  readonly oldAfterDays: number | undefined;
}

/** Something that is new. */
export interface Change {
  readonly what: "image" | "platforms" | "upstream" | "lock" | "recipe" | "age" | "builder";
  /** One sentence. */
  readonly why: string;
}

export const labelNames = {
  upstream: "org.opencontainers.image.base.name",
  upstreamDigest: "org.opencontainers.image.base.digest",
  lock: "wheelhouse.lock.sha256",
  recipe: "wheelhouse.recipe.sha256",
  created: "org.opencontainers.image.created",
} as const;

const day = 24 * 60 * 60 * 1000;

/**
 * All that is new, in the order in which it is told. An image whose platforms differ from each other was not made by one
 * run, so every platform's labels count.
 * @param published the image under `latest`.
 * @param hasBuilder whether the registry has the builder that was made with it.
 * @param now milliseconds since 1970.
 */
export function changes(
  wanted: Wanted,
  published: PublishedLabels | undefined,
  hasBuilder: boolean,
  now: number,
): Change[] {
  if (published === undefined) return [{ what: "image", why: "the registry has none yet" }];
  const { platforms } = published;
  const found = [...platforms.keys()].sort().join(", ");
  const asked = [...wanted.platforms].sort().join(", ");
  const labels = [...platforms.values()];
  return [
    ...(found === asked
      ? []
      : [{ what: "platforms" as const, why: `published for ${found === "" ? "none" : found}, wanted for ${asked}` }]),
    ...oneChange(upstreamChange(wanted, labels)),
    ...oneChange(labelChange("lock", "the lock", labels, labelNames.lock, wanted.lock)),
    ...oneChange(
      wanted.recipe === undefined
        ? { what: "recipe", why: "the recipe does not tell its hash: have the platform render it anew" }
        : labelChange("recipe", "the recipe", labels, labelNames.recipe, wanted.recipe),
    ),
    ...oneChange(ageChange(wanted.oldAfterDays, labels, now)),
    ...(hasBuilder ? [] : [{ what: "builder" as const, why: "the registry lacks the builder that was made with it" }]),
  ];
}

function oneChange(change: Change | undefined): Change[] {
  return change === undefined ? [] : [change];
}

function upstreamChange(wanted: Wanted, labels: readonly Labels[]): Change | undefined {
  const name = labelChange("upstream", "the upstream image", labels, labelNames.upstream, wanted.upstream);
  const digest = labelChange(
    "upstream",
    `the upstream image ${wanted.upstream}`,
    labels,
    labelNames.upstreamDigest,
    wanted.upstreamDigest,
  );
  return name ?? digest;
}

function labelChange(
  what: Change["what"],
  subject: string,
  labels: readonly Labels[],
  name: string,
  wanted: string,
): Change | undefined {
  const other = labels.find((each) => each[name] !== wanted);
  if (other === undefined) return undefined;
  return { what, why: `${subject}: was ${shown(other[name])}, is ${shown(wanted)}` };
}

function shown(value: string | undefined): string {
  if (value === undefined || value === "") return "not told";
  return /^(sha256:)?[0-9a-f]{64}$/.test(value) ? value.replace(/^sha256:/, "").slice(0, 12) : value;
}

/** An image that does not tell when it was made counts as old. */
function ageChange(days: number | undefined, labels: readonly Labels[], now: number): Change | undefined {
  if (days === undefined) return undefined;
  const times = labels.map((each) => Date.parse(each[labelNames.created] ?? ""));
  if (times.every((time) => now - time < days * day)) return undefined;
  return {
    what: "age",
    why: `it is older than ${days} days, and has system packages, of which there may be newer ones`,
  };
}
