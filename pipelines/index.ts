/** The pipelines room: pure functions from specs and settings to Azure Pipelines YAML. */
export { renderApplicationPipeline } from "./application";
export { renderApplicationTemplate } from "./application-template";
export { renderBaseImagePipeline } from "./base-image";
export { renderBaseImageTemplate } from "./base-image-template";
export { PipelineError } from "./literal";
export { renderPreviewPipeline, type PreviewPipelineSettings } from "./preview";
export {
  applicationTemplatePath,
  baseImageTemplatePath,
  publishedTag,
  templateBranch,
  toolPath,
  type PipelineSettings,
} from "./settings";
