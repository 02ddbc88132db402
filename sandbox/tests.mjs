/** Runs the tests under coverage and closes with one plain line that says how many there were. */
// @ts-check
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { checkout } from "./home.mjs";
import { runInForeground } from "./process.mjs";
import { groupTests } from "./tests/groups.mjs";
import { closingLine, program, readResults, reporter, resultsFolder, runGroups } from "./tests/run.mjs";

/** @typedef {import("./tests/run.mjs").Counts} Counts */

const coverage = join(checkout, "node_modules/.bin/c8");

/** Where c8 keeps what each process leaves. */
const collected = join(checkout, "coverage/tmp");

/**
 * The line that closes a run, alone on its line so that machines find it, and the exit code: a run in which no test ran has failed too.
 * @param {Counts} counts
 * @param {number} code Exit code of mocha and the coverage's thresholds.
 */
export function close(counts, code) {
  const line = closingLine(counts);
  if (code !== 0) return { line, code };
  return { line, code: counts.failed > 0 || counts.passed === 0 ? 1 : 0 };
}

/**
 * Every test file of a checkout.
 * @param {string} [folder] Default: this checkout.
 * @returns {string[]} paths in it
 */
export function testFiles(folder = checkout) {
  return readdirSync(join(folder, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join("test", file));
}

/**
 * Some tests, in one process, as mocha writes them.
 * @param {readonly string[]} args Files or mocha's own options.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<{ counts: Counts, code: number }>}
 */
async function runSome(args, environment) {
  const { folder, remove } = resultsFolder();
  const results = join(folder, "results.json");
  const files = args.some((argument) => argument.endsWith(".ts")) ? [] : ["test/**/*.test.ts"];
  const mocha = [
    process.execPath,
    program,
    "--reporter",
    reporter,
    "--reporter-option",
    `results=${results}`,
    ...args,
    ...files,
  ];
  try {
    const code = await runInForeground(process.execPath, [coverage, ...mocha], { cwd: checkout, env: environment });
    return { counts: readResults(results) ?? { passed: 0, failed: 1, skipped: 0 }, code };
  } finally {
    remove();
  }
}

/**
 * Every test, group beside group: many of them wait for programs, and one process keeps one processor busy at best.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<{ counts: Counts, code: number }>}
 */
async function runAll(environment) {
  rmSync(collected, { recursive: true, force: true });
  mkdirSync(collected, { recursive: true });
  const counts = await runGroups(groupTests(testFiles()), {
    cwd: checkout,
    environment: { ...environment, NODE_V8_COVERAGE: collected },
    write: (line) => process.stdout.write(`${line}\n`),
    lanes: Math.min(Math.max(availableParallelism(), 2), 4),
  });
  process.stdout.write("\ncoverage: adding up what all processes left\n");
  const code = await runInForeground(process.execPath, [coverage, "report"], { cwd: checkout, env: environment });
  return { counts, code };
}

/**
 * @param {readonly string[]} args Files or mocha's own options; default: every test.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<number>} exit code: not 0 when a test failed or none ran
 */
export async function runTests(args, environment) {
  const { counts, code } = await (args.length === 0 ? runAll(environment) : runSome(args, environment));
  const closing = close(counts, code);
  process.stdout.write(`${closing.line}\n`);
  return closing.code;
}
