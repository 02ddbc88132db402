/** `pulumi`: the real CLI with the sandbox's environment, for people who want to look for themselves. */
import { cloudDaemon } from "./daemons";
import { prepareEngine, runEngineInForeground } from "./engine";
import { holdSandbox } from "./hold";
import { readSecrets, type Sandbox } from "./sandbox";

/** @returns the CLI's own exit code; 1 when there is no sandbox */
export async function pulumi(sandbox: Sandbox, args: readonly string[]): Promise<number> {
  const secrets = readSecrets(sandbox);
  if (secrets === undefined || (await cloudDaemon(sandbox).address()) === undefined) {
    process.stderr.write("the sandbox is not up: npm run sandbox -- up\n");
    return 1;
  }
  const engine = await prepareEngine(sandbox, secrets, (line) => process.stderr.write(`${line}\n`));
  return holdSandbox(sandbox, `pulumi ${args[0] ?? ""}`, () => runEngineInForeground(engine, args));
}
