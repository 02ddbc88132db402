/** Makes a tool that the machine lacks and keeps it by name and version: a finished folder appears at once or not at all. */
// @ts-check
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { run } from "../process.mjs";
import { withLock } from "../lock.mjs";
import { describeDuration, startProgress } from "../progress.mjs";
import { fromArchive } from "./archive.mjs";
import { filesFromDebian, fromDebian } from "./debian.mjs";
import { fromGo } from "./go.mjs";
import { fromLock } from "./locked.mjs";
import { findOnPath, findProgram, missingPrograms } from "./path.mjs";
import { go } from "./tools.mjs";
import { fromWheel } from "./wheel.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {import("./tools.mjs").Source} Source */
/** @typedef {import("./path.mjs").Refused} Refused */

/** @typedef {"PATH" | "downloaded" | "built" | "installed"} Origin */

/**
 * What a source made: which folder inside the one it was given holds the programs, and files in it that they cannot work without.
 * @typedef {{ how: Exclude<Origin, "PATH">, version: string, bin: string, needs?: readonly string[] }} Made
 */

/**
 * A tool and the folder of its programs.
 * @typedef {{ name: string, group: import("./tools.mjs").Group, version: string, from: Origin, folder: string }} Located
 */

/**
 * What a source works with.
 * @typedef {object} Making
 * @property {string} folder An empty folder to make the tool in.
 * @property {NodeJS.ProcessEnv} environment
 * @property {string} lock The lock that this is done under, for the processes it starts.
 * @property {(text: string) => void} report
 * @property {boolean} isRoot
 * @property {(minimum: string) => Promise<{ folder: string } | Refused>} builder Finds or fetches Go.
 * @property {(tool: Tool) => Promise<{ folder: string } | Refused>} other Finds or makes another tool that this one is made with.
 */

/**
 * @typedef {object} ToolContext
 * @property {string} folder Where tools are kept.
 * @property {NodeJS.ProcessEnv} environment
 * @property {(line: string) => void} write
 * @property {number} [progressSeconds] Default 10.
 * @property {boolean} [isRoot] Whether packages may be installed as it is. Default: who runs this.
 * @property {readonly string[]} [goFolders] Where Go is by custom, searched after PATH.
 */

/** Where Go's own archive and Debian put it, which not every user has on PATH. */
const usualGoFolders = ["/usr/local/go/bin", "/usr/lib/go/bin"];

/** A tool is not on this machine and cannot be had by itself. */
export class ToolMissing extends Error {
  /** @param {Tool} tool @param {readonly string[]} reasons */
  constructor(tool, reasons) {
    super(`${tool.name} is needed:\n  ${reasons.join("\n  ")}\n  Install ${tool.install}, then try again.`);
    this.name = "ToolMissing";
    this.tool = tool.name;
  }
}

/** How long the making of one tool may take before another run stops waiting for it: slow machines, slow networks. */
const makingSeconds = 30 * 60;

/** @param {Tool} tool @param {string} folder */
function versionFolder(tool, folder) {
  return join(folder, tool.name, tool.version);
}

/** @param {Tool} tool @param {string} folder @returns {Located | undefined} */
function findMade(tool, folder) {
  const finished = versionFolder(tool, folder);
  try {
    const made = /** @type {Made} */ (JSON.parse(readFileSync(join(finished, "made.json"), "utf8")));
    const programs = join(finished, made.bin);
    if (missingPrograms(tool, programs).length > 0) return undefined;
    if ((made.needs ?? []).some((need) => !existsSync(join(finished, need)))) return undefined;
    return { name: tool.name, group: tool.group, version: made.version, from: made.how, folder: programs };
  } catch {
    return undefined;
  }
}

/** @param {Tool} tool @param {import("./path.mjs").Found} found @returns {Located} */
function onPath({ name, group }, { version, folder }) {
  return { name, group, version, from: "PATH", folder };
}

/**
 * Finds a tool on PATH or among those made earlier.
 * @param {Tool} tool
 * @param {ToolContext} context
 * @returns {Promise<Located | Refused>}
 */
export async function locateTool(tool, { folder, environment }) {
  const made = findMade(tool, folder);
  const program = findProgram(tool.programs[0] ?? tool.name, environment);
  // Where it was made here, its version is known, and some take a second to tell it.
  if (made !== undefined && program !== undefined && dirname(program) === made.folder) return made;
  const found = await findOnPath(tool, environment);
  return "folder" in found ? onPath(tool, found) : (made ?? found);
}

/**
 * @param {Tool} tool
 * @param {Source} source
 * @param {Making} making
 * @returns {Promise<Made | "installed" | Refused>}
 */
