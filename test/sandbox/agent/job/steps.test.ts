/** Steps of a job: order, conditions, results, environment, macros. */
import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { identify, isRunning } from "../../../../sandbox/process-table.mjs";
import { Machine, script, task, Told, token } from "./harness";

describe("the steps of a job", () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => machine.remove());

  it("run in order, in bash, in the folder of the sources", async () => {
    const told = await machine.run([script("pwd\necho ${BASH_VERSION:+bash}"), script("echo second")]);
    assert.equal(told.result, "succeeded", told.log());
    assert.deepEqual(told.results, ["succeeded", "succeeded"]);
    assert.ok(told.lines[0]!.includes(join(machine.workFolder, "_work/1/s")));
    assert.ok(told.lines[0]!.includes("bash"));
    assert.ok(told.lines[1]!.includes("second"));
  });

  it("stop at the first that fails, but for those whose condition says otherwise", async () => {
    const told = await machine.run([
      script("exit 3"),
      script("echo no"),
      script("echo yes", { condition: "always()" }),
      script("echo failed", { condition: "failed()" }),
      script("echo or", { condition: "succeededOrFailed()" }),
      script("echo off", { condition: "always()", enabled: false }),
    ]);
    assert.equal(told.result, "failed");
    assert.deepEqual(told.results, ["failed", "skipped", "succeeded", "succeeded", "succeeded", "skipped"]);
    assert.match(told.log(0), /##\[error\]Bash exited with code '3'\./);
    assert.deepEqual(told.issues, [{ index: 0, type: "error", message: "Bash exited with code '3'." }]);
    assert.match(told.log(1), /Skipping step due to condition evaluation/);
  });

  it("that may fail leave the job succeeded with issues", async () => {
    const told = await machine.run([script("false", { continueOnError: true }), script("echo on")]);
    assert.deepEqual([told.result, ...told.results], ["succeededWithIssues", "succeededWithIssues", "succeeded"]);
  });

  it("fail where their condition cannot be evaluated, and say which", async () => {
    const told = await machine.run([script("echo hi", { condition: "nonsense(" })]);
    assert.deepEqual(told.results, ["failed"]);
    assert.match(told.log(), /##\[error\]The condition nonsense\( cannot be evaluated/);
  });

  it("have public variables in their environment, and secret ones only where they are mapped", async () => {
    const told = await machine.run(
      [
        script('echo "$A_B_C|${THE_SECRET-unset}|${SYSTEM_ACCESSTOKEN-unset}|$BUILD_BUILDID|$AGENT_JOBSTATUS"'),
        script('[ "$MAPPED" = hush-hush ] && echo same', { env: { MAPPED: "$(the.secret)" } }),
      ],
      {
        job: { variables: { "a.b c": "1 $(Build.BuildId)" } },
        context: {
          variables: new Map([
            ["Build.BuildId", { value: "7", secret: false }],
            ["the.secret", { value: "hush-hush", secret: true }],
          ]),
        },
      },
    );
    assert.match(told.log(0), /^1 7\|unset\|unset\|7\|Succeeded$/m);
    assert.match(told.log(1), /^same$/m);
  });

  it("inherit nothing else of the host", async () => {
    process.env.WHEELHOUSE_TEST_HOST_VALUE = "leaked";
    try {
      const told = await machine.run([script("env; ls -A ~")]);
      assert.ok(!told.log().includes("leaked"));
      assert.match(told.log(), new RegExp(`^HOME=${machine.workFolder}/home$`, "m"));
    } finally {
      delete process.env.WHEELHOUSE_TEST_HOST_VALUE;
    }
  });

  it("have macros replaced, unknown ones left, and those of the shell left to it", async () => {
    const told = await machine.run([
      script('echo "$(build.buildid) $(echo sub) $(HOME)"\necho \'$(no.such)\' "$(logname 2>&1 || true)"', {
        workingDirectory: "$(Agent.TempDirectory)",
      }),
    ]);
    assert.match(told.log(), new RegExp(`^7 sub ${machine.workFolder}/home$`, "m"));
    assert.match(told.log(), /^\$\(no\.such\)/m);
  });

  it("fail in a folder that is not there, before anything runs", async () => {
    const told = await machine.run([script("echo ran", { workingDirectory: "nowhere" })]);
    assert.match(told.log(), /##\[error\]Not found workingDirectory: .*_work\/1\/s\/nowhere/);
    assert.ok(!told.lines[0]!.includes("ran"));
  });

  it("fail for what they write to standard error only where they are told to", async () => {
    const told = await machine.run([script("echo oops >&2"), script("echo oops >&2", { failOnStderr: true })]);
    assert.deepEqual(told.results, ["succeeded", "failed"]);
    assert.match(told.log(1), /Bash wrote one or more lines to the standard error stream[\s\S]*##\[error\]oops/);
  });

  it("fail where they ask for a task that is not here, which is named", async () => {
    const told = await machine.run([task("AzureCLI@3", {}), task("docker@3", {})]);
    assert.deepEqual(told.results, ["failed", "skipped"]);
    assert.match(told.log(0), /does not have the task AzureCLI@3: it has PipAuthenticate@1, Docker@2, AzureCLI@2/);
  });

  it("that say too much at once keep only the beginning of an issue", async () => {
    const told = await machine.run([
      script("echo \"##vso[task.logissue type=error]$(head -c 9000 /dev/zero | tr '\\0' x)\""),
    ]);
    assert.equal(told.issues[0]!.message.length, 4097);
  });

  it("fail, and say why, where a variable is longer than a process can be given", async () => {
    const told = await machine.run([script("echo hi")], { job: { variables: { big: "x".repeat(200_000) } } });
    assert.deepEqual(told.results, ["failed"]);
    assert.match(told.log(), /##\[error\].*bash cannot be started: a variable is longer than a process can be given/);
  });

  it("end the job, with all that it started, where their log cannot be kept", async () => {
    const full = () => {
      throw new Error("no space left on device");
    };
    const { sink } = new Told(machine.folder);
    await assert.rejects(
      machine.run([script("sleep 300 > /dev/null 2>&1 & echo $! > ~/pid; echo hi"), script("echo hi")], {
        context: { sink: { ...sink, line: full } },
      }),
      /the log of the step "step" cannot be kept: no space left on device/,
    );
    const left = Number(readFileSync(join(machine.workFolder, "home/pid"), "utf8"));
    assert.ok(!isRunning(identify(left)));
  });

  it("have an empty temporary folder before and after", async () => {
    const first = await machine.run([
      script("touch $AGENT_TEMPDIRECTORY/x; ls -A $AGENT_TEMPDIRECTORY ~; touch ~/left"),
    ]);
    assert.equal(first.result, "succeeded");
    assert.deepEqual(readdirSync(join(machine.workFolder, "_work/_temp")), []);
    assert.ok(existsSync(join(machine.workFolder, "home/left")));
    const second = await machine.run([script("find ~ $PIPELINE_WORKSPACE -type f")]);
    assert.ok(!second.log().includes("home/left"));
  });

  it("get the job's token only where they ask for it, and it is never shown", async () => {
    const told = await machine.run([
      script('echo "t:$T"; printf "%s" "$T" | wc -c', { env: { T: "$(System.AccessToken)" } }),
    ]);
    assert.match(told.log(), new RegExp(`^t:\\*\\*\\*\n${token.length}$`, "m"));
    assert.ok(!told.everything.includes(token));
  });
});
