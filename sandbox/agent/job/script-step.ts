/** Runs a `script:` or `bash:` step as the tasks CmdLine@2 and Bash@3 do on Linux: in a file, by bash, whichever of the two it is. */
import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { findProgram } from "../../toolchain/path.mjs";
import type { Result, ScriptStep } from "../model";
import { commandMark } from "./logging-command";
import type { StepScope } from "./step-scope";

/** Of what a step that may not write to standard error wrote there; more is not quoted again. */
const mostQuotedBytes = 1000;

export interface ScriptValues {
  /** Replaces macros. */
  readonly replace: (text: string) => string;
  readonly env: Readonly<Record<string, string>>;
}

export async function runScript(scope: StepScope, step: ScriptStep, { replace, env }: ScriptValues): Promise<Result> {
  const { variables, workspace } = scope.job;
  const script = replace(step.script.trim());
  const base = variables.get("System.DefaultWorkingDirectory") ?? workspace.sources;
  const cwd = resolve(base, replace(step.workingDirectory?.trim() ?? ""));
  scope.output.line("Generating script.");
  if (!existsSync(cwd)) {
    scope.error(`Not found workingDirectory: ${cwd}`);
    return "failed";
  }
  const environment = scope.environment(env);
  const bash = findProgram("bash", environment);
  if (bash === undefined) {
    scope.error("Unable to locate executable file: 'bash'. Install Debian's package bash on the agent's machine.");
    return "failed";
  }
  const file = join(workspace.temp, `${randomUUID()}.sh`);
  // Macros may have put secrets into it.
  writeFileSync(file, script, { mode: 0o600 });
  if (!script.includes("\n") && !script.toLowerCase().includes(commandMark)) {
    scope.output.line("Script contents:");
    scope.output.line(script);
  }
  scope.output.line("========================== Starting Command Output ===========================");
  const args = step.shell === "bash" ? [file] : ["--noprofile", "--norc", file];
  scope.output.line(`[command]${[bash, ...args].join(" ")}`);
  const errors = new QuotedErrors();
  const code = await scope.run(bash, args, {
    cwd,
    env: environment,
    commands: true,
    oneStream: !step.failOnStderr,
    onErrors: step.failOnStderr ? (chunk) => errors.add(chunk) : undefined,
  });
  if (scope.signal.aborted) return "canceled";
  if (code !== 0) scope.error(`Bash exited with code '${code}'.`);
  if (errors.any) {
    scope.error("Bash wrote one or more lines to the standard error stream.");
    scope.error(errors.text);
  }
  return code !== 0 || errors.any ? "failed" : "succeeded";
}

/** The beginning of what was written to standard error. */
class QuotedErrors {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  public add(chunk: Buffer): void {
    if (this.bytes < mostQuotedBytes) this.chunks.push(chunk.subarray(0, mostQuotedBytes - this.bytes));
    this.bytes += chunk.length;
  }

  public get any(): boolean {
    return this.bytes > 0;
  }

  public get text(): string {
    const quoted = Buffer.concat(this.chunks).toString("utf8").trimEnd();
    return this.bytes > mostQuotedBytes ? `${quoted}<truncated>` : quoted;
  }
}
