/** `wheelhouse preview-comment`: previews stacks, and says in the pull request what would change. */
import * as path from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import type { CommandContext } from "../context";
import { FindingsError, OutsideError, UsageError } from "../errors";
import { commentOn, type Commented } from "./commenting";
import { environmentSecrets, masker } from "./masking";
import { counted } from "./markdown";
import type { Report, StackReport } from "./model";
import { artifactAddress, isAzureAgent, uploadLine, warningLine, writeStepSummary, writeWhole } from "./publishing";
import { renderComment, smallestLimit } from "./render";
import { makeReport } from "./report";
import { runPreviews } from "./run-preview";
import { readProvider, readRunOf, readTarget, type NoTarget, type Run, type Target } from "./target";

interface Options {
  readonly stack: readonly string[];
  readonly projectFolder: string;
  readonly policyPack?: readonly string[];
  readonly refresh?: boolean;
  readonly timeout: number;
  readonly provider?: string;
  readonly pullRequest?: number;
  readonly output: string;
  readonly file?: string;
  readonly limit?: number;
  readonly artifact?: string;
  readonly artifactUrl?: string;
}

const examples = `
Examples:
  In a pipeline of a pull request, in Azure Pipelines or GitHub Actions:
    wheelhouse preview-comment --stack production --policy-pack policy --artifact preview.md
  On a developer's machine, to read it first:
    wheelhouse preview-comment --stack production --output markdown --file preview.md

Each stack has one comment, which later runs edit; it is closed when nothing changes any more, and opened again after. The
pull request and the run are known from the pipeline's own variables. The token is SYSTEM_ACCESSTOKEN in Azure Pipelines,
whose identity needs "Contribute to pull requests", and GITHUB_TOKEN in GitHub Actions (pull-requests: write).

A comment that cannot be written is a warning. Exit codes: 0 fine, 1 a mandatory policy is violated, 2 wrong usage,
3 a preview failed.`;

export function addPreviewCommand(program: Command, context: CommandContext): void {
  program
    .command("preview-comment")
    .summary("say in a pull request what pulumi up would change")
    .description(
      "Runs pulumi preview on stacks and writes what would change, by application, into one comment for each stack.",
    )
    .requiredOption("--stack <name...>", "stacks to preview, as pulumi knows them")
    .option("--project-folder <folder>", "folder with Pulumi.yaml", ".")
    .option("--policy-pack <folder...>", "policy packs that every preview runs")
    .option("--refresh", "look first at what others have changed by hand")
    .option("--timeout <minutes>", "time for each stack", wholeNumber, 25)
    .option("--provider <name>", "azure-devops or github (default: the service that runs the pipeline)")
    .option("--pull-request <number>", "number of the pull request (default: the one that is being built)", wholeNumber)
    .option("--output <kind>", "comment, or markdown for a file", "comment")
    .option("--file <file>", "where markdown is written (default: standard output)")
    .option("--limit <bytes>", `leave sections of the markdown out beyond it; ${smallestLimit} at least`, wholeNumber)
    .option("--artifact <file>", "write the whole report, too; on an agent, publish it with the run")
    .option("--artifact-url <address>", "where readers find the artifact (default: the run's own page)")
    .addHelpText("after", examples)
    .action(async (options: Options) => preview(options, context));
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError("It is no whole number.");
  return Number(text);
}

async function preview(options: Options, context: CommandContext): Promise<void> {
  const { environment, signal, workingFolder } = context;
  const at = (file: string) => path.resolve(workingFolder, file);
  checkOptions(options);
  const target = targetOf(options, environment);
  const previews = await runPreviews(
    {
      projectFolder: at(options.projectFolder),
      stacks: [...new Set(options.stack)],
      policyPacks: (options.policyPack ?? []).map(at),
      refresh: options.refresh === true,
      timeoutMinutes: options.timeout,
    },
    context,
  );
  const secrets = environmentSecrets(environment);
  const report = makeReport(previews, { secrets });
  const run = readRunOf(environment);
  const artifactUrl = publish(report, options, run, context);
  const comments = target === undefined ? [] : await comment(report, target, run, artifactUrl, context);
  if (signal.aborted) signal.throwIfAborted();
  if (options.output === "markdown") {
    const text = renderComment(report, { limit: options.limit ?? Infinity, artifactUrl, run });
    if (options.file === undefined) context.out(text);
    else writeWhole(at(options.file), text);
  }
  context.json({ ...report, comments });
  for (const stack of report.stacks) context.progress(masker(secrets)(stackLine(stack)));
  fail(report);
}

