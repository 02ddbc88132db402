/** Runs `docker buildx bake`, shows how it goes on, and reads what it built. */
import { readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import type { CommandContext } from "../context";
import { OutsideError, UsageError } from "../errors";
import { findProgram, run } from "../process";
import type { Recipe } from "../recipe";
import { BuildProgress } from "./progress";

/** One call of bake. */
export interface BakeRequest {
  readonly recipe: Recipe;
  readonly targets: readonly string[];
  /** Values of the bake file's variables. Those that are not here keep their defaults, whatever the environment has. */
  readonly variables: Readonly<Record<string, string>>;
  /** `--set` overrides, such as `dependencies.output=type=oci,…`. */
  readonly overrides: readonly string[];
  /** Folders that the build reads, and those that it writes to. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Name of the buildx builder. Default: buildx' own. */
  readonly builder: string | undefined;
  /** File for what was built, in a temporary folder. */
  readonly metadataFile: string;
  /** Takes secrets out of what is shown. */
  readonly redact: (text: string) => string;
}

/** What bake says of a target that made an image. */
export interface BuiltImage {
  readonly digest: string;
  /** Names with their tags, as bake pushed them. */
  readonly names: readonly string[];
}

const pluginFolders = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
];

/**
 * How buildx is called here: as docker's plugin, or as a program of its own.
 * @throws OutsideError that says how to get it.
 */
export function findBuildx(environment: NodeJS.ProcessEnv): readonly [command: string, ...args: string[]] {
  const docker = findProgram("docker", environment);
  const ownFolder = path.join(
    environment.DOCKER_CONFIG ?? path.join(environment.HOME ?? homedir(), ".docker"),
    "cli-plugins",
  );
  const plugin = [ownFolder, ...pluginFolders]
    .map((folder) => findProgram(path.join(folder, "docker-buildx"), environment))
    .find((file) => file !== undefined);
  if (docker !== undefined && plugin !== undefined) return [docker, "buildx"];
  const alone = findProgram("docker-buildx", environment) ?? plugin;
  if (alone !== undefined) return [alone];
  throw new OutsideError(
    docker === undefined ? "neither docker nor docker-buildx is on PATH" : "docker has no buildx",
    "install Docker with its buildx plugin, or put docker-buildx on PATH",
  );
}

/**
 * Builds targets.
 * @returns the images by target; targets that make none are not in it.
 * @throws UsageError where a command of the recipe or the Dockerfile failed; OutsideError for everything else.
 */
export async function bake(request: BakeRequest, context: CommandContext): Promise<ReadonlyMap<string, BuiltImage>> {
  const [command, ...first] = findBuildx(context.environment);
  const { recipe } = request;
  const args = [
    ...first,
    "bake",
    ...(request.builder === undefined ? [] : ["--builder", request.builder]),
    "--progress=rawjson",
    `--file=${recipe.bakeFile}`,
    `--metadata-file=${request.metadataFile}`,
    ...request.reads.map((folder) => `--allow=fs.read=${realpathSync(folder)}`),
    ...request.writes.map((folder) => `--allow=fs.write=${realpathSync(folder)}`),
    ...ownContexts(recipe).map((name) => `--set=${name}.context=${recipe.folder}`),
    ...request.overrides.map((override) => `--set=${override}`),
    ...request.targets,
  ];
  const progress = new BuildProgress(context, request.redact);
  const result = await run(command, args, {
    cwd: recipe.folder,
    environment: bakeEnvironment(context.environment, request),
    signal: context.signal,
    onLine: (line) => progress.line(line),
  }).finally(() => progress.end());
  if (result.code !== 0) throw failure(request, progress);
  return readMetadata(request.metadataFile);
}

/** Targets whose context is the recipe's own folder: bake takes it relative to where it runs, which can be anywhere. */
function ownContexts({ targets }: Recipe): string[] {
  return Object.entries(targets).flatMap(([name, { context }]) =>
    /^(apps|base-images)\//.test(context) ? [name] : [],
  );
}

/** A variable of the machine that happens to be called as one of the bake file's would replace its default. */
function bakeEnvironment(environment: NodeJS.ProcessEnv, { recipe, variables }: BakeRequest): NodeJS.ProcessEnv {
  const rest = Object.entries(environment).filter(([name]) => !recipe.variables.includes(name));
  return {
    ...Object.fromEntries(rest),
    // Where the recipe lies is not where the application comes from, and an address of git can hold credentials.
    BUILDX_GIT_INFO: "false",
    BUILDX_METADATA_PROVENANCE: "disabled",
    DOCKER_CLI_HINTS: "false",
    ...variables,
  };
}

function readMetadata(file: string): ReadonlyMap<string, BuiltImage> {
  const document = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return new Map(
    Object.entries(document).flatMap(([target, value]) => {
      if (typeof value !== "object" || value === null) return [];
      const digest: unknown = Reflect.get(value, "containerimage.digest");
      const name: unknown = Reflect.get(value, "image.name");
      if (typeof digest !== "string") return [];
      return [[target, { digest, names: typeof name === "string" ? name.split(",") : [] }] as const];
    }),
  );
}

/** What pip, uv, the recipes' own scripts and buildx say of a 401; pip without a terminal asks for a user in vain. */
const refusedCredentials =
  /HTTP error 401|\b401 (Client Error|Unauthorized)|status(?: code)?:? 401|refused .*\(401\)|User for \S+:/i;

/** Bake's log is shown where it failed, so that the error need not hold all of it. */
function failure(request: BakeRequest, progress: BuildProgress): Error {
  const { summary, step, log } = progress.failure();
  const what = `the build of ${request.targets.join(", ")} failed${step === "" ? "" : ` at ${step}`}`;
  const words = [...log, summary].filter((line) => line !== "");
  const text = words.join("\n");
  if (refusedCredentials.test(text)) {
    const registry = /failed to (push|authorize|fetch (anonymous|oauth) token)|pull access denied/.test(text);
    return new OutsideError(
      what,
      [
        ...words,
        registry
          ? "the registry refused the credentials: log in to it before this step; a builder made before the login has none"
          : "the feed refused the credentials: the token has expired, or may not read the feed",
      ].join("\n"),
    );
  }
  const ownFault =
    /did not complete successfully: exit code|dockerfile parse error|failed to (compute cache key|calculate checksum)|not found: not found/;
  return ownFault.test(summary) ? new UsageError(what, text) : new OutsideError(what, text);
}
