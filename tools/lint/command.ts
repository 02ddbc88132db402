/** `wheelhouse lint`: reads the files, shows what is found, and mends Dockerfiles where that is asked for. */
import * as path from "node:path";
import { type Command } from "commander";
import type { CommandContext } from "../context";
import { FindingsError } from "../errors";
import { contextFiles } from "./context-files";
import { unifiedDiff } from "./difference";
import { readText, replaceFile } from "./files";
import type { Finding } from "./finding";
import { fixDockerfile, type Fixed } from "./fix";
import { lintDockerfile, type LintOptions } from "./lint";
import { lintPipeline } from "./pipeline";
import { printedAll, ruleList, summaryLine } from "./printing";
import { requirementsOf } from "./requirement-files";
import { lintRequirements } from "./requirements";
import { shown } from "./shown";

interface Options {
  readonly context?: string;
  readonly pipeline?: readonly string[];
  readonly requirements?: readonly string[];
  readonly fix?: boolean;
  readonly diff?: boolean;
  readonly strict?: boolean;
  readonly rules?: boolean;
}

/** What `--json` shows. */
export interface LintReport {
  readonly files: readonly string[];
  /** What is left: with `--fix`, after the files were mended. */
  readonly findings: readonly Finding[];
  readonly fixed: readonly Finding[];
  readonly errors: number;
  readonly advice: number;
}

const examples = `
Examples:
  Check the Dockerfile of this folder, and what COPY . . would take along:
    wheelhouse lint --context .
  Check a Dockerfile together with the pipeline that builds it:
    wheelhouse lint services/orders/Dockerfile --pipeline azure-pipelines.yml
  See what would be mended, then mend it:
    wheelhouse lint --diff
    wheelhouse lint --fix
  Let one finding pass, for a reason, by a comment above the instruction:
    # wheelhouse-lint: ignore=extra-index-url -- both indexes are ours

A mended RUN takes the credentials from the secret netrc and the index's address, without credentials, from the
build argument INDEX_URL; wheelhouse bake gives both.
Exit codes: 0 fine or advice only, 1 errors (with --strict also advice), 2 wrong usage or a file that cannot be read.`;

export function addLintCommand(program: Command, context: CommandContext): void {
  program
    .command("lint")
    .summary("find credentials that a Dockerfile would leave in an image")
    .description(
      "Finds what would leave a credential in an image or its history, and what lets a stranger's package in: in " +
        "Dockerfiles, in the pipelines that build them, and in requirements files.",
    )
    .argument("[files...]", "Dockerfiles, or folders that hold one; default: Dockerfile, where no other file is named")
    .option("--context <folder>", "build context: what COPY takes along, and the requirements files that RUNs name")
    .option("--pipeline <file...>", "azure-pipelines.yml or a GitHub workflow, for --build-arg with secrets")
    .option("--requirements <file...>", "requirements files, for indexes and credentials in them")
    .option("--fix", "mend Dockerfiles where that is safe")
    .option("--diff", "show what --fix changes; without --fix nothing is written")
    .option("--strict", "fail on advice too")
    .option("--rules", "show the rules and end")
    .addHelpText("after", examples)
    .action(async (files: string[], options: Options) => {
      if (options.rules === true) {
        context.json(ruleList());
        for (const { id, severity, about } of ruleList())
          context.out(`${id.padEnd(26)} ${severity.padEnd(7)} ${about}`);
        return;
      }
      const report = await lintFiles(files, options, context);
      context.json(report);
      context.out(summaryLine(report));
      if (report.errors > 0 || (options.strict === true && report.advice > 0)) {
        throw new FindingsError(`lint found ${counted(report.errors, "error")} and ${report.advice} advice`, "");
      }
    });
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

interface Read {
  readonly file: string;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** A Dockerfile with what is to become of it. */
interface Taken {
  readonly file: string;
  readonly text: string;
  readonly options: LintOptions;
  /** With `--fix` or `--diff`. */
  readonly fixed: Fixed | undefined;
}

/** Every file is read before any is changed. */
async function lintFiles(given: readonly string[], options: Options, context: CommandContext): Promise<LintReport> {
  const at = (file: string) => path.resolve(context.workingFolder, file);
  const others = [...(options.pipeline ?? []), ...(options.requirements ?? [])];
  const files = given.length === 0 && others.length === 0 ? ["Dockerfile"] : given;
  const dockerfiles: Taken[] = [];
  for (const file of new Set(files)) dockerfiles.push(await takeDockerfile(file, options, at));
  const beside = await readBeside(dockerfiles, options, at);
  for (const { file, text, fixed } of dockerfiles) {
    if (fixed === undefined || fixed.text === text) continue;
    if (options.diff === true) context.out(shown(unifiedDiff(file, text, fixed.text)));
    if (options.fix === true) await replaceFile(at(file), fixed.text);
  }
  const read = [...dockerfiles.map((one) => resultOf(one, options)), ...beside];
  const fixed = options.fix === true ? dockerfiles.flatMap((one) => one.fixed?.fixed ?? []) : [];
  for (const { file, line, column, rule, what } of fixed) {
    context.out(`${file}:${line}:${column}  mended  ${rule}  ${what}`);
  }
  for (const { text, findings } of read) printedAll(findings, text).forEach((words) => context.out(words));
  const findings = read.flatMap((one) => one.findings);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return { files: read.map(({ file }) => file), findings, fixed, errors, advice: findings.length - errors };
}

type Absolute = (file: string) => string;

async function takeDockerfile(given: string, options: Options, at: Absolute): Promise<Taken> {
  const { file, text } = await readText(at(given), given, "Dockerfile");
  const folder = options.context;
  const context = folder === undefined ? undefined : await contextFiles(at(folder), at(file), folder);
  const lintOptions: LintOptions = { file, ...(context === undefined ? {} : { context }) };
  const fixed = options.fix === true || options.diff === true ? fixDockerfile(text, lintOptions) : undefined;
  return { file, text, options: lintOptions, fixed };
}

function resultOf({ file, text, options: lintOptions, fixed }: Taken, options: Options): Read {
  return options.fix === true && fixed !== undefined
    ? { file, text: fixed.text, findings: fixed.left }
    : { file, text, findings: lintDockerfile(text, lintOptions) };
}

/** Pipelines, and requirements files: those named, and those of the context that RUNs install from. */
async function readBeside(dockerfiles: readonly Taken[], options: Options, at: Absolute): Promise<Read[]> {
  const read: Read[] = [];
  for (const given of options.pipeline ?? []) {
    const { file, text } = await readText(at(given), given, undefined);
    read.push({ file, text, findings: lintPipeline(text, file) });
  }
  for (const { name, text } of dockerfiles.flatMap((one) => requirementsOf(one.text, one.options.context))) {
    const file = path.join(options.context ?? "", name);
    read.push({ file, text, findings: lintRequirements(text, file) });
  }
  for (const given of options.requirements ?? []) {
    const { file, text } = await readText(at(given), given, undefined);
    read.push({ file, text, findings: lintRequirements(text, file) });
  }
  return read.filter((one, index) => read.findIndex((other) => at(other.file) === at(one.file)) === index);
}
