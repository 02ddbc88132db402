/** The variables that a run has before its job starts (the service's documentation, "Use predefined variables"). */
import { createHash } from "node:crypto";

import type { PipelineResource } from "../model";
import { isAuthorized } from "./checks";
import { isSource, shortName } from "./triggers";
import type { CloudRun, Definition, Project, Repository, VariableGroup, World } from "./world";

/** What a run is of. */
export interface RunSubject {
  readonly run: CloudRun;
  readonly definition: Definition;
  readonly project: Project;
  readonly repository: Repository;
}

/** A GUID that is the same each time it is made of the same text. */
function guidOf(text: string): string {
  const digits = createHash("sha256").update(text).digest("hex");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `a${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join("-");
}

/** Without credentials. */
export function repositoryUrl(address: string, organization: string, project: string, repository: string): string {
  return `${address}/devops/${encodeURIComponent(organization)}/${encodeURIComponent(project)}/_git/${encodeURIComponent(repository)}`;
}

function ofPullRequest({ run }: RunSubject, world: World): Record<string, string> {
  const pullRequest = world.pullRequests.find(({ id }) => id === run.pullRequest);
  if (run.reason !== "PullRequest" || pullRequest === undefined) return {};
  return {
    "System.PullRequest.PullRequestId": String(pullRequest.id),
    "System.PullRequest.SourceBranch": pullRequest.source,
    "System.PullRequest.SourceBranchName": shortName(pullRequest.source),
    "System.PullRequest.SourceCommitId": run.sourceCommit ?? pullRequest.sourceCommit,
    "System.PullRequest.TargetBranch": pullRequest.target,
    "System.PullRequest.TargetBranchName": shortName(pullRequest.target),
    "System.PullRequest.IsFork": "False",
  };
}

/**
 * What is known when a run is made; templates can be expanded with it. The number of the run is not among it.
 * @param address Of the clouds.
 */
export function systemVariables(subject: RunSubject, world: World, address: string): ReadonlyMap<string, string> {
  const { run, definition, project, repository } = subject;
  const organization = `${address}/devops/${encodeURIComponent(world.organization)}/`;
  const url = repositoryUrl(address, world.organization, project.name, repository.name);
  const last = run.branch.split("/").at(-1) ?? run.branch;
  return new Map(
    Object.entries({
      "Build.BuildId": String(run.id),
      "Build.BuildUri": `vstfs:///Build/Build/${run.id}`,
      "Build.DefinitionName": definition.name,
      "Build.DefinitionFolderPath": definition.path,
      "Build.Reason": run.reason,
      "Build.Repository.Clean": "False",
      "Build.Repository.Git.SubmoduleCheckout": "False",
      "Build.Repository.ID": repository.id,
      "Build.Repository.Name": repository.name,
      "Build.Repository.Provider": "TfsGit",
      "Build.Repository.Uri": url,
      "Build.SourceBranch": run.branch,
      // The last part of a branch; all of `refs/pull/<id>/merge` ends with `merge`.
      "Build.SourceBranchName": last,
      "Build.SourceVersion": run.commit,
      "System.CollectionId": guidOf(organization),
      "System.CollectionUri": organization,
      "System.TeamFoundationCollectionUri": organization,
      "System.TeamFoundationServerUri": organization,
      "System.DefinitionId": String(definition.id),
      "System.DefinitionName": definition.name,
      "System.HostType": "build",
      "System.PlanId": guidOf(`${organization}${run.id}`),
      "System.ServerType": "Hosted",
      "System.TeamProject": project.name,
      "System.TeamProjectId": project.id,
      "System.TimelineId": guidOf(`${organization}${run.id}`),
      TF_BUILD: "True",
      ...ofPullRequest(subject, world),
    }),
  );
}

/** The variable groups of a definition, in its order. */
export function variableGroupsOf(definition: Definition, world: World): readonly VariableGroup[] {
  return definition.variableGroups.flatMap(
    (id) => world.variableGroups.find((group) => group.id === id && group.projectId === definition.projectId) ?? [],
  );
}

