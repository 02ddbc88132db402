/** Finds, fetches or builds the real programs that the sandbox runs. Needs no installed package: it runs before there are any. */
// @ts-check
import { toolsFolder } from "../home.mjs";
import { ensureTool, locateTool } from "./make.mjs";
import { tools } from "./tools.mjs";

/** @typedef {import("./make.mjs").Located} Located */
/** @typedef {import("./make.mjs").ToolContext} ToolContext */

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
 * All tools, made where they are missing.
 * @param {Partial<ToolContext>} [context] Defaults: this process' environment, the user's tools folder, plain lines.
 * @returns {Promise<Located[]>}
 * @throws {ToolMissing} when one is missing and cannot be had
 */
export async function ensureTools(context) {
  const complete = withDefaults(context);
  const located = [];
  let told = false;
  for (const tool of tools) {
    if (!told && !("folder" in (await locateTool(tool, complete)))) {
      complete.write("a cold run takes about 5 minutes on 2 cores; later ones use what this one makes");
      told = true;
    }
    located.push(await ensureTool(tool, complete));
  }
  return located;
}

/**
 * What there is of each tool, without making any.
 * @param {Partial<ToolContext>} [context]
 * @returns {Promise<(Located | { name: string, version: string, refused: string })[]>}
 */
export async function surveyTools(context) {
  const complete = withDefaults(context);
  return Promise.all(
    tools.map(async (tool) => {
      const found = await locateTool(tool, complete);
      return "folder" in found ? found : { name: tool.name, version: tool.version, refused: found.refused };
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
  const own = located.filter(({ from }) => from !== "PATH").map(({ folder }) => folder);
  return { ...environment, PATH: [...own, environment["PATH"] ?? ""].join(":") };
}
