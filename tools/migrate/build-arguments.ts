/** Whether a build argument carries a credential: by what lint says of the pipeline that passes it. */
import { lintPipeline } from "../lint/pipeline";

/** What it passes in words, such as `PIP_INDEX_URL from PIP_INDEX_URL`; `undefined` where it is no credential. */
export function leakedArgument(argument: string): string | undefined {
  const text = JSON.stringify(`docker build --build-arg "${argument.replace(/["\\]/g, "")}" .`);
  const found = lintPipeline(`script: ${text}\n`, "pipeline").find(({ rule }) => rule === "secret-in-build-argument");
  return found === undefined ? undefined : found.what.replace(/^--build-arg passes /, "");
}
