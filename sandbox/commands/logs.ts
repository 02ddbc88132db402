/** `logs`: shows what was said, and goes on showing what is added. */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Sandbox } from "./sandbox";

/** Names of the logs there are. */
export function logNames(sandbox: Sandbox): string[] {
  if (!existsSync(sandbox.logs)) return [];
  const files = readdirSync(sandbox.logs).filter((file) => file.endsWith(".log"));
  return files.map((file) => basename(file, ".log")).sort();
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

/** @param name One log, or nothing for all. @returns exit code: 1 when there is no such log */
export async function logs(sandbox: Sandbox, name: string | undefined, follow: boolean): Promise<number> {
  const names = logNames(sandbox);
  if (name !== undefined && !names.includes(name)) {
    const known = names.length === 0 ? "there are none yet: npm start makes them" : `there are ${names.join(", ")}`;
    process.stderr.write(`there is no log "${name}"; ${known}\n`);
    return 1;
  }
  const chosen = name === undefined ? names : [name];
  const positions = new Map<string, number>();
  const show = (): void => {
    for (const log of chosen) {
      const before = positions.get(log);
      let titled = chosen.length === 1;
      const after = copyFrom(join(sandbox.logs, `${log}.log`), before ?? 0, (chunk) => {
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
