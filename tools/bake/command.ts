/** `wheelhouse bake`: builds the images of a recipe, searches them for leaks, pushes and tags them. */
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Command } from "commander";
import type { CommandContext } from "../context";
import { FindingsError } from "../errors";
import { withTemporaryFolder } from "../temporary-folder";
import { bakeApplication } from "./application";
import { bakeBaseImage } from "./base-image";
import { findBuildx } from "./buildx";
import { prepareJob, type BakeOptions, type Job } from "./job";
import { leakLines } from "./leaks";
import { bakeOwnDockerfile } from "./own-dockerfile";
import { table, type BakeReport, type BakeResult } from "./result";

const examples = `
Examples:
  Publish an application's images (after wheelhouse resolve … --output locks):
    wheelhouse bake --recipe apps/orders --source ../orders --locks locks --registry contoso.azurecr.io \\
      --index-url https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/ --secrets secrets \\
      --image-version 20260131.1 --revision "$(git rev-parse HEAD)" --created "$(git log -1 --format=%cI)" \\
      --push --tag 20260131.1 --tag main
  Build them for a pull request: the same without --push and --tag.
  Publish a base image:
    wheelhouse bake --recipe base-images/python-web --locks locks … --push --tag latest --tag 20260131

Packages that the registry has for this lock are not installed again, and the base image is not pulled.
What a build adds is searched for the secrets of --secrets before it is pushed, images again before they are tagged.
--secrets holds netrc and, for a Dockerfile of your own, pip.conf and pip_index_url. Log in to the registry before.
Exit codes: 0 fine, 1 a leak was found and nothing was tagged, 2 wrong usage or a failed step of a Dockerfile,
3 the feed, the registry or docker failed.`;

export function addBakeCommand(program: Command, context: CommandContext): void {
  program
    .command("bake")
    .summary("build, scan and publish the images of a recipe")
    .description(
      "Builds the images of a recipe with docker buildx, from locks that `wheelhouse resolve` wrote. With --push, " +
        "images are pushed by digest, searched for leaks and then tagged; a leak stops the run and removes them.",
    )
    .requiredOption("--recipe <folder>", "rendered recipe, such as apps/orders or base-images/python-web")
    .option("--source <folder>", "committed files of the application")
    .option("--locks <folder>", "what wheelhouse resolve wrote; not for an application with its own Dockerfile")
    .requiredOption("--registry <host>", "login server of the registry")
    .requiredOption("--index-url <url>", "the feed's simple index, without credentials")
    .requiredOption("--secrets <folder>", "secret files: netrc, pip.conf, pip_index_url")
    .option("--builder <name>", "buildx builder (default: buildx' own)")
    .option("--push", "push and tag the images; without it they are only built")
    .option("--tag <tag>", "tag of the images; can be given several times", collect)
    .option("--allow <file>", "findings of the scan that are let pass, as wheelhouse scan takes them")
    .option("--metadata <file>", "also write the result there, as JSON")
    .option("--base <reference>", "base image (default: the one that was resolved with)")
    .option("--upstream <reference>", "upstream image of a base image, such as one in a mirror")
    .option("--sbom-generator <reference>", "image that lists the software of the images (default: as rendered)")
    .option("--image-version <text>", "version that the images say they have", "0")
    .option("--revision <commit>", "commit that they say they are built from", "unknown")
    .option("--created <time>", "time of that commit, RFC 3339", "1980-01-01T00:00:00Z")
    .option("--source-url <url>", "address of its repository, without credentials", "")
    .addHelpText("after", examples)
    .action(async (given: Omit<BakeOptions, "tag"> & { readonly tag?: readonly string[] }) => {
      const options: BakeOptions = { ...given, tag: given.tag ?? [] };
      const report = await run(options, context);
      if (options.metadata !== undefined) {
        writeFileSync(
          path.resolve(context.workingFolder, options.metadata),
          `${JSON.stringify(report, undefined, 2)}\n`,
        );
      }
      context.json(report);
      for (const line of table(report)) context.out(line);
      const { leaks } = report;
      if (leaks.length > 0) {
        const lines = leakLines(leaks);
        const count = lines.length === 1 ? "a leak" : `${lines.length} leaks`;
        throw new FindingsError(`${count} in ${report.name}: nothing was tagged`, lines.join("\n"));
      }
    });
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

async function run(options: BakeOptions, context: CommandContext): Promise<BakeReport> {
  const started = Date.now();
  return await withTemporaryFolder(context.environment, async (folder) => {
    const job = await prepareJob(options, context, folder);
    findBuildx(context.environment);
    const result = await build(job);
    const { requests, fetchedBytes, pushedBytes } = job.client.transferred;
    return {
      ...result,
      seconds: { ...job.phases, total: (Date.now() - started) / 1000 },
      transferred: { requests, fetchedBytes, pushedBytes },
    };
  });
}

async function build(job: Job): Promise<BakeResult> {
  const { facts } = job.recipe;
  switch (facts.kind) {
    case "application":
      return await bakeApplication(job, facts);
    case "own-dockerfile":
      return await bakeOwnDockerfile(job, facts);
    case "base-image":
      return await bakeBaseImage(job, facts);
  }
}
