/** How teams build today: each way as one run of buildx on a Dockerfile of its own. */
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Builder } from "../../../sandbox/services";
import { run } from "../../../sandbox/process.mjs";
import type { Way } from "./results";

/** What a build is given. */
export interface Build {
  readonly builder: Builder;
  /** The application's files. */
  readonly source: string;
  /** A folder that is this build's own. */
  readonly work: string;
  readonly registry: string;
  /** The Python image to build on, by digest. */
  readonly upstream: string;
  readonly indexUrl: string;
  /** Folder with netrc, pip.conf and pip_index_url. */
  readonly secrets: string;
  /** Whether the stage that installs has compilers, as it does where build arguments are the practice: a package may need one. */
  readonly compilers: boolean;
}

/** Installed first, so that a layer cache can have it whatever changes; a fresh agent has none. */
const compilers =
  "RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev python3-dev && rm -rf /var/lib/apt/lists/*";

/** The way's Dockerfile, in the folder of the build. */
function writeDockerfile({ work, compilers: wanted }: Build, name: string): string {
  const text = readFileSync(path.join(__dirname, "dockerfiles", `${name}.Dockerfile`), "utf8");
  const file = path.join(work, `${name}.Dockerfile`);
  writeFileSync(file, wanted ? text.replace(/^FROM upstream.*$/m, (from) => `${from}\n${compilers}`) : text);
  return file;
}

export type TodaysWay = Exclude<Way, "g">;

interface Manner {
  readonly dockerfile: string;
  /** Variables that buildx takes build arguments from: so the token is in no process' arguments. */
  readonly arguments?: (build: Build) => NodeJS.ProcessEnv;
  readonly secret?: boolean;
  readonly cache?: boolean;
  readonly netrc?: boolean;
  readonly targets?: readonly string[];
}

const tokenUrl = ({ secrets }: Build): NodeJS.ProcessEnv => ({
  PIP_INDEX_URL: readFileSync(path.join(secrets, "pip_index_url"), "utf8").trim(),
});

const manners: Readonly<Record<TodaysWay, Manner>> = {
  a: { dockerfile: "build-argument", arguments: tokenUrl },
  b: { dockerfile: "build-argument-stages", arguments: tokenUrl },
  c: { dockerfile: "build-argument-stages", arguments: tokenUrl, cache: true },
  d: { dockerfile: "secret-mount", secret: true },
  e: { dockerfile: "copied-netrc", arguments: ({ indexUrl }) => ({ INDEX_URL: indexUrl }), netrc: true },
  f: { dockerfile: "wheels", secret: true, targets: ["orders-api", "orders-worker"] },
};

/** Builds and pushes. @returns references of the images that it pushed. */
export async function buildTodaysWay(way: TodaysWay, build: Build): Promise<string[]> {
  const manner = manners[way];
  const context = path.join(build.work, "context");
  rmSync(context, { recursive: true, force: true });
  cpSync(build.source, context, { recursive: true, preserveTimestamps: true });
  if (manner.netrc === true) copyFileSync(path.join(build.secrets, "netrc"), path.join(context, ".netrc"));
  const given = manner.arguments?.(build) ?? {};
  const images: string[] = [];
  for (const target of manner.targets ?? [undefined]) {
    const image = `${build.registry}/bench/way-${way}${target === undefined ? "" : `-${target}`}:latest`;
    const options = [
      ...["--builder", build.builder.name, "--progress", "plain", "--provenance", "mode=max"],
      ...["--file", writeDockerfile(build, manner.dockerfile)],
      ...["--build-context", `upstream=docker-image://${build.upstream}`],
      ...Object.keys(given).flatMap((name) => ["--build-arg", name]),
      ...(manner.secret === true
        ? ["--secret", `id=pip_index_url,src=${path.join(build.secrets, "pip_index_url")}`]
        : []),
      ...(manner.cache === true ? ["--cache-from", `type=registry,ref=${image}`, "--cache-to", "type=inline"] : []),
      ...(target === undefined ? [] : ["--target", target]),
      ...["--output", `type=image,name=${image},push=true`],
    ];
    const env = { ...build.builder.environment, ...given };
    await run("docker-buildx", ["build", ...options, context], { env, timeoutSeconds: 900 });
    images.push(image);
  }
  return images;
}
