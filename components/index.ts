/** The components: what a platform is declared with, as a whole or piece by piece. */
export { AppImage, type AppImageArgs } from "./app-image";
export { AppImagePipeline, type AppImagePipelineArgs } from "./app-image-pipeline";
export { ArtifactsFeed, type ArtifactsFeedArgs, type FeedMember } from "./artifacts-feed";
export { BaseImagePipeline, type BaseImagePipelineArgs, type FirstRunOfBaseImage } from "./base-image-pipeline";
export { ContainerRegistry, type ContainerRegistryArgs } from "./container-registry";
export { ElasticAgentPool, type ElasticAgentPoolArgs } from "./elastic-agent-pool";
export { FeedUpstreams, type FeedUpstreamsArgs } from "./feed-upstreams";
export { FirstRun, type FirstRunArgs } from "./first-run";
export { Platform, type PlatformArgs } from "./platform";
export { type ApplicationOutputs, type PlatformOutputs } from "./platform-outputs";
export { PreviewPipeline, type PreviewPipelineArgs } from "./preview-pipeline";
export { readApplications, readPlatform } from "./program-sources";
export { ServiceConnection, type RequiredTemplate, type ServiceConnectionArgs } from "./service-connection";
export { TeamApplications, type TeamApplicationsArgs, type TeamOutputs } from "./team-applications";
export { SHARED_FORMAT, type SharedApplication, type SharedPlatform } from "./team-shared";
export { TemplateRepository, type TemplateFile, type TemplateRepositoryArgs } from "./template-repository";
export { makeTool } from "./tool";
