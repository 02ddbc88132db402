/** What several groups of tests say at the same time, so that it can be read: suite by suite, under the name of its group. */
// @ts-check
import { describeDuration } from "../progress.mjs";

/** @typedef {{ lines: string[], started: number }} Speaker */

export class GroupedOutput {
  /** @type {Map<string, Speaker>} Those that go on, with what they said and was not written yet. */
  #speakers = new Map();
  #heading = "";
  #written = Date.now();
  #write;

  /** @param {(line: string) => void} write */
  constructor(write) {
    this.#write = write;
  }

  /** @param {string} title */
  begin(title) {
    this.#speakers.set(title, { lines: [], started: Date.now() });
  }

  /**
   * A line of a group that has begun. Mocha ends each suite with an empty one: what comes before is written together.
   * @param {string} title
   * @param {string} line
   */
  add(title, line) {
    const speaker = this.#speakers.get(title);
    if (speaker === undefined) return;
    speaker.lines.push(line);
    if (line.trim() === "" || this.#speakers.size === 1) this.#flush(title, speaker);
  }

  /**
   * @param {string} title
   * @param {string} outcome How the group ended.
   */
  end(title, outcome) {
    const speaker = this.#speakers.get(title);
    if (speaker === undefined) return;
    this.#flush(title, { ...speaker, lines: [...speaker.lines, outcome] });
    this.#speakers.delete(title);
  }

  /**
   * Says of each group where it is, when nothing was written for a while.
   * @param {number} quietSeconds
   * @param {(title: string) => string} where Which test a group is at; nothing where it is not known.
   */
  remind(quietSeconds, where) {
    const now = Date.now();
    if (now - this.#written < quietSeconds * 1000) return;
    for (const [title, { started }] of this.#speakers) {
      const at = where(title);
      this.#say(`… ${title}, for ${describeDuration(now - started)}${at === "" ? "" : `: ${at}`}`);
    }
  }

  /** @param {string} title @param {Speaker} speaker */
  #flush(title, speaker) {
    const lines = speaker.lines.splice(0);
    if (this.#heading !== title) {
      while (lines[0]?.trim() === "") lines.shift();
      if (lines.length === 0) return;
      this.#say(`── ${title} ──`);
      this.#heading = title;
    }
    for (const line of lines) this.#say(line);
  }

  /** @param {string} line */
  #say(line) {
    this.#written = Date.now();
    this.#write(line);
  }
}
