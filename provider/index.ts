/** Every component that programs in other languages can use. The schema is inferred from here. */
// First, so that the analyzer knows what these types are for when it meets them in arguments.
export type * from "./settings";
export type * from "./specifications";
export type * from "./values";
import { AppImagePipeline } from "./app-image-pipeline";
import { ArtifactsFeed } from "./artifacts-feed";
import { BaseImagePipeline } from "./base-image-pipeline";
import { ContainerRegistry } from "./container-registry";
import { ElasticAgentPool } from "./elastic-agent-pool";
import { Platform } from "./platform";
import { PreviewPipeline } from "./preview-pipeline";
import { ServiceConnection } from "./service-connection";
import { TeamApplications } from "./team-applications";
import { TemplateRepository } from "./template-repository";

/** By name: `wheelhouse:index:<name>` is its type. */
export const components = {
  AppImagePipeline,
  ArtifactsFeed,
  BaseImagePipeline,
  ContainerRegistry,
  ElasticAgentPool,
  Platform,
  PreviewPipeline,
  ServiceConnection,
  TeamApplications,
  TemplateRepository,
} as const;
