// Mocha's spec reporter, which also leaves the number of tests for the line that closes a run, and ends a run that something keeps open.
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

/** Milliseconds after the last test in which all that the tests opened must have closed. */
const patience = 10_000;

class CountingReporter extends reporters.Spec {
  /** @param {any} runner @param {any} options */
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const file = process.env.WHEELHOUSE_TEST_COUNTS;
      const { passes, failures, pending } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
      // A server or a process that a test forgot would keep the run from ever ending.
      setTimeout(() => {
        const open = process.getActiveResourcesInfo().filter((kind) => kind !== "TTYWrap" && kind !== "PipeWrap");
        process.stderr.write(
          `\nThe tests are over, and something that one of them opened is not closed: ${open.join(", ")}\n`,
        );
        // After mocha's own listener, which sets the number of failed tests.
        process.on("exit", () => (process.exitCode = 1));
        process.exit(1);
      }, patience).unref();
    });
  }
}

module.exports = CountingReporter;
