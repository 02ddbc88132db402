/** One run of `bake`: what it is given, checked before anything is built, and what its parts share. */
import { statSync } from "node:fs";
import * as path from "node:path";
import type { IndexFacts, RecipeFacts } from "../../spec/recipe-facts";
import type { CommandContext } from "../context";
import { checkedIndexUrl, feedCredentials, readSecretFile, redactor } from "../credentials";
import { UsageError } from "../errors";
import { existingFolder, readRecipe, type Recipe } from "../recipe";
import { RegistryClient } from "../registry";
import { readExtraIndexes } from "../resolve/extra-indexes";
import { readAllowList, type AllowList } from "../scan";
import type { PackageSource } from "../uv";
import type { BuiltImage } from "./buildx";
import { bake } from "./buildx";
import { secretsOf, type LeakSecrets } from "./leaks";

export interface BakeOptions {
  readonly recipe: string;
  readonly source?: string;
  readonly locks?: string;
  readonly registry: string;
  readonly indexUrl: string;
  readonly secrets: string;
  readonly builder?: string;
  readonly push?: boolean;
  readonly tag: readonly string[];
  readonly allow?: string;
  readonly metadata?: string;
  readonly base?: string;
  readonly upstream?: string;
  readonly sbomGenerator?: string;
  /** What the images say of themselves. */
  readonly imageVersion: string;
  readonly revision: string;
  readonly created: string;
  readonly sourceUrl: string;
}

/** Seconds of each part of a run. */
export type Phases = Record<string, number>;

/** What the parts of a run share. */
export interface Job {
  readonly recipe: Recipe;
  readonly options: BakeOptions;
  /** Absolute; `undefined` for a base image. */
  readonly source: string | undefined;
  /** Absolute. */
  readonly locks: string | undefined;
  readonly secretsFolder: string;
  readonly push: boolean;
  readonly packages: PackageSource;
  readonly secrets: LeakSecrets;
  /** Findings that are let pass. */
  readonly allow: AllowList;
  readonly redact: (text: string) => string;
  readonly client: RegistryClient;
  readonly context: CommandContext;
  /** A temporary one. */
  readonly folder: string;
  readonly phases: Phases;
}

/** @throws UsageError or OutsideError for the first thing that is wrong with what was given. */
export async function prepareJob(options: BakeOptions, context: CommandContext, folder: string): Promise<Job> {
  const at = (file: string) => path.resolve(context.workingFolder, file);
  const recipe = readRecipe(at(options.recipe));
  const { facts } = recipe;
  if (options.source === undefined && facts.kind !== "base-image") {
    throw new UsageError("--source is missing", `name the folder with the committed files of ${facts.name}`);
  }
  if (options.locks === undefined && facts.kind !== "own-dockerfile") {
    throw new UsageError("--locks is missing", "name the folder that wheelhouse resolve wrote with --output");
  }
  checkRegistry(options.registry);
  for (const tag of options.tag) checkTag(tag);
  checkCreated(options.created);
  checkSourceUrl(options.sourceUrl);
  if (options.push === true && options.tag.length === 0) {
    throw new UsageError("--push without --tag would leave images that nobody finds", "name at least one --tag");
  }
  const secretsFolder = existingFolder("--secrets", at(options.secrets));
  const indexUrl = checkedIndexUrl(options.indexUrl);
  const netrcFile = path.join(secretsFolder, "netrc");
  const entries = feedCredentials(netrcFile, indexUrl);
  const indexes = facts.kind === "base-image" ? [] : facts.indexes;
  const extraIndexes = readExtraIndexes(indexes, secretsFolder);
  const files = secretFiles(facts, indexes).map((name) => path.join(secretsFolder, name));
  for (const file of files) readSecretFile(file);
  return {
    recipe,
    options,
    source: options.source === undefined ? undefined : existingFolder("--source", at(options.source)),
    locks: options.locks === undefined ? undefined : existingFolder("--locks", at(options.locks)),
    secretsFolder,
    push: options.push === true,
    packages: { indexUrl, netrcFile, extraIndexes },
    allow: options.allow === undefined ? [] : await readAllowList(options.allow, context.workingFolder),
    secrets: await secretsOf(netrcFile, files, context),
    redact: redactor([
      ...entries.map(({ password }) => password),
      ...extraIndexes.flatMap(({ credentials }) => credentials?.password ?? []),
    ]),
    client: new RegistryClient({ environment: context.environment, signal: context.signal }),
    context,
    folder,
    phases: {},
  };
}

