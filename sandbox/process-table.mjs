/** Tells which processes run, finds those that an interrupted run left behind, and ends them by their id. */
// @ts-check
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * One process, told apart from a later one with the same id by its start time.
 * @typedef {object} ProcessIdentity
 * @property {number} pid
 * @property {string | undefined} started Clock ticks since boot, as Linux's `/proc/<pid>/stat` says; absent elsewhere.
 */

/**
 * @param {number} pid
 * @returns {{ parent: number, group: number, started: string, state: string } | undefined}
 */
function readStat(pid) {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the program's name in brackets and may hold anything, so count from its end (proc(5)).
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", parent: Number(fields[1]), group: Number(fields[2]), started: fields[19] ?? "" };
}

/**
 * @param {number} [pid] Default: this process.
 * @returns {ProcessIdentity}
 */
export function identify(pid = process.pid) {
  return { pid, started: readStat(pid)?.started };
}

/**
 * Whether this very process still runs. A zombie, whose parent has not yet asked how it ended, does not.
 * @param {ProcessIdentity} identity
 */
export function isRunning(identity) {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPERM") return false;
  }
  const stat = readStat(identity.pid);
  if (stat === undefined) return process.platform !== "linux";
  return stat.state !== "Z" && (identity.started === undefined || stat.started === identity.started);
}

/**
 * The processes of a group that run. A signal to the group also reaches what is left of those that ended until somebody asks how, and
 * for orphans a machine's first process may take seconds to do so. Empty where there is no `/proc`.
 * @param {number} group
 * @returns {ProcessIdentity[]}
 */
export function processesOfGroup(group) {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && readStat(pid)?.group === group)
    .map((pid) => identify(pid))
    .filter(isRunning);
}

/** @returns {Set<number>} this process and all those above it */
function ownLine() {
  const line = new Set([process.pid]);
  for (let pid = process.ppid; pid > 0 && !line.has(pid); pid = readStat(pid)?.parent ?? 0) line.add(pid);
  return line;
}

/**
 * The processes that carry a variable in the environment they were started with: every descendant inherits it, so
 * none is missed, whichever parent died first. Not this process or those above it. Empty where there is no `/proc`.
 * @param {string} variable
 * @param {string} value
 * @returns {ProcessIdentity[]}
 */
export function processesWith(variable, value) {
  if (process.platform !== "linux") return [];
  const mark = Buffer.from(`${variable}=${value}\0`);
  const own = ownLine();
  const found = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || own.has(pid)) continue;
    let environment;
    try {
      environment = readFileSync(`/proc/${pid}/environ`);
    } catch {
      continue; // Ended meanwhile, or another user's.
    }
    const at = environment.indexOf(mark);
    if (at === 0 || (at > 0 && environment[at - 1] === 0)) found.push(identify(pid));
  }
  return found.filter(isRunning);
}

/**
 * Those that none of the others started.
 * @param {readonly ProcessIdentity[]} identities
 * @returns {ProcessIdentity[]}
 */
export function outermost(identities) {
  const ids = new Set(identities.map(({ pid }) => pid));
  return identities.filter(({ pid }) => !ids.has(readStat(pid)?.parent ?? 0));
}

/**
 * @param {ProcessIdentity} identity
 * @param {NodeJS.Signals} signal
 */
function sendSignal(identity, signal) {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // Ended between the check and the signal.
  }
}

/**
 * Asks processes to end, those first that none of the others started: they may want to end their children in their own way. Waits, and
 * ends by force what is left.
 * @param {() => ProcessIdentity[]} list Asked again while waiting: a process may start another one.
 * @param {{ signal?: NodeJS.Signals, graceSeconds?: number }} [options] Defaults `SIGTERM`, 5 s.
 * @returns {Promise<number>} how many there were
 */
export async function endProcesses(list, { signal = "SIGTERM", graceSeconds = 5 } = {}) {
  const count = list().length;
  /** @type {Set<number>} */
  const asked = new Set();
  const deadline = Date.now() + graceSeconds * 1000;
  for (let left = list(); left.length > 0 && Date.now() < deadline; left = list()) {
    for (const identity of outermost(left)) {
      if (asked.has(identity.pid)) continue;
      asked.add(identity.pid);
      sendSignal(identity, signal);
    }
    await sleep(50);
  }
  const last = Date.now() + 5000;
  for (let left = list(); left.length > 0 && Date.now() < last; left = list()) {
    for (const identity of left) sendSignal(identity, "SIGKILL");
    await sleep(20);
  }
  return count;
}
