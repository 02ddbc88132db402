/** What a migration cannot do by itself: told with its place and what to do, so that nothing is lost. */
import { privateIndex, withoutUser } from "../lint/addresses";
import { isPublicIndex } from "./requirement-lines";
import { appImages, type App } from "../../spec";
import type { Choice } from "./choose";
import type { OldPipeline } from "./old-pipeline";
import type { FileChange, Remaining } from "./proposal";
import type { TeamRepository } from "./repository";

/** What the old and the new pipeline differ in beyond their steps. */
export function pipelineAdvice(choice: Choice, app: App, newFile?: string): Remaining[] {
  const { pipeline } = choice;
  const { name, branches } = app;
  if (pipeline === undefined) return [];
  const { file } = pipeline;
  return [
    newFile === undefined
      ? {
          at: file,
          what: "the old pipeline's definition in Azure DevOps reads the same file",
          todo: `delete it when \\wheelhouse\\${name} has run: it is not authorized to push, and would fail with each commit`,
        }
      : {
          at: file,
          what: "the old pipeline stays, and builds this image, too",
          todo: `take its steps for this image out when \\wheelhouse\\${name} has run`,
        },
    ...triggers(pipeline, branches),
    ...images(choice, pipeline, app),
    ...feeds(pipeline),
    ...choice.otherPipelines.map((other) => ({
      at: other,
      what: "this pipeline stays as it is",
      todo: "check it for images that it builds, too: wheelhouse lint --pipeline " + other,
    })),
  ];
}

function triggers({ file, branches }: OldPipeline, taken: readonly string[]): Remaining[] {
  if (branches === undefined) {
    return [
      {
        at: file,
        what: "pushes to every branch started it",
        todo: `pushes to ${taken.join(", ")} publish now, and the branch policy builds pull requests`,
      },
    ];
  }
  if (branches.length === 0) {
    return [
      { at: file, what: "no push started it (trigger: none)", todo: `pushes to ${taken.join(", ")} start the new one` },
    ];
  }
  return branches
    .filter((branch) => !taken.includes(branch))
    .map((branch) => ({
      at: file,
      what: `pushes to ${branch} started it`,
      todo: "a specification names each branch, without patterns: add those to branches that are to publish images",
    }));
}

/** Images get the platform's names: what pulls them has to know. */
function images(choice: Choice, pipeline: OldPipeline, app: App): Remaining[] {
  const before = unique(choice.builds.flatMap(({ images: names }) => names));
  const now = appImages(app).map(({ repository }) => `<registry>/${repository}`);
  const connections = pipeline.steps.flatMap(({ kind, inputs }) => {
    const connection = inputs.get("containerregistry");
    return /^Docker@/i.test(kind) && connection !== undefined ? [literal(pipeline, connection)] : [];
  });
  return [
    {
      at: pipeline.file,
      what: before.length === 0 ? "the image has a new name" : `the image was called ${before.join(", ")}`,
      todo: `it is ${now.join(", ")} now, tagged with the run's number and the branch: change what pulls it`,
    },
    ...unique(connections).map((connection) => ({
      at: pipeline.file,
      what: `service connection ${connection}`,
      todo: "the template has connections of its own, without a stored secret: remove this one when nothing else uses it",
    })),
  ];
}

function literal(pipeline: OldPipeline, value: string): string {
  return value.replace(
    /\$\(([\w.]+)\)/g,
    (whole: string, name: string) => pipeline.variables.get(name.toLowerCase()) ?? whole,
  );
}

function feeds(pipeline: OldPipeline): Remaining[] {
  const named = pipeline.steps.flatMap(({ kind, inputs }) =>
    /^PipAuthenticate@/i.test(kind) ? (inputs.get("artifactfeeds") ?? "").split(",") : [],
  );
  const connections = pipeline.steps.flatMap(({ kind, inputs }) =>
    /^PipAuthenticate@/i.test(kind) ? (inputs.get("pythondownloadserviceconnections") ?? "").split(",") : [],
  );
  return [
    ...unique(named).map((feed) => ({
      at: pipeline.file,
      what: `packages came from the feed ${literal(pipeline, feed)}`,
      todo: OWN_FEED,
    })),
    ...unique(connections).map((connection) => ({
      at: pipeline.file,
      what: `packages came through the service connection ${literal(pipeline, connection)}`,
      todo: "make that index an upstream of the platform's feed; or name it in wheelhouse:indexes, and in indexes of the specification (compatibility mode)",
    })),
  ];
}

const OWN_FEED =
  "where that is not the platform's feed: publish its packages there, or make it an upstream source (wheelhouse:upstreams)";

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text !== "");
}

/** Indexes that files named, and sources that a tool of its own reads. */
export function indexAdvice(repository: TeamRepository, indexes: readonly string[]): Remaining[] {
  const project = repository.read("pyproject.toml") ?? "";
  const tool = /^\[\[tool\.(poetry|pdm|uv)\.(?:source|index)\]\]/m.exec(project)?.[1];
  return [
    ...unique(indexes)
      .filter((address) => !isPublicIndex(address))
      .map((address) => ({ at: "", what: `packages came from ${address}`, todo: OWN_FEED })),
    ...(tool === undefined
      ? []
      : [
          {
            at: "pyproject.toml",
            what: `sources of ${tool} are for developers' machines now`,
            todo: `the platform's builds ask its feed alone; after a change of the file, lock anew (${tool} lock)`,
          },
        ]),
  ];
}

/** Private indexes that the Dockerfile and files that go or change name, by the form of their addresses; without credentials. */
export function privateIndexes(
  repository: TeamRepository,
  { dockerfile }: Choice,
  changes: readonly FileChange[],
): string[] {
  const texts = [dockerfile === undefined ? "" : (repository.read(dockerfile) ?? "")];
  texts.push(...changes.map(({ before }) => before ?? ""));
  return texts
    .flatMap((text) => withoutUser(text).match(/https?:\/\/[^\s"'<>\\]+/g) ?? [])
    .filter((address) => !/[$%]|\/upload\/?$/.test(address) && privateIndex(address) !== undefined);
}

/** Files that a migration does not look into. */
export function otherFiles(repository: TeamRepository, choice: Choice, notes: readonly string[]): Remaining[] {
  const compose = repository.paths.filter((file) => /(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/.test(file));
  return [
    ...compose.map((file) => ({
      at: file,
      what: "docker-compose is not migrated",
      todo: "give its builds the secret by hand: build.secrets with a netrc of the developer's own, in place of args",
    })),
    ...choice.otherDockerfiles.map((file) => ({
      at: file,
      what: "this Dockerfile stays as it is",
      todo: `where it is an image of its own, first: wheelhouse migrate <folder> --dockerfile ${file} --name <name> --new-pipeline <name>.yml`,
    })),
    ...notes.map((what) => ({ at: "", what, todo: "look at it by hand" })),
  ];
}

/** Whether a compose file builds from a Dockerfile, so that it cannot go. */
export function composeBuilds(repository: TeamRepository): boolean {
  return repository.paths.some(
    (file) => /(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/.test(file) && /^\s*build:/m.test(repository.read(file) ?? ""),
  );
}
