/** One daemon a folder: a lock file that names its process, and that the next one takes over when that process is gone. */
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const form = z.object({ pid: z.number().int(), started: z.string(), nonce: z.string() });
type Holder = z.infer<typeof form>;

/** Another daemon runs on the folder. */
export class FolderLockedError extends Error {
  public constructor(folder: string, pid: number) {
    super(`process ${pid} serves ${folder} already: stop it first, or use another folder`);
    this.name = "FolderLockedError";
  }
}

/** Takes the folder's lock. @returns what gives it back */
export function lockFolder(folder: string): () => void {
  const file = join(folder, "lock.json");
  const self: Holder = { pid: process.pid, started: startOf(process.pid) ?? "", nonce: randomUUID() };
  const own = join(folder, `lock.${self.nonce}`);
  writeFileSync(own, JSON.stringify(self), { mode: 0o600 });
  try {
    // Each round either takes the lock, finds a living holder, or removes a dead one; three are more than any race needs.
    for (let round = 0; round < 3; round += 1) {
      if (link(own, file)) {
        return () => release(file, self);
      }
      const holder = read(file);
      if (holder !== undefined && alive(holder)) {
        throw new FolderLockedError(folder, holder.pid);
      }
      removeStale(file, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
  throw new FolderLockedError(folder, read(file)?.pid ?? 0);
}

/** A link appears whole or not at all, and only where nothing is. */
function link(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Moves a dead holder's lock aside. Where somebody else's new lock was moved by mistake, it is put back. */
function removeStale(file: string, stale: Holder | undefined): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // Somebody else was faster; the next round sees what is there now.
  }
  const moved = read(aside);
  if (moved !== undefined && moved.nonce !== stale?.nonce) {
    link(aside, file);
  }
  rmSync(aside, { force: true });
}

function release(file: string, self: Holder): void {
  if (read(file)?.nonce === self.nonce) {
    rmSync(file, { force: true });
  }
}

function read(file: string): Holder | undefined {
  try {
    return form.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined; // Absent, or not written by a daemon: in both cases nobody holds it.
  }
}

/** Whether the process that took the lock still runs: one of the same id that started at another time does not count. */
function alive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") {
      return false;
    }
  }
  const now = startOf(pid);
  return now === undefined ? started === "" : now === started;
}

/** When a process started, in clock ticks since the machine did (proc(5), field 22); undefined where that cannot be told. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold anything, so fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
