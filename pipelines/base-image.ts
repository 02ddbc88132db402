/** The pipeline of one base image: every day, and when its recipe changes. */
import { baseImageFolder, type BaseImage, type RenderedFile } from "../spec";
import { literal } from "./literal";
import type { ExtendingPipeline } from "./model";
import { renderYaml } from "./render";
import {
  baseImageTemplatePath,
  poolReference,
  templateBranch,
  templateReference,
  templateRepositoryResource,
  type PipelineSettings,
} from "./settings";

/**
 * `base-images/<name>/azure-pipelines.yml`: when it runs; the template says what it does.
 * @throws PipelineError for a value that Azure Pipelines would expand.
 */
export function renderBaseImagePipeline(
  base: BaseImage,
  settings: Pick<PipelineSettings, "project" | "templateRepository">,
): RenderedFile {
  const name = literal("name", base.name);
  const branches = { include: [templateBranch] };
  const pipeline: ExtendingPipeline = {
    trigger: { batch: true, branches, paths: { include: [baseImageFolder(name)] } },
    pr: "none",
    schedules: [{ cron: literal("schedule", base.schedule), displayName: "Daily refresh", branches, always: true }],
    // The check on the connection that pushes knows templates by their repository, so this one is named, too.
    resources: { repositories: [templateRepositoryResource(settings)] },
    extends: {
      template: templateReference(baseImageTemplatePath),
      parameters: { baseImage: name, ...(base.pool === undefined ? {} : { pool: poolReference(base.pool) }) },
    },
  };
  return {
    path: `${baseImageFolder(name)}/azure-pipelines.yml`,
    content: renderYaml(pipeline, {
      header: [`Rendered by Wheelhouse from base-images/${name}/base-image.yaml; change that file, not this one.`],
    }),
  };
}
