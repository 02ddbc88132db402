/** The pipeline's main file in an application's repository: what starts it, and the template it extends. */
import type { App, RenderedFile } from "../spec";
import { literal } from "./literal";
import type { ExtendingPipeline } from "./model";
import { renderYaml } from "./render";
import {
  applicationTemplatePath,
  poolReference,
  publishedTag,
  templateReference,
  templateRepositoryResource,
  type PipelineSettings,
} from "./settings";

/** Main file of a repository that the platform makes. */
const defaultPath = "azure-pipelines.yml";

/**
 * The team's `azure-pipelines.yml`: runs on pushes to the application's branches and when its base image was published.
 * Pull requests start it by a branch policy: Azure Repos does not read `pr`.
 * @throws PipelineError for a value that Azure Pipelines would expand.
 */
export function renderApplicationPipeline(
  app: App,
  settings: Pick<PipelineSettings, "project" | "templateRepository" | "folder">,
): RenderedFile {
  const name = literal("name", app.name);
  const base = literal("baseImage", app.baseImage);
  const pipeline: ExtendingPipeline = {
    trigger: app.branches.map((branch) => literal("branches", branch)),
    pr: "none",
    resources: {
      repositories: [templateRepositoryResource(settings)],
      pipelines: [
        {
          pipeline: "base",
          source: `${literal("folder", settings.folder)}\\${base}`,
          trigger: { tags: [publishedTag] },
        },
      ],
    },
    extends: {
      template: templateReference(applicationTemplatePath),
      parameters: {
        app: name,
        ...(app.indexes.length === 0 ? {} : { indexes: app.indexes.map((index) => literal("indexes", index)) }),
        ...(app.pool === undefined ? {} : { pool: poolReference(app.pool) }),
      },
    },
  };
  return {
    path: app.repository.kind === "existing" ? app.repository.pipelineFile : defaultPath,
    content: renderYaml(pipeline, {
      header: [`Written by Wheelhouse for apps/${name}.yaml; the template says what a run does.`],
      form: "short",
    }),
  };
}
