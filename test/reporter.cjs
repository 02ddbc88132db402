// Mocha's spec reporter, which also leaves the number of tests for the line that closes a run.
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

class CountingReporter extends reporters.Spec {
  /** @param {any} runner @param {any} options */
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const file = process.env.WHEELHOUSE_TEST_COUNTS;
      const { passes, failures, pending } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
}

module.exports = CountingReporter;
