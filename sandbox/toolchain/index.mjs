/** Finds, fetches or builds the real programs that the sandbox runs. Needs no installed package: it runs before there are any. */
// @ts-check
import { toolsFolder } from "../home.mjs";
import { ensureTool, locateTool, ToolMissing } from "./make.mjs";
import { tools } from "./tools.mjs";

/** @typedef {import("./make.mjs").Located} Located */
/** @typedef {import("./make.mjs").ToolContext} ToolContext */
/** @typedef {import("./tools.mjs").Group} Group */

export { ToolMissing } from "./make.mjs";

/** The sandbox needs a machine of another kind. */
export class UnfitMachine extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "UnfitMachine";
  }
}

/** @param {string} [platform] @throws {UnfitMachine} */
export function requireLinux(platform = process.platform) {
  if (platform === "linux") return;
  throw new UnfitMachine(
    `the sandbox runs on Linux, and this is ${platform}.\n` +
      "  Use a Linux machine, a virtual one, WSL 2 or a container with Node.js 20.19 or later.\n" +
      "  A platform in a real organization needs no sandbox: see docs/on-a-real-organization.md.",
  );
}

/**
 * @param {Partial<ToolContext>} [context]
 * @returns {ToolContext}
 */
function withDefaults(context = {}) {
  const environment = context.environment ?? process.env;
  return { write: console.log, folder: toolsFolder(environment), ...context, environment };
}

/**
 * The tools of some groups, made where they are missing.
 * @param {Partial<ToolContext> & { groups?: readonly Group[] }} [context] Defaults: this process' environment, the user's tools folder,
 * plain lines, the group `engine`.
 * @returns {Promise<Located[]>}
 * @throws {ToolMissing} when one is missing, cannot be had, and is one that no run can do without
 */
export async function ensureTools(context) {
  const complete = withDefaults(context);
  const groups = context?.groups ?? ["engine"];
  const wanted = tools.filter(({ group }) => groups.includes(group));
  const found = await Promise.all(wanted.map((tool) => locateTool(tool, complete)));
  if (found.some((one) => !("folder" in one)))
    complete.write("a cold run takes about 5 minutes on 2 cores; later ones use what this one makes");
  const located = [];
  for (const [index, tool] of wanted.entries()) {
    const there = found[index];
    if (there !== undefined && "folder" in there) {
      located.push(there);
      continue;
    }
    try {
      located.push(await ensureTool(tool, complete));
    } catch (error) {
      if (!(error instanceof ToolMissing) || tool.without === undefined) throw error;
      complete.write(`${tool.without}: ${error.message}`);
    }
  }
  return located;
}

/**
 * What there is of each tool of every group, without making any.
 * @param {Partial<ToolContext>} [context]
 * @returns {Promise<(Located | { name: string, group: Group, version: string, refused: string })[]>}
 */
export async function surveyTools(context) {
  const complete = withDefaults(context);
  return Promise.all(
    tools.map(async (tool) => {
      const found = await locateTool(tool, complete);
      const { name, group, version } = tool;
      return "folder" in found ? found : { name, group, version, refused: found.refused };
    }),
  );
}

/**
 * An environment in which these tools are found before any other.
 * @param {readonly Located[]} located
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(located, environment = process.env) {
  const path = environment["PATH"] ?? "";
  // Some of those that the machine has already are not on PATH, such as a plugin of docker.
  const found = new Set(path.split(":"));
  const own = located.filter(({ from, folder }) => from !== "PATH" || !found.has(folder)).map(({ folder }) => folder);
  return { ...environment, PATH: [...own, path].join(":") };
}
