/** Docker@2: logs in and out of registries, and runs docker (the task's source, version 2.279). */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { findProgram } from "../../toolchain/path.mjs";
import type { Result } from "../model";
import { splitArguments } from "./argument-line";
import { DockerLogins, type Login } from "./docker-config";
import { baseImageOf, pipelineLabels } from "./docker-labels";
import { findDockerfile } from "./find-dockerfile";
import type { Inputs, Task, TaskHost } from "./task";

/** Of a command's output that is written to the file which `DockerOutput` names. */
const mostOutputBytes = 4 * 1024 * 1024;

/** One run of the task. */
class DockerRun {
  private readonly logins: DockerLogins;
  private readonly outputs: string[] = [];

  public constructor(
    private readonly host: TaskHost,
    private readonly inputs: Inputs,
    private readonly login: Login | undefined,
  ) {
    this.logins = new DockerLogins(host);
  }

  public async run(): Promise<void> {
    const given = this.inputs.get("command") ?? "";
    const command = given.toLowerCase();
    if (this.login !== undefined && command !== "logout") this.logins.add(this.login);
    try {
      await this.carryOut(command, given);
    } finally {
      if (command !== "login" && (command === "logout" || this.login !== undefined)) {
        this.logins.remove(this.login?.host);
      }
    }
    this.host.setVariable("DockerOutput", this.outputs.join("\n"), { output: true });
  }

  private async carryOut(command: string, given: string): Promise<void> {
    const line = splitArguments(this.inputs.get("arguments") ?? "");
    switch (command) {
      case "login":
        this.logins.keep();
        return;
      case "logout":
        return;
      case "build":
        return this.build(line);
      case "push":
        return this.push(line);
      case "buildandpush":
        if (line.length > 0) {
          this.host.warning(
            "The arguments input is not supported when the command is buildAndPush. Ignoring the input.",
          );
        }
        await this.build([]);
        return this.push([]);
      case "start":
      case "stop":
        throw new Error(
          `Docker@2 ${command}: this job runs in no container that could be meant by "${this.inputs.get("container") ?? ""}".`,
        );
      default:
        this.keepOutput(given, await this.docker([given, ...line]));
    }
  }

  private async build(more: readonly string[]): Promise<void> {
    const { host, inputs } = this;
    const dockerfile = findDockerfile(inputs.get("Dockerfile") ?? "", host.defaultFolder);
    const labels = pipelineLabels(host, isTrue(inputs, "addPipelineData"));
    if (isTrue(inputs, "addBaseImageData")) labels.push(...(await this.baseImageLabels(dockerfile)));
    const images = this.images();
    if (images.length === 0) host.debug("Not adding any tags to the built image as no repository is specified.");
    // Not trimmed: so is the task's.
    const tags = (inputs.get("tags") ?? "").split(/[\n,]+/).filter((tag) => tag !== "");
    const references = images.flatMap((image) => (tags.length === 0 ? [image] : tags.map((tag) => `${image}:${tag}`)));
    const context = resolve(host.defaultFolder, inputs.get("buildContext") ?? "");
    const output = await this.docker([
      ...["build", "-f", dockerfile],
      ...labels.flatMap((label) => ["--label", label]),
      ...more,
      ...references.flatMap((reference) => ["-t", reference]),
      context === join(host.defaultFolder, "**") ? dirname(dockerfile) : context,
    ]);
    this.keepOutput("build", output);
  }

  private async push(more: readonly string[]): Promise<void> {
    const { host, inputs } = this;
    if (!inputs.has("repository")) host.warning("No repository is specified. Nothing will be pushed.");
    const tags = (inputs.get("tags") ?? "").split("\n").filter((tag) => tag !== "");
    const references = this.images().flatMap((image) =>
      tags.length === 0 ? [image] : tags.map((tag) => `${image}:${tag}`),
    );
    if (references.length === 0) {
      host.debug("Not pushing to any registry as no login information was found.");
      return;
    }
    let output = "";
    for (const reference of references) output += `${await this.docker(["push", reference, ...more])}\n`;
    this.keepOutput("push", output);
    host.debug("The sandbox keeps no image details, which the task sends to the service after a push.");
  }

  /** The names of the image: one for each registry that is meant. */
  private images(): string[] {
    const repository = this.inputs.get("repository");
    if (repository === undefined) return [];
    const logins = this.logins.registries();
    const hosts = this.login === undefined ? logins : [this.login.host];
    const names = hosts.map((host) => (isDockerHub(host) ? repository : `${hostOf(host)}/${repository}`));
    return (names.length === 0 ? [repository] : names).map((name) => name.toLowerCase().replaceAll(" ", ""));
  }

