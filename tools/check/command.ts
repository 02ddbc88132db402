/** `wheelhouse check`: says what is wrong with a platform's files before a preview does, offline and at once. */
import * as path from "node:path";
import { Option, type Command } from "commander";
import type { Problem } from "../../spec/problem";
import type { CommandContext } from "../context";
import { FindingsError, UsageError } from "../errors";
import type * as checking from "./check";
import { FORMATS, printed, type Format } from "./printing";
import { findProject, type Project } from "./project";

interface Options {
  readonly projectFolder?: string;
  readonly stackFile?: readonly string[];
  readonly format: Format;
}

/** What `--json` shows. Files are relative to the working folder. */
export interface CheckReport {
  readonly folder: string;
  readonly applications: number;
  readonly baseImages: number;
  readonly stacks: readonly string[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

const examples = `
Examples:
  Check the platform that this folder is part of: applications, base images, every stack's configuration:
    wheelhouse check
  Show what is wrong in one file, as an editor does; the others are read all the same:
    wheelhouse check apps/orders.yaml
  In a pipeline, so that each mistake is shown at its line:
    wheelhouse check --format azure-pipelines
  Before each commit, in .pre-commit-config.yaml of the platform's repository:
    - repo: local
      hooks:
        - { id: wheelhouse-check, name: wheelhouse check, entry: npx --no-install wheelhouse check,
            language: system, pass_filenames: false, files: '^(apps|base-images)/|^Pulumi\\..*yaml$' }

Nothing is fetched, run or changed. Encrypted values of a stack are left alone.
Exit codes: 0 fine, 1 mistakes, 2 wrong usage.`;

export function addCheckCommand(program: Command, context: CommandContext): void {
  program
    .command("check")
    .summary("find mistakes in a platform's files, offline")
    .description(
      "Checks what a platform's repository says: applications and base images, what they refer to, whether names clash, " +
        "and the configuration of its stacks.",
    )
    .argument("[files...]", "show what is wrong in these files alone; default: in all")
    .option("--project-folder <folder>", "the platform's repository; default: the nearest folder with a Pulumi.yaml")
    .option("--stack-file <file...>", "stacks' configuration; default: every Pulumi.<stack>.yaml of the repository")
    .addOption(new Option("--format <format>", "how mistakes are written").choices(FORMATS).default("text"))
    .addHelpText("after", examples)
    .action((files: string[], options: Options) => {
      const project = findProject(context.workingFolder, options.projectFolder);
      const report = reportOf(files, project, options, context);
      context.json(report);
      // As JSON the program shows the document alone.
      if (options.format !== "json") show(report, options.format, context);
      if (report.problems.length > 0) throw new FindingsError(`check found ${summary(report)}`, "");
    });
}

function reportOf(files: readonly string[], project: Project, options: Options, context: CommandContext): CheckReport {
  const at = (file: string) => path.resolve(context.workingFolder, file);
  // Loaded here, as it takes longer than to write the help.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { checkProject } = require("./check") as typeof checking;
  const checked = checkProject(project, options.stackFile?.map(at));
  const shown = relativeTo(context.workingFolder, project.folder);
  const wanted = new Set(files.map((file) => wantedFile(at(file), file, project)));
  return {
    folder: path.relative(context.workingFolder, project.folder) || ".",
    applications: checked.applications,
    baseImages: checked.baseImages,
    stacks: checked.stacks.map(shown),
    problems: problemsIn(checked, wanted).map((problem) => ({
      ...problem,
      file: shown(problem.file),
      message: shown(problem.message),
      mend: shown(problem.mend),
    })),
    notes: checked.notes.map(shown),
  };
}

function problemsIn({ problems }: checking.Checked, wanted: ReadonlySet<string>): readonly Problem[] {
  return wanted.size === 0 ? problems : problems.filter(({ file }) => wanted.has(path.resolve(file)));
}

function wantedFile(absolute: string, given: string, { folder }: Project): string {
  const inside = path.relative(folder, absolute);
  if (inside.startsWith("..") || path.isAbsolute(inside)) {
    throw new UsageError(`${given} is not in ${folder}`, "name files of the platform, or its folder: --project-folder");
  }
  return absolute;
}

/** Messages name other files, too, all by their absolute path. */
function relativeTo(workingFolder: string, folder: string): (text: string) => string {
  const inside = path.relative(workingFolder, folder);
  const prefix = inside === "" ? "" : `${inside}${path.sep}`;
  return (text) => text.replaceAll(`${folder}${path.sep}`, prefix);
}

function show(report: CheckReport, format: Exclude<Format, "json">, context: CommandContext): void {
  for (const problem of report.problems) context.out(printed(problem, format));
  for (const note of report.notes) context.progress(note);
  if (report.problems.length === 0) {
    const { applications, baseImages, stacks } = report;
    const parts = [
      counted(applications, "application"),
      counted(baseImages, "base image"),
      counted(stacks.length, "stack"),
    ];
    context.out(`${parts.join(", ")}: fine`);
  }
}

function summary({ problems }: CheckReport): string {
  const files = new Set(problems.map(({ file }) => file)).size;
  return `${counted(problems.length, "mistake")} in ${counted(files, "file")}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
