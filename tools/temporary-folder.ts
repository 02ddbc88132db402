/** A temporary folder that only this account can read, and that is gone when the work with it has ended. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const open = new Set<string>();

process.on("exit", () => {
  for (const folder of open) rmSync(folder, { recursive: true, force: true });
});

/** Runs `work` with a new folder below the environment's TMPDIR; removes it however the work ends. */
export async function withTemporaryFolder<T>(
  environment: NodeJS.ProcessEnv,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const parent = realpathSync(environment.TMPDIR ?? tmpdir());
  const folder = mkdtempSync(path.join(parent, "wheelhouse-"));
  open.add(folder);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    open.delete(folder);
  }
}
