/** The pipeline that shows, in a pull request on the platform's own repository, what would change. */
import * as pulumi from "@pulumi/pulumi";
import type { Pool } from "../spec";
import { existingRepository } from "./look-ups";
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
}

/**
 * A pipeline in the repository that holds this very program, and the policy that runs it for each pull request. It has
 * no right to push images, and it writes no file: a change of the program is reviewed as every other one.
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
      },
      parent,
    );
    buildValidation(
      name,
      {
        projectId: args.projectId,
        definition,
        displayName: "Platform preview",
        repositoryId: repository.id,
        branches: [branch],
      },
      parent,
    );

    this.pipelineId = definitionNumber(definition);
    this.registerOutputs({ pipelineId: this.pipelineId });
  }
}
