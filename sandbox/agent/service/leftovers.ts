/** Clears away what agents left that were ended by force: processes of their jobs, and their folders. */
import { mkdirSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { endProcesses, processesWith, type ProcessIdentity } from "../../process-table.mjs";
import { removeWorkspace } from "../job";
import { workspaceOf } from "../job/workspace";
import type { Issue } from "../model";
import type { RunStore } from "../records";

/** Folder of an agent under that of all. */
export function agentFolder(folder: string, agent: number): string {
  return join(folder, String(agent));
}

/** Each step of a job has its temporary folder in its environment, and what it starts inherits it. */
function processesIn(agent: string): ProcessIdentity[] {
  return processesWith("AGENT_TEMPDIRECTORY", workspaceOf(join(agent, "job")).temp);
}

function jobProcesses(folder: string): ProcessIdentity[] {
  return readdirSync(folder).flatMap((name) => processesIn(join(folder, name)));
}

/** Ends by force what runs for jobs now. */
export async function endRunningJobs(folder: string): Promise<void> {
  const real = realpathSync(folder);
  await endProcesses(() => jobProcesses(real), { graceSeconds: 0 });
}

/**
 * Ends the jobs of an earlier service with these folders, and removes what they left.
 * @returns how many processes there were
 */
export async function endLeftJobs(folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const real = realpathSync(folder);
  const count = await endProcesses(() => jobProcesses(real), { graceSeconds: 2 });
  for (const name of readdirSync(real)) await removeWorkspace(join(real, name));
  return count;
}

export const lost: Issue = {
  type: "error",
  message:
    "The agent was lost: the process that ran this job was ended before the job was. Nothing of the job goes on. Queue the run again",
};

/** Ends the records of runs that went on when an earlier service ended. @returns their numbers */
export function endLostRuns(runs: RunStore): number[] {
  const left = runs.list().filter(({ state }) => state === "running");
  for (const { id } of left) runs.complete(id, "failed", [lost]);
  return left.map(({ id }) => id);
}
