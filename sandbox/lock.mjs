/** Lets one process at a time do a piece of work, and clears away what an owner that was ended by force left running. */
// @ts-check
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { endProcesses, identify, isRunning, processesWith } from "./process-table.mjs";

/** What runs for a lock's owner carries the lock's path under this name, so that it can be found when the owner is gone. */
export const lockVariable = "WHEELHOUSE_LOCK";

/**
 * @typedef {object} LockOwner
 * @property {number} pid
 * @property {string | undefined} started
 * @property {string} work What it does, in words.
 * @property {string} since ISO 8601.
 * @property {string} token Tells this holding from every other one.
 */

/**
 * @typedef {object} LockOptions
 * @property {string} work What is done under the lock, for those who wait.
 * @property {number} waitSeconds How long to wait for another owner.
 * @property {(owner: LockOwner) => void} [onWait] Called once when another one holds it.
 * @property {NodeJS.Signals} [orphanSignal] How to ask what a dead owner left running to end. Default `SIGTERM`.
 * @property {number} [orphanGraceSeconds] Default 5.
 */

/** Somebody else holds the lock and did not let it go in time. */
export class LockHeld extends Error {
  /** @param {string} file @param {LockOwner} owner @param {number} waitSeconds */
  constructor(file, owner, waitSeconds) {
    super(
      `process ${owner.pid} has been busy with "${owner.work}" since ${owner.since}, and did not end within ` +
        `${waitSeconds} s.\n  Wait for it, or end that process, and try again. (lock: ${file})`,
    );
    this.name = "LockHeld";
    this.owner = owner;
  }
}

/** @type {Map<string, string>} */
const held = new Map();
process.on("exit", () => {
  for (const [file, token] of held) release(file, token);
});

/** @param {string} file @returns {LockOwner | undefined} */
export function lockOwner(file) {
  const owner = readLock(file);
  return owner === "nobody" ? undefined : owner;
}

/** @param {string} file @returns {LockOwner | "nobody" | undefined} Nobody's is one that says no owner; undefined where there is none. */
function readLock(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return "nobody";
  }
}

/** @param {string} file @param {string} token */
function release(file, token) {
  held.delete(file);
  if (lockOwner(file)?.token === token) rmSync(file, { force: true });
}

/**
 * Makes a file that did not exist, with all its content at once: a link either is made or is refused.
 * @param {string} file
 * @param {LockOwner} owner
 */
function tryCreate(file, owner) {
  const whole = `${file}.${owner.token}`;
  writeFileSync(whole, JSON.stringify(owner), { mode: 0o600 });
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(whole);
  }
}

/**
 * Removes a lock whose owner is gone. Two that find it so at the same time must not remove each other's new one: the
 * removal has a lock of its own, held for an instant.
 * @param {string} file
 * @param {LockOwner} self
 */
function removeStale(file, self) {
  const breaking = `${file}.breaking`;
  const breaker = lockOwner(breaking);
  if (breaker !== undefined && !isRunning(breaker)) rmSync(breaking, { force: true });
  if (!tryCreate(breaking, self)) return;
  const owner = readLock(file);
  // One that is gone is somebody's in the next instant.
  if (owner === "nobody" || (owner !== undefined && !isRunning(owner))) rmSync(file, { force: true });
  rmSync(breaking, { force: true });
}

/**
 * The environment for what is started under a lock.
 * @param {string} file
 * @param {NodeJS.ProcessEnv} [environment] Default: this process' own.
 * @returns {NodeJS.ProcessEnv}
 */
export function lockedEnvironment(file, environment = process.env) {
  return { ...environment, [lockVariable]: file };
}

/**
 * Takes a lock at once, or says who holds it. Whoever takes it gives it back by `release`, or by ending.
 * @param {string} file
 * @param {string} work What is done under the lock, for those who find it held.
 * @returns {{ release: () => void } | { owner: LockOwner | undefined }} No owner when others were faster each time.
 */
export function takeLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  const self = { ...identify(), work, since: new Date().toISOString(), token: randomUUID() };
  // Each round takes the lock, finds a living owner, or removes a dead one's: three are more than a race needs.
  for (let round = 0; round < 3; round++) {
    if (tryCreate(file, self)) {
      held.set(file, self.token);
      return { release: () => release(file, self.token) };
    }
    const owner = lockOwner(file);
    if (owner !== undefined && isRunning(owner)) return { owner };
    removeStale(file, self);
  }
  return { owner: lockOwner(file) };
}

/**
 * Does a piece of work while no other process does work under the same lock.
 * @template T
 * @param {string} file
 * @param {LockOptions} options
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 * @throws {LockHeld} when another one holds it for longer than `waitSeconds`
 */
export async function withLock(file, options, action) {
  const deadline = Date.now() + options.waitSeconds * 1000;
  let told = false;
  let taken = takeLock(file, options.work);
  while (!("release" in taken)) {
    const { owner } = taken;
    if (owner !== undefined) {
      if (Date.now() >= deadline) throw new LockHeld(file, owner, options.waitSeconds);
      if (!told) options.onWait?.(owner);
      told = true;
    }
    await sleep(owner === undefined ? 10 : 100);
    taken = takeLock(file, options.work);
  }
  try {
    await endProcesses(() => processesWith(lockVariable, file), {
      signal: options.orphanSignal ?? "SIGTERM",
      graceSeconds: options.orphanGraceSeconds ?? 5,
    });
    return await action();
  } finally {
    taken.release();
  }
}
