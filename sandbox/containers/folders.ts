/** Where containers keep their files, and how what a killed process left behind is found and removed. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import * as path from "node:path";

import { wheelhouseHome } from "../home.mjs";
import { identify, isRunning } from "../process-table.mjs";

/** Parent of the control groups of all containers. */
export const cgroupParent = "wheelhouse";

const RUN = /^wh-(\d+)-(\d*)-[0-9a-f]{12}$/;

/** @returns the folder for containers: `layers/` is kept, `runs/` holds one folder for each that runs. */
export function containersFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return path.join(wheelhouseHome(environment), "containers");
}

/** A new folder that tells by its name whose it is, so that it can be told from what nobody needs any more. */
export function makeRunFolder(folder: string): string {
  const { pid, started } = identify();
  const run = path.join(folder, "runs", `wh-${pid}-${started ?? ""}-${randomBytes(6).toString("hex")}`);
  mkdirSync(run, { recursive: true, mode: 0o700 });
  return run;
}

/**
 * Removes what belongs to processes that are gone. Their containers have ended with them, and their mounts with these:
 * only files and empty control groups are left.
 * @returns how many there were
 */
export function sweep(folder: string): number {
  const runs = path.join(folder, "runs");
  if (!existsSync(runs)) return 0;
  let removed = 0;
  for (const name of readdirSync(runs)) {
    const [, pid, started] = RUN.exec(name) ?? [];
    if (pid === undefined || isRunning({ pid: Number(pid), started: started === "" ? undefined : started })) continue;
    removeRunFolder(path.join(runs, name));
    removed++;
  }
  return removed;
}

/** Removes a run's files and its control groups. */
export function removeRunFolder(run: string): void {
  removeControlGroups(path.basename(run));
  rmSync(run, { recursive: true, force: true, maxRetries: 3 });
}

/** One group in the second version of control groups, and one for each controller in the first. */
function removeControlGroups(name: string): void {
  const top = "/sys/fs/cgroup";
  if (!existsSync(top)) return;
  const parents = [top, ...readdirSync(top).map((controller) => path.join(top, controller))];
  for (const parent of parents) {
    try {
      rmdirSync(path.join(parent, cgroupParent, name));
    } catch {
      // Not there, or still in use: the kernel removes its processes in a moment, and the next sweep the group.
    }
  }
}