/** Files that the bake file mounts, besides netrc: bake takes an empty one without a word, and pip goes elsewhere. */
function secretFiles(facts: RecipeFacts, indexes: readonly IndexFacts[]): string[] {
  return [
    ...(facts.kind === "own-dockerfile" ? ["pip.conf", "pip_index_url"] : []),
    ...indexes.flatMap(({ secret }) => secret ?? []),
  ];
}

function checkRegistry(registry: string): void {
  if (!/^[A-Za-z0-9.-]+(:\d+)?$/.test(registry)) {
    throw new UsageError(
      `--registry: ${JSON.stringify(registry)} is not a host`,
      "give the registry's login server, such as contoso.azurecr.io",
    );
  }
}

function checkTag(tag: string): void {
  if (!/^\w[\w.-]{0,127}$/.test(tag)) {
    throw new UsageError(
      `--tag: ${JSON.stringify(tag)} is not a tag`,
      "use letters, digits and _ . - with at most 128 characters, not beginning with . or -",
    );
  }
}

function checkCreated(created: string): void {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(created) || Number.isNaN(Date.parse(created))) {
    throw new UsageError(`--created: ${JSON.stringify(created)} is not a time`, "give it as 2026-01-31T04:00:00Z");
  }
}

/** It becomes a label of the images. Azure Repos puts a user into addresses; a token could come along. */
function checkSourceUrl(url: string): void {
  if (/^[a-z+.-]+:\/\/[^/]*@/i.test(url)) {
    throw new UsageError("--source-url has credentials in it", "take out all from behind :// to the @");
  }
}

/** Runs a part and adds its seconds to the report. */
export async function phase<T>({ phases }: Job, name: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  try {
    return await work();
  } finally {
    phases[name] = (phases[name] ?? 0) + (Date.now() - started) / 1000;
  }
}

/** The variables that every bake file has. */
export function sharedVariables({ options, secretsFolder, locks, source }: Job): Record<string, string> {
  return {
    REGISTRY: options.registry,
    INDEX_URL: options.indexUrl,
    SECRETS: secretsFolder,
    ...(locks === undefined ? {} : { LOCK: locks }),
    ...(source === undefined ? {} : { SOURCE: source }),
    VERSION: options.imageVersion,
    REVISION: options.revision,
    CREATED: options.created,
    SOURCE_URL: options.sourceUrl,
    SOURCE_DATE_EPOCH: String(Math.floor(Date.parse(options.created) / 1000)),
    ...(options.sbomGenerator === undefined ? {} : { SBOM_GENERATOR: options.sbomGenerator }),
  };
}

export interface JobBuild {
  readonly targets: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly overrides?: readonly string[];
  /** Folders that are read besides source, locks, secrets and the recipe. */
  readonly reads?: readonly string[];
}

let calls = 0;

/** Bakes targets with the job's own values. */
export async function build(job: Job, request: JobBuild): Promise<ReadonlyMap<string, BuiltImage>> {
  const reads = [job.recipe.folder, job.secretsFolder, job.source, job.locks, ...(request.reads ?? [])];
  return await bake(
    {
      recipe: job.recipe,
      targets: request.targets,
      variables: { ...sharedVariables(job), ...request.variables },
      overrides: request.overrides ?? [],
      reads: reads.filter((folder) => folder !== undefined).filter((folder) => statSync(folder).isDirectory()),
      writes: [job.folder],
      builder: job.options.builder,
      metadataFile: path.join(job.folder, `metadata-${(calls += 1)}.json`),
      redact: job.redact,
    },
    job.context,
  );
}