  /** What goes wrong here is no error of the build. */
  private async baseImageLabels(dockerfile: string): Promise<string[]> {
    const base = baseImageOf(readFileSync(dockerfile, "utf8"));
    if (base === undefined) return [];
    const name = `image.base.ref.name=${base.name}`;
    const digest = base.digest ?? (await this.pulledDigest(base.name));
    return digest === undefined ? [name] : [name, `image.base.digest=${digest}`];
  }

  private async pulledDigest(image: string): Promise<string | undefined> {
    try {
      await this.docker(["pull", image], { quiet: true });
      const inspected: unknown = JSON.parse(await this.docker(["inspect", image], { quiet: true }));
      const digests = (inspected as { readonly RepoDigests?: readonly string[] }[])[0]?.RepoDigests ?? [];
      return digests.length === 1 ? digests[0]?.split("@")[1] : undefined;
    } catch (error) {
      this.host.debug(`An error ocurred getting the base image labels ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Runs docker. @returns what it wrote @throws Error when it fails, after its own errors are told */
  private async docker(args: readonly string[], { quiet = false } = {}): Promise<string> {
    const { host } = this;
    const env = {
      ...host.environment(),
      ...(this.logins.folder === undefined ? {} : { DOCKER_CONFIG: this.logins.folder }),
    };
    const program = findProgram("docker", env);
    if (program === undefined) throw new Error("Unable to locate executable file: 'docker'.");
    const said = { output: new Collected(), errors: new Collected() };
    if (!quiet) host.line(`[command]${[program, ...args].join(" ")}`);
    const code = await host.run(program, args, {
      cwd: host.defaultFolder,
      env,
      quiet,
      onOutput: (chunk) => said.output.add(chunk),
      onErrors: (chunk) => said.errors.add(chunk),
    });
    if (code !== 0) {
      const dockerHost = host.variable("DOCKER_HOST");
      if (!quiet && dockerHost !== undefined) {
        host.warning(`DOCKER_HOST variable is set. Please ensure that the Docker daemon is running on: ${dockerHost}`);
      }
      for (const line of quiet ? [] : said.errors.text.split("\n").filter((each) => each.trim() !== ""))
        host.error(line);
      throw new Error(`The process '${program}' failed with exit code ${code}`);
    }
    // With BuildKit, docker tells the build on standard error.
    return args[0] === "build" && Number(host.variable("DOCKER_BUILDKIT")) === 1 ? said.errors.text : said.output.text;
  }

  private keepOutput(command: string, output: string): void {
    const folder = join(this.host.tempFolder, "task_outputs");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${command}_${Date.now()}.txt`);
    writeFileSync(file, output, { mode: 0o600 });
    if (output === "") this.host.warning(`No data was written into the file ${file}`);
    this.outputs.push(file);
  }
}

/** The beginning of what a program wrote. */
class Collected {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  public add(chunk: Buffer): void {
    if (this.bytes < mostOutputBytes) this.chunks.push(chunk.subarray(0, mostOutputBytes - this.bytes));
    this.bytes += chunk.length;
  }

  public get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}

function isTrue(inputs: Inputs, name: string): boolean {
  return inputs.get(name)?.toLowerCase() === "true";
}

function hostOf(registry: string): string {
  return /^https?:\/\//.test(registry) ? new URL(registry).host : registry;
}

function isDockerHub(registry: string): boolean {
  return hostOf(registry).toLowerCase() === "index.docker.io";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function run(host: TaskHost, inputs: Inputs): Promise<Result> {
  try {
    const connection = inputs.get("containerRegistry");
    const login = connection === undefined ? undefined : await host.registry(connection);
    await new DockerRun(host, inputs, login).run();
    return "succeeded";
  } catch (error) {
    host.error(messageOf(error));
    return "failed";
  }
}

export const docker: Task = {
  name: "Docker@2",
  inputs: [
    { name: "containerRegistry" },
    { name: "repository" },
    { name: "command", default: "buildAndPush" },
    { name: "Dockerfile", default: "**/Dockerfile" },
    { name: "buildContext", default: "**" },
    { name: "tags", default: "$(Build.BuildId)" },
    { name: "arguments" },
    { name: "addPipelineData", default: "true" },
    { name: "addBaseImageData", default: "true" },
    { name: "container" },
  ],
  run,
};
