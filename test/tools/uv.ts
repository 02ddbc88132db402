/** Finds uv for tests: the one on PATH, else the sandbox's own. */
import { ensureTools, toolEnvironment } from "../../sandbox/toolchain/index.mjs";
import { findProgram } from "../../tools/process";

/** An environment with uv on PATH. */
export async function environmentWithUv(): Promise<NodeJS.ProcessEnv> {
  if (findProgram("uv", process.env) !== undefined) return process.env;
  return toolEnvironment(await ensureTools({ groups: ["builds"], write: () => undefined }));
}
