/** Wheelhouse's own way: its command line, as a pipeline runs it, on recipes that the program renders. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { run } from "../../../sandbox/process.mjs";
import type { Builder } from "../../../sandbox/services";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../../recipes";
import { dependencyRepository, loadSpecs, type App, type BaseImage, type RenderedFile } from "../../../spec";

const checkout = path.join(__dirname, "../../..");
/** The command line in one file, as agents have it. */
export const program = path.join(checkout, "tools/dist/wheelhouse.cjs");

/** What a run of the command line is given. */
export interface Machine {
  readonly builder: Builder;
  /** A folder that is this run's own. */
  readonly work: string;
  readonly registry: string;
  readonly indexUrl: string;
  /** Folder with netrc, pip.conf and pip_index_url. */
  readonly secrets: string;
  /** Where uv keeps what it fetched: a fresh agent's is empty. */
  readonly uvCache: string;
}

/** What one application's run took. */
export interface ApplicationRun {
  readonly resolveSeconds: number;
  readonly buildSeconds: number;
  readonly scanSeconds: number;
  /** References of its images, by digest. */
  readonly images: readonly string[];
  /** References of its dependency images, where this run made them. */
  readonly dependencies: readonly string[];
}

/** What is used here of the report of `wheelhouse bake`. */
interface BakeReport {
  readonly images: readonly { readonly name: string; readonly reference: string }[];
  readonly built: readonly { readonly name: string; readonly tag: string }[];
  readonly seconds: Readonly<Record<string, number>>;
}

async function wheelhouse(machine: Machine, args: readonly string[]): Promise<{ output: string; seconds: number }> {
  const began = performance.now();
  const env = { ...machine.builder.environment, UV_CACHE_DIR: machine.uvCache };
  const { output } = await run(process.execPath, [program, ...args], { env, timeoutSeconds: 900 });
  return { output, seconds: (performance.now() - began) / 1000 };
}

/** Writes rendered files as the template repository holds them. */
export function writeRecipes(folder: string, files: readonly RenderedFile[]): void {
  for (const { path: file, content } of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
}

/** The sample application, its base image and both recipes in `folder`. */
export function writeSampleRecipes(folder: string, name: string): { app: App; base: BaseImage } {
  const { apps, baseImages } = loadSpecs({
    baseImages: path.join(checkout, "base-images"),
    apps: path.join(checkout, "apps"),
  });
  const app = apps.find((candidate) => candidate.name === name);
  const base = baseImages.find((candidate) => candidate.name === app?.baseImage);
  if (app === undefined || base === undefined) throw new Error(`there is no sample application ${name}`);
  writeRecipes(folder, [...renderBaseImageRecipe(base), ...renderApplicationRecipe(app, base)]);
  return { app, base };
}

/** Resolves, builds and publishes a base image on `upstream`, a reference by digest. */
export async function refreshBase(machine: Machine, recipes: string, base: BaseImage, upstream: string): Promise<void> {
  const recipe = path.join(recipes, "base-images", base.name);
  const locks = path.join(machine.work, "base-locks");
  rmSync(locks, { recursive: true, force: true });
  const feed = ["--index-url", machine.indexUrl];
  await wheelhouse(machine, [
    ...["resolve", "--recipe", recipe, ...feed],
    ...["--netrc", path.join(machine.secrets, "netrc"), "--output", locks, "--quiet", "--json"],
  ]);
  await wheelhouse(machine, [
    ...["bake", "--recipe", recipe, "--locks", locks, "--registry", machine.registry, ...feed],
    ...["--secrets", machine.secrets, "--builder", machine.builder.name, "--upstream", upstream],
    ...["--push", "--tag", "latest", ...facts, "--quiet"],
  ]);
}

/** The same in every run, so that nothing but the case makes a difference. */
const facts = [
  ...["--image-version", "1", "--revision", "0".repeat(40)],
  ...["--created", "2026-01-01T00:00:00Z", "--source-url", "https://dev.azure.com/contoso/Platform/_git/orders"],
];

/** Resolves, builds, scans and publishes the application, as its pipeline does. */
export async function buildApplication(
  machine: Machine,
  recipes: string,
  app: App,
  source: string,
): Promise<ApplicationRun> {
  const recipe = path.join(recipes, "apps", app.name);
  const locks = path.join(machine.work, "locks");
  rmSync(locks, { recursive: true, force: true });
  const feed = ["--index-url", machine.indexUrl];
  const resolved = await wheelhouse(machine, [
    ...["resolve", "--recipe", recipe, "--source", source, "--base", `${machine.registry}/${app.baseImage}:latest`],
    ...[...feed, "--netrc", path.join(machine.secrets, "netrc"), "--output", locks, "--quiet", "--json"],
  ]);
  const baked = await wheelhouse(machine, [
    ...["bake", "--recipe", recipe, "--source", source, "--locks", locks, "--registry", machine.registry, ...feed],
    ...["--secrets", machine.secrets, "--builder", machine.builder.name],
    ...["--push", "--tag", "latest", ...facts, "--quiet", "--json"],
  ]);
  const report = JSON.parse(baked.output) as BakeReport;
  const scanSeconds = report.seconds.scan ?? 0;
  return {
    resolveSeconds: resolved.seconds,
    buildSeconds: baked.seconds - scanSeconds,
    scanSeconds,
    images: report.images.map(({ reference }) => reference),
    dependencies: report.built
      .filter(({ name }) => name === dependencyRepository(app))
      .map(({ name, tag }) => `${machine.registry}/${name}:${tag}`),
  };
}
