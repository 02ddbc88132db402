/** Whether a RUN has credentials from a file that was copied in, or that it writes itself. */
import { credentialFile } from "./names";
import type { Run } from "./subject";

/** The rules that speak of such files say how to do without; what comes of that is looked at again. */
export function hasCopiedCredentials(run: Run): boolean {
  if (/netrc|\.git-credentials/.test(run.instruction.whole.text)) return true;
  for (let stage: Run["stage"] | undefined = run.stage; stage !== undefined; stage = stage.parent) {
    const copied = stage.instructions.some(
      ({ keyword, arguments: { text } }) =>
        (keyword === "COPY" || keyword === "ADD") &&
        text.split(/[\s"',[\]]+/).some((word) => credentialFile(word) !== undefined),
    );
    if (copied) return true;
  }
  return false;
}
