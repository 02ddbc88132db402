/** Docker's settings with a builder that builds nothing real: it notes how it was called, and writes an image of the context's files. */
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { docker } from "../../../sandbox/providers/docker/definition";
import { PluginClient } from "./plugin-client";
import { RegistryServer } from "./docker-registry-server";

/** One call of the builder. */
export interface BuilderCall {
  readonly args: readonly string[];
  readonly dockerHost: string | null;
  /** What it found in the variable `BENCH_NETRC`. */
  readonly secret: string | null;
}

const builder = `#!${process.execPath}
const { appendFileSync, createWriteStream, readFileSync } = require("node:fs");
const { createHash } = require("node:crypto");
const { pack } = require(${JSON.stringify(require.resolve("tar-stream"))});
const args = process.argv.slice(2);
const { BENCH_CALLS, BENCH_NETRC = null, DOCKER_HOST = null } = process.env;
appendFileSync(BENCH_CALLS, JSON.stringify({ args, dockerHost: DOCKER_HOST, secret: BENCH_NETRC }) + "\\n");
const of = (flag) => args.filter((arg) => arg.startsWith(flag + "=")).map((arg) => arg.slice(flag.length + 1));
const dockerfile = readFileSync(of("--file")[0], "utf8");
if (dockerfile.includes("FAIL")) {
  process.stderr.write("#5 0.1 it says much\\n------\\n > [1/1] RUN FAIL:\\n0.1 wheelhouse: the secret netrc is empty\\n------\\nERROR: failed to build: exit code: 1\\n");
  process.exit(1);
}
const blobs = new Map();
const blob = (mediaType, content) => {
  const digest = "sha256:" + createHash("sha256").update(content).digest("hex");
  blobs.set(digest, content);
  return { mediaType, digest, size: content.length };
};
const layer = blob("application/vnd.docker.image.rootfs.diff.tar.gzip", Buffer.from(dockerfile));
const config = blob("application/vnd.docker.container.image.v1+json", Buffer.from(JSON.stringify({ of: dockerfile })));
const manifest = blob("application/vnd.docker.distribution.manifest.v2+json", Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.docker.distribution.manifest.v2+json", config, layers: [layer] })));
const manifests = of("--tag").map((name) => ({ ...manifest, annotations: { "io.containerd.image.name": name } }));
const tar = pack();
tar.pipe(createWriteStream(of("--output")[0].split("dest=")[1]));
for (const [digest, content] of blobs) tar.entry({ name: "blobs/" + digest.replace(":", "/") }, content);
tar.entry({ name: "index.json" }, JSON.stringify({ schemaVersion: 2, manifests }));
tar.finalize();
`;

export class DockerBench {
  private constructor(
    public readonly folder: string,
    public readonly registry: RegistryServer,
    public readonly client: PluginClient,
    private readonly before: NodeJS.ProcessEnv,
  ) {}

  public static async start(scheme: "Basic" | "Bearer" = "Basic"): Promise<DockerBench> {
    const folder = await mkdtemp(join(tmpdir(), "wheelhouse-docker-"));
    const plugins = join(folder, "docker", "cli-plugins");
    await mkdir(plugins, { recursive: true });
    await writeFile(join(plugins, "docker-buildx"), builder);
    await chmod(join(plugins, "docker-buildx"), 0o755);
    await mkdir(join(folder, "context"));
    const registry = await RegistryServer.start(scheme);
    await writeFile(join(folder, "docker", "config.json"), registry.login);
    const { DOCKER_CONFIG, BENCH_CALLS, BENCH_NETRC } = process.env;
    process.env.DOCKER_CONFIG = join(folder, "docker");
    process.env.BENCH_CALLS = join(folder, "calls");
    process.env.BENCH_NETRC = "machine x password first";
    const bench = new DockerBench(folder, registry, await PluginClient.of(docker), {
      DOCKER_CONFIG,
      BENCH_CALLS,
      BENCH_NETRC,
    });
    await bench.configure();
    await bench.dockerfile("FROM scratch");
    return bench;
  }

  /** As the package's own provider class sends it: what is no text, as JSON. */
  public async configure(auths: readonly object[] = [{ address: `http://${this.registry.host}` }]): Promise<void> {
    const host = pathToFileURL(join(this.folder, "images")).href;
    await this.client.configure({ host, registryAuth: JSON.stringify(auths) });
  }

  public async dockerfile(content: string): Promise<void> {
    await writeFile(join(this.folder, "context", "Dockerfile"), content);
  }

  public get build() {
    return { context: join(this.folder, "context"), builder: "bench" };
  }

  public async calls(): Promise<BuilderCall[]> {
    const text = await readFile(join(this.folder, "calls"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as BuilderCall);
  }

  public async stop(): Promise<void> {
    this.client.close();
    this.registry.close();
    const unset = Object.keys(this.before).filter((name) => this.before[name] === undefined);
    Object.assign(process.env, this.before);
    unset.forEach((name) => Reflect.deleteProperty(process.env, name));
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
