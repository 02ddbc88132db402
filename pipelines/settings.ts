/** What the renderers need to know of the platform: plain values, known before anything is declared. */
import type { BuilderSettings, FeedScope, PackageIndex, Pool } from "../spec";
import { literal } from "./literal";
import type { PoolReference, RepositoryResource } from "./model";

export interface PipelineSettings {
  /** Azure DevOps project that holds feed, template repository and connections. */
  readonly project: string;
  /** Repository with templates and recipes. */
  readonly templateRepository: string;
  readonly feed: { readonly name: string; readonly scope: FeedScope };
  /** The feed's simple index, without credentials. */
  readonly indexUrl: string;
  /** Package indexes beside the feed that applications may take packages from. */
  readonly indexes: readonly PackageIndex[];
  /** Login server of the registry. */
  readonly registry: string;
  /** Service connection that may push; never in a pull request's run. */
  readonly pushConnection: string;
  /** Service connection that may only pull. */
  readonly pullConnection: string;
  /** Pool of pipelines that name none. */
  readonly pool: Pool;
  readonly builder: BuilderSettings;
  /** Minutes after which a run is stopped. */
  readonly timeoutMinutes: { readonly application: number; readonly baseImage: number };
  /** Folder of the definitions, such as `\wheelhouse`. */
  readonly folder: string;
}

/** Branch of the template repository that pipelines read; protected by the platform. */
export const templateBranch = "main";

/** Build tag that a base image's run gets when it published something. */
export const publishedTag = "published";

/** Path, in the template repository, of the template that every application extends. */
export const applicationTemplatePath = "templates/application.yml";

/** Path, in the template repository, of the template that every base image extends. */
export const baseImageTemplatePath = "templates/base-image.yml";

/** Path, in the template repository, of the command line that runs call. */
export const toolPath = "tools/wheelhouse.cjs";

/** Name by which the files of pipelines call the template repository. */
const templateAlias = "wheelhouse";

/** What a main file declares so that it can extend a template of the template repository. */
export function templateRepositoryResource(
  settings: Pick<PipelineSettings, "project" | "templateRepository">,
): RepositoryResource {
  return {
    repository: templateAlias,
    type: "git",
    name: `${literal("project", settings.project)}/${literal("templateRepository", settings.templateRepository)}`,
    ref: `refs/heads/${templateBranch}`,
  };
}

/** How a main file names the template at this path. */
export function templateReference(path: string): string {
  return `${path}@${templateAlias}`;
}

export function poolReference(pool: Pool): PoolReference {
  if (pool.kind === "hosted") return { vmImage: literal("pool", pool.vmImage) };
  const demands = pool.demands.map((demand) => literal("pool.demands", demand));
  return { name: literal("pool.name", pool.name), ...(demands.length > 0 ? { demands } : {}) };
}
