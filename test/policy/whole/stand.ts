/** The real engine with the policy pack, on the stand-ins for the two clouds: programs, what they say, what the pack finds. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { startCloud, type RunningCloud } from "../../../sandbox/cloud";
import { stackConfiguration } from "../../../sandbox/commands/project";
import { identity } from "../../../sandbox/commands/sandbox";
import { installProviders } from "../../../sandbox/providers/install";
import { ensureTools, toolEnvironment } from "../../../sandbox/toolchain/index.mjs";
import type { Declared } from "../declared";

export const root = join(__dirname, "../../..");

/** What the pack found, as the engine shows it. */
export interface Shown {
  readonly level: string;
  readonly rule: string;
  readonly resource: string;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
  /** In the order of their rules. */
  readonly findings: readonly Shown[];
}

/** Declares resources that are given as data, each after those that it refers to. */
const program = `
const pulumi = require("@pulumi/pulumi");
const resources = require("./resources.json");
const versions = { azuredevops: "3.15.0", "azure-native": "3.28.0" };
const made = new Map();
const isReference = (value) => typeof value === "object" && value !== null && "of" in value && "output" in value;
function outputsOf(name) {
  const found = new Set();
  JSON.stringify(resources, (_, value) => (isReference(value) && value.of === name && value.output !== "id" ? (found.add(value.output), value) : value));
  return Object.fromEntries([...found].map((output) => [output, undefined]));
}
function resolved(value) {
  if (isReference(value)) return value.output === "id" ? made.get(value.of).id : made.get(value.of)[value.output];
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
}
class Dynamic extends pulumi.dynamic.Resource {
  constructor(name, args, options, type) {
    super({ create: async () => ({ id: "made", outs: {} }) }, name, args, options, "wheelhouse", type);
  }
}
for (const { token, name, args, protect, parent } of resources) {
  const inputs = { ...outputsOf(name), ...resolved(args) };
  const options = { protect, ...(parent ? { parent: new pulumi.ComponentResource(parent, "parent-of-" + name) } : {}) };
  const [provider, , type] = token.split(":");
  made.set(
    name,
    provider === "pulumi-nodejs"
      ? new Dynamic(name, inputs, options, type)
      : new pulumi.CustomResource(token, name, inputs, { ...options, version: versions[provider] }),
  );
}
`;

export class Stand {
  private constructor(
    public readonly folder: string,
    private readonly cloud: RunningCloud,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  public static async start(): Promise<Stand> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-policy-")));
    const secrets = { personalAccessToken: "x".repeat(52), clientSecret: "of-the-stand-in" };
    const cloud = await startCloud({ folder: join(folder, "cloud"), ...identity, ...secrets });
    try {
      for (const name of ["home", "state"]) mkdirSync(join(folder, name));
      const [tools] = await Promise.all([ensureTools(), installProviders(join(folder, "plugins"))]);
      const base = toolEnvironment(tools);
      return new Stand(folder, cloud, {
        ...base,
        PATH: [join(folder, "plugins"), base.PATH ?? ""].join(delimiter),
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `${pathToFileURL(join(folder, "state")).href}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "passphrase",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_ACCESS_TOKEN: undefined,
        AZDO_PERSONAL_ACCESS_TOKEN: secrets.personalAccessToken,
        ARM_CLIENT_ID: identity.clientId,
        ARM_CLIENT_SECRET: secrets.clientSecret,
        ARM_TENANT_ID: identity.tenantId,
        ARM_SUBSCRIPTION_ID: identity.subscriptionId,
        // Coverage of the programs would count for nothing, and slow them down.
        NODE_V8_COVERAGE: undefined,
      });
    } catch (error) {
      await cloud.close();
      throw error;
    }
  }

  /** A project that declares these resources; its folder. */
  public async declare(name: string, resources: readonly Declared[]): Promise<string> {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, main: "index.js" }));
    writeFileSync(join(folder, "index.js"), program);
    writeFileSync(join(folder, "resources.json"), JSON.stringify(resources));
    return this.project(name, { typescript: false });
  }

  /** A project of the platform's own program, as it is; its folder. */
  public async platform(): Promise<string> {
    return this.project("platform", { typescript: false, nodeargs: "--require tsx/cjs" }, root);
  }

  /** Runs the engine in a project. Output without colours, both streams. */
  public async run(folder: string, ...args: string[]): Promise<Ended> {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: folder,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    const code = await new Promise<number>((resolve) => child.on("close", (ended) => resolve(ended ?? 128)));
    return { code, output, findings: findingsIn(output) };
  }

  /** A file in the stand's own folder. */
  public write(name: string, value: unknown): string {
    const file = join(this.folder, name);
    writeFileSync(file, JSON.stringify(value));
    return file;
  }

  /** A pack with another configuration file beside it, and otherwise the product's. */
  public packWith(name: string, configuration: unknown): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "PulumiPolicy.yaml"), "name: own\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.cjs" }));
    writeFileSync(join(folder, "policy-config.json"), JSON.stringify(configuration));
    const index = JSON.stringify(join(root, "policy/index.ts"));
    const text = readFileSync(join(root, "docs/policy.md"), "utf8");
    const own = /```js\n(\/\/ index\.cjs[^]*?)```/.exec(text)?.[1];
    if (own === undefined) throw new Error("docs/policy.md has no example of a pack of one's own");
    writeFileSync(join(folder, "index.cjs"), `require("tsx/cjs");\n${own.replace('"wheelhouse/policy"', index)}`);
    return folder;
  }

  public async close(): Promise<void> {
    await this.cloud.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async project(name: string, options: Readonly<Record<string, unknown>>, main?: string): Promise<string> {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    const runtime = { name: "nodejs", options };
    writeFileSync(join(folder, "Pulumi.yaml"), stringify({ name: "wheelhouse", runtime, ...(main ? { main } : {}) }));
    const { code, output } = await this.run(folder, "stack", "init", name);
    if (code !== 0) throw new Error(output);
    const file = join(folder, `Pulumi.${name}.yaml`);
    const address = `http://127.0.0.1:${this.cloud.port}`;
    const config = stackConfiguration(address, "https://index.example.com/simple/", undefined);
    // The engine's own lines, the salt of its encryption, stay.
    writeFileSync(file, `${readFileSync(file, "utf8")}${stringify({ config })}`);
    return folder;
  }
}

function findingsIn(output: string): Shown[] {
  const lines = output.matchAll(/^ +- \[(\w+)\] +(\S+) +\(\S+: (.+)\)$/gm);
  return Array.from(lines, ([, level = "", rule = "", resource = ""]) => ({ level, rule, resource })).toSorted(
    (left, right) => left.rule.localeCompare(right.rule),
  );
}
