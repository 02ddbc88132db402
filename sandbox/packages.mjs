/** Installs the checkout's node packages when they are not there, or not those of its lock file. */
// @ts-check
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CommandFailed, run } from "./process.mjs";
import { lockedEnvironment, withLock } from "./lock.mjs";
import { describeDuration, startProgress } from "./progress.mjs";

/** Written last, so that its presence says that an installation was finished. npm empties the folder before the next one. */
const stampFile = "node_modules/.wheelhouse-installed";
/** How long another run's installation may take before this one stops waiting. */
const installSeconds = 20 * 60;

/** @param {string} folder */
function expectedStamp(folder) {
  const hash = createHash("sha256").update(readFileSync(join(folder, "package-lock.json")));
  return `${hash.update(process.version).update(process.arch).digest("hex")}\n`;
}

/** @param {string} folder */
export function packagesAreInstalled(folder) {
  const stamp = join(folder, stampFile);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === expectedStamp(folder);
}

/**
 * @param {string} folder The checkout.
 * @param {{ write: (line: string) => void, environment?: NodeJS.ProcessEnv, lock: string, progressSeconds?: number }} context
 * @throws {Error} with npm's own words, or where `node_modules` is a link to packages of another lock file
 */
export async function ensurePackages(folder, { write, environment = process.env, lock, progressSeconds }) {
  if (packagesAreInstalled(folder)) return;
  const packages = join(folder, "node_modules");
  // npm empties the folder first: through a link, somebody else's.
  if (lstatSync(packages, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(
      `${packages} leads to ${realpathSync(packages)}, whose packages are not those of this package-lock.json.\n` +
        "  Remove the link, then try again; or run npm ci where it leads to.",
    );
  }
  const onWait = (/** @type {{ pid: number }} */ { pid }) =>
    write(`node packages: waiting for process ${pid}, which is installing them`);
  await withLock(lock, { work: "installing node packages", waitSeconds: installSeconds, onWait }, async () => {
    if (packagesAreInstalled(folder)) return;
    const stamp = expectedStamp(folder);
    rmSync(join(folder, stampFile), { force: true });
    const started = Date.now();
    const progress = startProgress("node packages", write, progressSeconds);
    progress.report("installing");
    try {
      const env = lockedEnvironment(lock, environment);
      await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, env });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      throw new Error(`the node packages cannot be installed: ${error.message}`, { cause: error });
    } finally {
      progress.end();
    }
    writeFileSync(join(folder, stampFile), stamp);
    write(`node packages: installed in ${describeDuration(Date.now() - started)}`);
  });
}
