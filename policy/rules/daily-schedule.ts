/** Base images are refreshed every day, also when nobody committed anything. */
import { z } from "zod";
import { daysWithoutRun } from "../schedule";
import { regularExpression } from "../parameters";
import { plainAt, readPipeline } from "../pipeline-yaml";
import { placeInFile } from "../repository-file";
import { resourceRule } from "../resource-rule";
import { GIT_REPOSITORY_FILE } from "../resource-types";
import { textOf } from "../values";
import type { Violation } from "../violation";

const schedule = z.object({
  cron: z.string(),
  always: z.unknown().optional(),
  branches: z
    .union([
      z.array(z.unknown()),
      z.object({ include: z.array(z.unknown()).optional() }).transform(({ include }) => include ?? []),
    ])
    .optional(),
});

export const dailySchedule = resourceRule({
  name: "daily-schedule",
  description: "Pipelines of base images run every day, whether or not there was a commit.",
  severity: "high",
  mend: "Give the pipeline's YAML a schedule for every day with always: true and its own branch.",
  parameters: z.strictObject({
    files: regularExpression
      .default("^base-images/[^/]+/azure-pipelines\\.ya?ml$")
      .describe("Regular expression for the paths of such pipelines in their repository."),
  }),
  types: [GIT_REPOSITORY_FILE],
  check: ({ inputs }, { files }) => {
    const path = textOf(inputs.file);
    const content = textOf(inputs.content);
    if (path === undefined || content === undefined || !new RegExp(files, "u").test(path)) return [];
    return scheduleViolations(path, content, textOf(inputs.branch));
  },
});

function scheduleViolations(path: string, content: string, branch: string | undefined): Violation[] {
  const where = `schedules in ${placeInFile(path)}`;
  const why = "a day without a run is a day without security updates";
  const pipeline = readPipeline(content);
  if (pipeline === undefined) {
    return [{ where, what: "the file is not readable as YAML", why, mend: "Write a pipeline with a daily schedule" }];
  }
  const given = plainAt(pipeline, "schedules");
  const entries = z.array(schedule).safeParse(given);
  if (!entries.success || entries.data.length === 0) {
    const what = given === undefined ? "there is none" : "they are not readable";
    return [{ where, what, why, mend: "Write a cron line, its branch and always: true for every day" }];
  }
  const constant = entries.data.filter(({ always }) => always === true);
  const ours = constant.filter(({ branches }) => branches === undefined || includesBranch(branches, branch));
  if (daysWithoutRun(ours.map(({ cron }) => cron)) === 0) return [];
  const what =
    daysWithoutRun(entries.data.map(({ cron }) => cron)) > 0
      ? "not every day has a run"
      : constant.length < entries.data.length
        ? "always is not true"
        : "the file's own branch is not among the branches";
  return [{ where, what, why, mend: "Write a schedule for every day, with always: true and the file's own branch" }];
}

/** Branches are given by name, with or without `refs/heads/`, or by a pattern with stars. */
function includesBranch(branches: readonly unknown[], branch: string | undefined): boolean {
  if (branch === undefined) return true;
  const name = shortName(branch);
  return branches.some((pattern) => {
    if (typeof pattern !== "string") return false;
    const parts = shortName(pattern)
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`, "u").test(name);
  });
}

function shortName(branch: string): string {
  return branch.replace(/^refs\/heads\//, "");
}
