import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readRecords, RunStore, type NewRun } from "../../../../sandbox/agent/records";

function run(id: number): NewRun {
  return {
    id,
    number: `20261121.${id}`,
    pipeline: { id: 3, name: "orders", folder: "\\wheelhouse", project: "Platform" },
    repository: { id: "9f", name: "orders" },
    reason: "Manual",
    because: "queued by hand",
    branch: "refs/heads/main",
    commit: "1".repeat(40),
    queuedAt: "2026-11-21T04:00:00.000Z",
  };
}

describe("the store of run records", () => {
  let folder: string;
  const stores: RunStore[] = [];
  const open = (kept?: number): RunStore => {
    const store = RunStore.open(join(folder, "runs"), kept === undefined ? {} : { kept });
    stores.push(store);
    return store;
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-records-"))));
  afterEach(() => {
    for (const store of stores.splice(0)) store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("takes up what an earlier one wrote, the newest run first", () => {
    const store = open();
    [4, 12, 9].forEach((id) => store.create(run(id)));
    store.start(9, 2);
    store.addTag(9, "published");
    deepStrictEqual(open().list(), store.list());
    deepStrictEqual(
      open()
        .list()
        .map(({ id }) => id),
      [12, 9, 4],
    );
    deepStrictEqual(readRecords(join(folder, "runs")), store.list());
  });

  it("makes a run once only, and keeps what happened to it when it is made again", () => {
    const store = open();
    store.create(run(1));
    store.start(1, 1);
    strictEqual(store.create({ ...run(1), because: "something else" }).state, "running");
    strictEqual(store.require(1).because, "queued by hand");
  });

  it("gives pictures of a moment that no later change and no reader touches", () => {
    const store = open();
    const before = store.create(run(1));
    store.start(1, 1);
    strictEqual(before.state, "queued");
    throws(() => (before.state = "completed"), TypeError);
    throws(() => before.tags.push("x"), TypeError);
  });

  it("says which run changed, and which step spoke, once it is on the disk", () => {
    const store = open();
    const heard: string[] = [];
    store.on("change", (id) => heard.push(`${id} ${readRecords(store.home).find((each) => each.id === id)?.state}`));
    store.on("log", (id, step) => heard.push(`${id}/${step} ${store.stepLog(id, step).text.trimEnd().slice(25)}`));
    store.create(run(1));
    store.planSteps(1, ["Build"]);
    store.start(1, 1);
    store.startStep(1, 0);
    store.line(1, 0, "hello");
    deepStrictEqual(heard.slice(0, 1), ["1 queued"]);
    deepStrictEqual(heard.slice(-2), ["1 running", "1/0 hello"]);
  });

  it("shows a log while it is written, from any place on, in whole lines", () => {
    const store = open();
    store.create(run(1));
    store.planSteps(1, ["Build & push: orders"]);
    store.startStep(1, 0);
    strictEqual(store.require(1).steps[0]!.log, "logs/01-build-push-orders.log");
    store.line(1, 0, "one");
    const first = store.stepLog(1, 0);
    match(first.text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z one\n$/);
    store.line(1, 0, "two\nzwei — ü");
    const second = store.stepLog(1, 0, first.next);
    deepStrictEqual(
      second.text.split("\n").map((line) => line.slice(25)),
      ["two", "zwei — ü", ""],
    );
    deepStrictEqual(store.stepLog(1, 0, second.next), { text: "", next: second.next });
    // Half a line, as a reader may meet it.
    const file = join(store.folder(1), store.require(1).steps[0]!.log!);
    writeFileSync(file, "half a li", { flag: "a" });
    deepStrictEqual(store.stepLog(1, 0, second.next), { text: "", next: second.next });
    strictEqual(statSync(file).mode & 0o777, 0o600);
  });

  it("joins the logs of all steps with their names and results", () => {
    const store = open();
    store.create(run(1));
    store.planSteps(1, ["First", "Second", "Third"]);
    store.startStep(1, 0);
    store.line(1, 0, "said");
    store.addIssue(1, 0, { type: "warning", message: "careful" });
    store.endStep(1, 0, "succeededWithIssues");
    store.startStep(1, 1);
    const text = store.logOf(1).replace(/^\S+Z /gm, "");
    strictEqual(
      text,
      "=== 1 First: succeededWithIssues\nsaid\n##[warning]careful\n\n=== 2 Second: running\n\n=== 3 Third: pending\n",
    );
    strictEqual(store.logOf(1, 2), "");
  });

  it("ends a run with all of its steps, and does not end it twice", () => {
    const store = open();
    store.create(run(1));
    store.planSteps(1, ["First", "Second", "Third"]);
    store.start(1, 1);
    store.startStep(1, 0);
    store.endStep(1, 0, "succeeded");
    store.startStep(1, 1);
    store.complete(1, "failed", [{ type: "error", message: "lost" }]);
    const { state, result, steps, issues } = store.complete(1, "succeeded", [{ type: "error", message: "again" }]);
    deepStrictEqual([state, result, issues.map(({ message }) => message)], ["completed", "failed", ["lost"]]);
    deepStrictEqual(
      steps.map((step) => step.result),
      ["succeeded", "failed", "skipped"],
    );
    deepStrictEqual(
      steps.map((step) => step.state),
      ["completed", "completed", "completed"],
    );
    store.line(1, 1, "after the end");
    ok(!store.logOf(1).includes("after the end"));
  });

  it("keeps the newest completed runs and every one that has not ended", () => {
    const store = open(2);
    for (const id of [1, 2, 3, 4, 5]) store.create(run(id));
    for (const id of [5, 1, 3, 2]) store.complete(id, "succeeded");
    deepStrictEqual(
      store.list().map(({ id }) => id),
      [5, 4, 3],
    );
    deepStrictEqual(readdirSync(store.home).sort(), ["3", "4", "5"]);
  });

  it("keeps copies of summaries and artifacts, several uploads in one", () => {
    const store = open();
    store.create(run(1));
    const work = join(folder, "work");
    mkdirSync(join(work, "report", "deep"), { recursive: true });
    writeFileSync(join(work, "report", "deep", "scan.json"), "{}");
    writeFileSync(join(work, "lock.txt"), "flask==3");
    symlinkSync(join(work, "lock.txt"), join(work, "report", "link"));
    writeFileSync(join(work, "summary.md"), "# one");
    store.addArtifact(1, "report", join(work, "report"));
    store.addArtifact(1, "report", join(work, "lock.txt"), "locks");
    store.addSummary(1, join(work, "summary.md"));
    writeFileSync(join(work, "summary.md"), "# two");
    store.addSummary(1, join(work, "summary.md"));
    rmSync(work, { recursive: true });
    const { artifacts, summaries } = open().require(1);
    deepStrictEqual([artifacts, summaries], [["report"], ["summary-1.md", "summary-2.md"]]);
    const kept = (path: string): string => readFileSync(join(store.folder(1), path), "utf8");
    deepStrictEqual(
      [
        "artifacts/report/deep/scan.json",
        "artifacts/report/locks/lock.txt",
        "artifacts/report/link",
        "summary-1.md",
        "summary-2.md",
      ].map(kept),
      ["{}", "flask==3", "flask==3", "# one", "# two"],
    );
  });

  it("refuses artifacts that would lie outside, and files that are not there", () => {
    const store = open();
    store.create(run(1));
    const file = join(folder, "file");
    writeFileSync(file, "x");
    for (const name of ["..", ".", "a/b", "a\\b", "", "a\nb"])
      throws(() => store.addArtifact(1, name, file), /no name for an artifact/);
    throws(() => store.addArtifact(1, "a", file, "../../.."), /leads out of it/);
    throws(() => store.addArtifact(1, "a", file, "x\\..\\..\\y"), /leads out of it/);
    throws(() => store.addArtifact(1, "a", join(folder, "missing")), /missing does not exist/);
    throws(() => store.addSummary(1, join(folder, "missing.md")), /missing\.md does not exist/);
    throws(() => store.addSummary(1, folder), /is no file/);
    deepStrictEqual(store.require(1).artifacts, []);
  });

  it("says what is wrong with a record that somebody broke, and which numbers there are", () => {
    const store = open();
    store.create(run(1));
    throws(() => store.require(7), /there is no run 7; the newest is 1/);
    writeFileSync(join(store.home, "1", "run.json"), "{ half");
    throws(() => RunStore.open(store.home), /1\/run\.json cannot be read: remove the folder/);
  });

  it("is whole after its process was killed at any moment", async function () {
    this.timeout(60_000);
    const runs = join(folder, "runs");
    const program = `
      const { RunStore } = require("./sandbox/agent/records");
      const store = RunStore.open(${JSON.stringify(runs)}, { kept: 5 });
      const first = (store.list()[0]?.id ?? 0) + 1;
      for (let id = first; ; id += 1) {
        store.create({ ...${JSON.stringify(run(0))}, id });
        store.planSteps(id, ["One", "Two"]);
        store.start(id, 1);
        store.startStep(id, 0);
        store.line(id, 0, "text");
        store.complete(id, "succeeded");
        // From the first whole record on: a slow machine takes its time to the first one.
        if (id === first) process.stdout.write("ready\\n");
      }`;
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      await sleep(60 + 35 * round);
      child.kill("SIGKILL");
      await once(child, "close");
      // Readers need no store, and meet no half-written record.
      const seen = readRecords(runs);
      ok(seen.length > 0);
      const store = open(5);
      // The newest that were completed, and each that a killed process left in its midst.
      const newest = seen.filter(({ state }) => state === "completed").slice(0, 5);
      deepStrictEqual(
        store.list(),
        seen.filter((record) => record.state !== "completed" || newest.includes(record)),
      );
      const left = readdirSync(runs).flatMap((id) => readdirSync(join(runs, id)).map((name) => name));
      deepStrictEqual([...new Set(left)].sort(), ["logs", "run.json"]);
      ok(existsSync(join(runs, String(store.list()[0]!.id), "run.json")));
    }
  });
});
