/** What recipes tell the `wheelhouse` tool about themselves, in the bake file. */
import { createHash } from "node:crypto";
import {
  builderRepository,
  dependencyRepository,
  runtimeRepository,
  type App,
  type ApplicationFacts,
  type BaseImage,
  type BaseImageFacts,
  type IndexFacts,
  type OwnDockerfileFacts,
  type PackageSetFacts,
} from "../spec";
import type { ApplicationBase } from "./application-base";
import type { FurtherIndex } from "./further-indexes";
import { applicationImages, type ApplicationImage } from "./names";
import { packageSets, type PackageSet } from "./package-sets";

/** Texts are plain here; the bake file's renderer makes templates of them. */
export function applicationFacts(
  app: App,
  base: ApplicationBase,
  indexes: readonly FurtherIndex[],
  installStages: string,
): ApplicationFacts {
  const images = applicationImages(app);
  return {
    kind: "application",
    ...baseFacts(app, base),
    requirements: app.requirements,
    ...(app.lock === undefined ? {} : { lock: app.lock }),
    ...(app.systemPackages === undefined ? {} : { systemPackages: app.systemPackages }),
    project: app.scripts.length > 0,
    indexes: indexes.map(indexFacts),
    installation: createHash("sha256")
      .update(JSON.stringify([base.python, base.platforms, installStages]))
      .digest("hex"),
    sets: packageSets(app).map((set) => setFacts(app, set, images)),
  };
}

export function ownDockerfileFacts(
  app: App,
  base: ApplicationBase,
  dockerfile: string,
  indexes: readonly FurtherIndex[],
  image: ApplicationImage,
): OwnDockerfileFacts {
  return {
    kind: "own-dockerfile",
    ...baseFacts(app, base),
    dockerfile,
    indexes: indexes.map(indexFacts),
    image: { target: image.target, repository: image.repository },
  };
}

/** `upstream`: with its tag, and with the platform's mirror before it. */
export function baseImageFacts(base: BaseImage, upstream: string, targets: BaseImageFacts["targets"]): BaseImageFacts {
  return {
    kind: "base-image",
    name: base.name,
    builder: builderRepository(base),
    python: base.python,
    platforms: [...base.platforms],
    requirements: "requirements.in",
    ...(base.systemPackages === undefined ? {} : { systemPackages: "bindep.txt" }),
    upstream,
    targets,
  };
}

function baseFacts(app: App, base: ApplicationBase) {
  return {
    name: app.name,
    base: base.name,
    builder: builderRepository(base),
    python: base.python,
    platforms: [...base.platforms],
  };
}

function indexFacts({ name, url, secret }: FurtherIndex): IndexFacts {
  return { name, url, ...(secret === undefined ? {} : { secret }) };
}

function setFacts(app: App, set: PackageSet, images: readonly ApplicationImage[]): PackageSetFacts {
  return {
    folder: set.folder,
    suffix: set.variableSuffix,
    extras: [...set.extras],
    conventionalExtras: [...set.conventionalExtras],
    dependencies: { target: set.dependencyTarget, repository: dependencyRepository(app) },
    runtime: { target: set.runtimeTarget, repository: runtimeRepository(app) },
    images: images
      .filter(({ target }) => set.images.includes(target))
      .map(({ target, repository, script }) => ({ target, repository, ...(script === undefined ? {} : { script }) })),
  };
}
