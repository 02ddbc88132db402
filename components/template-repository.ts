/** The platform's own repository: the templates that pipelines extend, the command line that they run, and all recipes. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { templateBranch, toolPath } from "../pipelines";
import { branchRef } from "./naming";
import { madeFile, platformFiles } from "./repository-file";

/** A file to be in the repository. */
export interface TemplateFile {
  /** Path in the repository; the resource is named by its last part, so it is no `Input`. */
  readonly path: string;
  readonly content: pulumi.Input<string>;
}

export interface TemplateRepositoryArgs {
  readonly projectId: pulumi.Input<string>;
  /** Name of the repository. */
  readonly repositoryName: pulumi.Input<string>;
  /** Files that no single image owns: the templates. */
  readonly files: readonly TemplateFile[];
  /** Text of the command line that runs call. */
  readonly tool: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete the repository. Default `true`. */
  readonly protect?: boolean | undefined;
}

/**
 * A repository with the default branch `main`, which every pipeline of the project may check out. The files of an image
 * are written by the component of that image.
 */
export class TemplateRepository extends pulumi.ComponentResource {
  /** GUID of the repository. */
  readonly repositoryId: pulumi.Output<string>;
  /** Where people look at it. */
  readonly webUrl: pulumi.Output<string>;
  /** Full name of its default branch. */
  readonly branch = branchRef(templateBranch);
  /** The templates and the command line, for what must come after them. */
  readonly files: readonly pulumi.Resource[];

  constructor(name: string, args: TemplateRepositoryArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:TemplateRepository", name, {}, options);
    const parent = { parent: this };
    const repository = new azuredevops.Git(
      name,
      {
        projectId: args.projectId,
        name: args.repositoryName,
        defaultBranch: this.branch,
        initialization: { initType: "Clean" },
      },
      { ...parent, protect: args.protect ?? true },
    );
    const place = { repositoryId: repository.id, branch: this.branch };
    this.files = [
      ...platformFiles(name, place, args.files, parent),
      madeFile(name, { ...place, path: toolPath, content: args.tool }, parent),
    ];
    new azuredevops.PipelineAuthorization(
      name,
      // The provider puts the project's GUID before the repository's by itself.
      { projectId: args.projectId, resourceId: repository.id, type: "repository" },
      parent,
    );

    this.repositoryId = repository.id;
    this.webUrl = repository.webUrl;
    this.registerOutputs({ repositoryId: this.repositoryId, webUrl: this.webUrl });
  }
}
