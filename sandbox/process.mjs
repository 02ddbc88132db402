/** Starts every process of the sandbox: the only file that may. What it starts ends no later than this process does. */
// @ts-check
import { spawn } from "node:child_process";
import { closeSync, createWriteStream, openSync } from "node:fs";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * How a process is asked to end when this one is stopped.
 * @typedef {object} StopManner
 * @property {NodeJS.Signals} signal
 * @property {boolean} wholeGroup Whether its own children get the signal too, or are its own business.
 * @property {number} graceSeconds Seconds until it and its group are ended by force.
 */

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] The whole environment. Default: this process' own.
 * @property {string} [input] Text for its standard input. Default: none.
 * @property {number} [timeoutSeconds] Default: no limit.
 * @property {string} [log] File to which its output is appended, readable by the user only.
 * @property {(line: string) => void} [onLine] Called for each line of output of either kind.
 * @property {boolean} [allowFailure] Whether an exit code other than 0 is a result and no error.
 * @property {StopManner} [stop] Default: `SIGTERM` to its whole group, 5 s.
 */

/**
 * @typedef {object} RunResult
 * @property {number} code 124 after a timeout, 127 when the program is not there, 128 and more after a signal.
 * @property {string} output
 * @property {string} errors
 */

/** @typedef {{ child: import("node:child_process").ChildProcess, group: boolean, stop: StopManner }} Running */

const ordinaryStop = /** @type {StopManner} */ ({ signal: "SIGTERM", wholeGroup: true, graceSeconds: 5 });
const signalNumbers = /** @type {Record<string, number>} */ ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 });

/** @type {Set<Running>} */
const running = new Set();
let stopping = false;

/** A command that ended with another exit code than 0, with the end of what it said. */
export class CommandFailed extends Error {
  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {RunResult} result
   */
  constructor(command, args, result) {
    const said = (result.errors.trim() || result.output.trim()).split("\n").slice(-15).join("\n  ");
    super(`${[command, ...args].join(" ")} ended with exit code ${result.code}${said === "" ? "" : `:\n  ${said}`}`);
    this.name = "CommandFailed";
    this.result = result;
  }
}

/** @param {Running} entry @param {NodeJS.Signals} signal @param {boolean} wholeGroup */
function sendTo({ child, group }, signal, wholeGroup) {
  if (child.pid === undefined) return;
  try {
    process.kill(group && wholeGroup ? -child.pid : child.pid, signal);
  } catch {
    // Already gone.
  }
}

process.on("exit", () => {
  for (const entry of running) sendTo(entry, "SIGKILL", true);
});

/** @param {import("node:child_process").ChildProcess} child @param {boolean} group @param {StopManner} stop */
function register(child, group, stop) {
  const entry = { child, group, stop };
  running.add(entry);
  child.once("close", () => running.delete(entry));
  child.once("error", () => running.delete(entry));
  return entry;
}

/** @param {number | null} code @param {NodeJS.Signals | null} signal */
function exitCode(code, signal) {
  return code ?? 128 + (signalNumbers[signal ?? ""] ?? 0);
}

/** @param {Running} entry @param {boolean} [ask] Whether it has yet to be told. */
async function endOne(entry, ask = true) {
  if (ask) sendTo(entry, entry.stop.signal, entry.stop.wholeGroup);
  const deadline = Date.now() + entry.stop.graceSeconds * 1000;
  while (running.has(entry) && Date.now() < deadline) await sleep(25);
  if (!running.has(entry)) return;
  sendTo(entry, "SIGKILL", true);
  const last = Date.now() + 2000;
  while (running.has(entry) && Date.now() < last) await sleep(5);
}

/** @param {(line: string) => void} [onLine] */
function lineSplitter(onLine = () => {}) {
  let rest = "";
  return {
    /** @param {string} text */
    add(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line.replace(/\r$/, ""));
    },
    end() {
      if (rest !== "") onLine(rest);
    },
  };
}

/**
 * Runs a program to its end in a process group of its own.
 * @param {string} command
 * @param {readonly string[]} args Never secrets: every user of the machine can read them.
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 * @throws {CommandFailed} unless `allowFailure`
 */
export async function run(command, args, options = {}) {
  if (stopping) return new Promise(() => {});
  const log = options.log === undefined ? undefined : createWriteStream(options.log, { flags: "a", mode: 0o600 });
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const entry = register(child, true, options.stop ?? ordinaryStop);
  const result = { code: 127, output: "", errors: "" };
  const splitters = [lineSplitter(options.onLine), lineSplitter(options.onLine)];
  for (const [index, kind] of /** @type {const} */ (["output", "errors"]).entries()) {
    const stream = kind === "output" ? child.stdout : child.stderr;
    stream?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      result[kind] += text;
      log?.write(text);
      splitters[index]?.add(text);
    });
  }
  child.stdin?.on("error", () => {}).end(options.input);
  let timedOut = false;
  const timer =
    options.timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void endOne(entry);
        }, options.timeoutSeconds * 1000);
  try {
    const [code, signal] = await once(child, "close");
    result.code = timedOut ? 124 : exitCode(code, signal);
    if (timedOut) result.errors += `no end after ${options.timeoutSeconds} s\n`;
  } catch (error) {
    result.errors = /** @type {Error} */ (error).message;
  } finally {
    clearTimeout(timer);
    for (const splitter of splitters) splitter.end();
    log?.end();
  }
  // A stop ends the whole program: what follows this run must not begin.
  if (stopping) return new Promise(() => {});
  if (result.code !== 0 && options.allowFailure !== true) throw new CommandFailed(command, args, result);
  return result;
}

