/** Takes a tool from its Debian package: installed, where the user may install packages, or only its files. */
// @ts-check
import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { lockedEnvironment } from "../lock.mjs";
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
 * The best version that fits, as apt-get takes it.
 * @param {Tool} tool
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ version: string, suite: string } | import("./path.mjs").Refused>}
 */
async function fittingOffer(tool, name, env) {
  const listed = await run("apt-cache", ["madison", name], { env, allowFailure: true, timeoutSeconds: 60 });
  const known = offers(listed.output);
  const offer = known.find(({ version }) => isWithin(version, tool.onPath.range));
  if (offer !== undefined) return offer;
  const has = known.length === 0 ? "none" : known.map(({ version }) => version).join(", ");
  return { refused: `Debian offers ${name} ${has}; needed is ${describeRange(tool.onPath.range)}` };
}

/** @param {Making} making */
function aptEnvironment({ environment }) {
  return { ...environment, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
}

/**
 * @param {readonly string[]} root What goes before apt-get.
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} args
 */
function aptGet(root, env, args) {
  const [command = "apt-get", ...rest] = [...root, "apt-get", "-o", "DPkg::Lock::Timeout=120", ...args];
  return run(command, rest, { env, allowFailure: true, timeoutSeconds: 600 });
}

/** @param {import("../process.mjs").RunResult} done */
function lastWords({ errors }) {
  return errors.trim().split("\n").slice(-3).join(" ");
}

/**
 * Installs packages of Debian or a system like it.
 * @param {readonly string[]} packages The first one is asked for its version.
 * @param {Tool} tool
 * @param {Making} making
 * @returns {Promise<"installed" | import("./path.mjs").Refused>}
 */
export async function installPackages(packages, tool, making) {
  const [name = "", ...others] = packages;
  if (findProgram("apt-get", making.environment) === undefined) {
    return { refused: "there is no apt-get on this machine" };
  }
  const root = await asRoot(making);
  if (root === undefined)
    return { refused: `Debian's package ${name} needs root or password-less sudo to be installed` };
  const env = aptEnvironment(making);
  making.report(`asking Debian for its package ${name}`);
  await aptGet(root, env, ["update"]);
  const offer = await fittingOffer(tool, name, env);
  if ("refused" in offer) return offer;
  making.report(`installing Debian's package ${name} ${offer.version}`);
  const install = ["install", "-y", "--no-install-recommends", "-t", offer.suite, name, ...others];
  const done = await aptGet(root, env, install);
  return done.code === 0 ? "installed" : { refused: `apt-get install ${name} failed: ${lastWords(done)}` };
}

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").DebianSource} source
 * @param {Making} making
 * @returns {Promise<"installed" | import("./path.mjs").Refused>}
 */
export async function fromDebian(tool, source, making) {
  return installPackages([source.package, ...(source.with ?? [])], tool, making);
}

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").DebianFilesSource} source
 * @param {Making} making
 * @returns {Promise<import("./make.mjs").Made | import("./path.mjs").Refused>}
 */
export async function filesFromDebian(tool, source, making) {
  const { environment, folder, report, lock } = making;
  for (const program of ["apt-get", "dpkg-deb"]) {
    if (findProgram(program, environment) === undefined) return { refused: `there is no ${program} on this machine` };
  }
  const env = lockedEnvironment(lock, aptEnvironment(making));
  report(`asking Debian for its package ${source.package}`);
  let offer = await fittingOffer(tool, source.package, env);
  // The machine's list of packages may be missing or old; only who is root can renew it.
  const root = "refused" in offer ? await asRoot(making) : undefined;
  if (root !== undefined) {
    await aptGet(root, env, ["update"]);
    offer = await fittingOffer(tool, source.package, env);
  }
  if ("refused" in offer) return offer;
  report(`fetching Debian's package ${source.package} ${offer.version}`);
  const wanted = ["-t", offer.suite, "download", source.package];
  const done = await run("apt-get", wanted, { cwd: folder, env, allowFailure: true, timeoutSeconds: 600 });
  if (done.code !== 0) return { refused: `apt-get download ${source.package} failed: ${lastWords(done)}` };
  const file = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (file === undefined) return { refused: `apt-get download ${source.package} brought no package` };
  const unpacked = join(folder, "unpacked");
  await run("dpkg-deb", ["--extract", file, unpacked], { cwd: folder, env });
  renameSync(join(unpacked, source.folder), join(folder, "bin"));
  rmSync(unpacked, { recursive: true });
  rmSync(join(folder, file));
  return { how: "downloaded", version: offer.version, bin: "bin" };
}
