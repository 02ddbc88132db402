/** Brings the stack up to date with the program, and tells what that changed. */
import { rmSync } from "node:fs";
import { join } from "node:path";

import { logFile, runEngine, type Engine } from "./engine";
import { EngineProgress, EventLogReader, type Change } from "./events";
import { stack } from "./sandbox";

/** The engine could not do what the program declares. */
export class UpdateFailed extends Error {
  public constructor(progress: EngineProgress, fallback: string, log: string) {
    const said =
      progress.errors.length > 0
        ? progress.errors.map(({ resource, message }) => (resource === undefined ? message : `${resource}: ${message}`))
        : [fallback.trim().split("\n").slice(-20).join("\n")];
    super(`pulumi up failed:\n${said.join("\n").replace(/^/gm, "  ")}\n  The whole output: ${log}`);
    this.name = "UpdateFailed";
  }
}

/** Outcome of an update. */
export interface Update {
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly milliseconds: number;
}

/** Milliseconds between two looks at the engine's events. */
const pollInterval = 250;

/**
 * Runs `pulumi up` to its end.
 * @param report called with one line whenever there is news
 * @param options.refresh whether to look first what the clouds hold: else the state is believed
 * @throws UpdateFailed with the engine's own errors
 */
export async function update(
  engine: Engine,
  report: (text: string) => void,
  { refresh }: { readonly refresh: boolean } = { refresh: false },
): Promise<Update> {
  const started = Date.now();
  const events = join(engine.sandbox.logs, "up.events.jsonl");
  const log = logFile(engine.sandbox, "up");
  for (const file of [events, log]) rmSync(file, { force: true });
  const reader = new EventLogReader(events);
  const progress = new EngineProgress();
  const look = (): void => {
    const fresh = reader.readNew();
    for (const event of fresh) progress.add(event);
    if (fresh.length > 0) report(progress.describe());
  };
  report("starting the engine");
  const timer = setInterval(look, pollInterval);
  try {
    const args = [
      "up",
      "--stack",
      stack,
      "--yes",
      "--skip-preview",
      "--event-log",
      events,
      ...(refresh ? ["--refresh"] : []),
    ];
    // The event log is one of the CLI's options for those who look into the engine itself.
    const variables = { PULUMI_DEBUG_COMMANDS: "true" };
    const ended = await runEngine(engine, args, { log, allowFailure: true, variables });
    look();
    if (ended.code !== 0) throw new UpdateFailed(progress, ended.errors || ended.output, log);
  } finally {
    clearInterval(timer);
  }
  return {
    changes: progress.changes,
    unchanged: progress.summary?.same ?? 0,
    milliseconds: Date.now() - started,
  };
}
