/** Makes an environment of its own for a Python program, with exactly the packages that a committed lock names, by hash. */
// @ts-check
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { lockedEnvironment } from "../lock.mjs";
import { run } from "../process.mjs";
import { python, uv } from "./build-tools.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {import("./make.mjs").Making} Making */

/**
 * uv does not read pip's settings: where pip was given an index, uv is given the same one, through the environment since it may hold
 * a password.
 * @param {string} program python3
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
async function indexForUv(program, environment) {
  if (environment["UV_DEFAULT_INDEX"] !== undefined || environment["UV_INDEX_URL"] !== undefined) return {};
  const ask = ["-m", "pip", "config", "get", "global.index-url"];
  const said = await run(program, ask, { env: environment, allowFailure: true, timeoutSeconds: 20 });
  const index = environment["PIP_INDEX_URL"] ?? (said.code === 0 ? said.output.trim() : "");
  return index === "" ? {} : { UV_DEFAULT_INDEX: index };
}

/** The machine's own Python behind links and environments: what is made must outlive the environment it is made from. */
const tellInterpreter = "import os, sys; print(os.path.realpath(getattr(sys, '_base_executable', sys.executable)))";

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").LockedSource} source
 * @param {Making} making
 * @returns {Promise<import("./make.mjs").Made | import("./path.mjs").Refused>}
 */
export async function fromLock(tool, source, making) {
  const { folder, environment, lock, report, other } = making;
  const [foundPython, foundUv] = [await other(python), await other(uv)];
  if ("refused" in foundPython) return foundPython;
  if ("refused" in foundUv) return foundUv;
  const [program, uvProgram] = [join(foundPython.folder, "python3"), join(foundUv.folder, "uv")];
  const lockFile = join(dirname(fileURLToPath(import.meta.url)), source.lock);
  const count = readFileSync(lockFile, "utf8").match(/^\S+==/gm)?.length ?? 0;
  report(`installing at most ${count} Python packages`);
  const index = await indexForUv(program, environment);
  const env = { ...lockedEnvironment(lock, environment), ...index, UV_NO_CONFIG: "1", UV_PYTHON_DOWNLOADS: "never" };
  try {
    const interpreter = (await run(program, ["-I", "-c", tellInterpreter], { env })).output.trim();
    const made = join(folder, "environment");
    await run(uvProgram, ["venv", "--quiet", "--relocatable", "--python", interpreter, made], { env });
    const exactly = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", lockFile];
    await run(uvProgram, ["pip", "install", "--quiet", "--python", join(made, "bin/python"), ...exactly], { env });
  } catch (error) {
    return { refused: `uv cannot make its environment: ${/** @type {Error} */ (error).message}` };
  }
  // Only the tool's own programs are for PATH: the environment has a python, too, and the programs of all that is installed.
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of tool.programs) symlinkSync(join("../environment/bin", name), join(bin, name));
  // The environment's python is a link to the machine's: when that goes, the environment is made anew.
  return { how: "installed", version: tool.version, bin: "bin", needs: ["environment/bin/python"] };
}
