import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

import { CommandFailed, run, startDetached } from "../../../sandbox/process.mjs";
import { endProcesses, processesWith } from "../../../sandbox/process-table.mjs";

const module = pathToFileURL(join(__dirname, "../../../sandbox/process.mjs")).href;
const mark = "WHEELHOUSE_TEST_PROCESS";

describe("starting a process", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-process-"))));
  afterEach(async () => {
    await endProcesses(() => marked(), { graceSeconds: 0 });
    rmSync(folder, { recursive: true, force: true });
  });

  const marked = (): ReturnType<typeof processesWith> => processesWith(mark, folder);
  const sh = (script: string, options: Parameters<typeof run>[2] = {}): ReturnType<typeof run> =>
    run("/bin/sh", ["-c", script], { env: { ...process.env, [mark]: folder }, ...options });

  it("gives what it said, by stream and by line", async () => {
    const lines: string[] = [];
    const result = await sh("echo one; echo two >&2; printf three", { onLine: (line) => lines.push(line) });
    deepStrictEqual(result, { code: 0, output: "one\nthree", errors: "two\n" });
    deepStrictEqual([...lines].sort(), ["one", "three", "two"]);
  });

  it("hands it its input", async () => {
    strictEqual((await run("cat", [], { input: "hello" })).output, "hello");
  });

  it("fails with the end of what it said, and the exit code", async () => {
    await rejects(sh("echo why >&2; exit 7"), (error: unknown) => {
      ok(error instanceof CommandFailed);
      strictEqual(error.result.code, 7);
      match(error.message, /ended with exit code 7:\n {2}why$/);
      return true;
    });
  });

  it("gives the exit code where failing is allowed, also for a program that is not there and one that was killed", async () => {
    strictEqual((await sh("exit 3", { allowFailure: true })).code, 3);
    strictEqual((await run("/nowhere/program", [], { allowFailure: true })).code, 127);
    strictEqual((await sh("kill -TERM $$", { allowFailure: true })).code, 143);
  });

  it("ends it and all it started after the time it has", async () => {
    const result = await sh("sleep 60 & sleep 60", { allowFailure: true, timeoutSeconds: 0.2 });
    strictEqual(result.code, 124);
    match(result.errors, /no end after 0\.2 s/);
    deepStrictEqual(marked(), []);
  });

  it("writes its output to a log that only the user can read", async () => {
    const log = join(folder, "log");
    await sh("echo one", { log });
    await sh("echo two >&2", { log });
    await sleep(50);
    strictEqual(readFileSync(log, "utf8"), "one\ntwo\n");
    strictEqual(statSync(log).mode & 0o777, 0o600);
  });

  it("that outlives the run is possible, with its own log", async () => {
    const log = join(folder, "log");
    const env = { ...process.env, [mark]: folder };
    startDetached("/bin/sh", ["-c", "echo up; sleep 60"], { env, log });
    const deadline = Date.now() + 5000;
    while (readFileSync(log, "utf8") !== "up\n" && Date.now() < deadline) await sleep(20);
    strictEqual(readFileSync(log, "utf8"), "up\n");
    const started = Date.now();
    strictEqual(await endProcesses(() => marked()), 2);
    ok(Date.now() - started < 4000, "the child that its parent does not end is asked too");
  });

  /** What was killed takes a moment to be gone. */
  async function noneLeft(): Promise<void> {
    const deadline = Date.now() + 3000;
    while (marked().length > 0 && Date.now() < deadline) await sleep(20);
    deepStrictEqual(marked(), []);
  }

  /** A program that starts a child and waits for it, as every command of the sandbox does. */
  async function program(
    child: string,
    stop: string,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<ReturnType<typeof spawn>> {
    const code = `
      const { run, stopChildrenOnSignals } = await import(${JSON.stringify(module)});
      stopChildrenOnSignals((line) => process.stdout.write(line + "\\n"));
      await run("/bin/sh", ["-c", ${JSON.stringify(child)}], { allowFailure: true, stop: ${stop}, onLine: (line) => process.stdout.write(line + "\\n") });
      process.stdout.write("went on\\n");`;
    const started = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      env: { ...process.env, [mark]: folder, npm_lifecycle_event: "", ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(started.stdout, "data")) as [Buffer];
    strictEqual(line.toString(), "ready\n");
    return started;
  }

  const gentle = `{ signal: "SIGINT", wholeGroup: false, graceSeconds: 10 }`;

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`that is stopped by ${signal} stops its children in their manner first, and does not go on`, async () => {
      const child = `trap 'echo saved >> ${folder}/saved; exit 0' INT; echo ready; while true; do sleep 0.05; done`;
      const parent = await program(child, gentle);
      let said = "";
      parent.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
      parent.kill(signal);
      const [code] = (await once(parent, "close")) as [number];
      strictEqual(code, { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      strictEqual(readFileSync(join(folder, "saved"), "utf8"), "saved\n");
      strictEqual(said.includes("went on"), false);
      deepStrictEqual(marked(), []);
    });
  }

  it("that does not end when asked is ended by force", async () => {
    const parent = await program(
      "trap '' INT TERM; echo ready; while true; do sleep 0.05; done",
      `{ signal: "SIGTERM", wholeGroup: true, graceSeconds: 0.3 }`,
    );
    parent.kill("SIGTERM");
    await once(parent, "close");
    await noneLeft();
  });

  it("that is asked a second time stops at once", async () => {
    const parent = await program("trap '' INT TERM; echo ready; while true; do sleep 0.05; done", gentle);
    parent.kill("SIGTERM");
    await sleep(300);
    const started = Date.now();
    parent.kill("SIGTERM");
    await once(parent, "close");
    ok(Date.now() - started < 3000);
    await noneLeft();
  });

  it("by a command that npm runs stops when npm itself was ended by force", async () => {
    const code = `
      const { run, stopChildrenOnSignals } = await import(${JSON.stringify(module)});
      stopChildrenOnSignals(() => {});
      await run("/bin/sh", ["-c", "echo ready; exec sleep 60"], { onLine: (line) => process.stdout.write(line + "\\n") });`;
    const npm = spawn("/bin/sh", ["-c", '"$0" --input-type=module --eval "$1"; true', process.execPath, code], {
      env: { ...process.env, [mark]: folder, npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(npm.stdout, "data");
    strictEqual(marked().length, 3);
    npm.kill("SIGKILL");
    await noneLeft();
  });
});
