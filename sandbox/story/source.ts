/** How a team works on its repository: source comes by a pull request, which is merged when its run has succeeded, and is built then. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { RunRecord } from "../agent/model";
import { applicationsFolder } from "../samples/publish";
import { OrganizationRefused, replaceContent } from "./organization";
import { newestRun, runThat, type Stage } from "./stage";

/** Milliseconds within which the organization must know that a run has ended. */
const newsMilliseconds = 20_000;

/** Completes a pull request as soon as its policies are met. @throws OrganizationRefused where they are not */
export async function merge({ organization, signal }: Stage, repository: string, request: number): Promise<void> {
  const deadline = Date.now() + newsMilliseconds;
  for (;;) {
    try {
      await organization.complete(repository, await organization.pullRequest(repository, request));
      return;
    } catch (error) {
      // A run's record ends a moment before the service hears of it.
      const isEarly = error instanceof OrganizationRefused && error.isForPolicies && Date.now() < deadline;
      if (!isEarly) throw error;
      await sleep(100, undefined, { signal });
    }
  }
}

/**
 * A team pushes its source by a pull request, as the branch policy has it, and merges it.
 * @param sample Whose source it is.
 * @returns the run that published it; nothing where the source is there already
 */
export async function bringSource(stage: Stage, name: string, sample: string): Promise<RunRecord | undefined> {
  const { organization } = stage;
  const before = await newestRun(stage);
  const isOwn = ({ id, pipeline }: RunRecord): boolean => id > before && pipeline.name === name;
  const branch = "bring-the-source";
  const options = { from: "main", to: branch, message: `Bring the source of ${name}` };
  const pushed = await organization.commit(name, options, (folder) =>
    replaceContent(join(applicationsFolder, sample), folder, ["azure-pipelines.yml"]),
  );
  if (pushed === undefined) return undefined;
  const { pullRequestId } = await organization.openPullRequest(name, branch, options.message);
  await runThat(
    stage,
    `the run for ${name}'s pull request`,
    (record) => record.pullRequest === pullRequestId && isOwn(record),
  );
  await merge(stage, name, pullRequestId);
  return runThat(stage, `the run after ${name}'s merge`, (record) => isOwn(record) && record.reason === "IndividualCI");
}
