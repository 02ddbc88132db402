/** Runs the tests under coverage and closes with one plain line that says how many there were. */
// @ts-check
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkout } from "./home.mjs";
import { runInForeground } from "./process.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * The line that closes a run, alone on its line so that machines find it, and the exit code: a run in which no test ran has failed too.
 * @param {Counts} counts
 * @param {number} code Exit code of mocha and the coverage's thresholds.
 */
export function close({ passed, failed, skipped }, code) {
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  if (code !== 0) return { line, code };
  return { line, code: failed > 0 || passed === 0 ? 1 : 0 };
}

/**
 * A run that broke off before its end left no counts, and has failed.
 * @param {string} file
 * @returns {Counts}
 */
export function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * @param {readonly string[]} args Files or mocha's own options; default: every test.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<number>} exit code: not 0 when a test failed or none ran
 */
export async function runTests(args, environment) {
  const folder = mkdtempSync(join(tmpdir(), "wheelhouse-tests-"));
  const counts = join(folder, "counts.json");
  const files = args.some((argument) => argument.endsWith(".ts")) ? [] : ["test/**/*.test.ts"];
  const reporter = join(checkout, "test/reporter.cjs");
  const mocha = ["mocha", "--reporter", reporter, ...args, ...files];
  try {
    const code = await runInForeground(process.execPath, [join(checkout, "node_modules/.bin/c8"), ...mocha], {
      cwd: checkout,
      env: { ...environment, WHEELHOUSE_TEST_COUNTS: counts },
    });
    const closing = close(readCounts(counts), code);
    process.stdout.write(`${closing.line}\n`);
    return closing.code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
