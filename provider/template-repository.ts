/** TemplateRepository for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { TemplateRepository as Component } from "../components/template-repository";
import { makeTool } from "../components/tool";
import { facade } from "./facade";
import type { TemplateFile } from "./values";

export interface TemplateRepositoryArgs {
  /** GUID of the project. */
  readonly projectId: pulumi.Input<string>;
  /** Name of the repository. */
  readonly repositoryName: pulumi.Input<string>;
  /** Files that no single image owns: the templates. */
  readonly files: TemplateFile[];
  /** Text of the command line that runs call. Default: that of this package. */
  readonly tool?: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete the repository. Default `true`. */
  readonly protect?: boolean;
}

/**
 * The platform's own repository, with the templates that pipelines extend, the command line that they run, and all
 * recipes. Every pipeline of the project may check it out.
 */
export class TemplateRepository extends facade(Component) {
  /** GUID of the repository. */
  declare readonly repositoryId: pulumi.Output<string>;
  /** Where people look at it. */
  declare readonly webUrl: pulumi.Output<string>;
  /** Full name of its default branch. */
  declare readonly branch: string;

  constructor(name: string, args: TemplateRepositoryArgs, options?: pulumi.ComponentResourceOptions) {
    super(name, { ...args, tool: args.tool ?? makeTool() }, options);
  }
}
