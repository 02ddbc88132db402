/** One daemon a folder: the next one takes over when the process that served it is gone. */
import { join } from "node:path";
import { takeLock } from "../lock.mjs";

/** Another daemon runs on the folder. */
export class FolderLockedError extends Error {
  public constructor(folder: string, pid: number) {
    super(`process ${pid} serves ${folder} already: stop it first, or use another folder`);
    this.name = "FolderLockedError";
  }
}

/** Takes the folder's lock. @returns what gives it back */
export function lockFolder(folder: string): () => void {
  const taken = takeLock(join(folder, "lock.json"), `serving ${folder}`);
  if ("release" in taken) return taken.release;
  throw new FolderLockedError(folder, taken.owner?.pid ?? 0);
}
