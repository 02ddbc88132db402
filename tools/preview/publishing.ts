/** Hands the whole report to the service that runs the pipeline: as an artifact, or on the run's page. */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { OutsideError } from "../errors";
import { sizeOf } from "./markdown";

/** Name of the artifact in Azure Pipelines. */
export const artifactName = "preview";

/** GitHub's limit for what one step writes on the run's page: 1 MiB. */
const longestSummary = 1024 * 1024;

/** Written whole or not at all. @throws OutsideError where it cannot be */
export function writeWhole(file: string, text: string): void {
  const part = `${file}.${process.pid}.part`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(part, text);
    renameSync(part, file);
  } catch (error) {
    removeLeftover(part);
    const why = error instanceof Error ? error.message : String(error);
    throw new OutsideError(`${file} cannot be written: ${why}`, "name another file", { cause: error });
  }
}

function removeLeftover(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder is none, so there is nothing left over; why the file cannot be written is told.
  }
}

export function isAzureAgent(environment: NodeJS.ProcessEnv): boolean {
  return environment.TF_BUILD !== undefined && environment.BUILD_BUILDID !== undefined;
}

/** The line that lets an Azure agent upload a file. */
export function uploadLine(file: string): string {
  return `##vso[artifact.upload containerfolder=${artifactName};artifactname=${artifactName}]${file}`;
}

/** Where readers find the report: the artifacts of the run in Azure Pipelines, the page of the run in GitHub Actions. */
export function artifactAddress(environment: NodeJS.ProcessEnv, runUrl: string | undefined): string | undefined {
  if (runUrl === undefined) return undefined;
  return isAzureAgent(environment) ? `${runUrl}&view=artifacts&type=publishedArtifacts` : runUrl;
}

/**
 * Adds to what the step says on the run's page in GitHub Actions.
 * @param render with a limit in bytes
 */
export function writeStepSummary(file: string, render: (limit: number) => string): void {
  let written = 0;
  try {
    written = statSync(file).size;
  } catch {
    // The step is the first to write.
  }
  const room = longestSummary - written - 2;
  const text = render(room);
  if (sizeOf(text) <= room) appendFileSync(file, `${text}\n`);
}

/** A warning as the agents show it beside the run; without an agent, words for people. */
export function warningLine(environment: NodeJS.ProcessEnv, text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (environment.GITHUB_ACTIONS === "true") {
    return `::warning title=preview-comment::${line.replace(/%/g, "%25")}`;
  }
  if (environment.TF_BUILD !== undefined) return `##vso[task.logissue type=warning]${line.replace(/%/g, "%AZP25")}`;
  return `warning: ${line}`;
}
