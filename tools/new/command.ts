/** `wheelhouse new app` and `wheelhouse new base-image`: write what joins an application, or makes a base image, and nothing else. */
import * as path from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { findProject, type Project } from "../check/project";
import type { CommandContext } from "../context";
import { InterruptedError } from "../errors";
import type * as appRoom from "./app";
import type * as baseImageRoom from "./base-image";
import { writeNewFile, writeNewFolder } from "./files";
import { questionsAtTerminal, type Questions } from "./questions";

interface Common {
  readonly projectFolder?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const appExamples = `
Examples:
  At a terminal, with questions; what the repository says is proposed:
    wheelhouse new app --repository ../orders
  Without questions:
    wheelhouse new app orders --repository ../orders --base-image python-web --team commerce --yes
  See the file first:
    wheelhouse new app orders --base-image python-web --dry-run

The repository is read, and nothing in it is run. What is written is checked together with the platform's other files
first. Without a terminal, with --yes and with --json nobody is asked: what was found is taken.
Exit codes: 0 fine, 2 something is missing, refused or there already, 130 interrupted; then nothing was written.`;

const baseImageExamples = `
Examples:
  At a terminal, with questions:
    wheelhouse new base-image python-web
  Without:
    wheelhouse new base-image python-data --python 3.13 --packages 'numpy>=2,<3' 'pandas>=2.2,<3' \\
      --system-packages 'libgomp1 [platform:dpkg]'

Exit codes: 0 fine, 2 something is missing, refused or there already, 130 interrupted; then nothing was written.`;

export function addNewCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("new")
    .summary("join an application, or make a base image")
    .description("Writes the one file that joins an application to the platform, or the files of a new base image.");
  addApp(command, context);
  addBaseImage(command, context);
}

function addApp(parent: Command, context: CommandContext): void {
  const command = parent
    .command("app")
    .description("Writes apps/<name>.yaml, at most 12 lines: all that joins an application to the platform.")
    .argument("[name]", "of the application; default: as the repository says")
    .option("--repository <folder>", "the application's repository on this machine: what it says is proposed")
    .option("--base-image <name>", "default: the one with a Python that the repository takes")
    .option("--python <version>", "choose the base image by this version, such as 3.12")
    .option("--team <group>", "group of Azure DevOps that owns it; it may read the feed")
    .option("--description <line>", "what it is for")
    .option("--scripts <names...>", "console scripts, one image each; default: those of the repository")
    .option("--requirements <file>", "pyproject.toml or a requirements file of the repository")
    .option("--lock <file>", "lock with hashes that the team keeps itself")
    .option("--system-packages <file>", "bindep file of the repository")
    .option("--dockerfile <file>", "keep this Dockerfile, instead of a rendered one")
    .option("--ports <numbers...>", "ports that it listens on; default: those that its Dockerfile exposes", port)
    .option("--existing-repository <name>", "repository of Azure Repos that is there; default: the platform makes one")
    .option("--pipeline-file <file>", "its pipeline's file in that repository; default: azure-pipelines.yml");
  addCommon(command, appExamples).action(async (name: string | undefined, options: Common & appRoom.NewAppOptions) => {
    const project = findProject(context.workingFolder, options.projectFolder);
    // Loaded here, as the checks take longer than to write the help.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { newApp } = require("./app") as typeof appRoom;
    const questions = await asked(options, context);
    const made = await newApp(name, options, project, context, questions);
    for (const note of made.notes) context.progress(`note: ${note}`);
    const shown = path.relative(context.workingFolder, made.file);
    const written = await agreed(shown, made.content, options, context, questions, () =>
      writeNewFile(made.file, shown, made.content),
    );
    context.json({ file: shown, content: made.content, written, notes: made.notes });
    if (!written) return;
    context.out(`wrote ${shown}`);
    tellNext(project, made.name, `apps/${made.name}.yaml`, context);
    const { repository } = made.values;
    if (repository !== undefined) {
      const existing = typeof repository === "string" ? repository : repository.existing;
      const file = typeof repository === "string" ? "azure-pipelines.yml" : repository.pipelineFile;
      context.progress(
        `${file} in the repository ${existing} is its team's to commit; wheelhouse migrate proposes it.`,
      );
    }
  });
}

