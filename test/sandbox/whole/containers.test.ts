import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ContainerError, startContainer, type Container, type StartOptions } from "../../../sandbox/containers";
import { whyNot } from "../../../sandbox/containers/namespace";
import { makeLayout, machinePrograms, type Made } from "../containers/made-image";

const programs = ["cat", "env", "grep", "id", "ls", "pwd", "sh", "sleep", "tail", "touch"];
const repository = join(__dirname, "../../..");

describe("a container", function () {
  this.timeout(120_000);
  let folder = "";
  let image: string;
  let second: string;
  const started: Container[] = [];

  before(async function () {
    const runc = spawnSync("runc", ["--version"]).status === 0 ? undefined : "runc is not here";
    const reason = whyNot() ?? runc;
    if (reason !== undefined) {
      console.log(`      not run: ${reason}`);
      this.skip();
    }
    folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-containers-")));
    const base: Made[] = [
      ...machinePrograms(programs),
      { name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\napp:x:10001:10001::/home/app:/bin/sh\n" },
      { name: "app", type: "directory", uid: 10001, gid: 10001 },
      { name: "gone", content: "of the base" },
      { name: "hidden/of-the-base", content: "x" },
      { name: "private", content: "root's", mode: 0o600 },
    ];
    const own: Made[] = [
      { name: ".wh.gone" },
      { name: "hidden/.wh..wh..opq" },
      { name: "hidden/new", content: "new" },
      { name: "app/greeting", content: "hello\n", uid: 10001 },
    ];
    const configuration = {
      User: "app",
      Env: ["PATH=/bin", "COLOUR=green"],
      Entrypoint: ["sh", "-c"],
      Cmd: ["cat greeting; exec sleep 600"],
      WorkingDir: "/app",
      Healthcheck: { Test: ["CMD", "ls", "/app/greeting"], Timeout: 20e9 },
    };
    ({ folder: image } = await makeLayout(join(folder, "image"), [base, own], configuration));
    ({ folder: second } = await makeLayout(join(folder, "second"), [base, [{ name: "app/second", content: "2" }]], {
      ...configuration,
      Healthcheck: { Test: ["CMD-SHELL", "test -e /app/greeting"] },
    }));
  });

  afterEach(async () => {
    for (const container of started.splice(0)) await container.stop(0.2);
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  async function start(what: string, options: StartOptions = {}): Promise<Container> {
    const container = await startContainer(what, { folder: join(folder, "containers"), ...options });
    started.push(container);
    return container;
  }

  async function said(container: Container, text: string): Promise<void> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      if (container.output().includes(text)) return;
      await sleep(20);
    }
    throw new Error(`it did not say ${text}, but: ${container.output()}`);
  }

  /** Nothing of any container: no files, mounts, or control groups. */
  function left(): string[] {
    const runs = join(folder, "containers/runs");
    const mounts = readFileSync("/proc/self/mountinfo", "utf8");
    const groups = spawnSync("find", ["/sys/fs/cgroup", "-maxdepth", "3", "-name", `wh-${process.pid}-*`]);
    return [
      ...(existsSync(runs) ? readdirSync(runs) : []),
      ...mounts.split("\n").filter((line) => line.includes(folder)),
      ...String(groups.stdout).split("\n").filter(Boolean),
    ];
  }

  for (const union of ["overlay", "copy"] as const) {
    it(`runs what the image says, as whom and where it says, with its layers joined by ${union}`, async () => {
      const container = await start(image, { union, environment: { MORE: "yes" } });
      await said(container, "hello");
      const sh = async (script: string): Promise<string> => (await container.exec(["sh", "-c", script])).output;
      strictEqual(await sh("id -u; id -g; pwd; echo $COLOUR $MORE $HOME"), "10001\n10001\n/app\ngreen yes /home/app\n");
      strictEqual(await sh("ls /gone /hidden 2>/dev/null"), "/hidden:\nnew\n");
      strictEqual(await sh("cat /private || echo refused"), "refused\n");
      strictEqual(await sh("touch /app/mine && touch /bin/mine || echo refused"), "refused\n");
      match(
        await sh("grep -E 'Cap(Bnd|Eff)|NoNewPrivs' /proc/self/status"),
        /CapEff:\s0+\nCapBnd:\s0+\nNoNewPrivs:\s1/,
      );
      ok(await container.healthy());
      ok(existsSync(`/proc/${container.pid}`));
      strictEqual(await container.stop(0.2), 137);
      deepStrictEqual(left(), []);
      ok(!existsSync(`/proc/${container.pid}`));
    });
  }

  it("unpacks only layers that are new", async () => {
    await start(image);
    const reported: string[] = [];
    await start(image, { report: (line) => reported.push(line) });
    strictEqual(reported.length, 0);
    const other = await start(second, { report: (line) => reported.push(line) });
    deepStrictEqual(reported, ["unpacking 1 of 2 layers"]);
    strictEqual((await other.exec(["cat", "/gone"])).output, "of the base", "the first image's layer is not its own");
    strictEqual(await other.healthy(), false);
  });

  it("writes nothing to its image, nor to another container of it", async () => {
    const one = await start(image);
    strictEqual((await one.exec(["touch", "/app/mine"])).code, 0);
    const other = await start(image);
    strictEqual((await other.exec(["ls", "/app/mine"])).code, 2);
  });

  it("writes only to mounts and temporary files where its root is read-only", async () => {
    const [shared, given] = ["shared", "given"].map((name) => join(folder, name)) as [string, string];
    for (const made of [shared, given]) mkdirSync(made);
    chmodSync(shared, 0o777);
    writeFileSync(join(given, "input"), "in");
    const mounts = [
      { source: shared, target: "/shared", readOnly: false },
      { source: given, target: "/given" },
    ];
    const container = await start(image, { readOnlyRoot: true, mounts });
    const code = async (...words: string[]): Promise<number> => (await container.exec(words)).code;
    deepStrictEqual(
      [await code("touch", "/tmp/a"), await code("touch", "/shared/a"), await code("cat", "/given/input")],
      [0, 0, 0],
    );
    deepStrictEqual([await code("touch", "/app/a"), await code("touch", "/given/a")], [1, 1]);
    ok(existsSync(join(shared, "a")));
  });

  it("tells its end: exit code and what it said, by kind", async () => {
    const container = await start(image, { command: ["echo out; echo err >&2; exit 7"] });
    deepStrictEqual(await container.ended, { code: 7, output: "out\n", errors: "err\n" });
    strictEqual(await container.healthy(), false);
    await rejects(container.exec(["id"]), /has ended/);
    strictEqual(await container.stop(), 7);
    deepStrictEqual(left(), []);
  });

  it("ends in its own way when it is asked to", async () => {
    const script = 'trap "echo closing; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    const container = await start(image, { command: [script] });
    await said(container, "ready");
    strictEqual(await container.stop(20), 3);
    match(container.output(), /closing/);
  });

  it("runs commands with a time, an input, a user and an exit code of their own", async () => {
    const container = await start(image);
    strictEqual((await container.exec(["cat"], { input: "typed" })).output, "typed");
    strictEqual((await container.exec(["sh", "-c", "exit 9"])).code, 9);
    strictEqual((await container.exec(["id", "-u"], { user: "root" })).output, "0\n");
    strictEqual((await container.exec(["sleep", "60"], { timeoutSeconds: 0.5 })).code, 124);
    ok((await container.exec(["not-there"])).code !== 0);
  });

  it("is ended when it takes more memory than it may", async () => {
    const container = await start(image, { command: ["tail /dev/zero"], memory: 24 * 1024 * 1024 });
    strictEqual((await container.ended).code, 137);
  });

  it("fails with the reason, and leaves nothing behind, when its command or user is not there", async () => {
    for (const [options, reason] of [
      [{ entrypoint: ["/bin/not-there"] }, /could not be started: .*\n.*not-there/],
      [{ user: "stranger" }, /user "stranger", which it does not have/],
      [{ mounts: [{ source: join(folder, "nowhere"), target: "/x" }] }, /nowhere is not there/],
    ] as [StartOptions, RegExp][]) {
      await rejects(start(image, options), (error: unknown) => {
        ok(error instanceof ContainerError);
        match(error.message, reason);
        return true;
      });
      deepStrictEqual(left(), []);
    }
    await rejects(start(join(folder, "no-image")), /is no image that can be found/);
    deepStrictEqual(left(), []);
  });

  /** Starts a container from another process, which then only waits. */
  async function elsewhere(): Promise<{ child: ChildProcess; pid: number }> {
    const script = `
      const { startContainer } = require(${JSON.stringify(join(repository, "sandbox/containers"))});
      startContainer(${JSON.stringify(image)}, { folder: ${JSON.stringify(join(folder, "containers"))} })
        .then((container) => console.log("pid " + container.pid + "."));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", script], {
      cwd: repository,
      env: { ...process.env, NODE_V8_COVERAGE: undefined },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    for await (const chunk of child.stdout) {
      text += String(chunk);
      const pid = /pid (\d+)\./.exec(text)?.[1];
      if (pid !== undefined) return { child, pid: Number(pid) };
    }
    throw new Error(`it ended: ${text}`);
  }

  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`ends with the process that started it, by ${signal} too, and the next start removes its files`, async () => {
      const { child, pid } = await elsewhere();
      ok(existsSync(`/proc/${pid}`));
      const gone = once(child, "exit");
      child.kill(signal);
      await gone;
      for (const deadline = Date.now() + 10_000; existsSync(`/proc/${pid}`) && Date.now() < deadline;) await sleep(20);
      ok(!existsSync(`/proc/${pid}`), "the container goes on");
      const container = await start(image);
      await container.stop(0.2);
      deepStrictEqual(left(), []);
    });
  }
});
