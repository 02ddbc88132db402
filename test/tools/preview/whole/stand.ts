/**
 * The platform's own program with generated applications, under the real engine and the provider stand-ins, and pull requests
 * at the stand-in for Azure DevOps that `wheelhouse preview-comment` writes into, started as a job of a pipeline starts it.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { stackConfiguration } from "../../../../sandbox/commands/project";
import { identity } from "../../../../sandbox/commands/sandbox";
import { run } from "../../../../sandbox/process.mjs";
import { installProviders } from "../../../../sandbox/providers/install";
import { FeedTokens } from "../../../../sandbox/services/feed/tokens";
import { ensureTools, toolEnvironment } from "../../../../sandbox/toolchain/index.mjs";
import { Changes } from "../../../sandbox/cloud/changes";
import { account, TestCloud, type Properties } from "../../../sandbox/cloud/client";

const root = join(__dirname, "../../../..");
const jobTokenKey = "key-of-the-job-tokens-of-these-tests";
/** Project with the repository of the pull requests. */
const project = "Reviews";
const buildService = `${project} Build Service (${account.organization})`;

/** Each stack has specs of its own, and a key that nobody may see; the program tells a secret of its environment by mistake. */
const program = `
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const pulumi = require("@pulumi/pulumi");
// Before the change of the folder: what runs in the engine's process is found from the one that the program was started in.
require(${JSON.stringify(join(root, "components"))});
process.chdir(join(__dirname, pulumi.getStack()));
if (process.env.DEPLOY_TOKEN) void pulumi.log.warn("signed in with " + process.env.DEPLOY_TOKEN);
module.exports = { ...require(${JSON.stringify(join(root, "index.ts"))}), key: pulumi.secret(readFileSync("key.txt", "utf8")) };
`;

export interface Ended {
  readonly code: number;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly errors: string;
}

/** A thread as a reader sees it. */
export interface SeenThread {
  readonly id: number;
  readonly status: string;
  readonly content: string;
  /** How many comments it has, answers among them. */
  readonly comments: number;
}

/** What tells one run of the pipeline from another. */
export interface JobRun {
  readonly pullRequest: number;
  readonly build: number;
  readonly variables?: NodeJS.ProcessEnv;
}

export class Stand {
  private constructor(
    public readonly folder: string,
    private readonly cloud: TestCloud,
    private readonly changes: Changes,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly jobToken: string,
  ) {}

