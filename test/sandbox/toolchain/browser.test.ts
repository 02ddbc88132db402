import { match, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { Machine } from "./machine";

const root = join(__dirname, "../../..");

describe("a machine without a browser", () => {
  it("skips the tests in a browser, with the reason, and none of them has failed", async function () {
    this.timeout(60_000);
    const machine = new Machine();
    try {
      const mocha = [join(root, "node_modules/mocha/bin/mocha.js"), "--no-config", "--require", "tsx/cjs"];
      const run = spawnSync(process.execPath, [...mocha, "test/sandbox/agent/page/browser.test.ts"], {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, PATH: machine.bin, NODE_V8_COVERAGE: undefined },
        timeout: 50_000,
      });
      strictEqual(run.status, 0, run.stdout + run.stderr);
      match(run.stdout, /skipped: no chromium to show the page in: not on PATH\. Install Chromium 120 or later/);
      match(run.stdout, /^ +0 passing .*\n +[1-9]\d* pending$/m);
    } finally {
      await machine.remove();
    }
  });
});
