/** Starts the runs that branch policies want for pull requests, and ends those that are out of date. */
import type { Start } from "../memory";
import { same } from "../checks";
import type { BuildValidation, CloudRun, PullRequest, Repository, World } from "../world";
import { shortName } from "./repository-state";

export interface PullRequestResult {
  readonly starts: readonly Start[];
  /** Numbers of runs that a newer one replaces. */
  readonly cancel: readonly number[];
}

/** Whether a policy is about pull requests into a branch of a repository. */
export function policyCovers(policy: BuildValidation, repository: Repository, branch: string): boolean {
  return (
    policy.projectId === repository.projectId &&
    policy.scopes.some(({ repositoryId, ref = "", matchType }) => {
      if (repositoryId !== undefined && repositoryId !== "" && repositoryId !== repository.id) return false;
      if (same(matchType, "DefaultBranch")) return branch === repository.defaultBranch;
      if (same(matchType, "Prefix")) return branch === ref || branch.startsWith(ref.endsWith("/") ? ref : `${ref}/`);
      return branch === ref;
    })
  );
}

function runsFor({ id, repositoryId }: PullRequest, definitionId: number, runs: readonly CloudRun[]): CloudRun[] {
  return runs.filter(
    (run) =>
      run.definitionId === definitionId && run.repositoryId === repositoryId && run.branch === `refs/pull/${id}/merge`,
  );
}

/** What policies want for the pull requests as they are now. A draft gets no run by itself. */
export function startsOfPullRequests(world: World): PullRequestResult {
  const starts: Start[] = [];
  const cancel: number[] = [];
  for (const pullRequest of world.pullRequests) {
    const { id, repositoryId, status, isDraft, mergeCommit: commit, sourceCommit, target, title } = pullRequest;
    const repository = world.repositories.find((one) => one.id === repositoryId);
    if (repository === undefined || status !== "active" || isDraft || commit === undefined) continue;
    const policies = world.buildValidations.filter(
      (policy) => policy.enabled && !policy.manualQueueOnly && policyCovers(policy, repository, target),
    );
    const branch = `refs/pull/${id}/merge`;
    for (const definitionId of new Set(policies.map((policy) => policy.definitionId))) {
      const definition = world.definitions.find((one) => one.id === definitionId);
      if (definition === undefined || definition.queueStatus === "disabled") continue;
      // Where any policy wants it anew when the target moves, each merge is run.
      const eachMerge = policies.some((one) => one.definitionId === definitionId && !one.queueOnSourceUpdateOnly);
      const runs = runsFor(pullRequest, definitionId, world.runs);
      const isCurrent = (run: CloudRun): boolean =>
        eachMerge ? run.commit === commit : run.sourceCommit === sourceCommit;
      const outdated = runs.filter((run) => run.state !== "completed" && !run.cancelRequested && !isCurrent(run));
      cancel.push(...outdated.map((run) => run.id));
      if (runs.some(isCurrent)) continue;
      const because = `pull request ${id} into ${shortName(target)}, "${title}", at ${sourceCommit.slice(0, 7)}`;
      starts.push({ definitionId, branch, commit, reason: "PullRequest", because });
    }
  }
  return { starts, cancel };
}
