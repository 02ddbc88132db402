/** Ends a plugin's process with the engine that started it, however that ends. */
import { fstatSync } from "node:fs";

const checkMilliseconds = 500;

/**
 * Calls `exit` once the parent process is gone, or the pipe on standard input is closed. A process whose parent died
 * gets another one, so the number alone tells.
 */
export function exitWithParent(exit: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      exit();
    }
  }, checkMilliseconds).unref();
  if (isPipe(0)) {
    process.stdin.on("end", exit).on("error", exit).resume();
  }
}

function isPipe(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFIFO() || status.isSocket();
  } catch {
    return false;
  }
}
