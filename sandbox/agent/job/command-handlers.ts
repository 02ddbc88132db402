/** Carries out the logging commands of a step, each as the real agent's command extension of that name does. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { holdsFile } from "./artifact-source";
import { parseLoggingCommand, type LoggingCommand } from "./logging-command";
import { resultNamed } from "./results";
import { prependPath } from "./prepended-paths";
import type { StepScope } from "./step-scope";

const documentation = "https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands";

/** A summary that is longer is no page for people. */
const mostSummaryBytes = 1024 * 1024;

type Handler = (scope: StepScope, command: LoggingCommand) => void;

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "true";
}

function required(text: string | undefined, message: string): string {
  if (text === undefined || text === "") throw new Error(message);
  return text;
}

function setVariable({ job, referenceName }: StepScope, { properties, data }: LoggingCommand): void {
  const secret = isTrue(properties.get("issecret"));
  // Whatever is wrong with the rest, this is not for the log.
  if (secret) job.masker.add(data);
  const name = required(
    properties.get("variable"),
    "Required field 'variable' is missing in ##vso[task.setvariable] command.",
  );
  if (isTrue(properties.get("preservecase"))) throw new Error("preservecase is not supported by the sandbox's agent.");
  if (secret && data.includes("\n")) throw new Error("Secrets cannot contain multiple lines");
  const output = isTrue(properties.get("isoutput"));
  const known = output ? `${referenceName}.${name}` : name;
  if (job.variables.isReadOnly(name) || job.variables.isReadOnly(known)) {
    throw new Error(`Overwriting readonly variable '${name}' is not permitted.`);
  }
  const options = { secret, readOnly: output || isTrue(properties.get("isreadonly")) };
  if (output) job.variables.setOutput(known, data, options);
  else job.variables.set(known, data, options);
}

function setSecret({ job }: StepScope, { data }: LoggingCommand): void {
  job.masker.add(data);
}

function logIssue(scope: StepScope, { properties, data }: LoggingCommand): void {
  const type = properties.get("type")?.toLowerCase();
  if (type === undefined) {
    scope.warning("Can't create TaskIssue from logging event.");
    return;
  }
  if (type !== "error" && type !== "warning") throw new Error(`issue type ${type} is not an expected issue type.`);
  const source = properties.get("sourcepath");
  const [line, column, code] = ["linenumber", "columnnumber", "code"].map((name) => properties.get(name) ?? "");
  const message = source === undefined ? data : `${source}(${line},${column}): ${type} ${code}: ${data}`;
  if (message !== "") scope[type](message);
}

function complete(scope: StepScope, { properties }: LoggingCommand): void {
  const result = resultNamed(properties.get("result") ?? "");
  if (result === undefined) throw new Error("Command doesn't have valid result value.");
  if (isTrue(properties.get("done"))) throw new Error("done=true is not supported by the sandbox's agent.");
  scope.mergeResult(result);
}

function uploadSummary({ job }: StepScope, { data }: LoggingCommand): void {
  const file = required(data, "Cannot upload summary file, summary file location is not specified.");
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new Error(
      "Cannot upload task attachment file, attachment file location is not specified or attachment file does not exist on disk.",
    );
  }
  const { size } = statSync(file);
  if (size > mostSummaryBytes) {
    throw new Error(
      `${file} has ${size} bytes: a summary has at most ${mostSummaryBytes}. Upload an artifact instead.`,
    );
  }
  const folder = mkdtempSync(join(job.workspace.machine, "summary-"));
  try {
    const copy = join(folder, basename(file));
    writeFileSync(copy, job.masker.mask(readFileSync(file, "utf8")), { mode: 0o600 });
    job.context.sink.summary(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function addPath({ job }: StepScope, { data }: LoggingCommand): void {
  prependPath(job, required(data, "prependpath: the path is missing."));
}

function uploadArtifact(scope: StepScope, { properties, data }: LoggingCommand): void {
  const { workspace, context } = scope.job;
  const name = required(properties.get("artifactname"), "Artifact Name is required.");
  const container = properties.get("containerfolder") ?? name;
  const source = resolve(workspace.root, required(data, "Artifact location is required."));
  if (!existsSync(source)) throw new Error(`Path does not exist: ${data}`);
  if (!holdsFile(source, workspace.root)) {
    scope.warning(`Directory '${source}' is empty. Nothing will be added to build artifact '${name}'.`);
    return;
  }
  context.sink.artifact(name, source, container);
  scope.output.line(`Associated artifact ${name} with build ${scope.job.variables.get("Build.BuildId") ?? ""}`);
}

function addBuildTag({ job, output }: StepScope, { data }: LoggingCommand): void {
  const tag = job.masker.mask(required(data.trim(), "Build tag is required."));
  job.context.sink.tag(tag);
  output.line(`Added the build tag ${tag}`);
}

function updateBuildNumber({ job, output }: StepScope, { data }: LoggingCommand): void {
  const number = job.masker.mask(required(data, "Build number is required."));
  job.variables.set("Build.BuildNumber", number);
  job.context.sink.buildNumber(number);
  output.line(`Update build number to ${number} for build ${job.variables.get("Build.BuildId") ?? ""}`);
}

/** Nothing that is shown or kept comes of these. */
const unseen: Handler = () => undefined;

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["task.setvariable", setVariable],
  ["task.setsecret", setSecret],
  ["task.logissue", logIssue],
  ["task.issue", logIssue],
  ["task.complete", complete],
  ["task.uploadsummary", uploadSummary],
  ["build.uploadsummary", uploadSummary],
  ["task.prependpath", addPath],
  ["task.debug", (scope, { data }) => scope.debug(data)],
  ["task.setprogress", unseen],
  ["telemetry.publish", unseen],
  ["artifact.upload", uploadArtifact],
  ["build.addbuildtag", addBuildTag],
  ["build.updatebuildnumber", updateBuildNumber],
]);

/** What the real agent knows, and this one does not. */
const notHere: readonly string[] = [
  ...["task.logdetail", "task.addattachment", "task.uploadfile", "task.settaskvariable", "task.setendpoint"],
  ...["artifact.associate", "build.uploadlog", "results.publish", "codecoverage.publish", "codecoverage.enable"],
];

const areas = new Set([...handlers.keys(), ...notHere, "release.updatereleasename"].map((name) => name.split(".")[0]));

function handlerOf({ area, event }: LoggingCommand): Handler {
  const name = `${area}.${event}`;
  const handler = handlers.get(name);
  if (handler !== undefined) return handler;
  if (notHere.includes(name)) throw new Error(`##vso[${name}] is not supported by the sandbox's agent.`);
  throw new Error(`##vso[${name}] is not a recognized command for ${area} command extension. See ${documentation}`);
}

/**
 * Carries out the command in a line. One that fails is an error of the step, and the step fails.
 * @returns whether it was a command: such a line is not shown
 */
export function carryOut(scope: StepScope, line: string): boolean {
  const command = parseLoggingCommand(line);
  if (command === undefined) {
    scope.warning(
      `'${line}' contains logging command keyword '##vso', but it's not a legal command. Please see the list of accepted commands: ${documentation}`,
    );
    return false;
  }
  if (!areas.has(command.area)) {
    scope.warning(
      `Cannot find command extension for ##vso[${command.area}.command]. Please reference ${documentation}`,
    );
    return true;
  }
  try {
    handlerOf(command)(scope, command);
  } catch (error) {
    scope.error(`Unable to process command '${line}' successfully. Please reference ${documentation}`);
    scope.error(error instanceof Error ? error.message : String(error));
    scope.mergeResult("failed");
  }
  return true;
}
