/** The sandbox's clock: the machine's, set forward by as much as somebody asked for, and never back. */
import { readFileSync } from "node:fs";

import { z } from "zod";

import { writeWhole } from "../records";

const form = z.object({ offsetSeconds: z.number().int().min(0) });

/** Farther than that it is set by mistake: dates far in the future break certificates and tools. */
const mostSeconds = 20 * 366 * 24 * 3600;

/** The clock was asked for what it cannot be set to. */
export class ClockError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "ClockError";
  }
}

export class Clock {
  private constructor(
    private readonly file: string,
    private offset: number,
    private readonly machine: () => number,
  ) {}

  /** As it was set when it was last used with this file. @param machine Milliseconds since 1970. */
  public static open(file: string, machine: () => number = Date.now): Clock {
    let offset = 0;
    try {
      offset = form.parse(JSON.parse(readFileSync(file, "utf8"))).offsetSeconds;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        throw new ClockError(`${file} cannot be read: remove it, and the clock is the machine's again`);
      }
    }
    return new Clock(file, offset, machine);
  }

  /** By how much it is ahead of the machine's. */
  public get offsetSeconds(): number {
    return this.offset;
  }

  public now(): Date {
    return new Date(this.machine() + this.offset * 1000);
  }

  /** @param seconds A whole number, above 0. @throws ClockError */
  public setForward(seconds: number): void {
    if (!Number.isInteger(seconds) || seconds <= 0) {
      throw new ClockError(`the clock is set forward by a whole number of seconds above 0, and not by ${seconds}`);
    }
    if (this.offset + seconds > mostSeconds) {
      throw new ClockError(`the clock would be more than 20 years ahead: set it forward by less`);
    }
    writeWhole(this.file, `${JSON.stringify({ offsetSeconds: this.offset + seconds })}\n`);
    this.offset += seconds;
  }
}
