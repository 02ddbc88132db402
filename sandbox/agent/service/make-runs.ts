/** Makes the runs that triggers asked for, each once, whatever moment the process is killed at. */
import type { Memory, MemoryFile, Start } from "./memory";
import { CloudRefused, devopsTokens, type CloudClient, type CloudRun, type World } from "./world";

/** The run that a start made before the process was killed; its number is above all that were known before. */
function madeBefore(start: Start, after: number, runs: readonly CloudRun[]): CloudRun | undefined {
  return runs.find(
    (run) =>
      run.id > after &&
      run.definitionId === start.definitionId &&
      run.reason === start.reason &&
      run.branch === start.branch &&
      run.commit === start.commit &&
      run.because === start.because,
  );
}

/** @returns the run's number; undefined where the clouds refuse it, since its pipeline is gone or switched off meanwhile */
async function make(start: Start, cloud: CloudClient, write: (line: string) => void): Promise<number | undefined> {
  try {
    return Number((await cloud.create(devopsTokens.run, start)).id);
  } catch (error) {
    if (!(error instanceof CloudRefused) || error.status >= 500) throw error;
    write(`no run of pipeline ${start.definitionId} for ${start.because}: ${error.message}`);
    return undefined;
  }
}

/**
 * Makes what is pending in the memory. What is made is taken out of it one by one: a kill in between leaves what an earlier call made
 * to be found by `madeBefore`.
 * @param world As it was seen after the memory was put.
 * @throws CloudAway
 */
export async function makePending(
  memoryFile: MemoryFile,
  world: World,
  cloud: CloudClient,
  write: (line: string) => void,
): Promise<number> {
  let count = 0;
  for (let memory: Memory = memoryFile.get(); ; memory = memoryFile.get()) {
    const [start, ...pending] = memory.pending;
    if (start === undefined) return count;
    const known = madeBefore(start, memory.lastRun, world.runs);
    const id = known?.id ?? (await make(start, cloud, write));
    memoryFile.put({ ...memory, pending, lastRun: Math.max(memory.lastRun, id ?? 0) });
    count += 1;
  }
}
