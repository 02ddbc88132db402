/** The real Pulumi CLI with the stand-in clouds, for projects that `pulumi new` makes of the templates with the packed package. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud, type RunningCloud } from "../../../sandbox/cloud";
import { engineEnvironment } from "../../../sandbox/commands/engine";
import { describeSandbox, ensureSecrets, identity, makeFolders, type Secrets } from "../../../sandbox/commands/sandbox";
import { run } from "../../../sandbox/process.mjs";
import { installProviders } from "../../../sandbox/providers/install";
import { ensureTools, toolEnvironment } from "../../../sandbox/toolchain/index.mjs";
import { keep, pack, type Packed } from "./packed";

/** What a command said, on both streams, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Seconds that one command may take on a slow machine. */
const patience = 240;

export class Stand {
  private constructor(
    private readonly folder: string,
    private readonly secrets: Secrets,
    private readonly cloud: RunningCloud,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly packed: Packed,
  ) {}

  public static async start(): Promise<Stand> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-templates-")));
    const sandbox = describeSandbox(folder, { WHEELHOUSE_HOME: join(folder, "home") });
    makeFolders(sandbox);
    const secrets = ensureSecrets(sandbox);
    const tools = await ensureTools({ write: () => undefined });
    const environment = {
      ...engineEnvironment(sandbox, secrets, toolEnvironment(tools, process.env)),
      // The packages are those that the checkout was installed with.
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
      // Coverage of the programs would count for nothing, and slow them down.
      NODE_V8_COVERAGE: undefined,
    };
    const [packed] = await Promise.all([pack(join(folder, "package"), environment), installProviders(sandbox.plugins)]);
    const cloud = await startCloud({ folder: sandbox.cloud, ...identity, ...secrets });
    return new Stand(folder, secrets, cloud, environment, packed);
  }

  /** Everything that a stack's configuration needs of the clouds. */
  public configuration(): Readonly<Record<string, string>> {
    const address = `http://127.0.0.1:${this.cloud.port}`;
    const { organization, subscriptionId, tenantId } = identity;
    return {
      "azuredevops:orgServiceUrl": `${address}/devops/${organization}`,
      "azure-native:subscriptionId": subscriptionId,
      "azure-native:tenantId": tenantId,
      "azure-native:metadataHost": new URL(address).host,
      organization,
      organizationUrl: `${address}/devops/${organization}`,
      feedsUrl: `${address}/feeds/${organization}`,
      packagesUrl: `${address}/packages/${organization}`,
    };
  }

  /** A folder for a project, with nothing but what a team keeps of Wheelhouse. */
  public project(name: string, template: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    keep(this.packed, template, folder);
    return folder;
  }

  /** Gives a project the packages that another one installed: the templates want the same. */
  public sharePackages(from: string, to: string): void {
    symlinkSync(join(from, "node_modules"), join(to, "node_modules"));
  }

  public change(file: string, changed: (text: string) => string): void {
    const before = readFileSync(file, "utf8");
    const after = changed(before);
    if (after === before) throw new Error(`${file} is the same after the change`);
    this.write(file, after);
  }

  public write(file: string, text: string): void {
    writeFileSync(file, text);
  }

  public pulumi(folder: string, ...args: string[]): Promise<Ended> {
    return this.command("pulumi", [...args, "--non-interactive"], folder);
  }

  public async command(command: string, args: readonly string[], cwd: string): Promise<Ended> {
    const ended = await run(command, args, {
      cwd,
      env: this.environment,
      allowFailure: true,
      timeoutSeconds: patience,
    });
    return { code: ended.code, output: `${ended.output}${ended.errors}` };
  }

  /** Asks the stand-in for Azure DevOps. @param path after the organization */
  public ask(path: string): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`:${this.secrets.personalAccessToken}`).toString("base64")}`;
    return fetch(`http://127.0.0.1:${this.cloud.port}/devops/${identity.organization}/${path}`, {
      headers: { authorization },
      signal: AbortSignal.timeout(10_000),
    });
  }

  /** Every secret of the stand, for what must not hold one. */
  public get secretTexts(): readonly string[] {
    return Object.values(this.secrets) as string[];
  }

  public async close(): Promise<void> {
    await this.cloud.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
