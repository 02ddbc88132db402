import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

import { isRunning, type ProcessIdentity, identify } from "../../../sandbox/process-table.mjs";
import { close } from "../../../sandbox/tests.mjs";
import { readResults, runGroups, type GroupRun } from "../../../sandbox/tests/run.mjs";

const root = join(__dirname, "../../..");

describe("the line that closes a test run", () => {
  it("counts tests, and fails a run in which a test failed, none passed, or the coverage did not", () => {
    deepStrictEqual(close({ passed: 3, failed: 0, skipped: 0 }, 0), { line: "3 passed, 0 failed", code: 0 });
    deepStrictEqual(close({ passed: 3, failed: 1, skipped: 2 }, 1), { line: "3 passed, 1 failed, 2 skipped", code: 1 });
    deepStrictEqual(close({ passed: 3, failed: 1, skipped: 0 }, 0), { line: "3 passed, 1 failed", code: 1 });
    deepStrictEqual(close({ passed: 0, failed: 0, skipped: 5 }, 0), { line: "0 passed, 0 failed, 5 skipped", code: 1 });
    deepStrictEqual(close({ passed: 3, failed: 0, skipped: 0 }, 9), { line: "3 passed, 0 failed", code: 9 });
  });
});

describe("groups of tests", function () {
  this.timeout(60_000);
  let folder: string;
  /** What tests write the ids of their processes to. */
  let notes: string;
  let said: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-groups-"));
    notes = join(folder, "notes");
    mkdirSync(notes);
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const group = (title: string, text: string, alone = false) => ({ title, alone, files: [file(`${title}.js`, text)] });
  const environment = (): NodeJS.ProcessEnv => ({ ...process.env, NOTES: notes, NODE_V8_COVERAGE: undefined });
  const run = (groups: ReturnType<typeof group>[], more: Partial<GroupRun> = {}) =>
    runGroups(groups, {
      cwd: folder,
      environment: environment(),
      write: (line) => said.push(line),
      lanes: 2,
      mocha: ["--no-config"],
      boundSeconds: 50,
      graceSeconds: 1,
      ...more,
    });
  const noted = (name: string): string => readFileSync(join(notes, name), "utf8");

  const passing = 'describe("fine", () => { it("a", () => {}); it("b", () => {}); });';
  const failing =
    'describe("wrong", () => { it("a", () => {}); it("b", () => { throw new Error("no such luck"); }); });';
  /** Starts a process in a session of its own, which does not keep the test's one from ending. */
  const sleeper = `
    const child = require("node:child_process").spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    child.unref();
    require("node:fs").writeFileSync(process.env.NOTES + "/part", String(child.pid));
    require("node:fs").renameSync(process.env.NOTES + "/part", process.env.NOTES + "/sleeper");`;
  const sleeping = (): ProcessIdentity => identify(Number(noted("sleeper")));

  it("are added up, with the failures of all of them at the end", async () => {
    const counts = await run([group("one", failing), group("two", passing), group("three", 'it("later");')], {});
    deepStrictEqual(counts, { passed: 3, failed: 1, skipped: 1 });
    const text = said.join("\n");
    const end = text.slice(text.indexOf('Failed in "one":'));
    match(end, /1\) wrong\n +b:\n\s+Error: no such luck/);
    // Once, after all that the groups said.
    strictEqual(text.split("no such luck").length, 2);
    match(text, /^2 passed, 0 failed in \d+ s$/m);
    doesNotMatch(end, /passed/);
  });

  it("run side by side, as many as there are lanes, and one that measures by itself after all others", async () => {
    const watch = (name: string): string => `
      const { writeFileSync, existsSync, readdirSync } = require("node:fs");
      const at = (name) => process.env.NOTES + "/" + name;
      it("notes", async () => {
        writeFileSync(at("${name}.running"), "");
        await new Promise((resolve) => setTimeout(resolve, 500));
        writeFileSync(at("${name}.saw"), readdirSync(process.env.NOTES).filter((f) => f.endsWith(".running")).length + "");
        require("node:fs").rmSync(at("${name}.running"));
      });`;
    const counts = await run([
      group("measures", watch("measures"), true),
      ...["one", "two", "three", "four"].map((name) => group(name, watch(name))),
    ]);
    deepStrictEqual(counts, { passed: 5, failed: 0, skipped: 0 });
    strictEqual(noted("measures.saw"), "1");
    for (const name of ["one", "two", "three", "four"]) ok(Number(noted(`${name}.saw`)) <= 2, name);
    const headings = said.filter((line) => line.startsWith("──"));
    strictEqual(headings.at(-1), "── measures ──");
  });

  it("have failed when one broke off, with the test that it was at", async () => {
    const broken = 'describe("some", () => { it("a", () => {}); it("ends it all", () => process.exit(0)); });';
    deepStrictEqual(await run([group("one", broken), group("two", passing)]), { passed: 2, failed: 1, skipped: 0 });
    match(said.join("\n"), /Failed in "one":\n +It broke off with exit code 0\.\n.*began: some, ends it all/);
  });

  it("have failed when one hangs: it is ended with all that it started", async () => {
    const hanging = `describe("some", () => { it("hangs", () => { ${sleeper} while (true); }); });`;
    const counts = await run([group("one", hanging), group("two", passing)], { boundSeconds: 6 });
    deepStrictEqual(counts, { passed: 2, failed: 1, skipped: 0 });
    match(said.join("\n"), /It did not end within 6 s and was ended by force\.\n.*began: some, hangs/);
    strictEqual(isRunning(sleeping()), false);
  });

  it("have failed when one leaves a process behind, which is named and ended", async () => {
    const leaving = `it("forgets", () => { ${sleeper} });`;
    deepStrictEqual(await run([group("one", leaving)]), { passed: 1, failed: 1, skipped: 0 });
    match(said.join("\n"), /It left these running, which were ended:\n +process \d+: sleep 600/);
    strictEqual(isRunning(sleeping()), false);
  });

  it("have failed when one cannot be loaded, or has no test", async () => {
    const counts = await run([group("one", 'throw new Error("not even begun");'), group("two", "")], {
      mocha: ["--no-config", "--fail-zero"],
    });
    deepStrictEqual(counts, { passed: 0, failed: 2, skipped: 0 });
    match(said.join("\n"), /not even begun/);
  });

  it("are over when the run is stopped, with all that tests started and no file left", async () => {
    const polite = 'trap "echo asked > asked; exit" TERM; while true; do sleep 0.05; done';
    const daemon = `require("node:child_process").spawn("sh", ["-c", ${JSON.stringify(polite)}],
      { cwd: process.env.NOTES, detached: true, stdio: "ignore" });`;
    const groups = [group("one", `it("waits", async () => { ${daemon} ${sleeper} await new Promise(() => {}); });`)];
    const script = `
      import { runGroups } from ${JSON.stringify(pathToFileURL(join(root, "sandbox/tests/run.mjs")).href)};
      import { stopChildrenOnSignals } from ${JSON.stringify(pathToFileURL(join(root, "sandbox/process.mjs")).href)};
      stopChildrenOnSignals(() => {});
      await runGroups(${JSON.stringify(groups)}, { cwd: ".", environment: process.env, write() {}, lanes: 2,
        mocha: ["--no-config", "--timeout", "0"] });`;
    writeFileSync(join(folder, "run.mjs"), script);
    const temporary = join(folder, "temporary");
    mkdirSync(temporary);
    const child = spawn(process.execPath, ["run.mjs"], {
      cwd: folder,
      env: { ...environment(), TMPDIR: temporary },
      stdio: "ignore",
    });
    const closed = once(child, "close");
    const deadline = Date.now() + 30_000;
    while (!existsSync(join(notes, "sleeper")) && Date.now() < deadline) await sleep(50);
    const victim = sleeping();
    strictEqual(isRunning(victim), true);
    child.kill("SIGINT");
    deepStrictEqual(await closed, [130, null]);
    strictEqual(isRunning(victim), false);
    // It had the time to end what a daemon has started.
    strictEqual(noted("asked"), "asked\n");
    deepStrictEqual(readdirSync(temporary), []);
  });
});

