/** Declares pipelines and what lets them run, with the choices that are the same for all. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import type { Pool } from "../spec";
import { poolName } from "./platform-plan";

export interface PipelineDefinitionArgs {
  readonly projectId: pulumi.Input<string>;
  /** Name in Azure DevOps. */
  readonly pipelineName: pulumi.Input<string>;
  /** Folder of pipelines: starts with a backslash, does not end with one. */
  readonly folder: pulumi.Input<string>;
  readonly repositoryId: pulumi.Input<string>;
  /** Full name of the branch whose file is the pipeline. */
  readonly branch: pulumi.Input<string>;
  /** Path of that file in the repository. */
  readonly pipelineFile: pulumi.Input<string>;
  /** Where jobs run that name no pool themselves. */
  readonly pool: pulumi.Input<Pool>;
  /** Plain variables, which nobody changes when a run is queued. Default: none are declared. */
  readonly variables?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  /** Numbers of variable groups. Default: none are declared. */
  readonly variableGroups?: readonly pulumi.Input<number>[] | undefined;
}

/**
 * A pipeline from a file in Azure Repos.
 *
 * Its jobs act for this project alone. Triggers come from the file, as do schedules: the provider's own never run, and
 * would make those of the file ignored. It does not run by itself when it is made, for then nothing is authorized yet.
 */
export function pipelineDefinition(
  name: string,
  args: PipelineDefinitionArgs,
  options: pulumi.CustomResourceOptions,
): azuredevops.BuildDefinition {
  return new azuredevops.BuildDefinition(
    name,
    {
      projectId: args.projectId,
      name: args.pipelineName,
      path: args.folder,
      agentPoolName: pulumi.output(args.pool).apply(poolName),
      jobAuthorizationScope: "project",
      ciTrigger: { useYaml: true },
      features: [{ skipFirstRun: true }],
      ...variablesOf(args),
      repository: {
        repoType: "TfsGit",
        repoId: args.repositoryId,
        branchName: args.branch,
        ymlPath: args.pipelineFile,
        reportBuildStatus: true,
      },
    },
    options,
  );
}

function variablesOf({
  variables,
  variableGroups,
}: PipelineDefinitionArgs): Pick<azuredevops.BuildDefinitionArgs, "variables" | "variableGroups"> {
  const own = Object.entries(variables ?? {}).map(([name, value]) => ({ name, value, allowOverride: false }));
  return {
    ...(variables === undefined ? {} : { variables: own }),
    ...(variableGroups === undefined ? {} : { variableGroups: [...variableGroups] }),
  };
}

/** A definition's id, which is a number everywhere but as the id of its resource. */
export function definitionNumber(definition: azuredevops.BuildDefinition): pulumi.Output<number> {
  return definition.id.apply(Number);
}

/** Lets one pipeline use the connection that pushes. */
export function pushAuthorization(
  name: string,
  args: {
    readonly projectId: pulumi.Input<string>;
    readonly endpointId: pulumi.Input<string>;
    readonly definition: azuredevops.BuildDefinition;
  },
  options: pulumi.CustomResourceOptions,
): azuredevops.PipelineAuthorization {
  return new azuredevops.PipelineAuthorization(
    name,
    {
      projectId: args.projectId,
      resourceId: args.endpointId,
      type: "endpoint",
      pipelineId: definitionNumber(args.definition),
    },
    options,
  );
}

/** Minutes for which a green run counts although the branch has moved on: half a working day would be lost otherwise. */
const VALID_MINUTES = 720;

/**
 * Makes each pull request into the branches run the pipeline, and wait for its success. In Azure Repos nothing else
 * starts a pipeline for a pull request: `pr:` in the file is ignored.
 */
export function buildValidation(
  name: string,
  args: {
    readonly projectId: pulumi.Input<string>;
    readonly definition: azuredevops.BuildDefinition;
    readonly displayName: pulumi.Input<string>;
    readonly repositoryId: pulumi.Input<string>;
    /** Full names of branches. */
    readonly branches: readonly string[];
  },
  options: pulumi.CustomResourceOptions,
): azuredevops.BranchPolicyBuildValidation {
  return new azuredevops.BranchPolicyBuildValidation(
    name,
    {
      projectId: args.projectId,
      enabled: true,
      blocking: true,
      settings: {
        buildDefinitionId: definitionNumber(args.definition),
        displayName: args.displayName,
        manualQueueOnly: false,
        queueOnSourceUpdateOnly: true,
        validDuration: VALID_MINUTES,
        scopes: args.branches.map((branch) => ({
          repositoryId: args.repositoryId,
          repositoryRef: branch,
          matchType: "Exact",
        })),
      },
    },
    options,
  );
}
