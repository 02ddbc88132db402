/** `down`: stops the daemons and removes the sandbox. Only the tools stay, in the cache. */
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { endLeftJobs } from "../agent/service/leftovers";
import { agentsDaemon, cloudDaemon } from "./daemons";
import type { Sandbox } from "./sandbox";
import { holdSandbox } from "./hold";

/** @returns exit code */
export async function down(sandbox: Sandbox): Promise<number> {
  const outcome = await holdSandbox(sandbox, "down", async () => {
    // The agents first: their jobs still ask the clouds.
    const agents = await agentsDaemon(sandbox).stop();
    const clouds = await cloudDaemon(sandbox).stop();
    const stopped = [...(agents ? ["the agents"] : []), ...(clouds ? ["the stand-in clouds"] : [])];
    const existed = existsSync(sandbox.folder);
    // Where the agents were ended by force, nobody has ended what their jobs started.
    if (existed) await endLeftJobs(join(sandbox.agents, "agents"));
    rmSync(sandbox.folder, { recursive: true, force: true, maxRetries: 5 });
    return { stopped, existed };
  });
  const parent = dirname(sandbox.folder);
  // Another checkout's sandbox may be made in this moment: then the folder is not empty, and stays.
  if (existsSync(parent) && readdirSync(parent).length === 0) rmdirSync(parent);
  const { stopped, existed } = outcome;
  const done = [...stopped.map((called) => `stopped ${called}`), ...(existed ? [`removed ${sandbox.folder}`] : [])];
  process.stdout.write(`${done.length === 0 ? "there is no sandbox of this checkout" : done.join("; ")}\n`);
  return 0;
}