describe("the reporter of a test run", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-count-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const mocha = (text: string, option: string) => {
    const test = join(folder, "sample.test.js");
    writeFileSync(test, text);
    const program = join(root, "node_modules/mocha/bin/mocha.js");
    const reporter = ["--reporter", join(root, "test/reporter.cjs"), "--reporter-option", option];
    return spawnSync(process.execPath, [program, "--no-config", ...reporter, test], {
      encoding: "utf8",
      env: { ...process.env, NODE_V8_COVERAGE: undefined },
      timeout: 25_000,
    });
  };

  it("leaves what mocha counted, and shows failures itself unless somebody else does", () => {
    const results = join(folder, "results.json");
    const text = 'it("a", () => {}); it("b", () => { throw new Error("no"); }); it("c"); it("d", () => {});';
    const shown = mocha(text, `results=${results}`);
    match(shown.stdout, /2 passing/);
    match(shown.stdout, /Error: no/);
    const { failures, ...counts } = readResults(results)!;
    deepStrictEqual(counts, { passed: 2, failed: 1, skipped: 1 });
    match(failures, /1\) b:\n\s+Error: no/);
    strictEqual(readResults(join(folder, "nothing")), undefined);
    const later = mocha(text, `results=${results},failures=later`);
    match(later.stdout, /1 failing/);
    doesNotMatch(later.stdout, /Error: no/);
    match(readResults(results)!.failures, /Error: no/);
  });

  it("ends a run that something keeps open, says so, and it has failed", function () {
    this.timeout(30_000);
    const results = join(folder, "results.json");
    const run = mocha(
      'it("a", () => { require("node:net").createServer().listen(0, "127.0.0.1"); });',
      `results=${results},patience=1`,
    );
    strictEqual(run.status, 1);
    match(run.stderr, /The tests are over, and something that one of them opened is not closed: .*TCPServerWrap/);
    deepStrictEqual(readResults(results), { passed: 1, failed: 0, skipped: 0, failures: "" });
  });
});
