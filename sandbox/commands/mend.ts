/** Mends what an interrupted run left in the stack: the engine's own lock, and steps of which it does not know the end. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { findExisting } from "../providers/adopt";
import { exportStack, logFile, runEngine, type Engine, type StateResource } from "./engine";
import { describeUrn } from "./events";
import { stack } from "./sandbox";

/** The engine's state cannot be mended by itself. */
export class StackBroken extends Error {
  public constructor(what: string, detail: string) {
    super(
      `${what}:\n  ${detail.trim().split("\n").slice(-12).join("\n  ")}\n` +
        '  "npm run sandbox -- down" removes the sandbox; the next start makes a new one.',
    );
    this.name = "StackBroken";
  }
}

function hasEngineLock({ sandbox }: Engine): boolean {
  const locks = join(sandbox.backend, ".pulumi", "locks");
  if (!existsSync(locks)) return false;
  return readdirSync(locks, { recursive: true }).some((entry) => entry.toString().endsWith(".json"));
}

/**
 * Whoever holds the sandbox's lock has ended every engine of an earlier run, so that a lock of the engine is a stale one.
 * @throws StackBroken when it cannot be taken away
 */
async function removeEngineLock(engine: Engine): Promise<void> {
  const cancelled = await runEngine(engine, ["cancel", "--yes", "--stack", stack], { allowFailure: true });
  if (cancelled.code !== 0)
    throw new StackBroken("the lock that an interrupted run left cannot be removed", cancelled.errors);
}

/** What the engine keeps in place of a secret. */
function isWrapped(value: unknown): boolean {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
}

/** Inputs in plain text. Secrets are left out: nothing is found by its secret. */
function plainInputs(resource: StateResource): Record<string, unknown> {
  return Object.fromEntries(Object.entries(resource.inputs ?? {}).filter(([, value]) => !isWrapped(value)));
}

/** The configuration of the provider that a resource belongs to, from the state. */
function providerConfiguration(resource: StateResource, resources: readonly StateResource[]): Record<string, string> {
  const urn = resource.provider?.split("::").slice(0, -1).join("::");
  const provider = resources.find((other) => other.urn === urn);
  const texts = Object.entries(provider?.inputs ?? {}).filter((entry): entry is [string, string] => {
    return typeof entry[1] === "string";
  });
  return Object.fromEntries(texts);
}

/**
 * Asks the clouds what became of each creation that was under way. What exists is taken into the state under its id; what does
 * not is forgotten, and made by the next `up`.
 * @returns what was found, in words
 */
async function settlePendingOperations(engine: Engine, write: (line: string) => void): Promise<void> {
  const state = await exportStack(engine);
  const pending = state?.pending_operations ?? [];
  if (state === undefined || pending.length === 0) return;
  const adopted: string[] = [];
  for (const { type, resource } of pending) {
    if (type !== "creating") continue;
    const { name, type: kind } = describeUrn(resource.urn);
    const known = /^(azuredevops|azure-native):/.test(resource.type);
    const id = known
      ? await findExisting(
          { token: resource.type, inputs: plainInputs(resource) as never },
          providerConfiguration(resource, state.resources),
          engine.environment,
        )
      : undefined;
    if (id !== undefined) adopted.push("--import-pending-creates", resource.urn, "--import-pending-creates", id);
    write(
      `an earlier run was interrupted while creating ${name} (${kind}): ${id === undefined ? "not there yet" : "adopted"}`,
    );
  }
  const log = logFile(engine.sandbox, "mend");
  const args = ["refresh", "--yes", "--skip-preview", "--stack", stack, ...adopted, "--clear-pending-creates"];
  const refreshed = await runEngine(engine, args, { allowFailure: true, log });
  if (refreshed.code !== 0) {
    throw new StackBroken(`the interrupted run cannot be mended (log: ${log})`, refreshed.errors || refreshed.output);
  }
}

/**
 * Brings the stack into a state in which the engine works on it.
 * @throws StackBroken when that needs a person
 */
export async function mendStack(engine: Engine, write: (line: string) => void): Promise<void> {
  if (hasEngineLock(engine)) {
    write("an earlier run was interrupted: removing its lock on the stack");
    await removeEngineLock(engine);
  }
  await settlePendingOperations(engine, write);
}
