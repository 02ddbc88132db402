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
    .argument("[files...]", "Dockerfiles, or folders that hold one", ["Dockerfile"])
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

/** Every file is read before any is changed. */
async function lintFiles(files: readonly string[], options: Options, context: CommandContext): Promise<LintReport> {
  const at = (file: string) => path.resolve(context.workingFolder, file);
  const contextFolder = options.context === undefined ? undefined : at(options.context);
  const dockerfiles: { file: string; text: string; options: LintOptions; fixed: Fixed | undefined }[] = [];
  for (const given of files) {
    const { file, text } = await readText(at(given), given, "Dockerfile");
    const beside =
      contextFolder === undefined ? undefined : await contextFiles(contextFolder, at(file), options.context ?? "");
    const lintOptions: LintOptions = { file, ...(beside === undefined ? {} : { context: beside }) };
    const fixed = options.fix === true || options.diff === true ? fixDockerfile(text, lintOptions) : undefined;
    dockerfiles.push({ file, text, options: lintOptions, fixed });
  }
  const others: Read[] = [];
  for (const given of options.pipeline ?? []) {
    const { file, text } = await readText(at(given), given, undefined);
    others.push({ file, text, findings: lintPipeline(text, file) });
  }
  const named = dockerfiles.flatMap(({ text, options: { context: beside } }) => requirementsOf(text, beside));
  for (const { name, text } of named) {
    const file = path.join(options.context ?? "", name);
    others.push({ file, text, findings: lintRequirements(text, file) });
  }
  for (const given of options.requirements ?? []) {
    const { file, text } = await readText(at(given), given, undefined);
    if (!others.some((other) => at(other.file) === at(file)))
      others.push({ file, text, findings: lintRequirements(text, file) });
  }
  const read: Read[] = [];
  const mended: Finding[] = [];
  for (const { file, text, options: lintOptions, fixed } of dockerfiles) {
    if (fixed !== undefined && options.diff === true) context.out(shown(unifiedDiff(file, text, fixed.text)));
    if (fixed !== undefined && options.fix === true) {
      if (fixed.text !== text) await replaceFile(at(file), fixed.text);
      mended.push(...fixed.fixed);
      read.push({ file, text: fixed.text, findings: fixed.left });
    } else read.push({ file, text, findings: lintDockerfile(text, lintOptions) });
  }
  for (const finding of mended)
    context.out(`${finding.file}:${finding.line}:${finding.column}  mended  ${finding.rule}  ${finding.what}`);
  read.push(...others);
  for (const { text, findings } of read) for (const words of printedAll(findings, text)) context.out(words);
  const findings = read.flatMap((one) => one.findings);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return { files: read.map(({ file }) => file), findings, fixed: mended, errors, advice: findings.length - errors };
}
