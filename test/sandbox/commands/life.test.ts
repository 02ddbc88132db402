import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Status } from "../../../sandbox/commands/status";
import { outcome, Trial } from "./trial";

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within a minute: ${what}`);
    await sleep(50);
  }
}

describe("the sandbox's command line", function () {
  this.timeout(180_000);
  let trial: Trial;

  before(async () => (trial = await Trial.make()));
  after(async () => trial.remove());

  /** Each test starts from a platform that is up with two groups. */
  beforeEach(async () => {
    trial.declare({ groups: ["one", "two"] });
    const { code, text } = await trial.run("up", "--no-agents");
    strictEqual(code, 0, text);
  });

  const stateFile = (): string => join(trial.sandbox.backend, ".pulumi/stacks/trial/sandbox.json");
  const status = async (): Promise<Status> => JSON.parse((await trial.run("status", "--json")).text) as Status;

  it("brings the platform up, shows it, and a second update changes nothing", async () => {
    const { code, text } = await trial.run("start", "--no-agents");
    strictEqual(code, 0, text);
    match(text, /pulumi up, again: nothing changed/);
    match(text, /^Groups all: 2 ResourceGroup$/m);
    match(text, /^3 components and resources$/m);
    match(text, /^ {2}groups: one, two$/m);
    match(text, /^ {2}token: \[secret\]$/m);
    match(text, /the stand-in clouds: http:\/\/127\.0\.0\.1:\d+/);
    match(text, /time taken: \d+/);
  });

  it("makes, keeps and removes what the program says, and tells what changed", async () => {
    trial.declare({ groups: ["two", "three"] });
    const { code, text } = await trial.run("up", "--no-agents");
    strictEqual(code, 0, text);
    match(text, /^ {2}create three \(ResourceGroup\)$/m);
    match(text, /^ {2}delete one \(ResourceGroup\)$/m);
    strictEqual(/two \(ResourceGroup\)$/m.test(text), false);
  });

  it("tells tools, daemon and stack, for people and for programs", async () => {
    const found = await status();
    deepStrictEqual(
      found.tools.filter(({ group }) => group === "engine").map(({ name, missing }) => ({ name, missing })),
      [
        { name: "git", missing: undefined },
        { name: "pulumi", missing: undefined },
      ],
    );
    // Those that only builds need are told, too, and need not be there.
    ok(found.tools.some(({ group, name }) => group === "builds" && name === "buildkit"));
    deepStrictEqual(found.stack, { resources: 3, pending: 0 });
    ok(found.daemon.pid !== undefined);
    const { text } = await trial.run("status");
    match(
      text,
      new RegExp(`^stand-in clouds: process ${found.daemon.pid}, ${found.daemon.address ?? "no address"}$`, "m"),
    );
    match(text, /^pulumi +\d+\.\d+\.\d+ +(PATH|built|downloaded) /m);
  });

  it("runs the real CLI in the sandbox, with its exit code", async () => {
    const outputs = await trial.run("pulumi", "stack", "output", "--json");
    deepStrictEqual(JSON.parse(outputs.text), { groups: ["one", "two"], token: "[secret]" });
    trial.declare({ groups: ["one"] });
    strictEqual((await trial.run("pulumi", "preview", "--expect-no-changes")).code, 255);
  });

  it("shows the engine's own errors and where its output is when the program is wrong", async () => {
    trial.declare({ groups: [], fail: "apps/orders.yaml:5:10 is no good" });
    const { code, text } = await trial.run("up", "--no-agents");
    strictEqual(code, 1);
    match(text, /pulumi up failed:\n[^]*apps\/orders\.yaml:5:10 is no good/);
    match(text, new RegExp(`The whole output: ${trial.sandbox.logs}/up.log`));
  });

  it("keeps its secrets out of logs, state and configuration, and in files of the user alone", () => {
    const secrets = JSON.parse(readFileSync(trial.sandbox.secretsFile, "utf8")) as Record<string, string>;
    strictEqual(Object.keys(secrets).length, 4);
    for (const [file, text] of trial.texts()) {
      for (const secret of Object.values(secrets)) {
        for (const form of [secret, Buffer.from(`:${secret}`).toString("base64")]) {
          strictEqual(text.includes(form), false, `a secret is in ${file}`);
        }
      }
    }
    for (const file of [trial.sandbox.secretsFile, trial.sandbox.passphraseFile]) {
      strictEqual(statSync(file).mode & 0o777, 0o600);
    }
  });

  it("shows its logs by name", async () => {
    match((await trial.run("logs", "up")).text, /Resources:/);
    match((await trial.run("logs", "cloud")).text, /listening/);
    const unknown = await trial.run("logs", "nonsense");
    strictEqual(unknown.code, 1);
    match(unknown.text, /there is no log "nonsense"; there are cloud, daemon, up/);
  });

  it("starts the clouds again at the same address when they are gone", async () => {
    const before = await status();
    process.kill(before.daemon.pid!, "SIGKILL");
    strictEqual((await trial.run("pulumi", "preview")).code, 1);
    const { code, text } = await trial.run("up", "--no-agents");
    strictEqual(code, 0, text);
    strictEqual((await status()).daemon.address, before.daemon.address);
    match(text, /nothing changed/);
  });

  /** A run that is in the middle of an update, with its engine at work. */
  async function midway(): Promise<ReturnType<Trial["start"]>> {
    const hold = join(trial.folder, "held");
    rmSync(hold, { force: true });
    trial.declare({ groups: ["one", "two", "three"], hold });
    const run = trial.start("up", "--no-agents");
    await until(() => existsSync(hold), "the program runs");
    return run;
  }

  it("stops the engine on Ctrl-C, and the next run carries on", async () => {
    const run = await midway();
    const ended = outcome(run);
    run.kill("SIGINT");
    strictEqual((await ended).code, 130);
    deepStrictEqual(trial.engines(), []);
    trial.declare({ groups: ["one", "two", "three"] });
    const { code, text } = await trial.run("up", "--no-agents");
    strictEqual(code, 0, text);
  });

  it("comes up by itself after it was killed, ending the engine that was left", async () => {
    const run = await midway();
    process.kill(-run.pid!, "SIGKILL");
    await once(run, "close");
    ok(trial.engines().length > 0, "an engine of its own goes on");
    trial.declare({ groups: ["one", "two", "three"] });
    const { code, text } = await trial.run("start", "--no-agents");
    strictEqual(code, 0, text);
    match(text, /^4 components and resources$/m);
    deepStrictEqual(trial.engines(), []);
  });

  it("comes up by itself after it was killed with its engine", async () => {
    const run = await midway();
    process.kill(-run.pid!, "SIGKILL");
    for (const { pid } of trial.engines()) process.kill(pid, "SIGKILL");
    trial.declare({ groups: ["one", "two", "three"] });
    const { code, text } = await trial.run("start", "--no-agents");
    strictEqual(code, 0, text);
    match(text, /an earlier run was interrupted: removing its lock on the stack/);
    match(text, /^4 components and resources$/m);
  });

  it("adopts what an interrupted creation made, and makes what it did not", async () => {
    const file = stateFile();
    const state = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint: {
        latest: { resources: { urn: string; id?: string; inputs?: object }[]; pending_operations?: object[] };
      };
    };
    const { latest } = state.checkpoint;
    const made = latest.resources.find(({ urn }) => urn.endsWith("ResourceGroup::two"))!;
    const { id, ...unfinished } = made;
    const never = {
      ...unfinished,
      urn: made.urn.replace("::two", "::four"),
      inputs: { ...made.inputs, resourceGroupName: "four" },
    };
    latest.resources = latest.resources.filter((resource) => resource !== made);
    latest.pending_operations = [unfinished, never].map((resource) => ({ type: "creating", resource }));
    writeFileSync(file, JSON.stringify(state));
    deepStrictEqual((await status()).stack, { resources: 2, pending: 2 });

    trial.declare({ groups: ["one", "two", "four"] });
    const { code, text } = await trial.run("up", "--no-agents");
    strictEqual(code, 0, text);
    match(text, /interrupted while creating two \(ResourceGroup\): it is there, and adopted/);
    match(text, /interrupted while creating four \(ResourceGroup\)$/m);
    match(text, /^ {2}create four \(ResourceGroup\)$/m);
    strictEqual(text.includes("create two"), false);
    ok(id !== undefined);
    deepStrictEqual((await status()).stack, { resources: 4, pending: 0 });
  });

  it("says that the state is broken and how to begin anew when it cannot be read", async () => {
    const file = stateFile();
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, 100));
    const { code, text } = await trial.run("up", "--no-agents");
    writeFileSync(file, whole);
    strictEqual(code, 1);
    match(text, /"npm run sandbox -- down" removes the sandbox; the next start makes a new one/);
  });

  it("lets a second run wait for the first, which it names", async () => {
    const first = await midway();
    const second = trial.start("up", "--no-agents");
    const ended = outcome(second);
    let said = "";
    second.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await until(() => said.includes("waiting for process"), "the second one waits");
    match(said, new RegExp(`waiting for process ${first.pid}, which is busy with "up"`));
    deepStrictEqual((await status()).busy?.pid, first.pid);
    trial.declare({ groups: ["one"] });
    first.kill("SIGTERM");
    const { code, text } = await ended;
    strictEqual(code, 0, text);
  });

  it("is gone after down: no process, no file, no port; and down twice is no error", async () => {
    const { daemon } = await status();
    const { code, text } = await trial.run("down");
    strictEqual(code, 0, text);
    deepStrictEqual(trial.processes(), []);
    strictEqual(existsSync(join(trial.home, "sandboxes")), false);
    await fetch(daemon.address!).then(
      () => ok(false, "something answers"),
      () => undefined,
    );
    match((await trial.run("down")).text, /there is no sandbox/);
    match((await trial.run("status")).text, /sandbox: none; npm start makes it\nstand-in clouds: not running/);
  });
});
