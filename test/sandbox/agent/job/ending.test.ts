/** How jobs end before their time: cancellation, time limits, and what steps leave running. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Builder } from "../../../../sandbox/services/types";
import { identify, isRunning } from "../../../../sandbox/process-table.mjs";
import { checkout, Machine, script } from "./harness";

describe("the end of a job", () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => machine.remove());

  const minutes = (seconds: number) => seconds / 60;
  /** Ids that steps wrote down. */
  const pids = (file: string) =>
    readFileSync(join(machine.folder, file), "utf8")
      .trim()
      .split("\n")
      .map((line) => Number(line));
  const alive = (pid: number) => isRunning(identify(pid));
  /** Cancels when a line says so. */
  function canceler(word: string): { signal: AbortSignal; onLine: (line: string) => void } {
    const controller = new AbortController();
    return { signal: controller.signal, onLine: (line) => line === word && setTimeout(() => controller.abort(), 20) };
  }

  it("comes by cancellation: what runs gets SIGINT and its children, too; steps with always() still run", async () => {
    const { signal, onLine } = canceler("ready");
    const started = Date.now();
    const told = await machine.run(
      [
        script(`trap 'echo got-int; exit 0' INT; sleep 300 & echo $! >> ${machine.folder}/pids; echo ready; wait`),
        script("echo never"),
        script("echo cleaned-up", { condition: "always()" }),
        script("echo not-this", { condition: "succeededOrFailed()" }),
        script("echo but-this", { condition: "canceled()" }),
      ],
      { context: { signal }, onLine },
    );
    assert.equal(told.result, "canceled");
    assert.deepEqual(told.results, ["canceled", "skipped", "succeeded", "skipped", "succeeded"]);
    assert.match(told.log(0), /^got-int$/m);
    assert.match(told.log(0), /##\[error\]The Operation will be canceled/);
    assert.ok(Date.now() - started < 5000);
    for (const pid of pids("pids")) assert.ok(!alive(pid), `${pid} is still there`);
  });

  it("is made by force where a process does not listen, and its whole group goes", async () => {
    const { signal, onLine } = canceler("ready");
    const told = await machine.run(
      [
        script(
          `trap '' INT TERM; (trap '' INT TERM; sleep 300; sleep 300) & echo $! >> ${machine.folder}/pids; echo $$ >> ${machine.folder}/pids; echo ready; while :; do sleep 1; done`,
        ),
      ],
      { context: { signal }, onLine },
    );
    assert.deepEqual(told.results, ["canceled"]);
    for (const pid of pids("pids")) assert.ok(!alive(pid), `${pid} is still there`);
  });

  it("waits for a step with always() that runs when the cancellation comes", async () => {
    const { signal, onLine } = canceler("ready");
    const told = await machine.run(
      [script("false"), script("echo ready; sleep 0.5; echo done", { condition: "always()" }), script("echo x")],
      { context: { signal }, onLine },
    );
    assert.deepEqual(told.results, ["failed", "succeeded", "skipped"]);
    assert.match(told.log(1), /^done$/m);
    assert.equal(told.result, "canceled");
  });

  it("comes for steps with always(), too, when the time that canceled jobs get is over", async () => {
    const { signal, onLine } = canceler("ready");
    const told = await machine.run(
      [
        script("echo ready; sleep 300"),
        script("sleep 300", { condition: "always()" }),
        script("echo late", { condition: "always()" }),
      ],
      { context: { signal }, onLine, job: { cancelTimeoutInMinutes: minutes(1) } },
    );
    assert.deepEqual(told.results, ["canceled", "canceled", "skipped"]);
    assert.match(told.log(1), /did not end within cancelTimeoutInMinutes/);
    assert.ok(!told.lines[2]!.includes("late"));
  });

  it("runs no step but those with always() where it was canceled before it began", async () => {
    const told = await machine.run([script("echo no"), script("echo yes", { condition: "always()" })], {
      context: { signal: AbortSignal.abort() },
    });
    assert.deepEqual([told.result, ...told.results], ["canceled", "skipped", "succeeded"]);
  });

  it("does not wait for what cannot be canceled", async () => {
    const controller = new AbortController();
    const repository = () => {
      setTimeout(() => controller.abort(), 20);
      return new Promise<never>(() => undefined);
    };
    const told = await machine.run([checkout("self")], { context: { signal: controller.signal, repository } });
    assert.deepEqual(told.results, ["canceled"]);
  });

  it("comes for a step at its time limit: it fails, and the job goes on by its conditions", async () => {
    const told = await machine.run([
      script("sleep 300", { timeoutInMinutes: minutes(0.3), continueOnError: true }),
      script("sleep 300", { timeoutInMinutes: minutes(0.3) }),
      script("echo after", { condition: "failed()" }),
    ]);
    assert.deepEqual(told.results, ["succeededWithIssues", "failed", "succeeded"]);
    assert.match(told.log(0), /##\[error\]The task has timed out/);
    assert.equal(told.result, "failed");
  });

  it("comes for a job at its time limit: it is canceled, and says why", async () => {
    const told = await machine.run([script("sleep 300"), script("echo cleaned-up", { condition: "always()" })], {
      job: { timeoutInMinutes: minutes(0.5) },
    });
    assert.deepEqual([told.result, ...told.results], ["canceled", "canceled", "succeeded"]);
    assert.match(told.log(0), /##\[error\]The job ran longer than the maximum time/);
  });

  it("ends what steps left in the background, also in sessions and environments of their own", async () => {
    const told = await machine.run([
      script(
        [
          `sleep 300 > /dev/null 2>&1 & echo $! >> ${machine.folder}/pids`,
          `setsid sh -c 'echo $$ >> ${machine.folder}/pids; exec sleep 300' > /dev/null 2>&1 &`,
          `(env -i /bin/sh -c 'echo $$ >> ${machine.folder}/pids; trap "" TERM INT; while :; do sleep 1; done' > /dev/null 2>&1 &)`,
          `sleep 0.3`,
        ].join("\n"),
      ),
      script(`for p in $(cat ${machine.folder}/pids); do kill -0 $p && echo alive; done`),
    ]);
    assert.equal(told.lines[1]!.filter((line) => line === "alive").length, 3, "they serve later steps");
    assert.match(told.log(1), /^Terminate orphan process: pid \(\d+\) \(sleep\)$/m);
    for (const pid of pids("pids")) assert.ok(!alive(pid), `${pid} is still there`);
  });

  it("does not hang on a process that keeps a step's output open", async () => {
    const started = Date.now();
    const told = await machine.run([script(`sleep 300 & echo $! >> ${machine.folder}/pids`), script("echo next")]);
    assert.deepEqual(told.results, ["succeeded", "succeeded"]);
    assert.match(told.log(0), /##\[warning\].*keeps its output open/);
    assert.ok(Date.now() - started < 10_000);
    for (const pid of pids("pids")) assert.ok(!alive(pid));
  });

  it("leaves alone what others run beside it", async () => {
    const other = spawn("sleep", ["300"], { cwd: machine.folder, detached: true, stdio: "ignore" });
    try {
      await machine.run([script("sleep 0.1 &")]);
      assert.ok(alive(other.pid!));
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("disposes of builders, also of one that is being made while the job is canceled", async () => {
    const disposed: string[] = [];
    const controller = new AbortController();
    const makeBuilder = async (name: string): Promise<Builder> => {
      controller.abort();
      await sleep(1500);
      return {
        name,
        empty: () => Promise.resolve(),
        dispose: () => Promise.resolve(void disposed.push(name)),
        environment: { PATH: join(machine.folder, "fake") },
      };
    };
    mkdirSync(join(machine.folder, "fake"));
    writeFileSync(join(machine.folder, "fake/docker-buildx"), "#!/bin/sh\necho 'Endpoint: unix:///nowhere'\n", {
      mode: 0o755,
    });
    const told = await machine.run([script("docker buildx create --name mine")], {
      context: {
        signal: controller.signal,
        makeBuilder,
        environment: { PATH: `${join(machine.folder, "fake")}:${process.env.PATH}` },
      },
    });
    assert.deepEqual(told.results, ["canceled"], told.log());
    assert.equal(disposed.length, 1);
    assert.ok(!existsSync(join(machine.workFolder, "machine/s")));
  });
});
