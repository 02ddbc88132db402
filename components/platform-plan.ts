/** Decides, from settings and specs alone, what a platform declares once for many. */
import type { PipelineSettings } from "../pipelines";
import { indexUrl, type App, type BaseImage, type Pool, type Settings } from "../spec";

/** Folder of all pipelines of the platform. */
export const PIPELINE_FOLDER = "\\wheelhouse";

/** Names of the service connections. */
export const CONNECTIONS = { push: "wheelhouse-push", pull: "wheelhouse-pull" } as const;

/** Name of the pipeline that previews the platform itself. */
export const PREVIEW_PIPELINE = "wheelhouse-preview";

/** The teams that own applications, each once, by name. */
export function teamsOf(apps: readonly Pick<App, "team">[]): readonly string[] {
  return distinct(apps.flatMap(({ team }) => (team === undefined ? [] : [team])));
}

/** The pools that any pipeline runs in and that have to be there, each once, by the name that Azure DevOps lists them by. */
export function poolsOf(
  settings: Pick<Settings, "pool" | "elasticPool">,
  images: readonly (Pick<App, "pool"> | Pick<BaseImage, "pool">)[],
): readonly string[] {
  const names = distinct([settings.pool, ...images.map(({ pool }) => pool ?? settings.pool)].map(poolName));
  return names.filter((name) => name.toLowerCase() !== settings.elasticPool?.name.toLowerCase());
}

/** Name of the pool that Microsoft's hosted images belong to. */
const HOSTED_POOL = "Azure Pipelines";

/** The name of the pool as Azure DevOps lists it. */
export function poolName(pool: Pool): string {
  return pool.kind === "hosted" ? HOSTED_POOL : pool.name;
}

/**
 * The base image that an application names.
 * @throws Error when there is none of that name: the spec's loader refuses that before.
 */
export function baseImageOf(app: Pick<App, "name" | "baseImage">, baseImages: readonly BaseImage[]): BaseImage {
  const baseImage = baseImages.find(({ name }) => name === app.baseImage);
  if (baseImage === undefined) {
    const known = baseImages.map(({ name }) => name).join(", ");
    throw new Error(`application ${app.name} names the base image ${app.baseImage}, which is not among: ${known}`);
  }
  return baseImage;
}

/** In the order of their code points, whatever the order of the files: the order must not change a preview. */
function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((left, right) => (left < right ? -1 : 1));
}

/** What pipelines are rendered with, but for the registry's address, which only Azure knows. */
export function pipelineSettingsOf(settings: Settings): Omit<PipelineSettings, "registry"> {
  return {
    project: settings.project,
    templateRepository: settings.templateRepository,
    feed: { name: settings.feed.name, scope: settings.feed.scope },
    indexUrl: indexUrl(settings),
    indexes: settings.indexes,
    pushConnection: CONNECTIONS.push,
    pullConnection: CONNECTIONS.pull,
    pool: settings.pool,
    builder: settings.builder,
    timeoutMinutes: settings.timeoutMinutes,
    folder: PIPELINE_FOLDER,
  };
}