  public static async start(): Promise<Stand> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-preview-")));
    const cloud = await TestCloud.start({ jobTokenKey });
    try {
      for (const name of ["home", "state", "program"]) mkdirSync(join(folder, name));
      const [tools, changes] = await Promise.all([
        ensureTools(),
        Changes.start(cloud, project),
        installProviders(join(folder, "plugins")),
      ]);
      const base = toolEnvironment(tools);
      const environment: NodeJS.ProcessEnv = {
        ...base,
        PATH: [join(folder, "plugins"), base.PATH ?? ""].join(delimiter),
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `${pathToFileURL(join(folder, "state")).href}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "passphrase-of-the-tests",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // The state is written once, at the end, and not after each of thousands of steps.
        PULUMI_EXPERIMENTAL: "true",
        PULUMI_SKIP_CHECKPOINTS: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_ACCESS_TOKEN: undefined,
        AZDO_PERSONAL_ACCESS_TOKEN: account.personalAccessToken,
        ARM_CLIENT_ID: account.clientId,
        ARM_CLIENT_SECRET: account.clientSecret,
        ARM_TENANT_ID: account.tenantId,
        ARM_SUBSCRIPTION_ID: account.subscriptionId,
        // Coverage of the programs would count for nothing, and slow them down.
        NODE_V8_COVERAGE: undefined,
      };
      const jobToken = new FeedTokens(Date.now, jobTokenKey).issue({
        role: "reader",
        seconds: 3600,
        job: { project: changes.projectId },
      });
      const stand = new Stand(folder, cloud, changes, environment, jobToken);
      stand.writeProgram();
      return stand;
    } catch (error) {
      await cloud.end();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The folder with Pulumi.yaml. */
  public get program(): string {
    return join(this.folder, "program");
  }

  /** Makes a stack: a platform with its own project and registry, and the shipped base images. */
  public async stack(name: string): Promise<void> {
    const specs = join(this.program, name);
    mkdirSync(join(specs, "apps"), { recursive: true });
    this.writeKey(name, `first-key-of-${name}`);
    cpSync(join(root, "base-images"), join(specs, "base-images"), { recursive: true });
    const { code, output, errors } = await this.pulumi("stack", "init", name);
    if (code !== 0) throw new Error(output + errors);
    const file = join(this.program, `Pulumi.${name}.yaml`);
    const common = stackConfiguration(this.cloud.address, "https://index.example.com/simple/", undefined);
    const config = {
      ...(JSON.parse(
        JSON.stringify(common)
          .replaceAll(identity.organization, account.organization)
          .replaceAll(identity.subscriptionId, account.subscriptionId)
          .replaceAll(identity.tenantId, account.tenantId),
      ) as Record<string, unknown>),
      "wheelhouse:project": `Platform ${name}`,
      "wheelhouse:resourceGroup": `wheelhouse-${name}`,
      "wheelhouse:registryName": `wheelhouse${name}`,
      "wheelhouse:feedName": `python-${name}`,
    };
    // The engine's own lines, the salt of its encryption, stay.
    writeFileSync(file, `${readFileSync(file, "utf8")}${stringify({ config })}`);
  }

  /** Gives the stack another key, as an output that is secret. */
  public writeKey(stack: string, key: string): void {
    writeFileSync(join(this.program, stack, "key.txt"), key);
  }

  /** Writes `apps/<name>.yaml`. */
  public writeApp(stack: string, name: string, spec: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(this.program, stack, "apps", `${name}.yaml`), stringify({ name, ...spec }));
  }

  public removeApp(stack: string, name: string): void {
    rmSync(join(this.program, stack, "apps", `${name}.yaml`));
  }

  /** A policy pack with the product's rules under another configuration. @returns its folder */
  public pack(name: string, configuration: unknown): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "PulumiPolicy.yaml"), "name: own\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.cjs" }));
    writeFileSync(join(folder, "policy-config.json"), JSON.stringify(configuration));
    const product = JSON.stringify(join(root, "policy/index.ts"));
    const index = `require("tsx/cjs");\nrequire(${product}).startPack({ folder: __dirname, name: "own" });\n`;
    writeFileSync(join(folder, "index.cjs"), index);
    return folder;
  }

  public pulumi(...args: string[]): Promise<Ended> {
    return this.command("pulumi", [...args, "--non-interactive", "--color", "never"], this.environment);
  }

  /** `wheelhouse preview-comment`, as a job of a pull request's run. */
  public preview({ pullRequest, build, variables }: JobRun, ...args: string[]): Promise<Ended> {
    const environment = {
      ...this.environment,
      TF_BUILD: "True",
      SYSTEM_COLLECTIONURI: `${this.cloud.address}/devops/${account.organization}/`,
      SYSTEM_TEAMPROJECT: project,
      SYSTEM_TEAMPROJECTID: this.changes.projectId,
      SYSTEM_DEFINITIONID: "7",
      SYSTEM_JOBATTEMPT: "1",
      SYSTEM_PULLREQUEST_PULLREQUESTID: String(pullRequest),
      SYSTEM_ACCESSTOKEN: this.jobToken,
      BUILD_REPOSITORY_ID: this.changes.repositoryId,
      BUILD_REPOSITORY_NAME: "code",
      BUILD_BUILDID: String(build),
      BUILD_BUILDNUMBER: `20261121.${build}`,
      ...variables,
    };
    const launch = join(root, "tools/launch.cjs");
    const folder = ["--project-folder", this.program];
    return this.command(process.execPath, [launch, "preview-comment", ...folder, ...args], environment);
  }

  /** Opens a pull request. @returns its number */
  public async pullRequest(branch: string): Promise<number> {
    await this.changes.push(branch, { [`${branch}.txt`]: branch });
    return Number((await this.changes.open(branch)).pullRequestId);
  }

  /** Lets the project's build identity write to pull requests of the repository. @returns what takes it back */
  public async contribute(): Promise<() => Promise<void>> {
    const { json } = await this.cloud.verb("list", "sandbox:index/identity:Identity", {});
    const identities = (json.entities ?? []) as { readonly properties: Properties }[];
    const found = identities.find(({ properties }) => properties.displayName === buildService);
    const { projectId, repositoryId } = this.changes;
    const { id } = await this.cloud.make("GitPermissions", {
      ...{ projectId, repositoryId, principal: found?.properties.descriptor },
      permissions: { PullRequestContribute: "Allow" },
    });
    return async () => {
      await this.cloud.verb("delete", "GitPermissions", { id });
    };
  }

  /** What a reader of the pull request sees, oldest first. */
  public async threads(pullRequest: number): Promise<SeenThread[]> {
    const { status, json, text } = await this.changes.requests("GET", `/${pullRequest}/threads`);
    if (status !== 200) throw new Error(text);
    return (json.value ?? [])
      .filter(({ isDeleted }) => isDeleted !== true)
      .map(({ id, status: state, comments }) => {
        const [first, ...answers] = comments as { readonly content?: string }[];
        return {
          id: Number(id),
          status: String(state),
          content: first?.content ?? "",
          comments: answers.length + 1,
        };
      });
  }

  /** Every secret of the stand, for what must not hold one. */
  public get secrets(): readonly string[] {
    return [account.personalAccessToken, account.clientSecret, this.jobToken, "passphrase-of-the-tests"];
  }

  public async close(): Promise<void> {
    this.changes.end();
    await this.cloud.end();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private writeProgram(): void {
    const runtime = { name: "nodejs", options: { typescript: false, nodeargs: "--require tsx/cjs" } };
    symlinkSync(join(root, "node_modules"), join(this.program, "node_modules"));
    writeFileSync(join(this.program, "package.json"), JSON.stringify({ name: "platforms", main: "index.js" }));
    writeFileSync(join(this.program, "index.js"), program);
    writeFileSync(join(this.program, "Pulumi.yaml"), stringify({ name: "wheelhouse", runtime }));
  }

  private async command(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
    const { code, output, errors } = await run(name, args, {
      ...{ cwd: this.program, env, allowFailure: true },
      timeoutSeconds: 900,
    });
    return { code, output, errors };
  }
}
