/** Entry of every npm script: installs what a fresh clone lacks, then runs the command. Plain node, no packages. */
// @ts-check
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ensurePackages } from "./packages.mjs";
import { checkout, sandboxSlug, temporaryFolder, wheelhouseHome } from "./home.mjs";
import { runInForeground, stopChildrenOnSignals } from "./process.mjs";
import { ensureTools, requireLinux, toolEnvironment } from "./toolchain/index.mjs";
import { runTests } from "./tests.mjs";

/** @typedef {import("./toolchain/tool.mjs").Group} Group */

/**
 * @typedef {object} Script
 * @property {readonly Group[] | ((args: readonly string[]) => readonly Group[])} tools Groups of the sandbox's programs that it needs, and so a machine that can run them.
 * @property {(args: readonly string[], environment: NodeJS.ProcessEnv) => Promise<number>} run
 */

const oldestNode = [20, 19];

/** @param {string} program @returns {string} the path of a program that a node package brings */
function packaged(program) {
  return join(checkout, "node_modules", ".bin", program);
}

/** @param {readonly (readonly string[])[]} commands One after another until one fails. */
function commands(...commands) {
  return async (/** @type {readonly string[]} */ args, /** @type {NodeJS.ProcessEnv} */ env) => {
    for (const [program = "", ...fixed] of commands) {
      const code = await runInForeground(packaged(program), [...fixed, ...args], { cwd: checkout, env });
      if (code !== 0) return code;
    }
    return 0;
  };
}

/** @param {string} file @param {readonly string[]} fixed */
function typescript(file, ...fixed) {
  return async (/** @type {readonly string[]} */ args, /** @type {NodeJS.ProcessEnv} */ env) => {
    const temporary = temporaryFolder(env);
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
    return runInForeground(process.execPath, ["--require", "tsx/cjs", join(checkout, file), ...fixed, ...args], {
      // Commands that take paths take them as the caller wrote them; npm itself changes to the checkout.
      cwd: checkout,
      env: { ...env, TMPDIR: temporary },
    });
  };
}

/** @param {string} file */
function node(file) {
  return (/** @type {readonly string[]} */ args, /** @type {NodeJS.ProcessEnv} */ env) =>
    runInForeground(process.execPath, [join(checkout, file), ...args], { cwd: checkout, env });
}

/** @type {Readonly<Record<string, Script>>} */
const scripts = {
  // A platform that is only declared needs nothing that builds images.
  start: {
    tools: (args) => (args.includes("--no-agents") ? ["engine"] : ["engine", "builds"]),
    run: typescript("sandbox/main.ts", "start"),
  },
  sandbox: { tools: [], run: typescript("sandbox/main.ts") },
  bench: { tools: ["engine", "builds"], run: typescript("test/bench/main.ts") },
  test: { tools: ["engine", "builds", "browser"], run: runTests },
  build: { tools: [], run: node("provider/build.mjs") },
  bundle: { tools: [], run: node("tools/bundle.mjs") },
  render: { tools: [], run: typescript("test/render.ts") },
  lint: { tools: [], run: commands(["eslint", "."], ["depcruise", "."], ["prettier", "--check", "."]) },
  types: { tools: [], run: commands(["tsc", "--project", "."]) },
  format: { tools: [], run: commands(["prettier", "--write", "."]) },
};

/** @param {string} version */
function isOldNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < (oldestNode[0] ?? 0) || (major === oldestNode[0] && minor < (oldestNode[1] ?? 0));
}

/** @param {string} line */
function write(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {readonly string[]} argv @returns {Promise<number>} exit code */
async function main([name = "", ...args]) {
  const script = scripts[name];
  if (script === undefined) {
    process.stderr.write(`"${name}" is no command; there are ${Object.keys(scripts).join(", ")}\n`);
    return 2;
  }
  if (isOldNode(process.versions.node)) {
    process.stderr.write(`Node.js ${oldestNode.join(".")} or later is needed; this is ${process.versions.node}\n`);
    return 1;
  }
  const groups = typeof script.tools === "function" ? script.tools(args) : script.tools;
  if (groups.length > 0) requireLinux();
  const lock = join(wheelhouseHome(), "packages", `${sandboxSlug(checkout)}.lock`);
  const environment = {
    ...process.env,
    WHEELHOUSE_BOOTSTRAP: String(process.pid),
    WHEELHOUSE_STARTED: String(Date.now()),
  };
  // At the same time: building the engine is the longest part of a cold run, and needs none of the packages.
  const [tools] = await Promise.all([ensureTools({ write, groups }), ensurePackages(checkout, { write, lock })]);
  return script.run(args, toolEnvironment(tools, environment));
}

stopChildrenOnSignals(write);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// A failure of one preparation must not wait for the others: what still runs is ended on exit.
process.exit();
