/** What expanding one pipeline may cost: templates can grow explosively, and they are written by many teams. */
import { OVERHEAD } from "./node";
import { ValueError } from "./value";

/** The service's limits. Source: https://learn.microsoft.com/azure/devops/pipelines/process/templates#imposed-limits */
export const MOST_FILES = 100;
export const DEEPEST_TEMPLATES = 100;
const LARGEST = 20 * 1024 * 1024;

/** Characters that functions may look through: some two seconds. */
const MOST_WORK = 100_000_000;

/** Counts what is made. One for a run's whole expansion. */
export class Budget {
  private size = 0;
  private work = 0;

  /** Counts a text, list or map with so many characters of its own. @throws ValueError above 20 MB in all. */
  make(characters: number): void {
    this.size += characters + OVERHEAD;
    if (this.size > LARGEST) {
      throw new ValueError(
        "the pipeline is larger than 20 MB after expansion",
        "look for an each that repeats more than it should, or split the pipeline",
      );
    }
  }

  /** Counts characters or entries that are looked through. @throws ValueError where that takes too long. */
  look(count: number): void {
    this.work += count + 1;
    if (this.work > MOST_WORK) {
      throw new ValueError("expanding the pipeline takes too long", "look for functions on long texts in an each");
    }
  }
}
