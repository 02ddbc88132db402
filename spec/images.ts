/** Where what belongs to one application or base image lies: image repositories in the registry, folders of recipes. */
import type { App, BaseImage, Settings } from "./model";

/**
 * Repository of the image of one console script: the script in lowercase with hyphens, with the application's name before it
 * unless it begins with that. `orders` and `orders-api` give `orders-api`; `orders` and `migrate` give `orders-migrate`.
 */
export function imageName(app: string, script: string): string {
  const word = script.toLowerCase().replace(/[._-]+/g, "-");
  return app === "" || word === app || word.startsWith(`${app}-`) ? word : `${app}-${word}`;
}

/**
 * The upstream image of a base image with its tag: where it names no registry itself, that of the platform's mirror.
 * A first part with a dot or a port, or `localhost`, is a registry.
 * Source: https://github.com/distribution/reference (normalize.go, splitDockerDomain).
 */
export function upstreamImageOf(
  base: Pick<BaseImage, "upstream" | "tag">,
  settings: Pick<Settings, "upstreamRegistry">,
): string {
  const [first = "", ...rest] = base.upstream.split("/");
  const itsOwn = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const prefix = itsOwn || settings.upstreamRegistry === undefined ? "" : `${settings.upstreamRegistry}/`;
  return `${prefix}${base.upstream}:${base.tag}`;
}

/** One published image of an application. */
export interface AppImage {
  /** Repository in the registry. */
  readonly repository: string;
  /** The console script that it runs; absent where the application names none. */
  readonly script: string | undefined;
}

/** The published images of an application: one a script, or one named as the application. */
export function appImages(app: Pick<App, "name" | "scripts">): readonly AppImage[] {
  return app.scripts.length === 0
    ? [{ repository: app.name, script: undefined }]
    : app.scripts.map((script) => ({ repository: imageName(app.name, script), script }));
}

/** Repository of an application's dependency images. */
export function dependencyRepository(app: Pick<App, "name">): string {
  return `${app.name}-deps`;
}

/** Repository of an application's run-time images. */
export function runtimeRepository(app: Pick<App, "name">): string {
  return `${app.name}-runtime`;
}

/** Repository of the image with compilers that belongs to a base image. */
export function builderRepository(base: Pick<BaseImage, "name">): string {
  return `${base.name}-builder`;
}

/** Folder of an application's recipe in the template repository. */
export function applicationFolder(app: string): string {
  return `apps/${app}`;
}

/** Folder of a base image's recipe and pipeline in the template repository. */
export function baseImageFolder(base: string): string {
  return `base-images/${base}`;
}
