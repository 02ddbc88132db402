/** `logs`: shows what was said, and goes on showing what is added. */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { findRun, showRun } from "./runs";
import type { Sandbox } from "./sandbox";

/** The logs there are, by name. */
export function findLogs(sandbox: Sandbox): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of [sandbox.cloud, sandbox.agents, sandbox.logs]) {
    if (!existsSync(folder)) continue;
    const files = readdirSync(folder).filter((file) => file.endsWith(".log"));
    for (const file of files.sort()) found.set(basename(file, ".log"), join(folder, file));
  }
  return found;
}

/** Writes a file from a position on. @returns the position after it: the start again where the file was made anew */
function copyFrom(file: string, position: number, write: (chunk: Buffer) => void): number {
  if (!existsSync(file)) return 0;
  const descriptor = openSync(file, "r");
  const chunk = Buffer.alloc(65536);
  try {
    let at = fstatSync(descriptor).size < position ? 0 : position;
    for (;;) {
      const size = readSync(descriptor, chunk, 0, chunk.length, at);
      if (size === 0) return at;
      write(Buffer.from(chunk.subarray(0, size)));
      at += size;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** @param name One log, a run's number or a pipeline's name; or nothing for all logs. @returns exit code: 1 when there is no such */
export async function logs(sandbox: Sandbox, name: string | undefined, follow: boolean): Promise<number> {
  const all = findLogs(sandbox);
  const names = [...all.keys()];
  if (name !== undefined && !all.has(name)) {
    const run = findRun(sandbox, name);
    if (run !== undefined) {
      await showRun(sandbox, run, follow);
      return 0;
    }
    const known =
      names.length === 0
        ? "there are none yet: npm start makes them"
        : `there are ${names.join(", ")}, and those of runs, by number or pipeline: npm run sandbox -- runs`;
    process.stderr.write(`there is no log "${name}"; ${known}\n`);
    return 1;
  }
  const chosen = name === undefined ? names : [name];
  const positions = new Map<string, number>();
  const show = (): void => {
    for (const log of chosen) {
      const before = positions.get(log);
      let titled = chosen.length === 1;
      const after = copyFrom(all.get(log) ?? log, before ?? 0, (chunk) => {
        if (!titled) process.stdout.write(`==> ${log} <==\n`);
        titled = true;
        process.stdout.write(chunk);
      });
      positions.set(log, after);
    }
  };
  show();
  while (follow) {
    await sleep(500);
    show();
  }
  return 0;
}