function addBaseImage(parent: Command, context: CommandContext): void {
  const command = parent
    .command("base-image")
    .description(
      "Writes base-images/<name>/ with base-image.yaml and requirements.in, and bindep.txt where it is asked for.",
    )
    .argument("[name]", "of the base image")
    .option("--python <version>", "such as 3.13")
    .option("--description <line>", "what it is for")
    .option("--packages <requirements...>", "Python packages that every application on it shares")
    .option("--system-packages <packages...>", "distribution packages, as lines of bindep; makes bindep.txt")
    .option("--upstream <image>", "image to start from; default: python")
    .option("--tag <tag>", "tag of that image; default: <python>-slim")
    .option("--schedule <cron>", 'when it is refreshed, in UTC; default: "0 4 * * *"');
  addCommon(command, baseImageExamples).action(
    async (name: string | undefined, options: Common & baseImageRoom.NewBaseImageOptions) => {
      const project = findProject(context.workingFolder, options.projectFolder);
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { newBaseImage } = require("./base-image") as typeof baseImageRoom;
      const questions = await asked(options, context);
      const made = await newBaseImage(name, options, project, context, questions);
      const shown = path.relative(context.workingFolder, made.folder);
      const all = [...made.files].map(([file, text]) => `${file}:\n${text}`).join("\n");
      const written = await agreed(shown, all, options, context, questions, () =>
        writeNewFolder(made.folder, shown, made.files),
      );
      context.json({ folder: shown, files: Object.fromEntries(made.files), written });
      if (!written) return;
      for (const file of made.files.keys()) context.out(`wrote ${path.join(shown, file)}`);
      tellNext(project, made.name, `base-images/${made.name}`, context);
    },
  );
}

function addCommon(command: Command, examples: string): Command {
  return command
    .option("--project-folder <folder>", "the platform's repository; default: the nearest folder with a Pulumi.yaml")
    .option("-y, --yes", "ask nothing: take what was found")
    .option("--dry-run", "show what would be written, and write nothing")
    .addHelpText("after", examples);
}

function port(value: string, before: readonly number[] | undefined): readonly number[] {
  if (!/^[1-9][0-9]{0,4}$/.test(value) || Number(value) > 65535) throw new InvalidArgumentError("It is not a port.");
  return [...(before ?? []), Number(value)];
}

async function asked(options: Common, { signal }: CommandContext): Promise<Questions | undefined> {
  return options.yes === true || options.json === true ? undefined : await questionsAtTerminal(signal);
}

/** Writes unless that is not wanted. @returns whether it was written. */
async function agreed(
  shown: string,
  content: string,
  options: Common,
  context: CommandContext,
  questions: Questions | undefined,
  write: () => Promise<void>,
): Promise<boolean> {
  if (options.dryRun === true) {
    context.progress(`${shown} would be:`);
    context.out(content);
    return false;
  }
  if (questions !== undefined) {
    context.progress(`\n${content}`);
    if (!(await questions.yesOrNo(`Write ${shown}?`, true))) {
      context.progress("nothing was written");
      return false;
    }
  }
  if (context.signal.aborted) throw new InterruptedError();
  await write();
  return true;
}

function tellNext({ folder }: Project, name: string, added: string, context: CommandContext): void {
  const inside = path.relative(context.workingFolder, folder);
  const steps = [
    ...(inside === "" ? [] : [`cd ${inside}`]),
    `git switch -c add-${name}`,
    `git add ${added}`,
    `git commit -m "Add ${name}"`,
    `git push -u origin add-${name}`,
  ];
  context.progress(["next:", ...steps.map((step) => `  ${step}`)].join("\n"));
  context.progress("then open a pull request: its preview shows what the platform makes of it.");
}
