/** Runs groups of tests side by side, each in a process of its own, and says how all of it ended. */
// @ts-check
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { checkout } from "../home.mjs";
import { run } from "../process.mjs";
import { endProcesses, processesWith } from "../process-table.mjs";
import { describeDuration } from "../progress.mjs";
import { GroupedOutput } from "./output.mjs";

/** @typedef {import("./groups.mjs").Group} Group */
/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {Counts & { failures: string }} Results What the reporter leaves. `failures`: as mocha lists them. */

/**
 * @typedef {object} GroupRun
 * @property {string} cwd The folder that files are relative to.
 * @property {NodeJS.ProcessEnv} environment
 * @property {(line: string) => void} write
 * @property {number} lanes How many groups run at a time.
 * @property {readonly string[]} [mocha] Further options of mocha. Default: none, which makes it read its configuration in `cwd`.
 * @property {number} [boundSeconds] When a group that has not ended is ended by force. Default: an hour.
 * @property {number} [graceSeconds] How long processes have to end by themselves after the tests that started them. Default: 10.
 * @property {number} [quietSeconds] After how long without a word each group says where it is. Default: 60.
 */

/** Every process of a group inherits this, so that none of them outlives it. */
const mark = "WHEELHOUSE_TEST_GROUP";

/** Mocha, whatever PATH says. */
export const program = join(checkout, "node_modules/mocha/bin/mocha.js");

export const reporter = join(checkout, "test/reporter.cjs");

/**
 * A run that broke off before its end left no results, and has failed.
 * @param {string} file
 * @returns {Results | undefined}
 */
export function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {string} file Of results. @returns {string} the last test that began, or nothing */
function current(file) {
  try {
    return readFileSync(`${file}.at`, "utf8");
  } catch {
    return "";
  }
}

/**
 * What a group comes to: what goes wrong outside of its tests counts as one more that failed.
 * @param {Results | undefined} results
 * @param {{ code: number, boundSeconds: number, at: string, left: readonly string[] }} how `at`: the last test that began; `left`: what
 * the tests left running.
 * @returns {Results}
 */
export function judge(results, { code, boundSeconds, at, left }) {
  const problems = [];
  if (code === 124 && results === undefined)
    problems.push(`It did not end within ${describeDuration(boundSeconds * 1000)} and was ended by force.`);
  else if (results === undefined) problems.push(`It broke off with exit code ${code}.`);
  else if (code !== 0 && results.failed === 0) problems.push(`It ended with exit code ${code}, though no test failed.`);
  if (problems.length > 0 && at !== "") problems.push(`The last test that began: ${at}`);
  if (left.length > 0) problems.push("It left these running, which were ended:", ...left.map((line) => `  ${line}`));
  const { passed, failed, skipped, failures } = results ?? { passed: 0, failed: 0, skipped: 0, failures: "" };
  if (problems.length === 0) return { passed, failed, skipped, failures };
  const told = problems.map((line) => `  ${line}`).join("\n");
  return { passed, failed: failed + 1, skipped, failures: `${failures}${failures === "" ? "" : "\n"}${told}` };
}

/** A folder for what the reporter leaves, which is removed even when this process is stopped. */
export function resultsFolder() {
  const folder = mkdtempSync(join(tmpdir(), "wheelhouse-tests-"));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    process.off("exit", remove);
  };
  process.once("exit", remove);
  return { folder, remove };
}

/** @param {string} folder @param {number} index */
function resultsOf(folder, index) {
  return join(folder, `${index}.json`);
}

/** @param {number} pid */
function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim().slice(0, 200);
  } catch {
    return "";
  }
}

/**
 * Ends what the tests of a group left running.
 * @param {string} value
 * @param {number} graceSeconds
 * @returns {Promise<string[]>} what did not end by itself in good time
 */
