/** The recipe of one base image and the pipeline that refreshes it every day. */
import * as pulumi from "@pulumi/pulumi";
import { renderBaseImagePipeline, type PipelineSettings } from "../pipelines";
import { renderBaseImageRecipe, type RecipeSettings } from "../recipes";
import type { BaseImage } from "../spec";
import { FirstRun } from "./first-run";
import { definitionNumber, pipelineDefinition, pushAuthorization } from "./pipeline-definition";
import { platformFiles } from "./repository-file";

export interface BaseImagePipelineArgs {
  readonly baseImage: BaseImage;
  readonly projectId: pulumi.Input<string>;
  /** GUID of the template repository, which holds recipe and pipeline. */
  readonly templateRepositoryId: pulumi.Input<string>;
  /** Full name of that repository's branch, such as `refs/heads/main`. */
  readonly templateBranch: pulumi.Input<string>;
  /** GUID of the service connection that pushes. */
  readonly pushEndpointId: pulumi.Input<string>;
  /** What the pipeline's text is rendered with. */
  readonly pipelineSettings: Pick<PipelineSettings, "project" | "templateRepository" | "folder" | "pool">;
  /** What the recipe is rendered with. Default: no lists of software, and no mirror. */
  readonly recipeSettings?: RecipeSettings;
  /** Lets the image come into being by itself. Default: it waits for its schedule, a change, or someone who runs it. */
  readonly firstRun?: FirstRunOfBaseImage | undefined;
}

export interface FirstRunOfBaseImage {
  /** Root of Azure DevOps for the organization, such as `https://dev.azure.com/<organization>`. */
  readonly organizationUrl: pulumi.Input<string>;
  /** What the run needs beside the pipeline itself, and what it is to start. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * The files of one base image in the template repository, its pipeline, and the pipeline's right to push. The daily
 * schedule is in the pipeline's file.
 */
export class BaseImagePipeline extends pulumi.ComponentResource {
  /** Number of the pipeline. */
  readonly pipelineId: pulumi.Output<number>;

  constructor(name: string, args: BaseImagePipelineArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:BaseImagePipeline", name, {}, options);
    const { baseImage, pipelineSettings } = args;
    const parent = { parent: this };
    const pipeline = renderBaseImagePipeline(baseImage, pipelineSettings);
    const files = platformFiles(
      name,
      { repositoryId: args.templateRepositoryId, branch: args.templateBranch },
      [...renderBaseImageRecipe(baseImage, args.recipeSettings), pipeline],
      parent,
    );
    const definition = pipelineDefinition(
      name,
      {
        projectId: args.projectId,
        pipelineName: baseImage.name,
        folder: pipelineSettings.folder,
        repositoryId: args.templateRepositoryId,
        branch: args.templateBranch,
        pipelineFile: pipeline.path,
        pool: baseImage.pool ?? pipelineSettings.pool,
      },
      // After its files, so that no push of them starts a pipeline that is half there.
      { ...parent, dependsOn: files },
    );
    const authorization = pushAuthorization(
      name,
      { projectId: args.projectId, endpointId: args.pushEndpointId, definition },
      parent,
    );
    this.pipelineId = definitionNumber(definition);
    if (args.firstRun !== undefined) {
      const { organizationUrl, after } = args.firstRun;
      new FirstRun(
        name,
        { organizationUrl, project: args.projectId, pipelineId: this.pipelineId, branch: args.templateBranch },
        { ...parent, dependsOn: [...files, authorization, ...after] },
      );
    }

    this.registerOutputs({ pipelineId: this.pipelineId });
  }
}
