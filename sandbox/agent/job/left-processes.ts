/** Finds and ends the processes that a job's steps left running. */
import { readFileSync, readdirSync } from "node:fs";

import { endProcesses, identify, isRunning, processesWith, type ProcessIdentity } from "../../process-table.mjs";

/** All steps carry it, and the agent finds what they left by it (the agent's `Constants.ProcessLookupId`). */
export const lookupVariable = "VSTS_PROCESS_LOOKUP_ID";

/** Sessions that steps were started in: a process that cleaned its environment is still in one. */
export class StepSessions {
  private readonly leaders = new Map<number, string | undefined>();

  public add(pid: number): void {
    this.leaders.set(pid, identify(pid).started);
  }

  public processes(): ProcessIdentity[] {
    if (process.platform !== "linux") return [];
    const found: ProcessIdentity[] = [];
    for (const entry of readdirSync("/proc")) {
      const pid = Number(entry);
      if (!Number.isInteger(pid)) continue;
      const session = sessionOf(pid);
      if (session !== undefined && this.isOurs(session)) found.push(identify(pid));
    }
    return found.filter(isRunning);
  }

  /** A process that got the leader's number later has another start time. */
  private isOurs(session: number): boolean {
    if (!this.leaders.has(session)) return false;
    const now = identify(session).started;
    return now === undefined || now === this.leaders.get(session);
  }
}

/** The sixth field of `/proc/<pid>/stat`; the second is a name in brackets that may hold anything (proc(5)). */
function sessionOf(pid: number): number | undefined {
  const text = readProcessFile(pid, "stat");
  return text === undefined ? undefined : Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[3]);
}

function readProcessFile(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined; // Ended meanwhile.
  }
}

/**
 * Ends all that a job's steps left. A process that made itself a new session and a new environment is not found, as the real agent does
 * not find it.
 * @returns the programs' names and ids, for the log
 */
export async function endLeftProcesses(
  lookup: string,
  sessions: StepSessions,
): Promise<{ pid: number; name: string }[]> {
  const list = (): ProcessIdentity[] => {
    const all = [...processesWith(lookupVariable, lookup), ...sessions.processes()];
    return [...new Map(all.map((identity) => [identity.pid, identity])).values()];
  };
  const names = list().map(({ pid }) => ({ pid, name: readProcessFile(pid, "comm")?.trim() ?? "" }));
  if (names.length > 0) await endProcesses(list, { graceSeconds: 0 });
  return names;
}
