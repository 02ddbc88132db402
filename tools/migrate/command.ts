/** `wheelhouse migrate`: proposes the way of a leaky repository onto the platform, and writes it where that is asked for. */
import type { Command } from "commander";
import type { CommandContext } from "../context";
import { migrate } from "./migrate";
import { printed } from "./printing";
import type { MigrateOptions } from "./changes";

interface Options extends MigrateOptions {
  readonly platform?: string;
  readonly write?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  See what would become of the repository of this folder, with the reason for each change:
    wheelhouse migrate .
  The same, checked against the platform's base images, and the specification written there:
    wheelhouse migrate ../billing --platform .
  Write the team's files, too; take them back with git:
    wheelhouse migrate ../billing --platform . --write
  Keep the old pipeline's text aside, to take its tests and deployments out of it:
    wheelhouse migrate ../billing --write --project Platform --base-image python-web --keep-pipeline old-pipeline.yml
  One of several images of a repository; the last of them takes the old pipeline's place:
    wheelhouse migrate ../shop --dockerfile worker/Dockerfile --name shop-worker --new-pipeline worker-pipeline.yml

Proposed are the specification apps/<name>.yaml for the platform's repository, the pipeline that extends the platform's
template, and the mended Dockerfile, or none where the platform's recipe does the same. Nothing of the repository runs.
What the old pipeline did and the new one does not is listed with where to put it. docker-compose is not migrated.
Credentials that are found are named by file and line, and never shown: revoke them.
Exit codes: 0 fine, 2 wrong usage, or a repository that no specification can be made of.`;

export function addMigrateCommand(program: Command, context: CommandContext): void {
  program
    .command("migrate")
    .summary("bring a repository with a leaky pipeline and Dockerfile onto the platform")
    .description(
      "Reads a team's repository and proposes, as diffs with reasons, its specification for the platform, its new " +
        "pipeline, and its mended Dockerfile or none.",
    )
    .argument("<folder>", "the team's repository")
    .option(
      "--platform <folder>",
      "checkout of the platform's repository: check against it, and write the specification there",
    )
    .option(
      "--write",
      "write and remove the files in the team's repository; refused over changes that are not committed",
    )
    .option("--name <name>", "name of the application (default: that of the project, or of the folder)")
    .option("--team <group>", "Azure DevOps group that owns it")
    .option("--base-image <name>", "base image (default: the platform's nearest)")
    .option("--repository <name>", "name of the team's repository in Azure DevOps (default: that of its remote)")
    .option("--project <name>", "project of the platform (default: that of its stacks, or of the team's remote)")
    .option(
      "--template-repository <name>",
      "repository with the platform's templates (default: that of its stacks, or wheelhouse)",
    )
    .option("--pipeline <file>", "old pipeline, relative to the repository (default: azure-pipelines.yml)")
    .option("--dockerfile <file>", "Dockerfile, relative to the repository (default: the one that the pipeline builds)")
    .option("--new-pipeline <file>", "file of the new pipeline, where the old one builds other images, too, and stays")
    .option("--keep-pipeline <file>", "also keep the old pipeline's text in this file of the repository")
    .addHelpText("after", examples)
    .action(async (folder: string, options: Options) => {
      const done = await migrate(folder, options, context);
      context.json(done.report);
      if (options.json === true) return;
      const colours = wantsColours(context.environment);
      const text = printed(done.proposal, { colours, written: done.report.written });
      // The context's own way takes out what a terminal acts on, colours too; this text is without already.
      if (colours) program.configureOutput().writeOut?.(`${text}\n`);
      else context.out(text);
      if (done.next !== "") context.progress(done.next);
    });
}

/** As https://no-color.org and https://force-color.org say; else on a terminal. */
function wantsColours(environment: NodeJS.ProcessEnv): boolean {
  if ((environment.FORCE_COLOR ?? "") !== "") return environment.FORCE_COLOR !== "0";
  if ((environment.NO_COLOR ?? "") !== "" || environment.TERM === "dumb") return false;
  return process.stdout.isTTY;
}