function askSource(tool, source, making) {
  switch (source.kind) {
    case "archive":
      return fromArchive(tool, source, making);
    case "go":
      return fromGo(tool, source, making);
    case "debian":
      return fromDebian(tool, source, making);
    case "debian-files":
      return filesFromDebian(tool, source, making);
    case "wheel":
      return fromWheel(tool, source, making);
    case "locked":
      return fromLock(tool, source, making);
  }
}

/**
 * @param {Tool} tool
 * @param {Source} source
 * @param {ToolContext} context
 * @param {string} lock
 * @param {string} folder
 * @returns {Promise<Made | "installed" | Refused>}
 */
async function makeFrom(tool, source, context, lock, folder) {
  const progress = startProgress(`${tool.name} ${tool.version}`, context.write, context.progressSeconds);
  try {
    return await askSource(tool, source, {
      folder,
      lock,
      environment: context.environment,
      report: progress.report,
      isRoot: context.isRoot ?? process.getuid?.() === 0,
      builder: (minimum) => findGo(minimum, context),
      other: (needed) => findOther(needed, context),
    });
  } finally {
    progress.end();
  }
}

/**
 * Go new enough to build with. One from 1.21 on fetches a newer one by itself, unless the machine's settings say no.
 * @param {string} minimum
 * @param {ToolContext} context
 * @returns {Promise<{ folder: string } | Refused>}
 */
async function findGo(minimum, context) {
  const path = [context.environment["PATH"] ?? "", ...(context.goFolders ?? usualGoFolders)].join(":");
  const environment = { ...context.environment, PATH: path };
  const older = await findOnPath({ ...go, onPath: { ...go.onPath, range: { from: "1.21" } } }, environment);
  if ("folder" in older) {
    const args = ["env", "GOTOOLCHAIN"];
    const said = await run(join(older.folder, "go"), args, { env: environment, allowFailure: true });
    if (said.code === 0 && !/^local$/m.test(said.output)) return older;
  }
  return findOther({ ...go, onPath: { ...go.onPath, range: { from: minimum } } }, { ...context, environment });
}

/**
 * @param {Tool} tool
 * @param {ToolContext} context
 * @returns {Promise<{ folder: string } | Refused>}
 */
async function findOther(tool, context) {
  try {
    return await ensureTool(tool, context);
  } catch (error) {
    if (error instanceof ToolMissing) return { refused: error.message.replaceAll("\n", "\n  ") };
    throw error;
  }
}

/**
 * @param {Tool} tool
 * @param {ToolContext} context
 * @param {string} lock
 * @param {string} notOnPath
 * @returns {Promise<Located>}
 */
async function makeTool(tool, context, lock, notOnPath) {
  const finished = versionFolder(tool, context.folder);
  const reasons = [notOnPath];
  const started = Date.now();
  // Only the owner of the lock works in this folder: what lies there is the rest of an interrupted run.
  const unfinished = `${finished}.unfinished`;
  try {
    for (const source of tool.sources) {
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished, { recursive: true });
      const made = await makeFrom(tool, source, context, lock, unfinished);
      if (made === "installed") {
        const found = await findOnPath(tool, context.environment);
        if ("folder" in found) return onPath(tool, found);
        reasons.push(`installed its package, yet ${found.refused}`);
      } else if ("refused" in made) {
        reasons.push(made.refused);
      } else {
        writeFileSync(join(unfinished, "made.json"), `${JSON.stringify(made)}\n`);
        rmSync(finished, { recursive: true, force: true });
        renameSync(unfinished, finished);
        const located = findMade(tool, context.folder);
        if (located !== undefined) {
          context.write(`${tool.name} ${tool.version}: ${located.from} in ${describeDuration(Date.now() - started)}`);
          return located;
        }
        reasons.push(`what was ${made.how} lacks one of ${tool.programs.join(", ")}`);
      }
    }
  } finally {
    if (existsSync(unfinished)) rmSync(unfinished, { recursive: true, force: true });
  }
  throw new ToolMissing(tool, reasons);
}

/**
 * Finds a tool, or makes it. Two runs at once make it once: the second one waits and takes what the first one made.
 * @param {Tool} tool
 * @param {ToolContext} context
 * @returns {Promise<Located>}
 * @throws {ToolMissing}
 */
export async function ensureTool(tool, context) {
  const located = await locateTool(tool, context);
  if ("folder" in located) return located;
  const lock = `${versionFolder(tool, context.folder)}.lock`;
  const work = `getting ${tool.name} ${tool.version}`;
  const onWait = (/** @type {{ pid: number }} */ { pid }) =>
    context.write(`${tool.name} ${tool.version}: waiting for process ${pid}, which is getting it`);
  return withLock(lock, { work, waitSeconds: makingSeconds, onWait }, async () => {
    const meanwhile = findMade(tool, context.folder);
    return meanwhile ?? makeTool(tool, context, lock, located.refused);
  });
}
