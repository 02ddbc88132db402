/** Runs `wheelhouse` in this process, as its users do in theirs. */
import { runProgram } from "../../tools/program";

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export async function wheelhouse(
  args: readonly string[],
  options: { environment?: NodeJS.ProcessEnv; workingFolder?: string; signal?: AbortSignal } = {},
): Promise<Ran> {
  let output = "";
  let errors = "";
  const code = await runProgram(
    args,
    {
      environment: options.environment ?? process.env,
      workingFolder: options.workingFolder ?? process.cwd(),
      signal: options.signal ?? new AbortController().signal,
    },
    { writeOutput: (text) => (output += text), writeErrors: (text) => (errors += text) },
  );
  return { code, output, errors };
}
