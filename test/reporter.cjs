// Mocha's spec reporter, which also leaves the results for the line that closes a run, and ends a run that something keeps open.
const { writeFileSync } = require("node:fs");
const { format } = require("node:util");
const { reporters } = require("mocha");

const { Base } = reporters;

/** @param {any[]} failed @returns {string} failures as mocha lists them */
function listed(failed) {
  if (failed.length === 0) return "";
  /** @type {string[]} */
  const lines = [];
  const { consoleLog } = Base;
  Base.consoleLog = (/** @type {any[]} */ ...parts) => lines.push(format(...parts));
  try {
    Base.list(failed);
  } finally {
    Base.consoleLog = consoleLog;
  }
  return lines.join("\n");
}

/**
 * Options: `results=FILE` for the results as JSON, and `FILE.at` for the test that goes on; `failures=later` where whoever reads that
 * file shows the failures; `patience=SECONDS` after the last test in which all that the tests opened must have closed, default 10.
 */
class CountingReporter extends reporters.Spec {
  /** @param {any} runner @param {any} options */
  constructor(runner, options) {
    super(runner, options);
    const { results, failures: shown, patience = 10 } = options.reporterOptions ?? {};
    this.showsFailures = shown !== "later";
    if (results) {
      // Whoever waits for a run that hangs or breaks off wants to know where it is.
      runner.on("test", (/** @type {any} */ test) => writeFileSync(`${results}.at`, test.titlePath().join(", ")));
    }
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const told = { passed: passes, failed: failures, skipped: pending, failures: listed(this.failures) };
      if (results) writeFileSync(results, JSON.stringify(told));
      // A server or a process that a test forgot would keep the run from ever ending.
      setTimeout(() => {
        const open = process.getActiveResourcesInfo().filter((kind) => kind !== "TTYWrap" && kind !== "PipeWrap");
        process.stderr.write(
          `\nThe tests are over, and something that one of them opened is not closed: ${open.join(", ")}\n`,
        );
        // After mocha's own listener, which sets the number of failed tests.
        process.on("exit", () => (process.exitCode = 1));
        process.exit(1);
      }, patience * 1000).unref();
    });
  }

  /** @override */
  epilogue() {
    const { list } = Base;
    if (!this.showsFailures) Base.list = () => {};
    super.epilogue();
    Base.list = list;
  }
}

module.exports = CountingReporter;