/**
 * The variables of a definition's groups and its own, with what the run sets of them. Secret ones are not among them, unless the run
 * itself sets them.
 */
export function definitionVariables({ run, definition }: RunSubject, world: World): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const set = (name: string, value: string): void => {
    const known = [...variables.keys()].find((each) => each.toLowerCase() === name.toLowerCase());
    variables.set(known ?? name, value);
  };
  const groups = variableGroupsOf(definition, world).flatMap((group) => group.variables);
  for (const { name, value, isSecret } of [...groups, ...definition.variables]) if (!isSecret) set(name, value ?? "");
  for (const [name, value] of Object.entries(run.variables)) set(name, value);
  return variables;
}

/** What is wrong with the variable groups of a definition: a sentence for each. */
export function variableProblems({ definition }: RunSubject, world: World): string[] {
  const found = variableGroupsOf(definition, world);
  return definition.variableGroups.flatMap((id) => {
    const group = found.find((one) => one.id === id);
    const where = `the pipeline "${definition.name}" has the variable group ${group?.name ?? id}`;
    if (group === undefined) return `${where}, which could not be found. Take it out, or make it again`;
    if (!group.allowAccess && !isAuthorized(world, definition, "variablegroup", String(id))) {
      return `${where}, which has not been authorized for use by it. Authorize the pipeline for the variable group`;
    }
    if (group.ofKeyVault) {
      return `${where}, whose values are in a key vault, and there is none here. Use a group with values of its own in the sandbox`;
    }
    return [];
  });
}

/** The run that a pipeline resource stands for: the newest that ended well, as for a run that somebody queues. */
export function resourceRun(
  resource: PipelineResource,
  { run, definition }: RunSubject,
  world: World,
): { readonly source: Definition | undefined; readonly run: CloudRun | undefined } {
  const source = world.definitions.find(
    (one) => one.projectId === definition.projectId && isSource(resource.source, one),
  );
  if (source === undefined) return { source, run: undefined };
  // A trigger takes what ended with issues, too; what is queued otherwise does not.
  const fine = run.reason === "ResourceTrigger" ? ["succeeded", "succeededWithIssues"] : ["succeeded"];
  const last = world.runs.findLast(
    (one) => one.definitionId === source.id && one.id < run.id && fine.includes(one.result ?? ""),
  );
  return { source, run: last };
}

/** Of pipeline resources; they exist only while the job runs. */
export function resourceVariables(
  resources: readonly PipelineResource[],
  subject: RunSubject,
  world: World,
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const resource of resources) {
    const { source, run } = resourceRun(resource, subject, world);
    if (source === undefined || run === undefined) continue;
    const place = `resources.pipeline.${resource.alias}`;
    variables.set(`${place}.projectID`, source.projectId);
    variables.set(`${place}.projectName`, subject.project.name);
    variables.set(`${place}.pipelineName`, source.name);
    variables.set(`${place}.pipelineID`, String(source.id));
    variables.set(`${place}.runName`, run.number);
    variables.set(`${place}.runID`, String(run.id));
    variables.set(`${place}.runURI`, `vstfs:///Build/Build/${run.id}`);
    variables.set(`${place}.sourceBranch`, run.branch);
    variables.set(`${place}.sourceCommit`, run.commit);
    variables.set(`${place}.sourceProvider`, "TfsGit");
  }
  return variables;
}

/** Why a pipeline resource has no run to stand for: the service refuses such a run, too. */
export function resourceProblems(resources: readonly PipelineResource[], subject: RunSubject, world: World): string[] {
  return resources.flatMap((resource) => {
    const { source, run } = resourceRun(resource, subject, world);
    const where = `resources.pipelines "${resource.alias}"`;
    if (source === undefined) {
      return `${where}: there is no pipeline ${resource.source} in the project. Correct the name, or make it`;
    }
    if (run === undefined) {
      return `${where}: unable to resolve the latest version of the pipeline ${source.name}: no run of it has succeeded yet. Run ${source.name} first`;
    }
    return [];
  });
}
