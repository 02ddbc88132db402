/** What the service remembers over restarts: how far it has looked, and which runs it was about to make. */
import { readFileSync } from "node:fs";

import { z } from "zod";

import { writeWhole } from "../records";

const reason = z.enum(["Manual", "IndividualCI", "BatchedCI", "Schedule", "PullRequest", "ResourceTrigger"]);

const start = z.object({
  definitionId: z.number().int(),
  reason,
  /** Full name, or `refs/pull/<id>/merge`. */
  branch: z.string(),
  commit: z.string(),
  /** In words. */
  because: z.string(),
});

/** A run that is to be made. */
export type Start = z.infer<typeof start>;

const held = z.object({
  definitionId: z.number().int(),
  branch: z.string(),
  /** The newest. */
  commit: z.string(),
  pushes: z.number().int(),
});

/** Pushes that wait for the end of a run, to be built together. */
export type HeldPushes = z.infer<typeof held>;

const form = z.object({
  /** Number of the last push that was looked at. */
  push: z.number().int(),
  /** Pipelines that existed at the last look. */
  definitions: z.array(z.number().int()),
  held: z.array(held),
  /** Until when each schedule was looked at, ISO 8601 on the sandbox's clock. */
  schedules: z.record(z.string(), z.string()),
  /** Completed runs that were looked at, as far as they still exist. */
  completed: z.array(z.number().int()),
  /** Runs that are made now; those made before a kill are found by their number, which is above `lastRun`. */
  pending: z.array(start),
  lastRun: z.number().int(),
});

export type Memory = Readonly<z.infer<typeof form>>;

const empty: Memory = { push: 0, definitions: [], held: [], schedules: {}, completed: [], pending: [], lastRun: 0 };

/** The file with the memory cannot be understood. */
export class MemoryError extends Error {
  public constructor(file: string, cause: unknown) {
    super(`${file} cannot be read: end the agents, remove the sandbox with "npm run sandbox -- down", and start anew`, {
      cause,
    });
    this.name = "MemoryError";
  }
}

/** The memory in its file: what is put is on the disk before anything is done because of it. */
export class MemoryFile {
  private constructor(
    private readonly file: string,
    private memory: Memory,
  ) {}

  /** @throws MemoryError */
  public static open(file: string): MemoryFile {
    try {
      return new MemoryFile(file, form.parse(JSON.parse(readFileSync(file, "utf8"))));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new MemoryFile(file, empty);
      throw new MemoryError(file, error);
    }
  }

  public get(): Memory {
    return this.memory;
  }

  public put(memory: Memory): void {
    const text = `${JSON.stringify(memory, undefined, 1)}\n`;
    if (text !== `${JSON.stringify(this.memory, undefined, 1)}\n`) writeWhole(this.file, text);
    this.memory = memory;
  }
}
