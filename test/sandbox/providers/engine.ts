/** Runs the real engine on a small program in a folder of its own, with the installed plugins. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { ExportedStack } from "../../../sandbox/providers/adopt";
import { installProviders } from "../../../sandbox/providers/install";
import type { ControlServer, Properties } from "./control-server";

/** Why the engine cannot run here, or nothing. */
export function engineMissing(): string | undefined {
  const missing = ["pulumi", "pulumi-language-nodejs"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0,
  );
  return missing.length === 0 ? undefined : `${missing.join(" and ")} not on PATH`;
}

/** One resource of the program. */
export interface Declared {
  readonly token: string;
  readonly name: string;
  readonly args: Properties;
  readonly options?: Properties;
}

const program = `
const pulumi = require("@pulumi/pulumi");
const versions = { azuredevops: "3.15.0", "azure-native": "3.28.0" };
for (const { token, name, args, options } of require("./resources.json")) {
  const version = versions[token.split(":")[0]];
  const plain = Object.entries(args).map(([key, value]) => [key, value?.secret === undefined ? value : pulumi.secret(value.secret)]);
  new pulumi.CustomResource(token, name, Object.fromEntries(plain), { version, ...options });
}
`;

export class Engine {
  private constructor(
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  public static async start(cloud: ControlServer, accessToken: string): Promise<Engine> {
    const folder = await mkdtemp(join(tmpdir(), "wheelhouse-engine-"));
    const [plugins, home, state] = ["plugins", "home", "state"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await Promise.all([home, state].map((path) => mkdir(path)));
    await installProviders(plugins);
    const modules = dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json"))));
    await symlink(modules, join(folder, "node_modules"));
    await writeFile(
      join(folder, "Pulumi.yaml"),
      "name: trial\nruntime: { name: nodejs, options: { typescript: false } }\n",
    );
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "trial", main: "index.js" }));
    await writeFile(join(folder, "index.js"), program);
    await writeFile(join(folder, "resources.json"), "[]");
    const engine = new Engine(folder, {
      ...process.env,
      PATH: [plugins, process.env.PATH ?? ""].join(delimiter),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      AZDO_ORG_SERVICE_URL: cloud.organizationUrl,
      AZDO_PERSONAL_ACCESS_TOKEN: accessToken,
      ARM_SUBSCRIPTION_ID: "s",
      ARM_TENANT_ID: "t",
      ARM_CLIENT_ID: "c",
      ARM_CLIENT_SECRET: accessToken,
      ARM_METADATA_HOSTNAME: cloud.metadataHost,
    });
    await engine.run("stack", "init", "sandbox");
    return engine;
  }

  public async declare(...resources: Declared[]): Promise<void> {
    await writeFile(join(this.folder, "resources.json"), JSON.stringify(resources));
  }

  /** Output of both streams. Rejects with it where the engine fails. */
  public async run(...args: string[]): Promise<string> {
    const child = this.spawn(...args);
    let text = "";
    child.stdout?.on("data", (data) => (text += String(data)));
    child.stderr?.on("data", (data) => (text += String(data)));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    if (code !== 0) {
      throw new Error(text);
    }
    return text;
  }

  public spawn(...args: string[]): ChildProcess {
    return spawn("pulumi", [...args, "--non-interactive"], {
      cwd: this.folder,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  public async export(): Promise<ExportedStack> {
    return JSON.parse(await this.run("stack", "export")) as ExportedStack;
  }

  public async import(stack: ExportedStack): Promise<void> {
    const file = join(this.folder, "stack.json");
    await writeFile(file, JSON.stringify(stack));
    await this.run("stack", "import", "--file", file);
  }

  public async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Every process below one, with its command line: Linux keeps them in /proc, by the thread that started them. */
export async function descendants(pid: number): Promise<{ pid: number; command: string }[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "")),
  );
  const found = [];
  for (const child of children.join(" ").trim().split(/\s+/).filter(Boolean).map(Number)) {
    const command = (await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
    found.push({ pid: child, command }, ...(await descendants(child)));
  }
  return found;
}
