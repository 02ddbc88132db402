import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readRecords } from "../../../../sandbox/agent/records";
import { processesWith } from "../../../../sandbox/process-table.mjs";
import { jobTokenKey, Platform } from "./platform";

describe("agents that are killed", function () {
  this.timeout(120_000);
  let platform: Platform;
  let child: ChildProcess | undefined;
  beforeEach(async () => (platform = await Platform.make()));
  afterEach(async () => {
    await kill();
    await platform.end();
  });

  const home = () => join(platform.folder, "agents");
  const begun = () => join(platform.folder, "begun");
  /** Numbers of the runs whose job began, once for each time. */
  const begunRuns = () => (existsSync(begun()) ? readFileSync(begun(), "utf8").trim().split("\n").map(Number) : []);

  async function begin(): Promise<void> {
    const options = { folder: home(), cloud: platform.access, jobTokenKey };
    child = spawn(process.execPath, ["--require", "tsx/cjs", join(__dirname, "agents-process.ts")], {
      env: { ...process.env, AGENTS_OF_A_TEST: JSON.stringify(options) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout!, "data");
    child.stdout!.resume();
  }

  async function kill(): Promise<void> {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await holds())) {
      if (Date.now() > deadline)
        throw new Error(
          `not within a minute: ${what}\n${JSON.stringify(readRecords(join(home(), "runs")), undefined, 1)}`,
        );
      await sleep(50);
    }
  }

  async function builds(): Promise<
    { id: number; status: string; result: string; reason: string; sourceVersion: string }[]
  > {
    const path = `/devops/acme/${platform.projectId}/_apis/build/builds?api-version=7.1`;
    return (await platform.cloud.call("GET", path)).json.value as never;
  }

  const pipelineFile = (script: string) =>
    `trigger: [main]\nsteps:\n  - script: |\n      echo $BUILD_BUILDID >> ${begun()}\n${script}`;

  it("lose a run that went on, say so, and leave nothing of it", async () => {
    const script = "      sleep 3600 &\n      sleep 3601\n";
    const repository = await platform.repository("orders", { "azure-pipelines.yml": pipelineFile(script) });
    const pipeline = await platform.pipeline("orders", repository);
    await begin();
    const [running, , waiting] = [
      await platform.queue(pipeline),
      await platform.queue(pipeline),
      await platform.queue(pipeline),
    ];
    await until("two jobs have begun", () => begunRuns().length === 2);
    const temp = join(home(), "agents", "1", "job", "_work", "_temp");
    ok(processesWith("AGENT_TEMPDIRECTORY", temp).length > 0);
    await kill();
    await begin();
    await until("the third job has begun", () => begunRuns().length === 3);
    const lost = readRecords(join(home(), "runs")).find(({ id }) => id === running)!;
    strictEqual(lost.result, "failed");
    ok(lost.issues.some(({ message }) => message.startsWith("The agent was lost")));
    await until("the clouds know", async () =>
      (await builds()).some(({ id, result }) => id === running && result === "failed"),
    );
    strictEqual(begunRuns()[2], waiting);
    await kill();
    await begin();
    await until("nothing runs", async () => (await builds()).every(({ status }) => status === "completed"));
    for (const agent of ["1", "2"]) {
      deepStrictEqual(processesWith("AGENT_TEMPDIRECTORY", join(home(), "agents", agent, "job", "_work", "_temp")), []);
    }
    deepStrictEqual(readdirSync(join(home(), "agents")), []);
  });

  it("at any moment start nothing twice and miss nothing", async () => {
    const repository = await platform.repository("orders", {
      "azure-pipelines.yml": pipelineFile("      sleep 0.2\n"),
    });
    const pipeline = await platform.pipeline("orders", repository);
    const pushed: string[] = [];
    const queued: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      await begin();
      await sleep(40 * round * round);
      // Some come before the kill and some while nobody watches.
      await platform.push(repository, `${round}.txt`, "x");
      queued.push(await platform.queue(pipeline));
      await sleep(90 * round);
      await kill();
      await platform.push(repository, `${round}-later.txt`, "y");
      const tip = await platform.cloud.call(
        "GET",
        `/devops/acme/${platform.projectId}/_apis/git/repositories/${repository}/commits?api-version=7.1`,
      );
      pushed.push(...(tip.json.value ?? []).slice(0, 2).map(({ commitId }) => String(commitId)));
    }
    await begin();
    await until("all has ended", async () => {
      const all = await builds();
      return all.length === pushed.length + queued.length && all.every(({ status }) => status === "completed");
    });
    await sleep(600);
    const all = await builds();
    const byPush = all.filter(({ reason }) => reason === "individualCI").map(({ sourceVersion }) => sourceVersion);
    deepStrictEqual(byPush.sort(), pushed.sort());
    deepStrictEqual(
      all
        .filter(({ reason }) => reason === "manual")
        .map(({ id }) => id)
        .sort((a, b) => a - b),
      queued,
    );
    strictEqual(new Set(begunRuns()).size, begunRuns().length, "no job began twice");
    const records = readRecords(join(home(), "runs"));
    deepStrictEqual(
      records.map(({ id, result }) => ({ id, result })),
      all.map(({ id, result }) => ({ id, result })).sort((a, b) => b.id - a.id),
    );
    for (const { id, result, issues } of records) {
      ok(
        result === "succeeded" || issues.some(({ message }) => message.startsWith("The agent was lost")),
        `run ${id}: ${result}`,
      );
    }
    strictEqual(new Set(records.map(({ number }) => number)).size, records.length, "no number twice");
  });
});
