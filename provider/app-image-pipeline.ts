/** AppImagePipeline for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { AppImagePipeline as Component } from "../components/app-image-pipeline";
import { PIPELINE_FOLDER } from "../components/platform-plan";
import { facade } from "./facade";
import { found, refuse, type Mistake } from "./mistakes";
import { readApplication, readApplicationBase, readPool, readRecipeSettings } from "./reading";
import type { ApplicationBase, ApplicationSpecification } from "./specifications";
import type { AgentPool, PackageIndex } from "./values";

export interface AppImagePipelineArgs {
  /** What the team wants; decides how many resources there are. */
  readonly app: ApplicationSpecification;
  /** The base image that the application names. */
  readonly baseImage: ApplicationBase;
  /** Name of the project. */
  readonly project: pulumi.Input<string>;
  /** GUID of the project. */
  readonly projectId: pulumi.Input<string>;
  /** Name of the template repository. */
  readonly templateRepository: pulumi.Input<string>;
  /** GUID of the template repository, which holds the recipe. */
  readonly templateRepositoryId: pulumi.Input<string>;
  /** Full name of that repository's branch. Default `refs/heads/main`. */
  readonly templateBranch?: pulumi.Input<string>;
  /** GUID of the service connection that pushes. */
  readonly pushEndpointId: pulumi.Input<string>;
  /** Folder of pipelines: starts with a backslash, does not end with one. Default `\wheelhouse`. */
  readonly folder?: pulumi.Input<string>;
  /** Where jobs run when the application names no pool. Default `ubuntu-24.04`, hosted by Microsoft. */
  readonly pool?: AgentPool;
  /** Login server of the registry. */
  readonly registry: pulumi.Input<string>;
  /** Package indexes beside the feed that the application may name. Default: none. */
  readonly indexes?: PackageIndex[];
  /** Image, by digest, that lists the software of the images. Default: no list. */
  readonly sbomGenerator?: string;
  /** Registry that upstream images without a host of their own are taken from. Default: the public one. */
  readonly upstreamRegistry?: string;
}

/**
 * One application: its repository, its pipeline, and its recipe in the template repository. A repository made here belongs
 * to the team and stays when the application leaves.
 */
export class AppImagePipeline extends facade(Component) {
  /** Number of the pipeline. */
  declare readonly pipelineId: pulumi.Output<number>;
  /** Where people look at the repository. */
  declare readonly repositoryUrl: pulumi.Output<string>;
  /** Names of the published images, without tag. */
  declare readonly images: pulumi.Output<string[]>;

  constructor(name: string, args: AppImagePipelineArgs, options?: pulumi.ComponentResourceOptions) {
    const mistakes: Mistake[] = [];
    const app = readApplication("app", args.app, mistakes);
    const baseImage = readApplicationBase("baseImage", args.baseImage, mistakes);
    const pool = readPool("pool", args.pool, mistakes);
    const recipeSettings = readRecipeSettings(args, mistakes);
    refuse("AppImagePipeline", mistakes);
    const { project, projectId, templateRepository, templateRepositoryId, pushEndpointId, registry } = args;
    super(
      name,
      {
        app: found(app),
        baseImage: found(baseImage),
        project,
        projectId,
        templateRepository,
        templateRepositoryId,
        templateBranch: args.templateBranch ?? "refs/heads/main",
        pushEndpointId,
        folder: args.folder ?? PIPELINE_FOLDER,
        pool: found(pool),
        registry,
        recipeSettings,
      },
      options,
    );
  }
}
