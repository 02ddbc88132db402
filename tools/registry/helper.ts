/** Asks docker's credential helpers: programs named `docker-credential-<helper>` that keep what docker signed in with. */
import { findProgram, run } from "../process";
import { type HelperAnswer } from "./credentials";

/** Seconds that a helper has: some wait for a person's answer in a window, and here is no one to give it. */
const patienceSeconds = 60;

/** Helpers read the server's name from their standard input; the shell gives it to them. */
const script = 'printf %s "$WHEELHOUSE_SERVER" | "$WHEELHOUSE_HELPER" get';

/** The helper's answer; exit code 127 when there is no such program. */
export async function runCredentialHelper(
  helper: string,
  server: string,
  environment: NodeJS.ProcessEnv,
): Promise<HelperAnswer> {
  const program = findProgram(`docker-credential-${helper}`, environment);
  if (program === undefined) return { code: 127, output: "" };
  const { code, output } = await run("sh", ["-c", script], {
    environment: { ...environment, WHEELHOUSE_SERVER: server, WHEELHOUSE_HELPER: program },
    signal: AbortSignal.timeout(patienceSeconds * 1000),
  });
  return { code, output };
}
