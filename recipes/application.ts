/** The recipe of an application: its packages, the run-time image and one image for each console script. */
import type { App, RenderedFile } from "../spec";
import { applicationBakeFile } from "./application-bake";
import type { ApplicationBase } from "./application-base";
import { bakeText } from "./bake";
import { dockerfile, entrypoint, environment, exposedPorts, healthcheck, run, user } from "./dockerfile";
import {
  compatibilityComment,
  feedOnly,
  furtherIndexes,
  indexMounts,
  type FurtherIndex,
  type RecipeSettings,
} from "./further-indexes";
import { renderedFrom } from "./image-target";
import {
  environmentFolder,
  fileMount,
  installApplicationPackages,
  installProject,
  installSystemPackages,
  netrcMount,
  toolsFolder,
  userNumber,
} from "./install";
import { applicationRecipeFolder, applicationImages, type ApplicationImage } from "./names";
import { ownDockerfileBakeFile } from "./own-dockerfile";

/**
 * `apps/<name>/` with Dockerfile and docker-bake.json; only the latter for an application that brings its Dockerfile.
 * @param settings what the platform offers beside the feed. Default: nothing.
 * @throws RecipeError for a value that no quoting can carry, for an index that the settings lack, and for two scripts
 *   that make the same image.
 */
export function renderApplicationRecipe(
  app: App,
  base: ApplicationBase,
  settings: RecipeSettings = feedOnly,
): RenderedFile[] {
  const indexes = furtherIndexes(app, settings);
  const paths = recipeFiles(app);
  if (app.dockerfile !== undefined) {
    const bakeFile = ownDockerfileBakeFile(app, base, app.dockerfile, settings, indexes);
    return [{ path: paths.bakeFile, content: bakeText(bakeFile) }];
  }
  const installing = [installStage(app, indexes), dependenciesStage, runtimeStage(app)];
  const installStages = installing.map((lines) => lines.join("\n")).join("\n");
  return [
    { path: paths.dockerfile, content: applicationDockerfile(app, base, installing) },
    { path: paths.bakeFile, content: bakeText(applicationBakeFile(app, base, settings, indexes, installStages)) },
  ];
}

/**
 * Where the files of {@link renderApplicationRecipe} lie in the template repository: the application alone decides that,
 * so it is known before its base image is.
 * @throws RecipeError for a name that could lead elsewhere.
 */
export function applicationRecipePaths(app: Pick<App, "name" | "dockerfile">): string[] {
  const { dockerfile: own, bakeFile } = recipeFiles(app);
  return app.dockerfile === undefined ? [own, bakeFile] : [bakeFile];
}

function recipeFiles({ name }: Pick<App, "name">): { readonly dockerfile: string; readonly bakeFile: string } {
  const folder = applicationRecipeFolder(name);
  return { dockerfile: `${folder}/Dockerfile`, bakeFile: `${folder}/docker-bake.json` };
}

const bindepFile = "/run/bindep.txt";

function bindepMount(path: string): string {
  return fileMount("systemPackages", "source", path, bindepFile);
}

function applicationDockerfile(app: App, base: ApplicationBase, installing: readonly (readonly string[])[]): string {
  const images = applicationImages(app);
  return dockerfile(
    [renderedFrom(app)],
    [
      ...installing,
      ...(app.scripts.length > 0
        ? [projectStage(app), ["FROM scratch AS application", "COPY --link --from=project /project/ /"]]
        : []),
      ...images.map((image) => imageStage(app, base, image)),
    ],
  );
}

/** A stage with credentials, compilers and the network; nothing of it stays but what pip put under one folder. */
function installStage(app: App, indexes: readonly FurtherIndex[]): string[] {
  const lock = "/run/requirements.txt";
  return [
    ...compatibilityComment(app, indexes),
    "FROM builder AS install",
    ...compilers(app),
    "ARG INDEX_URL",
    run(
      [netrcMount, ...indexMounts(indexes), fileMount("lock", "lock", app.lock ?? "requirements.txt", lock)],
      installApplicationPackages(lock, "/dependencies", indexes),
    ),
  ];
}

const dependenciesStage = ["FROM scratch AS dependencies", "COPY --link --from=install /dependencies/ /"];

/** Joined without pulling the base, unless the application wants system packages of its own: these take a RUN on it. */
function runtimeStage(app: App): string[] {
  const systemPackages =
    app.systemPackages === undefined
      ? []
      : [
          user("root"),
          run(
            [bindepMount(app.systemPackages), `type=bind,from=builder,source=${toolsFolder},target=${toolsFolder}`],
            installSystemPackages(bindepFile, []),
          ),
        ];
  return ["FROM base AS runtime", ...systemPackages, "COPY --link --from=dependency-image / /"];
}

/** What compiling wants beside what the builder has; the same step in each stage, so that it is made once. */
function compilers(app: App): string[] {
  return app.systemPackages === undefined
    ? []
    : [run([bindepMount(app.systemPackages)], installSystemPackages(bindepFile, ["compile"]))];
}

/** The application's own distribution with its console scripts. */
function projectStage(app: App): string[] {
  return [
    "FROM builder AS project",
    ...compilers(app),
    "ARG INDEX_URL",
    run([netrcMount, "type=bind,from=source,target=/run/source,rw"], installProject("/run/source", "/project")),
  ];
}

/**
 * Nothing but metadata and one linked copy. No `--chmod=u=rwX`: for modes in letters BuildKit looks at the files below,
 * and so fetches the base. The agent gives the files their modes.
 */
function imageStage(app: App, base: ApplicationBase, image: ApplicationImage): string[] {
  const source =
    image.script === undefined ? "COPY --link --from=source . /app/" : "COPY --link --from=installed-application / /";
  return [
    `FROM runtime-image AS ${image.target}`,
    source,
    ...environment(app.env),
    ...exposedPorts(app.ports),
    ...(app.healthcheck === undefined ? [] : [healthcheck(app.healthcheck)]),
    user(app.user === undefined || app.user === base.user ? String(userNumber) : app.user),
    ...(image.script === undefined ? [] : [entrypoint([`${environmentFolder}/bin/${image.script}`])]),
  ];
}
