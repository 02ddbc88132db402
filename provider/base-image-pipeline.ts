/** BaseImagePipeline for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { BaseImagePipeline as Component } from "../components/base-image-pipeline";
import { PIPELINE_FOLDER } from "../components/platform-plan";
import { dependenciesOf, facade } from "./facade";
import { found, refuse, type Mistake } from "./mistakes";
import { readBaseImage, readPool, readRecipeSettings } from "./reading";
import type { BaseImageSpecification } from "./specifications";
import type { AgentPool, PackageIndex } from "./values";

export interface BaseImagePipelineArgs {
  /** What the image is made of. */
  readonly baseImage: BaseImageSpecification;
  /** Name of the project. */
  readonly project: string;
  /** GUID of the project. */
  readonly projectId: pulumi.Input<string>;
  /** Name of the template repository. */
  readonly templateRepository: string;
  /** GUID of the template repository, which holds recipe and pipeline. */
  readonly templateRepositoryId: pulumi.Input<string>;
  /** Full name of that repository's branch. Default `refs/heads/main`. */
  readonly templateBranch?: pulumi.Input<string>;
  /** GUID of the service connection that pushes. */
  readonly pushEndpointId: pulumi.Input<string>;
  /** Folder of pipelines: starts with a backslash, does not end with one. Default `\wheelhouse`. */
  readonly folder?: string;
  /** Where its runs take place when the base image names no pool. Default `ubuntu-24.04`, hosted by Microsoft. */
  readonly pool?: AgentPool;
  /** Package indexes beside the feed. Default: none. */
  readonly indexes?: PackageIndex[];
  /** Image, by digest, that lists the software of the image. Default: no list. */
  readonly sbomGenerator?: string;
  /** Registry that upstream images without a host of their own are taken from. Default: the public one. */
  readonly upstreamRegistry?: string;
  /**
   * Root of Azure DevOps for the organization, such as `https://dev.azure.com/<organization>`. With it the pipeline is
   * queued once, after all that the component depends on. Default: the image waits for its schedule.
   */
  readonly firstRunAt?: pulumi.Input<string>;
}

/** The files of one base image in the template repository, its pipeline with a daily schedule, and the pipeline's right to push. */
export class BaseImagePipeline extends facade(Component) {
  /** Number of the pipeline. */
  declare readonly pipelineId: pulumi.Output<number>;

  constructor(name: string, args: BaseImagePipelineArgs, options?: pulumi.ComponentResourceOptions) {
    const mistakes: Mistake[] = [];
    const baseImage = readBaseImage("baseImage", args.baseImage, mistakes);
    const pool = readPool("pool", args.pool, mistakes);
    const recipeSettings = readRecipeSettings(args, mistakes);
    refuse("BaseImagePipeline", mistakes);
    const { project, projectId, templateRepository, templateRepositoryId, pushEndpointId } = args;
    super(
      name,
      {
        baseImage: found(baseImage),
        projectId,
        templateRepositoryId,
        templateBranch: args.templateBranch ?? "refs/heads/main",
        pushEndpointId,
        pipelineSettings: { project, templateRepository, folder: args.folder ?? PIPELINE_FOLDER, pool: found(pool) },
        recipeSettings,
        firstRun:
          args.firstRunAt === undefined
            ? undefined
            : { organizationUrl: args.firstRunAt, after: dependenciesOf(options) },
      },
      options,
    );
  }
}
