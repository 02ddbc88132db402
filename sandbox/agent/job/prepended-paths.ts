/** The folders that steps put before `PATH` for those that follow. */
import type { JobScope } from "./step-scope";

/** One that is there already comes first again. */
export function prependPath({ prependedPaths }: Pick<JobScope, "prependedPaths">, folder: string): void {
  const at = prependedPaths.indexOf(folder);
  if (at >= 0) prependedPaths.splice(at, 1);
  prependedPaths.push(folder);
}
