/** One application: its repository, its pipeline, and its recipe in the template repository. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { renderApplicationPipeline } from "../pipelines";
import { applicationRecipePaths, renderApplicationRecipe, type ApplicationBase, type RecipeSettings } from "../recipes";
import { appImages, type App, type Pool, type RenderedFile } from "../spec";
import { existingRepository } from "./look-ups";
import { branchRef } from "./naming";
import { buildValidation, definitionNumber, pipelineDefinition, pushAuthorization } from "./pipeline-definition";
import { platformFiles, starterFile, type RepositoryFileArgs } from "./repository-file";

/** How many resources there are and what they are called, `app` alone decides: the rest may become known later. */
export interface AppImagePipelineArgs {
  readonly app: App;
  /** What the recipe takes from the base image that the application names. */
  readonly baseImage: pulumi.Input<ApplicationBase>;
  /** Name of the project. */
  readonly project: pulumi.Input<string>;
  readonly projectId: pulumi.Input<string>;
  /** Name of the template repository. */
  readonly templateRepository: pulumi.Input<string>;
  /** GUID of the template repository, which holds the recipe. */
  readonly templateRepositoryId: pulumi.Input<string>;
  /** Full name of that repository's branch, such as `refs/heads/main`. */
  readonly templateBranch: pulumi.Input<string>;
  /** GUID of the service connection that pushes. */
  readonly pushEndpointId: pulumi.Input<string>;
  /** Folder of pipelines: starts with a backslash, does not end with one. */
  readonly folder: pulumi.Input<string>;
  /** Where jobs run when the application names no pool. */
  readonly pool: pulumi.Input<Pool>;
  /** Login server of the registry. */
  readonly registry: pulumi.Input<string>;
  /** What the recipe is rendered with. Default: no package index beside the feed, no lists of software. */
  readonly recipeSettings?: pulumi.Input<RecipeSettings>;
}

type RepositoryFile = Pick<RepositoryFileArgs, "path" | "content">;

/** Repository of an application, whoever made it. */
interface Repository {
  readonly id: pulumi.Output<string>;
  readonly webUrl: pulumi.Output<string>;
  /** Path of the pipeline's file in it. */
  readonly pipelineFile: string;
  /** What the pipeline has to come after. */
  readonly files: readonly pulumi.Resource[];
}

/**
 * An application on the platform, in at most eight resources, itself included: the engine writes its whole state at
 * each step, so what an application costs, all of them pay.
 *
 * A repository made here, and the starter pipeline in it, belong to the team: they stay when the application leaves the
 * platform. An existing repository is only referred to; its team commits the pipeline's file itself.
 */
export class AppImagePipeline extends pulumi.ComponentResource {
  /** Number of the pipeline. */
  readonly pipelineId: pulumi.Output<number>;
  /** Where people look at the repository. */
  readonly repositoryUrl: pulumi.Output<string>;
  /** Names of the published images, without tag. */
  readonly images: pulumi.Output<string[]>;
  /** The last thing that its runs need; whatever starts one comes after it. */
  readonly runnable: pulumi.Resource;

  constructor(name: string, args: AppImagePipelineArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:AppImagePipeline", name, {}, options);
    const { app } = args;
    const parent = { parent: this };
    const repository =
      app.repository.kind === "create"
        ? this.createRepository(name, app.repository.name, args)
        : this.existingRepository(app.repository, args.projectId);
    const definition = pipelineDefinition(
      name,
      {
        projectId: args.projectId,
        pipelineName: app.name,
        folder: args.folder,
        repositoryId: repository.id,
        branch: branchRef(app.branches[0] ?? "main"),
        pipelineFile: repository.pipelineFile,
        pool: app.pool ?? args.pool,
      },
      // After its file, so that the first push does not start a pipeline that is half there.
      { ...parent, dependsOn: [...repository.files] },
    );
    const recipe = platformFiles(
      name,
      { repositoryId: args.templateRepositoryId, branch: args.templateBranch },
      recipeFiles(args),
      // After the pipeline: Azure DevOps refuses a second one of its name, so that of two stacks that both declare an
      // application of this name, the later one writes nothing over the recipe of the other.
      { ...parent, dependsOn: definition },
    );
    this.runnable = pushAuthorization(
      name,
      { projectId: args.projectId, endpointId: args.pushEndpointId, definition },
      { ...parent, dependsOn: recipe },
    );
    buildValidation(
      name,
      {
        projectId: args.projectId,
        definition,
        displayName: `${app.name} image`,
        repositoryId: repository.id,
        branches: app.branches.map(branchRef),
      },
      parent,
    );

    this.pipelineId = definitionNumber(definition);
    this.repositoryUrl = repository.webUrl;
    this.images = pulumi
      .output(args.registry)
      .apply((registry) => appImages(app).map((image) => `${registry}/${image.repository}`));
    this.registerOutputs({ pipelineId: this.pipelineId, repositoryUrl: this.repositoryUrl, images: this.images });
  }

  private createRepository(name: string, repositoryName: string, args: AppImagePipelineArgs): Repository {
    const branch = branchRef(args.app.branches[0] ?? "main");
    const repository = new azuredevops.Git(
      name,
      {
        projectId: args.projectId,
        name: repositoryName,
        defaultBranch: branch,
        initialization: { initType: "Clean" },
      },
      // The team may rename its branches, and a repository is initialized once.
      { parent: this, retainOnDelete: true, ignoreChanges: ["defaultBranch", "initialization"] },
    );
    const { path, content } = starterPipeline(args);
    const starter = starterFile(
      `${name}-starter`,
      { repositoryId: repository.id, branch, path, content },
      { parent: this },
    );
    return { id: repository.id, webUrl: repository.webUrl, pipelineFile: path, files: [starter] };
  }

  private existingRepository(
    { name, pipelineFile }: { readonly name: string; readonly pipelineFile: string },
    projectId: pulumi.Input<string>,
  ): Repository {
    const { id, webUrl } = existingRepository({ projectId, name }, { parent: this });
    return { id, webUrl, pipelineFile, files: [] };
  }
}

/** The recipe: its paths are known at once, its text as soon as base image and settings are. */
function recipeFiles({ app, baseImage, recipeSettings }: AppImagePipelineArgs): RepositoryFile[] {
  const rendered = pulumi
    .all([baseImage, recipeSettings])
    .apply(([base, settings]) => renderApplicationRecipe(app, base, settings));
  return applicationRecipePaths(app).map((path) => ({
    path,
    content: rendered.apply((files) => contentOf(files, path)),
  }));
}

function contentOf(files: readonly RenderedFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) {
    throw new Error(`the recipe has no file ${path}, only ${files.map((other) => other.path).join(", ")}`);
  }
  return file.content;
}

/** Stands for names where only the path is asked for. */
const ANY_PLATFORM = { project: "project", templateRepository: "templates", folder: "\\pipelines" };

/** The team's pipeline file: its path is known at once, its text as soon as the names of the platform are. */
function starterPipeline({ app, project, templateRepository, folder }: AppImagePipelineArgs): RepositoryFile {
  return {
    path: renderApplicationPipeline(app, ANY_PLATFORM).path,
    content: pulumi
      .all([project, templateRepository, folder])
      .apply(
        ([project, templateRepository, folder]) =>
          renderApplicationPipeline(app, { project, templateRepository, folder }).content,
      ),
  };
}
