import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs, { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

import { lockedEnvironment, LockHeld, lockOwner, takeLock, withLock } from "../../../sandbox/lock.mjs";
import { endProcesses, identify, isRunning, processesWith } from "../../../sandbox/process-table.mjs";

const module = pathToFileURL(join(__dirname, "../../../sandbox/lock.mjs")).href;

describe("a lock", () => {
  let folder: string;
  let file: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-lock-"));
    file = join(folder, "deep", "lock");
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await endProcesses(() => processesWith("WHEELHOUSE_LOCK", file), { graceSeconds: 0 });
    rmSync(folder, { recursive: true, force: true });
  });

  const options = { work: "testing", waitSeconds: 10 };

  /** Another process that holds the lock until its input ends, with a child of its own that ignores SIGTERM where asked. */
  async function otherOwner(stubborn = false): Promise<ChildProcess> {
    const sleeper = stubborn ? "trap '' TERM INT; while true; do sleep 0.1; done" : "exec sleep 60";
    const code = `
      import { spawn } from "node:child_process";
      import { once } from "node:events";
      const { withLock, lockedEnvironment } = await import(${JSON.stringify(module)});
      const file = ${JSON.stringify(file)};
      await withLock(file, { work: "something long", waitSeconds: 1 }, async () => {
        spawn("/bin/sh", ["-c", ${JSON.stringify(sleeper)}], { env: lockedEnvironment(file), stdio: "ignore" });
        process.stdout.write("held\\n");
        process.stdin.resume();
        await once(process.stdin, "end");
      });
      process.exit();`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout, "data");
    return child;
  }

  it("lets one at a time do the work", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(20);
      inside -= 1;
    };
    await Promise.all([1, 2, 3, 4].map(() => withLock(file, options, work)));
    strictEqual(most, 1);
    strictEqual(existsSync(file), false);
  });

  it("is let go when the work fails", async () => {
    await rejects(
      withLock(file, options, () => Promise.reject(new Error("broken"))),
      /broken/,
    );
    strictEqual(await withLock(file, options, () => Promise.resolve("again")), "again");
  });

  it("says who holds it, waits no longer than it was told, and leaves the owner alone", async () => {
    const owner = await otherOwner();
    const told: string[] = [];
    const waiting = { work: "testing", waitSeconds: 0.3, onWait: ({ work }: { work: string }) => told.push(work) };
    const started = Date.now();
    await rejects(
      withLock(file, waiting, () => Promise.resolve()),
      (error: unknown) => {
        ok(error instanceof LockHeld);
        match(error.message, new RegExp(`process ${owner.pid} has been busy with "something long" since `));
        return true;
      },
    );
    ok(Date.now() - started < 5000);
    deepStrictEqual(told, ["something long"]);
    strictEqual(lockOwner(file)?.pid, owner.pid);
    strictEqual(owner.exitCode, null);
    strictEqual(processesWith("WHEELHOUSE_LOCK", file).length, 1);
  });

  it("goes to the next one as soon as the owner has ended", async () => {
    const owner = await otherOwner();
    const next = withLock(file, options, () => Promise.resolve("mine"));
    owner.stdin?.end();
    strictEqual(await next, "mine");
  });

  for (const stubborn of [false, true]) {
    it(`of an owner that was killed is taken over, and what it left running ends${stubborn ? " by force" : ""}`, async () => {
      const owner = await otherOwner(stubborn);
      const left = processesWith("WHEELHOUSE_LOCK", file);
      ok(left.length >= 1);
      owner.kill("SIGKILL");
      await once(owner, "close");
      await withLock(file, { ...options, orphanGraceSeconds: 0.5 }, async () => {
        await sleep(0);
        deepStrictEqual(
          left.filter((process) => isRunning(process)),
          [],
        );
      });
      deepStrictEqual(readdirSync(join(folder, "deep")), []);
    });
  }

  it("of a process whose id another one has now is taken over", async () => {
    await withLock(file, options, () => Promise.resolve());
    const owner = { pid: process.pid, started: "1", work: "long ago", since: "", token: "other" };
    writeFileSync(file, JSON.stringify(owner));
    strictEqual(await withLock(file, options, () => Promise.resolve("mine")), "mine");
  });

  it("that was broken in the middle by a process that is gone can still be taken over", async () => {
    await withLock(file, options, () => Promise.resolve());
    const gone = JSON.stringify({ pid: 2 ** 22 - 1, started: "1", work: "", since: "", token: "gone" });
    writeFileSync(file, gone);
    writeFileSync(`${file}.breaking`, gone);
    strictEqual(await withLock(file, options, () => Promise.resolve("mine")), "mine");
    deepStrictEqual(readdirSync(join(folder, "deep")), []);
  });

  it("found stale by many at once goes to one of them at a time", async () => {
    await withLock(file, options, () => Promise.resolve());
    writeFileSync(file, JSON.stringify({ pid: 2 ** 22 - 1, started: "1", work: "", since: "", token: "gone" }));
    const log = join(folder, "log");
    writeFileSync(log, "");
    const code = `
      import { appendFileSync } from "node:fs";
      import { setTimeout as sleep } from "node:timers/promises";
      const { withLock } = await import(${JSON.stringify(module)});
      await withLock(${JSON.stringify(file)}, { work: "racing", waitSeconds: 20 }, async () => {
        appendFileSync(${JSON.stringify(log)}, "in ");
        await sleep(30);
        appendFileSync(${JSON.stringify(log)}, "out ");
      });`;
    const racers = [1, 2, 3, 4, 5].map(() => {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: "inherit" });
      children.push(child);
      return once(child, "close");
    });
    deepStrictEqual(
      (await Promise.all(racers)).map(([exit]) => exit as number),
      [0, 0, 0, 0, 0],
    );
    strictEqual(readFileSync(log, "utf8").trim(), Array(5).fill("in out").join(" "));
  });

  it("is not taken from who takes it in the instant in which another one finds the stale one gone", () => {
    mkdirSync(join(folder, "deep"));
    writeFileSync(file, JSON.stringify({ pid: 2 ** 22 - 1, started: "1", work: "", since: "", token: "gone" }));
    const winner = { ...identify(process.ppid), work: "winning", since: "", token: "winner" };
    const { linkSync, readFileSync: read } = fs;
    let lost = false;
    try {
      fs.linkSync = (from, to) => {
        linkSync(from, to);
        // Another one removed the stale lock before.
        if (String(to) === `${file}.breaking`) rmSync(file, { force: true });
      };
      fs.readFileSync = ((path: string, how: "utf8") => {
        const gone = path === file && !existsSync(file) && !lost;
        try {
          return read(path, how);
        } finally {
          lost ||= gone;
          if (gone) writeFileSync(file, JSON.stringify(winner));
        }
      }) as typeof read;
      syncBuiltinESMExports();
      const taken = takeLock(file, "losing");
      strictEqual(lost, true);
      strictEqual("owner" in taken ? taken.owner?.token : "taken", "winner");
    } finally {
      Object.assign(fs, { linkSync, readFileSync: read });
      syncBuiltinESMExports();
    }
    strictEqual(lockOwner(file)?.token, "winner");
  });

  it("marks what is started under it, and nothing else in the environment changes", () => {
    deepStrictEqual(lockedEnvironment("/x/lock", { PATH: "/bin" }), { PATH: "/bin", WHEELHOUSE_LOCK: "/x/lock" });
  });
});

describe("a process' identity", () => {
  it("is not that of a later process with the same id", () => {
    const self = identify();
    strictEqual(isRunning(self), true);
    strictEqual(isRunning({ ...self, started: "1" }), false);
  });

  it("is gone when the process has ended", async () => {
    const child = spawn("sleep", ["60"]);
    const identity = identify(child.pid);
    strictEqual(isRunning(identity), true);
    child.kill("SIGKILL");
    await once(child, "close");
    strictEqual(isRunning(identity), false);
  });
});
