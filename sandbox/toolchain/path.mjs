/** Looks for programs that the machine has already and tells whether their version fits. */
// @ts-check
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { run } from "../process.mjs";
import { describeRange, isWithin } from "./versions.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {{ version: string, folder: string }} Found */
/** @typedef {{ refused: string }} Refused */

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * @param {string} program
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string | undefined} its whole path
 */
export function findProgram(program, environment) {
  for (const folder of (environment["PATH"] ?? "").split(":")) {
    // An empty entry means the working folder, which is no place to take programs from.
    if (folder !== "" && isExecutable(join(folder, program))) return join(folder, program);
  }
  return undefined;
}

/** @param {Tool} tool @param {string} folder @returns {string[]} the programs that are not there */
export function missingPrograms(tool, folder) {
  return tool.programs.filter((program) => !isExecutable(join(folder, program)));
}

/**
 * Looks for a tool on PATH, then where it is by custom. Its programs have to be in one folder: those of different installations need not fit together.
 * @param {Tool} tool
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Found | Refused>}
 */
export async function findOnPath(tool, environment) {
  const first = tool.programs[0] ?? tool.name;
  const usual = tool.onPath.folders?.(environment) ?? [];
  const program = findProgram(first, { PATH: [environment["PATH"] ?? "", ...usual].join(":") });
  if (program === undefined) return { refused: "not on PATH" };
  const folder = dirname(program);
  const said = await run(program, tool.onPath.arguments, { env: environment, allowFailure: true, timeoutSeconds: 20 });
  const version = tool.onPath.version.exec(said.output)?.[1];
  if (version === undefined) return { refused: `${program} does not tell its version (exit code ${said.code})` };
  if (!isWithin(version, tool.onPath.range)) {
    return { refused: `${program} is version ${version}, needed is ${describeRange(tool.onPath.range)}` };
  }
  const missing = missingPrograms(tool, folder);
  if (missing.length > 0) return { refused: `${program} has no ${missing.join(", ")} beside it` };
  const lacking = (tool.onPath.files ?? []).filter((file) => !existsSync(file));
  if (lacking.length > 0) return { refused: `${program} is there without ${lacking.join(", ")}` };
  return { version, folder };
}
