/** Builds an image as the provider does: what its `build` block says, for buildx. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { run } from "../../process.mjs";
import { isList, isMap, type PlainMap, type PlainValue } from "../properties";

/** Where docker looks for its plugins, after the folder of its settings. */
const pluginFolders = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].map((folder) =>
  join(folder, "docker", "cli-plugins"),
);

/**
 * Command line of `buildx build` for a `build` block: flag for flag what docker_buildx_build.go of
 * kreuzwerker/terraform-provider-docker 4.5 makes of it. It overlooks `labels`, `authConfigs`, `forceRemove` and what it does not name
 * here, and gives the limits as build arguments, zeros included.
 *
 * @param archive where the image goes: the exporter is the one of `--load`, so it takes one platform and no attestations
 */
export function buildCommand(build: PlainMap, name: string, archive: string): readonly string[] {
  const text = (key: string): string => (typeof build[key] === "string" ? build[key] : "");
  const number = (key: string): number => (typeof build[key] === "number" ? build[key] : 0);
  const limits = {
    cpusetcpus: text("cpuSetCpus"),
    cpusetmems: text("cpuSetMems"),
    cpushares: number("cpuShares"),
    cpuquota: number("cpuQuota"),
    cpuperiod: number("cpuPeriod"),
    memory: number("memory"),
    memoryswap: number("memorySwap"),
  };
  const optional = (flag: string, value: string): string[] => (value === "" ? [] : [`${flag}=${value}`]);
  return [
    "build",
    "--progress=plain",
    ...optional("--builder", text("builder")),
    `--file=${dockerfileOf(build)}`,
    `--tag=${name}`,
    ...texts(build.tags).map((tag) => `--tag=${tag}`),
    ...texts(build.additionalContexts).map((context) => `--build-context=${context}`),
    ...pairs({ ...limits, ...map(build.buildArgs) }).map((pair) => `--build-arg=${pair}`),
    ...pairs(map(build.label)).map((pair) => `--label=${pair}`),
    ...secretsOf(build).map((secret) => `--secret=${secret}`),
    ...texts(build.extraHosts).map((host) => `--add-host=${host}`),
    ...texts(build.cacheFroms).map((cache) => `--cache-from=${cache}`),
    ...texts(build.cacheTos).map((cache) => `--cache-to=${cache}`),
    ...optional("--cgroup-parent", text("cgroupParent")),
    ...optional("--network", text("networkMode")),
    ...optional("--target", text("target")),
    ...optional("--platform", text("platform")),
    ...optional("--provenance", text("provenance")),
    ...optional("--sbom", text("sbom")),
    ...(number("shmSize") > 0 ? [`--shm-size=${number("shmSize")}`] : []),
    ...(build.noCache === true ? ["--no-cache"] : []),
    ...(build.pullParent === true ? ["--pull"] : []),
    `--output=type=docker,dest=${archive}`,
    contextOf(build),
  ];
}

/**
 * Builds into an archive. Throws with the builder's own words where that fails.
 * @param seconds until it is ended
 */
export async function buildImage(build: PlainMap, name: string, archive: string, seconds: number): Promise<void> {
  if (build.useLegacyBuilder === true) {
    throw new Error("useLegacyBuilder: there is no legacy builder here; build with buildx");
  }
  const dockerfile = dockerfileOf(build);
  await access(dockerfile).catch((cause: unknown) => {
    throw new Error(`dockerfile not found at path: ${dockerfile}`, { cause });
  });
  const environment = { ...process.env };
  // It names the image store, which only this plugin understands.
  delete environment.DOCKER_HOST;
  const { buildLogFile } = build;
  const { code, errors } = await run(await findBuildx(environment), buildCommand(build, name, archive), {
    env: environment,
    timeoutSeconds: seconds,
    allowFailure: true,
    ...(typeof buildLogFile === "string" && buildLogFile !== "" ? { log: buildLogFile } : {}),
  });
  if (code !== 0) {
    throw new Error(`Error running buildx build: ${reasonIn(errors)}`);
  }
}

/** The failed step's last lines and the error, of all that a builder says. */
function reasonIn(log: string): string {
  const excerpt = /\n------\n([\s\S]*?)\n------\n/.exec(log)?.[1] ?? "";
  const errors = log.split("\n").filter((line) => /^ERROR: |^no end after /.test(line));
  const reason = errors.at(-1)?.replace(/^ERROR: /, "") ?? log.trim().split("\n").slice(-5).join("\n");
  return excerpt === "" ? reason : `${reason}\n${excerpt}`;
}

async function findBuildx({ DOCKER_CONFIG, PATH = "" }: NodeJS.ProcessEnv): Promise<string> {
  const settings = DOCKER_CONFIG === undefined || DOCKER_CONFIG === "" ? join(homedir(), ".docker") : DOCKER_CONFIG;
  const folders = [join(settings, "cli-plugins"), ...pluginFolders, ...PATH.split(delimiter).filter(isAbsolute)];
  for (const file of folders.map((folder) => join(folder, "docker-buildx"))) {
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  throw new Error(`no docker-buildx in ${folders.slice(0, 1).join("")} or on PATH: install docker's buildx plugin`);
}

function contextOf({ context }: PlainMap): string {
  return resolve(plain(context).replace(/^~(?=\/|$)/, homedir()));
}

function dockerfileOf(build: PlainMap): string {
  const { dockerfile } = build;
  return resolve(contextOf(build), typeof dockerfile === "string" && dockerfile !== "" ? dockerfile : "Dockerfile");
}

function secretsOf({ secrets }: PlainMap): string[] {
  const list = isList(secrets ?? null) ? (secrets as readonly PlainMap[]) : [];
  return list.map(({ id, env, src }) =>
    typeof src === "string" && src !== ""
      ? `type=file,id=${plain(id)},src=${src}`
      : `type=env,id=${plain(id)},env=${plain(env)}`,
  );
}

function texts(value: PlainValue | undefined): string[] {
  return isList(value ?? null) ? (value as readonly PlainValue[]).map(plain) : [];
}

function map(value: PlainValue | undefined): PlainMap {
  return isMap(value ?? null) ? (value as PlainMap) : {};
}

function pairs(values: PlainMap): string[] {
  return Object.entries(values).map(([key, value]) => `${key}=${plain(value)}`);
}

function plain(value: PlainValue | undefined): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
