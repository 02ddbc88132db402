/** `wheelhouse resolve`: from a recipe and a source to locks, and their hashes. */
import * as path from "node:path";
import { type Command } from "commander";
import type { CommandContext } from "../context";
import { checkedIndexUrl, feedCredentials } from "../credentials";
import { UsageError } from "../errors";
import { existingFolder, readRecipe, type Recipe } from "../recipe";
import { RegistryClient } from "../registry";
import { withTemporaryFolder } from "../temporary-folder";
import { findUv, type PackageSource } from "../uv";
import { baseLockFromFile, baseLockFromRegistry, type BaseLock } from "./base-lock";
import { readExtraIndexes } from "./extra-indexes";
import { locksDocument, writeLocks, type LocksDocument } from "./locks-file";
import { resolveApplication, resolveBaseImage, type ResolvedSet } from "./resolve";

interface ResolveOptions {
  readonly recipe: string;
  readonly source?: string;
  readonly base?: string;
  readonly baseLock?: string;
  readonly indexUrl: string;
  readonly netrc: string;
  readonly secrets?: string;
  readonly output: string;
}

/** What `--json` shows. */
export interface ResolveReport extends LocksDocument {
  /** Folder of the locks. */
  readonly output: string;
  readonly seconds: number;
  /** Bytes that the tool itself read from the registry; what uv reads is not in it. */
  readonly fetchedBytes: number;
}

const examples = `
Examples:
  Resolve an application against its base image, of which only the lock's layer is fetched:
    wheelhouse resolve --recipe apps/orders --source ../orders --base contoso.azurecr.io/python-web:latest \\
      --index-url https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/ --netrc secrets/netrc --output locks
  Resolve a base image:
    wheelhouse resolve --recipe base-images/python-web --index-url … --netrc secrets/netrc --output locks

Always resolves to the newest versions that fit. Needs uv, on PATH or named in WHEELHOUSE_UV.
Packages come from --index-url alone: a token that has expired is an error, never another index.
Exit codes: 0 fine, 2 wrong usage or requirements, 3 the feed, the registry or uv failed.`;

export function addResolveCommand(program: Command, context: CommandContext): void {
  program
    .command("resolve")
    .summary("resolve an image's requirements to locks with hashes")
    .description(
      "Resolves the requirements of a recipe and writes one lock for each set of packages: what its images add to the " +
        "base image, every version and hash. The lock's SHA-256 names the dependency image.",
    )
    .requiredOption("--recipe <folder>", "rendered recipe, such as apps/orders or base-images/python-web")
    .option("--source <folder>", "committed files of the application")
    .option("--base <reference>", "base image in the registry, whose lock is the constraint")
    .option("--base-lock <file>", "that lock as a file, in place of --base")
    .requiredOption("--index-url <url>", "the feed's simple index, without credentials")
    .requiredOption("--netrc <file>", "credentials of the feed")
    .option("--secrets <folder>", "credentials of further indexes, where the spec names such")
    .requiredOption("--output <folder>", "where locks.json and the locks are written")
    .addHelpText("after", examples)
    .action(async (options: ResolveOptions) => {
      const report = await resolve(options, context);
      context.json(report);
      for (const line of summary(report)) context.out(line);
    });
}

function summary(report: ResolveReport): string[] {
  if (report.sets.length === 0) return [`${report.recipe.name} brings its own Dockerfile: nothing to resolve`];
  return report.sets.map(({ folder, packages, sha256 }) => {
    const adds = packages === 0 ? "nothing beyond its base image" : `${packages} package${packages === 1 ? "" : "s"}`;
    return `${folder === "" ? report.recipe.name : folder}  ${adds}  ${sha256.slice(0, 12)}`;
  });
}

/** Resolves and writes; nothing is written unless every set could be resolved. */
async function resolve(options: ResolveOptions, context: CommandContext): Promise<ResolveReport> {
  const started = Date.now();
  const at = (file: string) => path.resolve(context.workingFolder, file);
  const recipe = readRecipe(at(options.recipe));
  const output = at(options.output);
  const client = new RegistryClient({ environment: context.environment, signal: context.signal });
  const { sets, base } = await withTemporaryFolder(context.environment, (folder) =>
    resolveRecipe(recipe, options, client, context, folder),
  );
  const document = locksDocument(recipe.facts, base?.image, sets);
  writeLocks(output, document, sets);
  const seconds = (Date.now() - started) / 1000;
  return { ...document, output, seconds, fetchedBytes: client.transferred.fetchedBytes };
}

async function resolveRecipe(
  recipe: Recipe,
  options: ResolveOptions,
  client: RegistryClient,
  context: CommandContext,
  folder: string,
): Promise<{ sets: readonly ResolvedSet[]; base?: BaseLock }> {
  const { facts } = recipe;
  const at = (file: string) => path.resolve(context.workingFolder, file);
  if (facts.kind === "own-dockerfile") return { sets: [] };
  if (facts.kind === "base-image") {
    refuseBase(options, facts.name);
    const packages = packageSource(options, [], at);
    context.progress(`resolving ${facts.name}`);
    return { sets: await resolveBaseImage({ facts, source: recipe.folder, packages }, context, folder) };
  }
  if (options.source === undefined) {
    throw new UsageError("--source is missing", `name the folder with the committed files of ${facts.name}`);
  }
  const source = existingFolder("--source", at(options.source));
  const packages = packageSource(
    options,
    readExtraIndexes(facts.indexes, options.secrets === undefined ? undefined : at(options.secrets)),
    at,
  );
  findUv(context.environment);
  const base = await baseLock(options, facts.base, facts.platforms[0] ?? "linux/amd64", client, context);
  context.progress(`resolving ${facts.name} on ${base.name}`);
  return { sets: await resolveApplication({ facts, source, packages }, base, context, folder), base };
}

/** Checked before anything runs. */
function packageSource(
  options: ResolveOptions,
  extraIndexes: PackageSource["extraIndexes"],
  at: (file: string) => string,
): PackageSource {
  const indexUrl = checkedIndexUrl(options.indexUrl);
  const netrcFile = at(options.netrc);
  feedCredentials(netrcFile, indexUrl);
  return { indexUrl, netrcFile, extraIndexes };
}

function refuseBase({ base, baseLock }: ResolveOptions, name: string): void {
  if (base === undefined && baseLock === undefined) return;
  throw new UsageError(`${name} is a base image and has none itself`, "leave --base and --base-lock away");
}

async function baseLock(
  options: ResolveOptions,
  name: string,
  platform: string,
  client: RegistryClient,
  context: CommandContext,
): Promise<BaseLock> {
  if ((options.base === undefined) === (options.baseLock === undefined)) {
    throw new UsageError("name the base image with either --base or --base-lock", `the base image is ${name}`);
  }
  if (options.baseLock !== undefined) {
    return baseLockFromFile(path.resolve(context.workingFolder, options.baseLock), name);
  }
  context.progress(`reading the lock of ${options.base ?? ""}`);
  return await baseLockFromRegistry(options.base ?? "", platform, client, context);
}
