/** PreviewPipeline for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { PIPELINE_FOLDER } from "../components/platform-plan";
import { PreviewPipeline as Component } from "../components/preview-pipeline";
import { facade } from "./facade";
import { found, refuse, type Mistake } from "./mistakes";
import { readPool, readPreview } from "./reading";
import type { Preview } from "./settings";
import type { AgentPool } from "./values";

export interface PreviewPipelineArgs {
  /** GUID of the project. */
  readonly projectId: pulumi.Input<string>;
  /** Name of the existing repository with the platform's program. */
  readonly repositoryName: string;
  /** Name of the pipeline. */
  readonly pipelineName: pulumi.Input<string>;
  /** Folder of pipelines: starts with a backslash, does not end with one. Default `\wheelhouse`. */
  readonly folder?: pulumi.Input<string>;
  /** Path of the pipeline's file, which the repository brings along. Default `azure-pipelines.yml`. */
  readonly pipelineFile?: pulumi.Input<string>;
  /** Full name of the branch that pull requests go to. Default `refs/heads/main`. */
  readonly branch?: string;
  /** Default `ubuntu-24.04`, hosted by Microsoft. */
  readonly pool?: AgentPool;
  /** Which stacks it previews, and how it gets at their state. Default: the pipeline's variables are set by hand. */
  readonly preview?: Preview;
}

/** A pipeline in the repository that holds the platform's program, and the policy that runs it for each pull request. */
export class PreviewPipeline extends facade(Component) {
  /** Number of the pipeline. */
  declare readonly pipelineId: pulumi.Output<number>;

  constructor(name: string, args: PreviewPipelineArgs, options?: pulumi.ComponentResourceOptions) {
    const mistakes: Mistake[] = [];
    const pool = readPool("pool", args.pool, mistakes);
    const preview = readPreview("preview", args.preview, mistakes);
    refuse("PreviewPipeline", mistakes);
    super(name, { ...args, folder: args.folder ?? PIPELINE_FOLDER, pool: found(pool), preview }, options);
  }
}
