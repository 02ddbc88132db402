/** A small Pulumi project with one AppImage on the real engine, with the services that it needs and a watch over process arguments. */
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../../recipes";
import { installProviders } from "../../../sandbox/providers/install";
import { startServices, type Builder, type Services } from "../../../sandbox/services";
import { ensureTools, toolEnvironment } from "../../../sandbox/toolchain/index.mjs";
import { application, baseImage } from "../../recipes/specs";

/** What a run of the engine said, and how it ended. */
export interface EngineRun {
  readonly code: number;
  readonly output: string;
  /** Command lines of all that ran on the machine meanwhile and has to do with the project. */
  readonly commandLines: ReadonlySet<string>;
}

const pollMilliseconds = 15;
const root = join(__dirname, "../../..");

/** A wheel of pure Python without dependencies, for any Python. */
export const lock = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n";

const applicationLock =
  "iniconfig==2.1.0 --hash=sha256:9deba5723312380e77435581c6bf4935c94cbfab9b1ed33ef8d238ea168eb760\n";

/** What the application says. */
export const greeting = "hello from an image that pulumi up built";

const project = `[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "hello"
version = "1.0"
[project.scripts]
hello = "hello:main"
[tool.setuptools]
py-modules = ["hello"]
`;

export class Stand {
  private constructor(
    private readonly folder: string,
    public readonly services: Services,
    public readonly builder: Builder,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  public static async start(write: (line: string) => void): Promise<Stand> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-app-image-")));
    const services = await startServices({ folder: join(folder, "services"), write });
    try {
      const builder = await services.builder();
      const tools = await ensureTools({ write });
      const project = join(folder, "project");
      for (const name of ["project", "home", "state"]) mkdirSync(join(folder, name));
      await installProviders(join(folder, "plugins"));
      const base = toolEnvironment(tools, builder.environment);
      const stand = new Stand(folder, services, builder, {
        ...base,
        PATH: [join(folder, "plugins"), base.PATH ?? ""].join(delimiter),
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `${pathToFileURL(join(folder, "state")).href}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "passphrase",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        DOCKER_HOST: pathToFileURL(imagesIn(folder)).href,
        NODE_V8_COVERAGE: undefined,
      });
      symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
      stand.write("Pulumi.yaml", "name: bootstrap\nruntime: { name: nodejs, options: { typescript: false } }\n");
      stand.write("package.json", JSON.stringify({ name: "bootstrap", main: "index.js" }));
      stand.writeRecipes();
      await stand.run(["stack", "init", "bootstrap"]);
      await stand.declare();
      return stand;
    } catch (error) {
      await services.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The folder that stands in for Docker's images. */
  public get images(): string {
    return imagesIn(this.folder);
  }

  /** Writes a file of the project. */
  public write(path: string, content: string): void {
    const file = join(this.folder, "project", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Content of a netrc with a new token of the feed. */
  public netrc(): { readonly token: string; readonly netrc: string } {
    const token = this.services.feed.issueToken({ role: "collaborator", seconds: 600 });
    const secrets = join(this.folder, "secrets");
    mkdirSync(secrets, { recursive: true });
    this.services.feed.writeSecrets(secrets, token);
    const netrc = readFileSync(join(secrets, "netrc"), "utf8");
    rmSync(secrets, { recursive: true });
    return { token, netrc };
  }

  /** Runs the engine in the project. @param netrc the secret, in the environment; default none */
  public async run(args: readonly string[], netrc?: string): Promise<EngineRun> {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      cwd: join(this.folder, "project"),
      env: { ...this.environment, ...(netrc === undefined ? {} : { BOOTSTRAP_NETRC: netrc }) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    const commandLines = new Set<string>();
    const timer = setInterval(() => this.commandLines().forEach((line) => commandLines.add(line)), pollMilliseconds);
    const code = await new Promise<number>((resolve) => child.on("close", (ended) => resolve(ended ?? 128)));
    clearInterval(timer);
    return { code, output, commandLines };
  }

  /** The state's resources but for times, with what has no order in one order: the engine notes what comes first. */
  public async state(): Promise<unknown> {
    const { output } = await this.run(["stack", "export"]);
    const { deployment } = JSON.parse(output) as { deployment: { resources: Readonly<Record<string, unknown>>[] } };
    const unordered = ["dependencies", "propertyDependencies"];
    return deployment.resources
      .map((resource) => Object.entries(resource).filter(([key]) => !["created", "modified"].includes(key)))
      .map((entries) => entries.map(([key, value]) => [key, unordered.includes(key) ? sorted(value) : value]))
      .map((entries) => Object.fromEntries(entries) as Readonly<Record<string, unknown>>)
      .toSorted((left, right) => (String(left.urn) < String(right.urn) ? -1 : 1));
  }

  /** Everything that the engine keeps. */
  public stateFiles(): Buffer[] {
    return files(join(this.folder, "state"))
      .concat(files(join(this.folder, "home")))
      .map((file) => readFileSync(file));
  }

  public async close(): Promise<void> {
    await this.builder.dispose();
    await this.services.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Of every process whose command line or environment names this stand, and of what builds for it. */
  private commandLines(): string[] {
    const lines = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map((pid) => [read(pid, "cmdline"), read(pid, "environ")] as const);
    return lines
      .filter(
        ([line, environment]) =>
          line.includes(this.folder) || environment.includes(this.folder) || /pip|buildx/.test(line),
      )
      .map(([line]) => line.replaceAll("\0", " "));
  }

  private writeRecipes(): void {
    const base = baseImage({ python: "3.13", requirements: "six\n" });
    const hello = application({ name: "hello", scripts: ["hello"] });
    for (const { path, content } of [...renderBaseImageRecipe(base), ...renderApplicationRecipe(hello, base)]) {
      this.write(path, content);
    }
    this.write("locks/base/requirements.txt", lock);
    this.write("locks/application/hello/requirements.txt", applicationLock);
    this.write("source/pyproject.toml", project);
    this.write("source/hello.py", `def main():\n    print("${greeting}")\n`);
  }

  /** Writes the program: the base image, and the application on it where that is wanted. */
  public async declare(also?: "application"): Promise<void> {
    const upstream = await this.services.upstreamImage();
    const machine = {
      registry: this.services.registry.host,
      indexUrl: this.services.feed.indexUrl,
      builder: this.builder.name,
      secretVariables: { netrc: "BOOTSTRAP_NETRC" },
    };
    const base = {
      ...machine,
      recipe: "base-images/python-web",
      lock: "locks/base",
      upstream: upstream.reference,
      upstreamDigest: upstream.digest,
      tags: ["latest"],
    };
    const hello = { ...machine, recipe: "apps/hello", lock: "locks/application", source: "source" };
    const digests = "baseDigest: base.digests.runtime, builderDigest: base.digests.builder";
    this.write(
      "index.js",
      [
        'require("tsx/cjs");',
        `const { AppImage } = require(${JSON.stringify(join(root, "components/app-image.ts"))});`,
        `const base = new AppImage("base", ${JSON.stringify(base)});`,
        "exports.images = base.images;",
        ...(also === undefined
          ? []
          : [
              `exports.hello = new AppImage("hello", { ...${JSON.stringify(hello)}, ${digests} }).images["image-hello"];`,
            ]),
      ].join("\n"),
    );
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(String).toSorted();
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]))
    : value;
}

function imagesIn(folder: string): string {
  return join(folder, "images");
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
