/** Mends what an interrupted run left in the stack: the engine's own lock, and steps of which it does not know the end. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sync as writeFileAtomic } from "write-file-atomic";

import { adoptInterrupted, findExisting, type Creation, type ExportedStack } from "../providers/adopt";
import { exportStack, logFile, runEngine, StackBroken, type Engine } from "./engine";
import { describeUrn } from "./events";
import { identity, stack, type Sandbox } from "./sandbox";

function hasEngineLock({ sandbox }: Engine): boolean {
  const locks = join(sandbox.backend, ".pulumi", "locks");
  if (!existsSync(locks)) return false;
  return readdirSync(locks, { recursive: true }).some((entry) => entry.toString().endsWith(".json"));
}

/** Takes away the notes that engines of earlier runs left beside the state's files: no run reads them, and a cut-off one stops it. */
export function removeNotes({ backend }: Sandbox): void {
  if (!existsSync(backend)) return;
  for (const entry of readdirSync(backend, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(".attrs")) rmSync(join(entry.parentPath, entry.name), { force: true });
  }
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

/** Where the clouds of this sandbox are asked. */
function providerConfiguration(address: string): Record<string, string> {
  return { orgServiceUrl: `${address}/devops/${identity.organization}`, metadataHost: new URL(address).host };
}

/** Puts a changed state in place of the stack's. */
async function replaceState(engine: Engine, state: ExportedStack): Promise<void> {
  const file = join(engine.sandbox.folder, "pulumi", "mended.json");
  writeFileAtomic(file, JSON.stringify(state), { mode: 0o600 });
  try {
    const args = ["stack", "import", "--stack", stack, "--file", file];
    const imported = await runEngine(engine, args, { allowFailure: true });
    if (imported.code !== 0) throw new StackBroken("the mended state cannot be put in place", imported.errors);
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Asks the clouds what became of each creation that was under way. What exists is taken into the state under its id; what does
 * not is forgotten, and made by the next update. Then every resource is looked at: steps of another kind may have ended either way.
 */
async function settlePendingOperations(engine: Engine, address: string, write: (line: string) => void): Promise<void> {
  const state = await exportStack(engine);
  const pending = state?.deployment.pending_operations ?? [];
  if (state === undefined || pending.length === 0) return;
  const configuration = providerConfiguration(address);
  const find = (creation: Creation): Promise<string | undefined> =>
    findExisting(creation, configuration, engine.environment);
  const mended = await adoptInterrupted(state, find);
  for (const { type, resource } of pending) {
    const { name, type: kind } = describeUrn(resource.urn);
    const adopted = mended.adopted.includes(resource.urn) ? ": it is there, and adopted" : "";
    write(`an earlier run was interrupted while ${type} ${name} (${kind})${adopted}`);
  }
  await replaceState(engine, mended.stack);
  const log = logFile(engine.sandbox, "mend");
  const args = ["refresh", "--yes", "--skip-preview", "--stack", stack];
  const refreshed = await runEngine(engine, args, { allowFailure: true, log });
  if (refreshed.code !== 0) {
    throw new StackBroken(`the interrupted run cannot be mended (log: ${log})`, refreshed.errors || refreshed.output);
  }
}

/**
 * Brings the stack into a state in which the engine works on it.
 * @param address `http://127.0.0.1:<port>` of the stand-in clouds.
 * @throws StackBroken when that needs a person
 */
export async function mendStack(engine: Engine, address: string, write: (line: string) => void): Promise<void> {
  if (hasEngineLock(engine)) {
    write("an earlier run was interrupted: removing its lock on the stack");
    await removeEngineLock(engine);
  }
  await settlePendingOperations(engine, address, write);
}
