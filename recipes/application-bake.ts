/** The bake files of applications: with Wheelhouse's own Dockerfile, and for a Dockerfile that the team brings. */
import type { App, BaseImage } from "../spec";
import { literal, type BakeFile, type BakeTarget, type BakeVariable } from "./bake";
import { builderRepository, dependencyRepository, runtimeRepository } from "../spec";
import { applicationRecipeFolder, applicationImages, type ApplicationImage } from "./names";
import { packageSets, type PackageSet } from "./package-sets";
import { imageOutput, netrcSecret, runLabels, taggedOutput, variables } from "./variables";

/** Group that a pipeline run builds: the images, and through their contexts all that they need. */
const imageGroup = "default";

const builderImage = (base: BaseImage) => `docker-image://\${REGISTRY}/${builderRepository(base)}@\${BUILDER_DIGEST}`;
const baseImage = (base: BaseImage) => `docker-image://\${REGISTRY}/${base.name}@\${BASE_DIGEST}`;

export function applicationBakeFile(app: App, base: BaseImage): BakeFile {
  const sets = packageSets(app);
  const images = applicationImages(app);
  const target: Record<string, BakeTarget> = {};
  for (const set of sets) {
    target[set.dependencyTarget] = dependencyTarget(app, base, set);
    target[set.runtimeTarget] = runtimeTarget(app, base, set);
  }
  if (app.scripts.length > 0) target.application = projectTarget(app, base);
  for (const set of sets) {
    for (const image of images.filter((candidate) => set.images.includes(candidate.target))) {
      target[image.target] = imageTarget(app, base, image, set);
    }
  }
  return {
    "//": comment(app),
    variable: {
      ...baseVariable(base),
      ...sharedVariables(),
      ...Object.fromEntries(sets.flatMap((set) => Object.entries(setVariables(set)))),
      ...(app.scripts.length > 0
        ? {
            APPLICATION: {
              description: "Image or folder that holds the installed application in place of building it",
              default: "target:application",
            },
          }
        : {}),
    },
    group: { [imageGroup]: { targets: images.map((image) => image.target) } },
    target,
  };
}

/** The one image of a Dockerfile that the team brings: it is offered the credentials in every form, and takes what it wants. */
export function ownDockerfileBakeFile(app: App, base: BaseImage, dockerfile: string): BakeFile {
  const image: ApplicationImage = { repository: app.name, target: `image-${app.name}`, script: undefined };
  const target: BakeTarget = {
    context: "${SOURCE}",
    dockerfile: literal(dockerfile),
    contexts: { base: baseImage(base), builder: builderImage(base) },
    args: { INDEX_URL: "${INDEX_URL}" },
    secret: [netrcSecret, "id=pip.conf,src=${SECRETS}/pip.conf", "id=pip_index_url,src=${SECRETS}/pip_index_url"],
    labels: imageLabels(app, base, image, "LOCK_HASH"),
    platforms: base.platforms,
    ...imageResult(app, image),
  };
  return {
    "//": comment(app),
    variable: { ...baseVariable(base), ...sharedVariables(), ...variables(["LOCK_HASH"]) },
    group: { [imageGroup]: { targets: [image.target] } },
    target: { [image.target]: target },
  };
}

function comment(app: App): string {
  return `Rendered by Wheelhouse from apps/${app.name}.yaml; change that file, not this one.`;
}

function baseVariable(base: BaseImage): Record<string, BakeVariable> {
  return {
    BASE_IMAGE: { description: "Repository of the base image in the registry", default: literal(base.name) },
    BUILDER_IMAGE: {
      description: "Repository of its builder in the registry",
      default: literal(builderRepository(base)),
    },
  };
}

function sharedVariables(): Record<string, BakeVariable> {
  return variables([
    "REGISTRY",
    "INDEX_URL",
    "BASE_DIGEST",
    "BUILDER_DIGEST",
    "SOURCE",
    "LOCK",
    "SECRETS",
    "VERSION",
    "REVISION",
    "CREATED",
    "SOURCE_URL",
    "PUSH",
  ]);
}

