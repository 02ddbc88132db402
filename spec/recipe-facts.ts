/** What a recipe tells the `wheelhouse` tool about itself: the key `x-wheelhouse` of its `docker-bake.json`. */
import { z } from "zod";

/** Key of a bake file that holds the facts. Bake itself passes over it. */
export const FACTS_KEY = "x-wheelhouse";

const word = z.string().regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, "it is empty, or has a line end or a control character");
const platforms = z.array(z.enum(["linux/amd64", "linux/arm64"])).min(1);

/** A target of the bake file, and the repository in the registry that it is pushed to. */
const pushedTarget = z.strictObject({ target: word, repository: word });

const image = pushedTarget.extend({
  /** Console script that it runs; absent where the application names none. */
  script: word.optional(),
});

/** A package index beside the feed (compatibility mode). */
const index = z.strictObject({
  name: word,
  /** Its simple index, without credentials. */
  url: word,
  /**
   * File in the folder of secrets, and id of the build's secret: `url` with its credentials, without a line end.
   * Absent where the index wants none.
   */
  secret: word.optional(),
});

/** The packages of one lock, and the images that carry them. */
const packageSet = z.strictObject({
  /** Folder of the lock in the folder of all locks. */
  folder: word,
  /** End of the names of this set's bake variables: empty, or such as `_ORDERS_API`. */
  suffix: z.string(),
  /** Extras that the spec asks for: the project must have each of them. */
  extras: z.array(word),
  /**
   * Extras that are taken where the project's `pyproject.toml` has them: `orders_worker` by the script `orders-worker`,
   * `orders_base` for every image of `orders`. Names of extras are equal as PEP 685 says: `orders_worker`, `orders-worker`.
   */
  conventionalExtras: z.array(word),
  /** Pushed under a tag that is the lock's hash, where the registry lacks it. */
  dependencies: pushedTarget,
  /** Base image and packages joined; pushed under a tag that is the hash of both. */
  runtime: pushedTarget,
  images: z.array(image).min(1),
});

/** An application that Wheelhouse writes the Dockerfile of. */
const application = z.strictObject({
  kind: z.literal("application"),
  name: word,
  /** Repository of the base image, and of its builder. */
  base: word,
  builder: word,
  /** Python version `major.minor`. */
  python: word,
  platforms,
  /** `pyproject.toml` or a requirements file, relative to the application's source. */
  requirements: word,
  /** Lock that the team keeps itself, relative to its source: used as it is, nothing is resolved. */
  lock: word.optional(),
  /** bindep file, relative to its source. */
  systemPackages: word.optional(),
  /** Whether it has console scripts: its own distribution is built and laid out, not its source. */
  project: z.boolean(),
  /** Empty but in compatibility mode. */
  indexes: z.array(index),
  /**
   * SHA-256 of all that decides, beside lock and bindep file, what is installed: Python version, platforms and the stage
   * of the recipe. It belongs into the tags of dependency and run-time images.
   */
  installation: z.string().regex(/^[0-9a-f]{64}$/),
  sets: z.array(packageSet).min(1),
});

/** An application that brings its own Dockerfile: nothing is resolved, and one image is made. */
const ownDockerfile = z.strictObject({
  kind: z.literal("own-dockerfile"),
  name: word,
  base: word,
  builder: word,
  python: word,
  platforms,
  /** Path of the Dockerfile, relative to the application's source. */
  dockerfile: word,
  indexes: z.array(index),
  image,
});

const baseImage = z.strictObject({
  kind: z.literal("base-image"),
  /** Repository of the image that applications run on, and of its builder. */
  name: word,
  builder: word,
  python: word,
  platforms,
  /** Requirements file, relative to the recipe's folder. */
  requirements: word,
  /** bindep file, relative to the recipe's folder. */
  systemPackages: word.optional(),
  /** Upstream image with its tag. */
  upstream: word,
  /** Names of the two bake targets. */
  targets: z.strictObject({ builder: word, runtime: word }),
});

/** The schema of {@link RecipeFacts}. */
export const recipeFacts = z.discriminatedUnion("kind", [application, ownDockerfile, baseImage]);

export type RecipeFacts = z.infer<typeof recipeFacts>;
export type ApplicationFacts = z.infer<typeof application>;
export type OwnDockerfileFacts = z.infer<typeof ownDockerfile>;
export type BaseImageFacts = z.infer<typeof baseImage>;
export type PackageSetFacts = z.infer<typeof packageSet>;
export type IndexFacts = z.infer<typeof index>;
export type ImageFacts = z.infer<typeof image>;

/**
 * The facts of a recipe.
 * @param bakeFile the parsed `docker-bake.json`. Its texts are templates of bake; here they are plain again.
 * @throws Error that says what is wrong with the file, for one that Wheelhouse did not render.
 */
export function readRecipeFacts(bakeFile: unknown): RecipeFacts {
  const written: unknown =
    typeof bakeFile === "object" && bakeFile !== null ? Reflect.get(bakeFile, FACTS_KEY) : undefined;
  if (written === undefined) {
    throw new Error(`it has no key "${FACTS_KEY}": name a recipe that this version of Wheelhouse rendered`);
  }
  const result = recipeFacts.safeParse(withoutTemplates(written));
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = [FACTS_KEY, ...(issue?.path ?? [])].join(".");
    throw new Error(`${place}: ${issue?.message ?? "it is not what a recipe says"}; render the recipe anew`);
  }
  return result.data;
}

/** Bake reads `${"$"}` as `$`, which is how a sign that would begin an expression is written. */
function withoutTemplates(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\$\{"([$%])"\}/g, "$1");
  if (Array.isArray(value)) return value.map(withoutTemplates);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutTemplates(inner)]));
  }
  return value;
}
