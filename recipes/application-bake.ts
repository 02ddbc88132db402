/** The bake file of an application with Wheelhouse's own Dockerfile. */
import { dependencyRepository, runtimeRepository, type App } from "../spec";
import type { ApplicationBase } from "./application-base";
import type { BakeFile, BakeTarget, BakeVariable } from "./bake";
import { applicationFacts } from "./facts";
import { indexSecrets, type FurtherIndex, type RecipeSettings } from "./further-indexes";
import { baseContext, builderContext, imageGroup, imageLabels, imageVariables, renderedFrom } from "./image-target";
import { applicationRecipeFolder, applicationImages, type ApplicationImage } from "./names";
import { packageSets, type PackageSet } from "./package-sets";
import {
  commitEpoch,
  fixedEpoch,
  imageOutput,
  netrcSecret,
  noAttestations,
  publishedAttestations,
  taggedOutput,
  variables,
} from "./variables";

/** `installStages`: the text of the stages that install, of which the tags of their images depend. */
export function applicationBakeFile(
  app: App,
  base: ApplicationBase,
  settings: RecipeSettings,
  indexes: readonly FurtherIndex[],
  installStages: string,
): BakeFile {
  const sets = packageSets(app);
  const images = applicationImages(app);
  const target: Record<string, BakeTarget> = {};
  for (const set of sets) {
    target[set.dependencyTarget] = dependencyTarget(app, base, set, indexes);
    target[set.runtimeTarget] = runtimeTarget(app, base, set);
  }
  if (app.scripts.length > 0) target.application = projectTarget(app, base);
  for (const set of sets) {
    for (const image of images.filter((candidate) => set.images.includes(candidate.target))) {
      target[image.target] = imageTarget(app, base, image, set);
    }
  }
  return {
    "//": renderedFrom(app),
    variable: {
      ...imageVariables(base, settings),
      ...variables(["LOCK"]),
      ...Object.fromEntries(sets.flatMap((set) => Object.entries(setVariables(set)))),
      ...(app.scripts.length > 0 ? applicationVariable : {}),
    },
    group: { [imageGroup]: { targets: images.map((image) => image.target) } },
    target,
    facts: applicationFacts(app, base, indexes, installStages),
  };
}

const applicationVariable: Record<string, BakeVariable> = {
  APPLICATION: {
    description:
      "Folder with the application's wheel as it lies in the image, from / on; by default it is built in the builder",
    default: "target:application",
  },
};

function setVariables(set: PackageSet): Record<string, BakeVariable> {
  const end = set.variableSuffix;
  return {
    [`LOCK_HASH${end}`]: { description: `Hash of the lock of ${set.folder}: tag of its dependency image`, default: "" },
    [`RUNTIME_TAG${end}`]: {
      description: "Hash of that and of the base image's digest: tag of the run-time image",
      default: "",
    },
    [`DEPENDENCIES${end}`]: {
      description: "docker-image:// of the dependency image, where the registry has it",
      default: `target:${set.dependencyTarget}`,
    },
    [`RUNTIME${end}`]: {
      description: "docker-image:// of the run-time image, where the registry has it",
      default: `target:${set.runtimeTarget}`,
    },
  };
}

/** Pushed once for each lock, under its hash; the same packages always make the same layer. */
function dependencyTarget(
  app: App,
  base: ApplicationBase,
  set: PackageSet,
  indexes: readonly FurtherIndex[],
): BakeTarget {
  return {
    description: `Only the packages of the lock of ${set.folder}`,
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: "dependencies",
    contexts: {
      builder: builderContext(base),
      lock: app.lock === undefined ? `\${LOCK}/${set.folder}` : "${SOURCE}",
      ...(app.systemPackages === undefined ? {} : { source: "${SOURCE}" }),
    },
    args: { INDEX_URL: "${INDEX_URL}", ...fixedEpoch },
    secret: [netrcSecret, ...indexSecrets(indexes)],
    platforms: base.platforms,
    attest: noAttestations,
    output: [taggedOutput(dependencyRepository(app), `LOCK_HASH${set.variableSuffix}`)],
  };
}

/** Base image and dependency image joined; pushed once for each pair of them. */
function runtimeTarget(app: App, base: ApplicationBase, set: PackageSet): BakeTarget {
  return {
    description: `${base.name} with the packages of the lock of ${set.folder}`,
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: "runtime",
    contexts: {
      base: baseContext(base),
      ...(app.systemPackages === undefined ? {} : { builder: builderContext(base), source: "${SOURCE}" }),
      "dependency-image": `\${DEPENDENCIES${set.variableSuffix}}`,
    },
    args: fixedEpoch,
    platforms: base.platforms,
    attest: noAttestations,
    output: [taggedOutput(runtimeRepository(app), `RUNTIME_TAG${set.variableSuffix}`)],
  };
}

/** Only for an application that is not pure Python: compiled in the builder, and cached as the one small layer it is. */
function projectTarget(app: App, base: ApplicationBase): BakeTarget {
  const cache = `type=registry,ref=\${REGISTRY}/${app.name}-cache:application`;
  return {
    description: "The installed application, without its packages",
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: "application",
    contexts: { builder: builderContext(base), source: "${SOURCE}" },
    args: { INDEX_URL: "${INDEX_URL}", ...fixedEpoch },
    secret: [netrcSecret],
    platforms: base.platforms,
    "cache-from": [cache],
    "cache-to": [`${cache},mode=min,image-manifest=true,oci-mediatypes=true`],
    attest: noAttestations,
    output: ["type=cacheonly"],
  };
}

/**
 * Runs nothing and pulls nothing. It has no cache: what it adds is sent from the agent in any case, and is smaller than
 * what a cache's manifest costs to read.
 */
function imageTarget(app: App, base: ApplicationBase, image: ApplicationImage, set: PackageSet): BakeTarget {
  return {
    context: applicationRecipeFolder(app.name),
    dockerfile: "Dockerfile",
    target: image.target,
    contexts: {
      "runtime-image": `\${RUNTIME${set.variableSuffix}}`,
      ...(image.script === undefined ? { source: "${SOURCE}" } : { "installed-application": "${APPLICATION}" }),
    },
    args: commitEpoch,
    labels: {
      ...imageLabels(app, base, image),
      "wheelhouse.lock.sha256": `\${LOCK_HASH${set.variableSuffix}}`,
    },
    platforms: base.platforms,
    attest: publishedAttestations,
    output: [imageOutput(image.repository)],
  };
}