/** Before anything is run. */
function checkOptions({ output, file, limit }: Options): void {
  if (output !== "comment" && output !== "markdown") {
    throw new UsageError(`--output ${output} is none`, "give comment or markdown");
  }
  if (output === "comment" && file !== undefined) {
    throw new UsageError("--file is for --output markdown", "add --output markdown, or name the file with --artifact");
  }
  if (limit !== undefined && (output === "comment" || limit < smallestLimit)) {
    throw new UsageError(
      output === "comment" ? "--limit is for --output markdown" : `--limit ${limit} has no room for what must be said`,
      `a comment keeps to its service's own limit; with --output markdown give ${smallestLimit} or more`,
    );
  }
}

function targetOf(options: Options, environment: NodeJS.ProcessEnv): Target | NoTarget | undefined {
  if (options.output === "markdown") return undefined;
  return readTarget(readProvider(environment, options.provider), environment, options.pullRequest);
}

/** @returns where readers find the whole report */
function publish(report: Report, options: Options, run: Run | undefined, context: CommandContext): string | undefined {
  const { environment, workingFolder } = context;
  const summary = environment.GITHUB_ACTIONS === "true" ? environment.GITHUB_STEP_SUMMARY : undefined;
  if (summary !== undefined && summary !== "") {
    writeStepSummary(summary, (limit) => renderComment(report, { limit, run }));
  }
  if (options.artifact !== undefined) {
    const file = path.resolve(workingFolder, options.artifact);
    writeWhole(file, renderComment(report, { limit: Infinity, run }));
    if (isAzureAgent(environment)) context.out(uploadLine(file));
  }
  const published = summary !== undefined || (options.artifact !== undefined && isAzureAgent(environment));
  return options.artifactUrl ?? (published ? artifactAddress(environment, run?.url) : undefined);
}

async function comment(
  report: Report,
  target: Target | NoTarget,
  run: Run | undefined,
  artifactUrl: string | undefined,
  context: CommandContext,
): Promise<readonly Commented[]> {
  const masked = masker(environmentSecrets(context.environment));
  const warn = (text: string) => context.out(warningLine(context.environment, masked(text)));
  if ("fault" in target) {
    if (target.fault) warn(`No comment was written. ${target.why} ${target.mend}`);
    else context.progress(target.why);
    return [];
  }
  const commented = await commentOn(report, { target, run, artifactUrl }, context);
  for (const { stack, kept, problem } of commented) {
    if (problem !== undefined) warn(`${problem.why} ${problem.mend}`);
    if (kept !== undefined)
      context.progress(`comment on ${stack}: ${kept.action}${kept.url === undefined ? "" : ` ${kept.url}`}`);
  }
  return commented.map(({ problem, ...rest }) =>
    problem === undefined ? rest : { ...rest, problem: { why: masked(problem.why), mend: problem.mend } },
  );
}

function stackLine({ project, stack, verdict, counts, unchanged }: StackReport): string {
  const changes = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([operation, count]) => `${count} ${operation}`)
    .join(", ");
  return `${project}/${stack}: ${verdict}${changes === "" ? "" : ` (${changes})`}, ${unchanged} stay`;
}

/** Errors before policies: a preview that broke has not looked at all of them. */
function fail({ stacks }: Report): void {
  const failed = stacks.filter(({ verdict }) => verdict === "failed");
  const [first] = failed;
  if (first !== undefined) {
    const error = first.diagnostics.find(({ severity }) => severity === "error")?.message;
    const why = first.failure?.what ?? error ?? "";
    const output = first.failure?.output ?? "";
    throw new OutsideError(
      `the preview of ${failed.map(({ stack }) => stack).join(", ")} failed: ${[why, output].filter((text) => text !== "").join("\n")}`,
      first.failure?.mend ?? "the comment has all that the engine said",
    );
  }
  const broken = stacks.flatMap(({ findings }) => findings.filter(({ level }) => level === "mandatory"));
  if (broken.length > 0) {
    const names = [...new Set(broken.map(({ policy }) => policy))].join(", ");
    throw new FindingsError(`${counted(broken.length, "finding")} of mandatory policies: ${names}`, "");
  }
}
