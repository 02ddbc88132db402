/** The pipeline that shows, in a pull request on the platform's own repository, what would change. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import type { Pool, PreviewSettings } from "../spec";
import { existingAzureConnection, existingRepository } from "./look-ups";
import { buildServiceDescriptor } from "./naming";
import { buildValidation, definitionNumber, pipelineDefinition } from "./pipeline-definition";

export interface PreviewPipelineArgs {
  readonly projectId: pulumi.Input<string>;
  /** Name of the existing repository with the platform's program. */
  readonly repositoryName: string;
  /** Name of the pipeline. */
  readonly pipelineName: pulumi.Input<string>;
  /** Folder of pipelines: starts with a backslash, does not end with one. */
  readonly folder: pulumi.Input<string>;
  /** Path of the pipeline's file, which the repository brings along. Default `azure-pipelines.yml`. */
  readonly pipelineFile?: pulumi.Input<string> | undefined;
  /** Full name of the branch that pull requests go to. Default `refs/heads/main`. */
  readonly branch?: string | undefined;
  readonly pool: Pool;
  /** Which stacks it previews, and how it gets at their state. Default: the pipeline's variables are set by hand. */
  readonly preview?: PreviewSettings | undefined;
}

/**
 * A pipeline in the repository that holds this very program, and the policy that runs it for each pull request. It has
 * no right to push images, and it writes no file: a change of the program is reviewed as every other one.
 *
 * With `preview`, it has what it needs and no more: two variables, the connection and the variable group that it alone is
 * authorized for, and, for the comment, the right of the project's build identity to contribute to pull requests, on this
 * repository alone.
 */
export class PreviewPipeline extends pulumi.ComponentResource {
  /** Number of the pipeline. */
  readonly pipelineId: pulumi.Output<number>;

  constructor(name: string, args: PreviewPipelineArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:PreviewPipeline", name, {}, options);
    const parent = { parent: this };
    const branch = args.branch ?? "refs/heads/main";
    const repository = existingRepository({ projectId: args.projectId, name: args.repositoryName }, parent);
    const definition = pipelineDefinition(
      name,
      {
        projectId: args.projectId,
        pipelineName: args.pipelineName,
        folder: args.folder,
        repositoryId: repository.id,
        branch,
        pipelineFile: args.pipelineFile ?? "azure-pipelines.yml",
        pool: args.pool,
        ...(args.preview === undefined ? {} : definitionSettings(args.preview)),
      },
      parent,
    );
    const allowed = args.preview === undefined ? [] : this.allow(name, args, args.preview, definition, repository.id);
    buildValidation(
      name,
      {
        projectId: args.projectId,
        definition,
        displayName: "Platform preview",
        repositoryId: repository.id,
        branches: [branch],
      },
      // A pull request that comes in between would have a run that is refused.
      { ...parent, dependsOn: allowed },
    );

    this.pipelineId = definitionNumber(definition);
    this.registerOutputs({ pipelineId: this.pipelineId });
  }

  /** Lets this one pipeline use what a preview needs, and its comments be written. */
  private allow(
    name: string,
    { projectId }: PreviewPipelineArgs,
    preview: PreviewSettings,
    definition: azuredevops.BuildDefinition,
    repositoryId: pulumi.Input<string>,
  ): pulumi.Resource[] {
    const parent = { parent: this };
    const pipelineId = definitionNumber(definition);
    const authorize = (what: string, type: string, resourceId: pulumi.Input<string>): pulumi.Resource =>
      new azuredevops.PipelineAuthorization(`${name}-${what}`, { projectId, resourceId, type, pipelineId }, parent);
    const { connection, variableGroup } = preview;
    const endpointId = existingAzureConnection({ projectId, name: connection }, parent, "preview");
    const group = variableGroup === undefined ? [] : [authorize("variables", "variablegroup", String(variableGroup))];
    return [authorize("connection", "endpoint", endpointId), ...group, this.comments(name, projectId, repositoryId)];
  }

  /** The permission "Contribute to pull requests"; what else the build identity may do in the repository stays as it is. */
  private comments(
    name: string,
    projectId: pulumi.Input<string>,
    repositoryId: pulumi.Input<string>,
  ): azuredevops.GitPermissions {
    const organization = azuredevops.getClientConfigOutput({ parent: this });
    const principal = pulumi
      .all([organization.id, projectId])
      .apply(([organizationId, project]) => buildServiceDescriptor(organizationId, project));
    const permissions = { PullRequestContribute: "Allow" };
    return new azuredevops.GitPermissions(
      `${name}-comments`,
      { projectId, repositoryId, principal, permissions, replace: false },
      { parent: this },
    );
  }
}

/** Settings of the definition: what the pipeline's script reads from its environment, and where its secrets are. */
function definitionSettings({ backend, stacks, variableGroup }: PreviewSettings): {
  readonly variables: Readonly<Record<string, string>>;
  readonly variableGroups?: readonly number[];
} {
  return {
    variables: { PULUMI_BACKEND_URL: backend, PULUMI_STACK: stacks.join(" ") },
    ...(variableGroup === undefined ? {} : { variableGroups: [variableGroup] }),
  };
}
