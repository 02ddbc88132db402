import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { sandboxFolder, sandboxSlug, wheelhouseHome } from "../../../sandbox/home.mjs";
import { describeDuration } from "../../../sandbox/progress.mjs";
import { close, readCounts } from "../../../sandbox/tests.mjs";

const root = join(__dirname, "../../..");

describe("the bootstrap", () => {
  it("knows a command for each npm script, and tells the commands to who asks for another one", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const run = spawnSync(process.execPath, [join(root, "sandbox/bootstrap.mjs"), "nonsense"], { encoding: "utf8" });
    strictEqual(run.status, 2);
    const known = /there are (.*)\n/.exec(run.stderr)?.[1]?.split(", ");
    const { wheelhouse, prepack, ...own } = scripts;
    deepStrictEqual(known?.sort(), Object.keys(own).sort());
    for (const [name, script] of Object.entries(own)) strictEqual(script, `node sandbox/bootstrap.mjs ${name}`);
    // The command line needs nothing that the bootstrap makes, and npm itself asks for the build of a package.
    deepStrictEqual([wheelhouse, prepack], ["node tools/launch.cjs", own.build]);
  });
});

describe("the line that closes a test run", () => {
  it("counts tests, and fails a run in which a test failed, none passed, or the coverage did not", () => {
    deepStrictEqual(close({ passed: 3, failed: 0, skipped: 0 }, 0), { line: "3 passed, 0 failed", code: 0 });
    deepStrictEqual(close({ passed: 3, failed: 1, skipped: 2 }, 1), { line: "3 passed, 1 failed, 2 skipped", code: 1 });
    deepStrictEqual(close({ passed: 0, failed: 0, skipped: 5 }, 0), { line: "0 passed, 0 failed, 5 skipped", code: 1 });
    deepStrictEqual(close({ passed: 3, failed: 0, skipped: 0 }, 9), { line: "3 passed, 0 failed", code: 9 });
  });

  it("comes from what mocha counted, and says that a run that broke off has failed", () => {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-count-"));
    try {
      const test = join(folder, "sample.test.js");
      const counts = join(folder, "counts.json");
      writeFileSync(test, 'it("a", () => {}); it("b", () => { throw new Error("no"); }); it("c"); it("d", () => {});');
      const mocha = join(root, "node_modules/mocha/bin/mocha.js");
      const args = [mocha, "--no-config", "--reporter", join(root, "test/reporter.cjs"), test];
      const env = { ...process.env, WHEELHOUSE_TEST_COUNTS: counts, NODE_V8_COVERAGE: undefined };
      const run = spawnSync(process.execPath, args, { encoding: "utf8", env });
      match(run.stdout, /2 passing/);
      deepStrictEqual(readCounts(counts), { passed: 2, failed: 1, skipped: 1 });
      deepStrictEqual(readCounts(join(folder, "nothing")), { passed: 0, failed: 1, skipped: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a test run that something keeps open", () => {
  it("ends all the same, says so, and has failed", function () {
    this.timeout(30_000);
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-open-"));
    try {
      const test = join(folder, "sample.test.js");
      const counts = join(folder, "counts.json");
      writeFileSync(test, 'it("a", () => { require("node:net").createServer().listen(0, "127.0.0.1"); });');
      const mocha = join(root, "node_modules/mocha/bin/mocha.js");
      const args = [mocha, "--no-config", "--reporter", join(root, "test/reporter.cjs"), test];
      const env = { ...process.env, WHEELHOUSE_TEST_COUNTS: counts, NODE_V8_COVERAGE: undefined };
      const run = spawnSync(process.execPath, args, { encoding: "utf8", env, timeout: 25_000 });
      strictEqual(run.status, 1);
      match(run.stderr, /The tests are over, and something that one of them opened is not closed: .*TCPServerWrap/);
      deepStrictEqual(readCounts(counts), { passed: 1, failed: 0, skipped: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("where the sandbox keeps its files", () => {
  it("is chosen by WHEELHOUSE_HOME, else the user's cache folder", () => {
    strictEqual(wheelhouseHome({ WHEELHOUSE_HOME: "/a/b", XDG_CACHE_HOME: "/c" }), "/a/b");
    strictEqual(wheelhouseHome({ XDG_CACHE_HOME: "/c" }), "/c/wheelhouse");
    match(wheelhouseHome({}), /\/\.cache\/wheelhouse$/);
  });

  it("is another one for each checkout, named after it", () => {
    strictEqual(sandboxSlug("/x/My Checkout/"), sandboxSlug("/x/My Checkout"));
    match(sandboxSlug("/x/My Checkout"), /^my-checkout-[0-9a-f]{8}$/);
    strictEqual(new Set(["/x/main", "/y/main", "/y/…"].map(sandboxSlug)).size, 3);
    strictEqual(basename(sandboxFolder("/x/main", { WHEELHOUSE_HOME: "/h" })), sandboxSlug("/x/main"));
  });
});

describe("a duration", () => {
  it("is told in seconds, then in minutes and seconds", () => {
    deepStrictEqual([0, 7400, 59_700, 125_000].map(describeDuration), ["0 s", "7 s", "1 min 0 s", "2 min 5 s"]);
  });
});
