/** Says what goes on in plain lines: at once when something starts, and again at intervals for as long as it lasts. */
// @ts-check

/**
 * @param {number} milliseconds
 * @returns {string} such as `7 s` or `2 min 5 s`
 */
export function describeDuration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * @typedef {object} Progress
 * @property {(text: string) => void} report What goes on now. Written at once when it is the first, else at the next interval.
 * @property {() => void} end
 */

/**
 * @param {string} subject
 * @param {(line: string) => void} write
 * @param {number} [everySeconds] Default: each second at a terminal, where a line replaces the last one, else 10.
 * @returns {Progress}
 */
export function startProgress(subject, write, everySeconds = 10) {
  const started = Date.now();
  let text = "";
  let seen = false;
  const timer = setInterval(() => {
    if (text !== "") write(`${subject}: ${text} (${describeDuration(Date.now() - started)})`);
  }, everySeconds * 1000);
  timer.unref();
  return {
    report(next) {
      text = next;
      if (!seen) write(`${subject}: ${text}`);
      seen = true;
    },
    end: () => clearInterval(timer),
  };
}
