/** Recipes build on images that are named by digest, so that a build takes what was looked at, and its cache knows. */
import { readBakeFile, type BakeTarget, type ReadBakeFile } from "../bake-file";
import { readDockerfile, type ImageReference } from "../dockerfile";
import { fileKind, placeInFile } from "../repository-file";
import { GIT_REPOSITORY_FILE } from "../resource-types";
import { stackRule, type ReadStack, type StackResource, type StackViolation } from "../stack-rule";
import { textOf } from "../values";

const WHY = "a tag can point to another image tomorrow, and nobody sees which one was built on";
const MEND = "Name the image by digest, <image>@sha256:…, or by a context that a bake file gives by digest";

/**
 * Sees what is written in repositories: Dockerfiles, and the contexts and defaults of bake files. An image that only a run
 * names, by a variable without a default, is not seen here: the command line that sets it does so by digest.
 */
export const baseImagesByDigest = stackRule({
  name: "base-images-by-digest",
  description: "Recipes name the images that they build on by digest.",
  severity: "high",
  mend: "Write FROM with a digest, or a named context that the bake file gives as docker-image://…@<digest>.",
  types: [GIT_REPOSITORY_FILE],
  check: (stack) => {
    const files = readFiles(stack);
    return [...files.flatMap(bakeViolations), ...files.flatMap((file) => dockerfileViolations(file, files))];
  },
});

interface RecipeFile {
  readonly resource: StackResource;
  readonly repository: string;
  readonly path: string;
  readonly content: string;
  readonly bake: ReadBakeFile | undefined;
}

function readFiles(stack: ReadStack): RecipeFile[] {
  return stack.ofType(GIT_REPOSITORY_FILE).flatMap((resource) => {
    const path = textOf(resource.outputs.file)?.replace(/^\/+/, "");
    const content = textOf(resource.outputs.content);
    if (path === undefined || content === undefined) return [];
    // Either is the same for all files of one repository; before it is made there is only the other one.
    const repository = textOf(resource.outputs.repositoryId) ?? resource.madeOf("repositoryId").join();
    const kind = fileKind(path);
    if (kind !== "bake" && kind !== "dockerfile") return [];
    return [{ resource, repository, path, content, bake: kind === "bake" ? readBakeFile(content) : undefined }];
  });
}

function bakeViolations({ resource, path, bake }: RecipeFile): StackViolation[] {
  if (bake === undefined) return [];
  return bake.targets.flatMap((target) =>
    Object.entries(target.contexts)
      .filter(([, context]) => isImageByTag(context, bake.defaults))
      .map(([name]) => ({
        resource,
        where: `${placeInFile(path)}, context ${shownName(name)} of target ${shownName(target.name)}`,
        what: "it names an image without a digest",
        why: WHY,
        mend: "Write docker-image://<image>@<digest>",
      })),
  );
}

function isImageByTag(context: string, defaults: ReadonlyMap<string, string>): boolean {
  const whole = /^\$\{(\w+)\}$/.exec(context)?.[1];
  const value = whole === undefined ? context : (defaults.get(whole) ?? "");
  return value.startsWith("docker-image://") && !hasDigest(value);
}

function dockerfileViolations(file: RecipeFile, files: readonly RecipeFile[]): StackViolation[] {
  if (fileKind(file.path) !== "dockerfile") return [];
  const { references, stages } = readDockerfile(file.content);
  const contexts = targetsOf(file, files).flatMap((target) => Object.keys(target.contexts));
  const known = new Set(["scratch", ...stages, ...contexts.map((name) => name.toLowerCase())]);
  return references
    .filter((reference) => !isSettled(reference, known))
    .map(({ place, line }) => ({
      resource: file.resource,
      where: `${placeInFile(file.path, line)}, ${place}`,
      what: "it names an image without a digest",
      why: WHY,
      mend: MEND,
    }));
}

/** Targets of bake files in the same repository that are built from this Dockerfile. */
function targetsOf(file: RecipeFile, files: readonly RecipeFile[]): BakeTarget[] {
  return files
    .filter(({ repository }) => repository === file.repository)
    .flatMap(({ bake }) => bake?.targets ?? [])
    .filter(({ dockerfile }) => dockerfile === file.path);
}

function isSettled({ name, place }: ImageReference, known: ReadonlySet<string>): boolean {
  if (hasDigest(name)) return true;
  if (place === "# syntax") return false;
  // Stages go by number, too; what a build argument names alone cannot be seen.
  return known.has(name.toLowerCase()) || /^\d+$/.test(name) || /^\$(?:\w+|\{\w+\})$/.test(name);
}

/** A digest, or a variable where one belongs. */
function hasDigest(image: string): boolean {
  return /@(?:sha256:[0-9a-f]{64}|\$\w+|\$\{\w+\})$/.test(image);
}

function shownName(name: string): string {
  return /^[\w.-]{1,100}$/.test(name) ? name : "of another form";
}
