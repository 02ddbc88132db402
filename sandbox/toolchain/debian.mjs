/** Installs a tool's Debian package, where the machine has apt-get and the user may install packages. */
// @ts-check
import { run } from "../process.mjs";
import { findProgram } from "./path.mjs";
import { describeRange, isWithin } from "./versions.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {import("./make.mjs").Making} Making */

/**
 * What apt-cache madison offers: the version, and the suite it is in.
 * @param {string} text
 * @returns {{ version: string, suite: string }[]} best first
 */
export function offers(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const match = /^\s*\S+\s*\|\s*(?:\d+:)?(\d[\d.]*)\S*\s*\|\s*\S+\s+([^/\s]+)\/\S*\s+.*Packages\s*$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) found.push({ version: match[1], suite: match[2] });
  }
  return found;
}

/** @param {Making} making @returns {Promise<string[] | undefined>} what goes before apt-get */
async function asRoot({ isRoot, environment }) {
  if (isRoot) return [];
  if (findProgram("sudo", environment) === undefined) return undefined;
  const allowed = await run("sudo", ["-n", "true"], { env: environment, allowFailure: true, timeoutSeconds: 20 });
  return allowed.code === 0 ? ["sudo", "-n"] : undefined;
}

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").DebianSource} source
 * @param {Making} making
 * @returns {Promise<"installed" | import("./path.mjs").Refused>}
 */
export async function fromDebian(tool, source, making) {
  const { environment, report } = making;
  if (findProgram("apt-get", environment) === undefined) return { refused: "there is no apt-get on this machine" };
  const root = await asRoot(making);
  if (root === undefined) {
    return { refused: `Debian's package ${source.package} needs root or password-less sudo to be installed` };
  }
  const env = { ...environment, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  /** @param {string[]} args */
  const aptGet = (...args) => {
    const [command = "apt-get", ...rest] = [...root, "apt-get", "-o", "DPkg::Lock::Timeout=120", ...args];
    return run(command, rest, { env, allowFailure: true, timeoutSeconds: 600 });
  };
  report(`asking Debian for its package ${source.package}`);
  await aptGet("update");
  const listed = await run("apt-cache", ["madison", source.package], { env, allowFailure: true, timeoutSeconds: 60 });
  const known = offers(listed.output);
  const offer = known.find(({ version }) => isWithin(version, tool.onPath.range));
  if (offer === undefined) {
    const has = known.length === 0 ? "none" : known.map(({ version }) => version).join(", ");
    return { refused: `Debian offers ${source.package} ${has}; needed is ${describeRange(tool.onPath.range)}` };
  }
  report(`installing Debian's package ${source.package} ${offer.version}`);
  const done = await aptGet("install", "-y", "--no-install-recommends", "-t", offer.suite, source.package);
  if (done.code === 0) return "installed";
  return { refused: `apt-get install ${source.package} failed: ${done.errors.trim().split("\n").slice(-3).join(" ")}` };
}