/**
 * Runs a program that talks to the user itself: same terminal, same process group, signals passed on.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} its exit code, or 128 + the number of the signal that ended it
 */
export async function runInForeground(command, args, options = {}) {
  if (stopping) return new Promise(() => {});
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: "inherit" });
  register(child, false, { signal: "SIGTERM", wholeGroup: false, graceSeconds: 60 });
  const [code, signal] = await once(child, "close");
  return stopping ? new Promise(() => {}) : exitCode(code, signal);
}

/**
 * Starts a program that outlives this one, in a session of its own.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log: string }} options
 * @returns {number} its process id
 */
export function startDetached(command, args, { cwd, env, log }) {
  const file = openSync(log, "a", 0o600);
  try {
    const child = spawn(command, args, { cwd, env: env ?? process.env, detached: true, stdio: ["ignore", file, file] });
    child.on("error", () => {});
    child.unref();
    if (child.pid === undefined) throw new Error(`${command} cannot be started: is it installed and executable?`);
    return child.pid;
  } finally {
    closeSync(file);
  }
}

/** @param {NodeJS.Signals} signal @param {(line: string) => void} report */
async function stop(signal, report) {
  if (stopping) {
    process.exit(128 + (signalNumbers[signal] ?? 0));
  }
  stopping = true;
  const entries = [...running];
  if (entries.length > 0) report("stopping: waiting for what runs to end; once more stops at once");
  await Promise.all(
    entries.map((entry) => {
      // At a terminal Ctrl-C reaches the whole foreground group: passing it on would be a second one.
      return endOne(entry, entry.group || signal !== "SIGINT" || !process.stdin.isTTY);
    }),
  );
  process.exit(128 + (signalNumbers[signal] ?? 0));
}

/**
 * Makes this program stop its children before it ends, on Ctrl-C, SIGTERM, SIGHUP, and when the process that started
 * it (npm, or the bootstrap) was ended by force and could not say so.
 * @param {(line: string) => void} report
 */
export function stopChildrenOnSignals(report) {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => void stop(signal, report));
  }
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {}); // Nobody reads any more.
  const parent = process.ppid;
  if (process.env["npm_lifecycle_event"] === undefined && process.env["WHEELHOUSE_BOOTSTRAP"] === undefined) return;
  setInterval(() => {
    if (process.ppid !== parent && !stopping) void stop("SIGTERM", report);
  }, 500).unref();
}

/**
 * @typedef {object} Streaming
 * @property {number | undefined} pid Also the id of its session and group; absent where it could not be started.
 * @property {(signal: NodeJS.Signals) => void} signal Sends a signal to its whole group.
 * @property {Promise<{ code: number, reason?: string, streamsHeld: boolean }>} ended 127 with the reason where it could not be started,
 * 128 and more after a signal. `streamsHeld`: a process that it left behind kept its output open.
 */

/**
 * Starts a program in a session of its own and passes on what it writes as it comes: nothing of it is kept here, and a reader that is
 * slow makes it wait.
 * @param {string} command
 * @param {readonly string[]} args Never secrets: every user of the machine can read them.
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, onOutput: (chunk: Buffer) => void, onErrors: (chunk: Buffer) => void,
 *   streamSeconds: () => number }} options `streamSeconds`: asked when it has ended: how long its output may stay open.
 * @returns {Streaming}
 */
export function startStreaming(command, args, { cwd, env, onOutput, onErrors, streamSeconds }) {
  if (stopping) return { pid: undefined, signal: () => {}, ended: new Promise(() => {}) };
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const entry = register(child, true, ordinaryStop);
  child.stdout.on("data", onOutput);
  child.stderr.on("data", onErrors);
  /** @type {Streaming["ended"]} */
  const ended = new Promise((resolve) => {
    let streamsHeld = false;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    child.once("error", (error) => resolve({ code: 127, reason: error.message, streamsHeld }));
    child.once("exit", () => {
      timer = setTimeout(() => {
        streamsHeld = true;
        child.stdout.destroy();
        child.stderr.destroy();
      }, streamSeconds() * 1000);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: exitCode(code, signal), streamsHeld });
    });
  });
  return { pid: child.pid, signal: (signal) => sendTo(entry, signal, true), ended };
}
