/** Which pipeline and which Dockerfile of a repository are migrated, where it has several. */
import { UsageError } from "../errors";
import { imageBuilds, type ImageBuild } from "./builds";
import { readOldPipeline, type OldPipeline } from "./old-pipeline";
import { readNamed, type TeamRepository } from "./repository";

export interface Choice {
  readonly pipeline: OldPipeline | undefined;
  /** Other pipelines of the repository, which stay as they are. */
  readonly otherPipelines: readonly string[];
  /** Relative; `undefined` where there is none. */
  readonly dockerfile: string | undefined;
  readonly otherDockerfiles: readonly string[];
  /** How the old pipeline builds that Dockerfile. */
  readonly builds: readonly ImageBuild[];
  /** Folder that the build took as its context, `""` for the root. */
  readonly contextFolder: string;
}

/** Name of a pipeline that Azure DevOps takes without being told. */
export const DEFAULT_PIPELINE = "azure-pipelines.yml";

/** @throws UsageError for named files that are not there, and for several Dockerfiles of which none is built. */
export function choose(
  repository: TeamRepository,
  options: { readonly pipeline?: string | undefined; readonly dockerfile?: string | undefined },
): Choice {
  const { pipelines, dockerfiles } = repository.inspection;
  const pipeline = choosePipeline(repository, options.pipeline);
  const all = pipeline === undefined ? [] : imageBuilds(pipeline, (file) => repository.read(file));
  const dockerfile = chooseDockerfile(repository, all, options.dockerfile);
  const builds = all.filter((build) => build.dockerfile === undefined || build.dockerfile === dockerfile);
  const context = builds.map((build) => build.context).find((folder) => folder !== undefined);
  const own = dockerfile?.replace(/\/?[^/]*$/, "") ?? "";
  const isFolder = (folder: string) => folder === "" || repository.paths.some((file) => file.startsWith(`${folder}/`));
  return {
    pipeline,
    otherPipelines: pipelines.filter((file) => file !== pipeline?.file),
    dockerfile,
    otherDockerfiles: dockerfiles.filter((file) => file !== dockerfile),
    builds,
    // Without a build to tell it, a Dockerfile's own folder is what Docker@2 takes.
    contextFolder: context !== undefined && isFolder(context) ? context : builds.length > 0 ? own : "",
  };
}

function choosePipeline(repository: TeamRepository, named: string | undefined): OldPipeline | undefined {
  const { pipelines } = repository.inspection;
  if (named !== undefined) return readOldPipeline(readNamed(repository, named, "--pipeline"), named);
  const read = pipelines.flatMap((file) => {
    const text = repository.read(file);
    return text === undefined ? [] : [{ file, text }];
  });
  const usual = read.find(({ file }) => file === DEFAULT_PIPELINE);
  if (usual !== undefined) return readOldPipeline(usual.text, usual.file);
  const building =
    read.find(({ text }) => /Docker(?:Compose)?@|docker(?:[ -]compose)?\s+(?:\S+\s+)*?build|buildx/.test(text)) ??
    read[0];
  return building === undefined ? undefined : readOldPipeline(building.text, building.file);
}

function chooseDockerfile(
  repository: TeamRepository,
  builds: readonly ImageBuild[],
  named: string | undefined,
): string | undefined {
  const { dockerfiles } = repository.inspection;
  if (named !== undefined) {
    readNamed(repository, named, "--dockerfile");
    return named;
  }
  const built = builds
    .map((build) => build.dockerfile)
    // Those that a build names may lie where none is looked for.
    .find((file) => file !== undefined && repository.read(file) !== undefined);
  const chosen = built ?? dockerfiles.find((file) => file === "Dockerfile");
  if (chosen !== undefined || dockerfiles.length <= 1) return chosen ?? dockerfiles[0];
  throw new UsageError(
    `${repository.folder} has several Dockerfiles: ${dockerfiles.join(", ")}`,
    "Name the one to migrate with --dockerfile; migrate each of the others with a --name of its own.",
  );
}
