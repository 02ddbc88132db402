/** Stops waiting for what cannot be stopped itself. */

/** The job or the step was canceled while it waited. */
export class Aborted extends Error {
  public constructor() {
    super("canceled");
    this.name = "AbortError";
  }
}

/** @throws Aborted as soon as the signal is; what the promise becomes then is nobody's */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Aborted());
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}
