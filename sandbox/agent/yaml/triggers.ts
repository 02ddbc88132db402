/** Whether a push, or a completed run of another pipeline, starts a run. */
import type { Filter, MainFile, PipelineResource } from "../model";
import { hasWildcard, matches } from "./patterns";

/** A branch as filters name it: `refs/heads/` can be left out. */
function fullName(branch: string): string {
  return branch.startsWith("refs/") ? branch : `refs/heads/${branch}`;
}

/**
 * Whether a filter lets a branch pass. What is excluded wins; without `include`, every branch is included. `*` goes over
 * slashes.
 * @param branch full name, or a branch's short name
 */
export function branchPasses(filter: Filter, branch: string): boolean {
  const name = fullName(branch);
  const isOne = (pattern: string): boolean =>
    matches(pattern.startsWith("refs/") ? pattern : pattern === "*" ? "refs/heads/*" : fullName(pattern), name);
  // Tags pass only where they are named.
  const included = filter.include.length === 0 ? name.startsWith("refs/heads/") : filter.include.some(isOne);
  return included && !filter.exclude.some(isOne);
}

/**
 * Whether a filter lets a path pass. A pattern without wildcards is a file or a folder with all in it; of an included and
 * an excluded pattern the deeper one wins, so that a folder in an excluded one can be included.
 * Source: https://learn.microsoft.com/azure/devops/pipelines/repos/azure-repos-git#paths
 */
export function pathPasses(filter: Filter, path: string): boolean {
  const included = filter.include.length === 0 ? 0 : deepest(filter.include, path);
  const excluded = deepest(filter.exclude, path);
  return included !== undefined && (excluded === undefined || included > excluded);
}

/** Length of the longest pattern that matches. */
function deepest(patterns: readonly string[], path: string): number | undefined {
  const lengths = patterns.filter((pattern) => pathMatches(pattern, path)).map((pattern) => trimmed(pattern).length);
  return lengths.length === 0 ? undefined : Math.max(...lengths);
}

function pathMatches(pattern: string, path: string): boolean {
  const [wanted, given] = [trimmed(pattern), trimmed(path)];
  if (hasWildcard(wanted)) return matches(wanted, given, "/");
  return wanted === "" || given === wanted || given.startsWith(`${wanted}/`);
}

/** Without slashes at the ends: paths start at the repository's root in any case. */
function trimmed(path: string): string {
  return path.replace(/^\/+/, "").replace(/\/+$/, "");
}

/**
 * Whether a push starts a run.
 * @param trigger of the main file in the pushed branch
 * @param branch full name, such as `refs/heads/main`
 * @param changedPaths relative to the repository's root
 */
export function pushStarts(trigger: MainFile["trigger"], branch: string, changedPaths: readonly string[]): boolean {
  if (trigger === "none") return false;
  if (trigger === undefined) return fullName(branch).startsWith("refs/heads/");
  if (!branchPasses(trigger.branches, branch)) return false;
  const { include, exclude } = trigger.paths;
  if (include.length === 0 && exclude.length === 0) return true;
  return changedPaths.some((path) => pathPasses(trigger.paths, path));
}

/** A run of another pipeline that has succeeded. */
export interface CompletedRun {
  /** Full name. */
  readonly branch: string;
  /** Its build tags. */
  readonly tags: readonly string[];
  /** Stages that succeeded. */
  readonly stages?: readonly string[];
}

/** Whether a completed run starts the pipeline that has this resource: its branch passes, and all tags and stages are there. */
export function pipelineCompletionStarts(resource: PipelineResource, run: CompletedRun): boolean {
  const { trigger } = resource;
  if (trigger === undefined || !branchPasses(trigger.branches, run.branch)) return false;
  const stages = run.stages ?? [];
  return trigger.tags.every((tag) => run.tags.includes(tag)) && trigger.stages.every((stage) => stages.includes(stage));
}
