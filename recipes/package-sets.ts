/** Which images of an application share their packages, and so one lock, one dependency and one run-time image. */
import type { App } from "../spec";
import { applicationImages } from "./names";

/** The packages of one lock. */
export interface PackageSet {
  /** Targets of the images that carry them. */
  readonly images: readonly string[];
  /** Folder of the lock in the folder of all locks: the repository of the image, or the application. */
  readonly folder: string;
  /** End of the names of this set's bake variables: nothing, or such as `_ORDERS_API`. */
  readonly variableSuffix: string;
  readonly dependencyTarget: string;
  readonly runtimeTarget: string;
  /** Extras that the spec asks for, each once. */
  readonly extras: readonly string[];
  /** Extras by convention, for a project that has them: those named as the script, and as the application's base. */
  readonly conventionalExtras: readonly string[];
}

/**
 * One set for each image where packages may differ between images: an extra goes by script, and only a
 * `pyproject.toml` has extras. A lock that the team committed is used as it is, so it makes one set.
 */
export function packageSets(app: App): PackageSet[] {
  const images = applicationImages(app);
  const resolvesExtras = app.lock === undefined && app.requirements.endsWith("pyproject.toml");
  if (!resolvesExtras || images.length === 1) {
    return [
      {
        images: images.map((image) => image.target),
        folder: app.name,
        variableSuffix: "",
        dependencyTarget: "dependencies",
        runtimeTarget: "runtime",
        ...(resolvesExtras ? extrasOf(app, app.scripts[0]) : { extras: [], conventionalExtras: [] }),
      },
    ];
  }
  return images.map((image) => ({
    images: [image.target],
    folder: image.repository,
    variableSuffix: `_${image.repository.replace(/[^a-z0-9]/g, "_").toUpperCase()}`,
    dependencyTarget: `dependencies-${image.repository}`,
    runtimeTarget: `runtime-${image.repository}`,
    ...extrasOf(app, image.script),
  }));
}

/** `orders_worker` goes into the image of the script `orders-worker` alone, `orders_base` into all images of `orders`. */
function extrasOf(app: App, script: string | undefined): Pick<PackageSet, "extras" | "conventionalExtras"> {
  const written = (key: string): readonly string[] => (Object.hasOwn(app.extras, key) ? (app.extras[key] ?? []) : []);
  const asked = [...written("*"), ...(script === undefined ? [] : written(script))];
  const names = [`${app.name}-base`, ...(script === undefined ? [] : [script])];
  return {
    extras: [...new Set(asked)],
    conventionalExtras: [...new Set(names.map((name) => name.toLowerCase().replace(/[.-]+/g, "_")))],
  };
}