async function endLeftOvers(value, graceSeconds) {
  const deadline = Date.now() + graceSeconds * 1000;
  let left = processesWith(mark, value);
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(100);
    left = processesWith(mark, value);
  }
  const told = left.map(({ pid }) => `process ${pid}: ${commandLine(pid)}`);
  if (left.length > 0) await endProcesses(() => processesWith(mark, value));
  return told;
}

/** Seconds that what tests started in sessions of their own has to end what it started itself, when this process is stopped. */
const lastSeconds = 10;

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

/** Ends the processes of a group while this one exits, when nothing can be awaited any more. @param {string} value */
function endOnExit(value) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = Date.now() + lastSeconds * 1000;
  /** @type {Set<number>} */
  const asked = new Set();
  for (let left = processesWith(mark, value); left.length > 0; left = processesWith(mark, value)) {
    const late = Date.now() > deadline;
    for (const { pid } of left) {
      if (late) send(pid, "SIGKILL");
      else if (!asked.has(pid)) send(pid, "SIGTERM");
      asked.add(pid);
    }
    if (Date.now() > deadline + 2000) return;
    Atomics.wait(pause, 0, 0, 100);
  }
}

/**
 * @param {Group} group
 * @param {GroupRun} how
 * @param {{ folder: string, index: number, output: GroupedOutput }} where
 * @returns {Promise<Results>}
 */
async function runGroup({ title, files }, how, { folder, index, output }) {
  const { cwd, environment, mocha = [], boundSeconds = 3600, graceSeconds = 10 } = how;
  const file = resultsOf(folder, index);
  const value = `${process.pid}-${index}`;
  const onExit = () => endOnExit(value);
  process.once("exit", onExit);
  const started = Date.now();
  output.begin(title);
  const colour = process.stdout.isTTY ? ["--color"] : [];
  const options = ["--reporter", reporter, "--reporter-option", `results=${file},failures=later`, ...colour, ...mocha];
  const { code } = await run(process.execPath, [program, ...options, ...files], {
    cwd,
    env: { ...environment, [mark]: value },
    timeoutSeconds: boundSeconds,
    allowFailure: true,
    onLine: (line) => output.add(title, line),
  });
  const at = current(file);
  const left = await endLeftOvers(value, code === 124 ? 0 : graceSeconds);
  const results = judge(readResults(file), { code, boundSeconds, at, left });
  process.off("exit", onExit);
  output.end(title, `${closingLine(results)} in ${describeDuration(Date.now() - started)}`);
  return results;
}

/** @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * Runs groups, `lanes` at a time in the order that they are in, then those that run alone, and writes all failures at the end.
 * @param {readonly Group[]} groups
 * @param {GroupRun} how
 * @returns {Promise<Counts>}
 */
export async function runGroups(groups, how) {
  const { folder, remove } = resultsFolder();
  const output = new GroupedOutput(how.write);
  const { quietSeconds = 60 } = how;
  /** @param {string} title */
  const where = (title) => {
    const index = groups.findIndex((group) => group.title === title);
    return current(resultsOf(folder, index));
  };
  const reminder = setInterval(() => output.remind(quietSeconds, where), Math.min(quietSeconds, 5) * 1000);
  /** @type {Map<Group, Results>} */
  const ended = new Map();
  /** @param {readonly Group[]} some @param {number} lanes */
  const work = async (some, lanes) => {
    const waiting = [...some];
    const lane = async () => {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift())
        ended.set(group, await runGroup(group, how, { folder, index: groups.indexOf(group), output }));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  try {
    const beside = groups.filter(({ alone }) => !alone);
    await work(beside, how.lanes);
    await work(
      groups.filter(({ alone }) => alone),
      1,
    );
  } finally {
    clearInterval(reminder);
    remove();
  }
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const group of groups) {
    const { passed = 0, failed = 0, skipped = 0, failures = "" } = ended.get(group) ?? {};
    if (failures !== "") for (const line of ["", `Failed in "${group.title}":`, failures]) how.write(line);
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}
