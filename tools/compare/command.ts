/** `wheelhouse compare`: whether anything is new since a base image was published last. */
import { renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { builderTag } from "../bake/look-up";
import type { CommandContext } from "../context";
import { OutsideError, UsageError } from "../errors";
import { existingFolder, readRecipe } from "../recipe";
import { formatReference, parseReference, RegistryClient, type Reference } from "../registry";
import { readLocks } from "../resolve/locks-file";
import { changes, type Change } from "./compare";
import { publishedLabels } from "./labels";
import { recipeHash } from "./recipe-hash";

interface CompareOptions {
  readonly recipe: string;
  readonly locks: string;
  readonly registry: string;
  readonly upstream?: string;
  readonly systemPackagesDays?: number;
  readonly output?: string;
}

/** What `--json` shows and `--output` gets. Changes when a reader of the old form would misread it: `schema`. */
export interface CompareReport {
  readonly schema: 1;
  readonly name: string;
  readonly changed: boolean;
  /** Why; empty where nothing changed. */
  readonly changes: readonly Change[];
  /** The image that was published last; absent where there is none. */
  readonly published?: { readonly reference: string; readonly digest: string };
  readonly upstream: { readonly reference: string; readonly digest: string };
  /** SHA-256. */
  readonly lock: string;
  readonly recipe?: string;
}

const examples = `
Examples:
  After wheelhouse resolve … --output locks:
    wheelhouse compare --recipe base-images/python-web --locks locks --registry contoso.azurecr.io

Compares upstream image, lock and recipe with the labels of the image under the tag latest. What is new among the
upstream's own system packages comes with a new upstream image; what is new among those of bindep.txt shows only in a
build, so that --system-packages-days calls a base image with such packages changed when it is older.
Log in to the registry before. Fetches configurations only.
Exit codes: 0 compared, whatever came out; 2 wrong usage or input; 3 a registry failed.`;

export function addCompareCommand(program: Command, context: CommandContext): void {
  program
    .command("compare")
    .summary("tell whether a base image has to be built anew")
    .description(
      "Tells whether anything is new since a base image was published last: its upstream image, its lock, its recipe.",
    )
    .requiredOption("--recipe <folder>", "rendered recipe, such as base-images/python-web")
    .requiredOption("--locks <folder>", "what wheelhouse resolve wrote")
    .requiredOption("--registry <host>", "login server of the registry")
    .option("--upstream <reference>", "upstream image, such as one in a mirror (default: as rendered)")
    .option("--system-packages-days <number>", "days after which an image with system packages is old", wholeDays)
    .option("--output <file>", "also write the result there, as JSON")
    .addHelpText("after", examples)
    .action(async (options: CompareOptions) => {
      const report = await compare(options, context);
      if (options.output !== undefined) writeWhole(path.resolve(context.workingFolder, options.output), report);
      context.json(report);
      for (const line of summary(report)) context.out(line);
    });
}

function wholeDays(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("Give a whole number of days, 1 or more.");
  return Number(text);
}

function writeWhole(file: string, report: CompareReport): void {
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, `${JSON.stringify(report, undefined, 2)}\n`);
  renameSync(part, file);
}

function summary({ name, changed, changes: found, published }: CompareReport): string[] {
  if (!changed) return [`${name}  nothing new since ${published?.digest ?? "it was published"}`];
  return [`${name}  to be built`, ...found.map(({ what, why }) => `  ${what}  ${why}`)];
}

async function compare(options: CompareOptions, context: CommandContext): Promise<CompareReport> {
  const at = (file: string) => path.resolve(context.workingFolder, file);
  const recipe = readRecipe(at(options.recipe));
  const { facts } = recipe;
  if (facts.kind !== "base-image") {
    throw new UsageError(
      `${facts.name} is an application, and only base images are compared`,
      "build it: what the registry has for its lock is not made again",
    );
  }
  const [lock] = readLocks(existingFolder("--locks", at(options.locks)), facts).sets;
  if (lock === undefined) throw new UsageError(`the locks have none for ${facts.name}`, "run wheelhouse resolve again");
  const upstream = parseReference(options.upstream ?? facts.upstream);
  const image = parseReference(`${options.registry}/${facts.name}:latest`);
  const client = new RegistryClient({ environment: context.environment, signal: context.signal });
  context.progress(`comparing ${facts.name} with ${formatReference(image)}`);
  const [upstreamDigest, published] = await Promise.all([
    digestOfUpstream(client, upstream),
    publishedLabels(client, image, context.signal),
  ]);
  const builder = published === undefined ? undefined : builderTag(published.digest);
  const hasBuilder =
    builder !== undefined &&
    (await client.head({ registry: image.registry, repository: facts.builder, tag: builder })) !== undefined;
  const hash = recipeHash(recipe, facts);
  const upstreamName = formatReference({ ...upstream, digest: undefined });
  const found = changes(
    {
      platforms: facts.platforms,
      upstream: upstreamName,
      upstreamDigest,
      lock: lock.sha256,
      recipe: hash,
      oldAfterDays: facts.systemPackages === undefined ? undefined : options.systemPackagesDays,
    },
    published,
    hasBuilder,
    Date.now(),
  );
  return {
    schema: 1,
    name: facts.name,
    changed: found.length > 0,
    changes: found,
    ...(published === undefined ? {} : { published: { reference: formatReference(image), digest: published.digest } }),
    upstream: { reference: upstreamName, digest: upstreamDigest },
    lock: lock.sha256,
    ...(hash === undefined ? {} : { recipe: hash }),
  };
}

async function digestOfUpstream(client: RegistryClient, upstream: Reference): Promise<string> {
  const found = await client.head(upstream);
  if (found !== undefined) return found.digest;
  throw new OutsideError(
    `the registry has no image ${formatReference(upstream)}`,
    "is its name right? Another place for it can be given with --upstream",
  );
}