function setVariables(set: PackageSet): Record<string, BakeVariable> {
  const end = set.variableSuffix;
  return {
    [`LOCK_HASH${end}`]: { description: `SHA-256 of the lock of ${set.folder}`, default: "" },
    [`RUNTIME_TAG${end}`]: { description: "SHA-256 of the base image's digest and that lock", default: "" },
    [`DEPENDENCIES${end}`]: {
      description: "Dependency image, where the registry has it",
      default: `target:${set.dependencyTarget}`,
    },
    [`RUNTIME${end}`]: {
      description: "Run-time image, where the registry has it",
      default: `target:${set.runtimeTarget}`,
    },
  };
}

/** Pushed once for each lock, under its hash; the same packages always make the same layer. */
function dependencyTarget(app: App, base: BaseImage, set: PackageSet): BakeTarget {
  return {
    description: `Only the packages of the lock of ${set.folder}`,
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: "dependencies",
    contexts: {
      builder: builderImage(base),
      lock: app.lock === undefined ? `\${LOCK}/${set.folder}` : "${SOURCE}",
      ...(app.systemPackages === undefined ? {} : { source: "${SOURCE}" }),
    },
    args: { INDEX_URL: "${INDEX_URL}" },
    secret: [netrcSecret],
    platforms: base.platforms,
    attest: ["type=provenance,disabled=true"],
    output: [taggedOutput(dependencyRepository(app), `LOCK_HASH${set.variableSuffix}`)],
  };
}

/** Base image and dependency image joined; pushed once for each pair of them. */
function runtimeTarget(app: App, base: BaseImage, set: PackageSet): BakeTarget {
  return {
    description: `${base.name} with the packages of the lock of ${set.folder}`,
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: "runtime",
    contexts: {
      base: baseImage(base),
      ...(app.systemPackages === undefined ? {} : { builder: builderImage(base), source: "${SOURCE}" }),
      "dependency-image": `\${DEPENDENCIES${set.variableSuffix}}`,
    },
    platforms: base.platforms,
    attest: ["type=provenance,disabled=true"],
    output: [taggedOutput(runtimeRepository(app), `RUNTIME_TAG${set.variableSuffix}`)],
  };
}

function projectTarget(app: App, base: BaseImage): BakeTarget {
  return {
    description: "The installed application, without its packages",
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: "application",
    contexts: { builder: builderImage(base), source: "${SOURCE}" },
    args: { INDEX_URL: "${INDEX_URL}" },
    secret: [netrcSecret],
    platforms: base.platforms,
    attest: ["type=provenance,disabled=true"],
    output: ["type=cacheonly"],
  };
}

function imageTarget(app: App, base: BaseImage, image: ApplicationImage, set: PackageSet): BakeTarget {
  return {
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: image.target,
    contexts: {
      "runtime-image": `\${RUNTIME${set.variableSuffix}}`,
      ...(image.script === undefined ? { source: "${SOURCE}" } : { "installed-application": "${APPLICATION}" }),
    },
    labels: imageLabels(app, base, image, `LOCK_HASH${set.variableSuffix}`),
    platforms: base.platforms,
    ...imageResult(app, image),
  };
}

function imageLabels(app: App, base: BaseImage, image: ApplicationImage, lockHash: string): Record<string, string> {
  return {
    "org.opencontainers.image.title": literal(image.repository),
    ...(app.description === undefined ? {} : { "org.opencontainers.image.description": literal(app.description) }),
    ...runLabels(lockHash),
    "org.opencontainers.image.base.name": `\${REGISTRY}/${base.name}`,
    "org.opencontainers.image.base.digest": "${BASE_DIGEST}",
  };
}

/** Layers are cached in the registry, where every agent finds them: one cache for each image. */
function imageResult(
  app: App,
  image: ApplicationImage,
): Pick<BakeTarget, "cache-from" | "cache-to" | "attest" | "output"> {
  const cache = `type=registry,ref=\${REGISTRY}/${app.name}-cache:${image.repository}`;
  return {
    "cache-from": [cache],
    "cache-to": [`${cache},mode=max,image-manifest=true,oci-mediatypes=true`],
    attest: ["type=provenance,mode=min"],
    output: [imageOutput(image.repository)],
  };
}
