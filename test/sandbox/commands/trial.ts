/** A small program with a sandbox of its own, driven through the real command line. */
import { spawn, type ChildProcess } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeSandbox, type Sandbox } from "../../../sandbox/commands/sandbox";
import { endProcesses, processesWith } from "../../../sandbox/process-table.mjs";
import { ensureTools, toolEnvironment } from "../../../sandbox/toolchain/index.mjs";

const root = join(__dirname, "../../..");
const mark = "WHEELHOUSE_TEST_TRIAL";

/** Resource groups by name, and a wait before each: enough for everything that the command line does. */
const program = `
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { groups, fail, hold } = JSON.parse(readFileSync("declared.json", "utf8"));
class Groups extends pulumi.ComponentResource {
  constructor(name) {
    super("wheelhouse:index:Groups", name);
    for (const group of groups) {
      new pulumi.CustomResource("azure-native:resources:ResourceGroup", group,
        { resourceGroupName: group, location: "westeurope" }, { parent: this, version: "3.28.0" });
    }
    this.registerOutputs({});
  }
}
module.exports = (async () => {
  if (fail) throw new pulumi.RunError(fail);
  new Groups("all");
  if (hold) {
    require("node:fs").writeFileSync(hold, "");
    await new Promise((resolve) => setTimeout(resolve, 600000));
  }
  return { groups, token: pulumi.secret("of no use") };
})();
`;

export interface Outcome {
  readonly code: number;
  readonly text: string;
}

export class Trial {
  public readonly folder = mkdtempSync(join(tmpdir(), "wheelhouse-trial-"));
  public readonly program = join(this.folder, "program");
  public readonly home = join(this.folder, "home");
  public readonly sandbox: Sandbox = describeSandbox(this.program, { WHEELHOUSE_HOME: this.home });

  private constructor(private readonly tools: NodeJS.ProcessEnv) {
    mkdirSync(this.program);
    symlinkSync(join(root, "node_modules"), join(this.program, "node_modules"));
    writeFileSync(
      join(this.program, "Pulumi.yaml"),
      "name: trial\nruntime: { name: nodejs, options: { typescript: false } }\n",
    );
    writeFileSync(join(this.program, "package.json"), JSON.stringify({ name: "trial", main: "index.js" }));
    writeFileSync(join(this.program, "index.js"), program);
    this.declare({ groups: ["one", "two"] });
  }

  public static async make(): Promise<Trial> {
    return new Trial(toolEnvironment(await ensureTools()));
  }

  public declare(declared: { groups: string[]; fail?: string; hold?: string }): void {
    writeFileSync(join(this.program, "declared.json"), JSON.stringify(declared));
  }

  public get environment(): NodeJS.ProcessEnv {
    return {
      ...this.tools,
      WHEELHOUSE_HOME: this.home,
      WHEELHOUSE_PUBLIC_INDEX: "http://127.0.0.1:9/simple/",
      // As a person has them who works with real accounts: none of it may be used.
      PULUMI_ACCESS_TOKEN: "pul-of-a-person",
      PULUMI_STACK: "another",
      ARM_CLIENT_SECRET: "of-a-person",
      [mark]: this.folder,
    };
  }

  public start(...args: string[]): ChildProcess {
    const main = join(root, "sandbox/main.ts");
    return spawn(process.execPath, ["--require", "tsx/cjs", main, "--program", this.program, ...args], {
      cwd: root,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }

  public async run(...args: string[]): Promise<Outcome> {
    return outcome(this.start(...args));
  }

  /** Processes of this trial, among them the daemon. */
  public processes(): ReturnType<typeof processesWith> {
    return processesWith(mark, this.folder);
  }

  /** Engines and what they started: nothing of it may stay behind a run. */
  public engines(): ReturnType<typeof processesWith> {
    return processesWith("WHEELHOUSE_LOCK", this.sandbox.lock);
  }

  /** Everything that the sandbox keeps and a person may look at or hand on: logs, state, configuration. */
  public texts(): Map<string, string> {
    const found = new Map<string, string>();
    for (const entry of readdirSync(this.sandbox.folder, { recursive: true })) {
      const file = join(this.sandbox.folder, entry.toString());
      if (!statSync(file).isFile() || file === this.sandbox.secretsFile || file === this.sandbox.passphraseFile)
        continue;
      found.set(file, readFileSync(file, "utf8"));
    }
    return found;
  }

  public async remove(): Promise<void> {
    await endProcesses(() => this.processes(), { graceSeconds: 0 });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a process said until it ended. */
export async function outcome(child: ChildProcess): Promise<Outcome> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once("close", (ended, by) => resolve([ended, by]));
  });
  return { code: code ?? (signal === null ? -1 : -2), text };
}
