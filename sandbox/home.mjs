/** Where the sandbox keeps its files: one folder of the user for tools, and one a checkout for what runs from it. */
// @ts-check
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout that this file belongs to. */
export const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * `$WHEELHOUSE_HOME`, else `$XDG_CACHE_HOME/wheelhouse`, else `~/.cache/wheelhouse`.
 * @param {NodeJS.ProcessEnv} [environment]
 */
export function wheelhouseHome(environment = process.env) {
  const chosen = environment["WHEELHOUSE_HOME"];
  if (chosen !== undefined && chosen !== "") return resolve(chosen);
  const cache = environment["XDG_CACHE_HOME"];
  return join(cache !== undefined && cache !== "" ? resolve(cache) : join(homedir(), ".cache"), "wheelhouse");
}

/** @param {NodeJS.ProcessEnv} [environment] */
export function toolsFolder(environment = process.env) {
  return join(wheelhouseHome(environment), "tools");
}

/**
 * For what programs keep in the folder for temporary files: among it is what tsx made of the sources, which the next run
 * is quicker with. It belongs into the cache, and not beside it.
 * @param {NodeJS.ProcessEnv} [environment]
 */
export function temporaryFolder(environment = process.env) {
  return join(wheelhouseHome(environment), "temporary");
}

/**
 * A name for a checkout's sandbox: readable, and different for every path.
 * @param {string} folder
 */
export function sandboxSlug(folder) {
  const path = resolve(folder);
  const readable = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 30);
  return `${readable === "" ? "checkout" : readable}-${createHash("sha256").update(path).digest("hex").slice(0, 8)}`;
}

/**
 * @param {string} [folder] Default: this checkout.
 * @param {NodeJS.ProcessEnv} [environment]
 */
export function sandboxFolder(folder = checkout, environment = process.env) {
  return join(wheelhouseHome(environment), "sandboxes", sandboxSlug(folder));
}
