/** Runs the Pulumi CLI for the Automation API as every other process of the tools is run, so that an interrupt ends it. */
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { OutsideError } from "../errors";
import { findProgram, run } from "../process";

/** The CLI ended with an error; what it wrote says more. */
export class EngineError extends Error {
  override readonly name = "EngineError";

  constructor(
    readonly code: number,
    readonly output: string,
    readonly errors: string,
  ) {
    super(`pulumi ended with ${code}`);
  }
}

/** What the Automation API calls of its `PulumiCommand`, in version 3.248.0; `run` is not in its declarations. */
interface EngineCommand {
  readonly command: string;
  /** The API asks for its text alone. */
  readonly version: string;
  run(
    args: string[],
    folder: string,
    variables: Readonly<Record<string, string>>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<{ stdout: string; stderr: string; code: number }>;
}

/**
 * The API's own command sends one SIGINT and waits for ever, and takes the environment of this process. This one ends the CLI
 * and its children, by force after a while, and takes the environment that it is given.
 * @throws OutsideError where there is no CLI, or it does not run
 */
export async function engineCommand(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<PulumiCommand> {
  const program = findProgram("pulumi", environment);
  if (program === undefined) {
    throw new OutsideError("pulumi is not on PATH", "install the Pulumi CLI, or add the folder that it is in to PATH");
  }
  const command: EngineCommand = {
    command: program,
    version: await versionOf(program, environment, signal),
    async run(args, folder, variables, onOutput, onError, aborted) {
      const result = await run(program, args.includes("--non-interactive") ? args : [...args, "--non-interactive"], {
        cwd: folder,
        environment: { ...environment, ...variables, PULUMI_AUTOMATION_API: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
        signal: aborted ?? signal,
        onLine: (line, stream) => (stream === "output" ? onOutput?.(`${line}\n`) : onError?.(`${line}\n`)),
      });
      if (result.code !== 0) throw new EngineError(result.code, result.output, result.errors);
      return { stdout: result.output, stderr: result.errors, code: 0 };
    },
  };
  // The class has a private constructor; the API asks for nothing but these members.
  return command as unknown as PulumiCommand;
}

async function versionOf(program: string, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const { code, output, errors } = await run(program, ["version"], {
    environment: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
    signal,
  });
  const version = /^v?(3\.\d+\.\d+\S*)$/.exec(output.trim())?.[1];
  if (code === 0 && version !== undefined) return version;
  const said = (errors || output).trim() || `it ended with ${code}`;
  throw new OutsideError(`${program} is no Pulumi CLI of version 3: ${said}`, "install the Pulumi CLI anew");
}
