/** Lets one run at a time change the sandbox. */
import { lockOwner, withLock } from "../lock.mjs";
import { describeDuration } from "../progress.mjs";
import type { Sandbox } from "./sandbox";

/** How long a second run waits for the first one before it gives up: longer than a cold run takes. */
const waitSeconds = 10 * 60;

/** Does something to the sandbox while nothing else does, and without what an interrupted run left running. */
export async function holdSandbox<T>(sandbox: Sandbox, work: string, action: () => Promise<T>): Promise<T> {
  const options = {
    work,
    waitSeconds,
    // The engine saves its state on the first SIGINT; providers of an engine that is gone end by themselves.
    orphanSignal: "SIGINT" as const,
    orphanGraceSeconds: 15,
    onWait: ({ pid, work: other }: { pid: number; work: string }) =>
      process.stderr.write(
        `waiting for process ${pid}, which is busy with "${other}" (at most ${describeDuration(waitSeconds * 1000)})\n`,
      ),
  };
  return withLock(sandbox.lock, options, action);
}

/** Who changes the sandbox right now. */
export function sandboxOwner(sandbox: Sandbox): ReturnType<typeof lockOwner> {
  return lockOwner(sandbox.lock);
}
