/** The folders of a job: nothing is left in them, and nothing outside of them is touched. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { removeWorkspace, WorkspaceError } from "../../../../sandbox/agent/job";
import { makeWorkspace } from "../../../../sandbox/agent/job/workspace";
import { Machine, script } from "./harness";

describe("the folders of a job", () => {
  let machine: Machine;
  let outside: string;
  beforeEach(() => {
    machine = new Machine();
    outside = join(machine.folder, "outside");
    mkdirSync(join(outside, "deep"), { recursive: true });
    writeFileSync(join(outside, "deep/precious"), "x");
  });
  afterEach(() => machine.remove());
  const untouched = () => assert.ok(existsSync(join(outside, "deep/precious")));

  it("are those of an agent, and only for this user", async () => {
    const told = await machine.run([script("cd $AGENT_WORKFOLDER; find . -maxdepth 2 -type d | sort; stat -c %a .")]);
    assert.match(told.log(), /\.\n\.\/1\n\.\/1\/TestResults\n\.\/1\/a\n\.\/1\/b\n\.\/1\/s\n\.\/_temp\n\.\/_tool\n700/);
  });

  it("have nothing of the job before", async () => {
    await machine.run([
      script(
        "touch $BUILD_SOURCESDIRECTORY/x ~/y $AGENT_TOOLSDIRECTORY/z; mkdir -p ro/in; touch ro/in/f; chmod 500 ro/in ro",
      ),
    ]);
    const told = await machine.run([script("find $AGENT_HOMEDIRECTORY -type f | grep -v -e /machine/ -e _temp; true")]);
    assert.ok(!/[/][xyzf]$/m.test(told.log()), told.log());
  });

  it("are emptied without following links that a job planted, in place of any of them", async () => {
    await machine.run([
      script(
        `ln -s ${outside} link; rm -rf $AGENT_TEMPDIRECTORY; ln -s ${outside} $AGENT_TEMPDIRECTORY; ln -s ${outside}/deep ~/l; rm -rf $AGENT_TOOLSDIRECTORY; ln -s ${outside} $AGENT_TOOLSDIRECTORY`,
      ),
    ]);
    untouched();
    await machine.run([script("true")]);
    untouched();
    await removeWorkspace(machine.workFolder);
    untouched();
    assert.ok(!existsSync(machine.workFolder));
  });

  it("are emptied within themselves also where the way to them was turned", async () => {
    mkdirSync(join(outside, "_temp"));
    writeFileSync(join(outside, "_temp/precious"), "x");
    await machine.run([script(`rm -rf $AGENT_WORKFOLDER; ln -s ${outside} $AGENT_WORKFOLDER`)]);
    assert.ok(existsSync(join(outside, "_temp/precious")));
    untouched();
  });

  it("are not made in a link, nor a link's target removed", async () => {
    symlinkSync(outside, machine.workFolder);
    await assert.rejects(machine.run([script("true")]), WorkspaceError);
    await removeWorkspace(machine.workFolder);
    untouched();
    assert.ok(!existsSync(machine.workFolder));
  });

  it("are not emptied where something is mounted in them", async function () {
    const place = join(machine.workFolder, "m");
    mkdirSync(place, { recursive: true });
    try {
      execFileSync("mount", ["--bind", outside, place], { stdio: "pipe" });
    } catch {
      this.skip(); // Only root may.
    }
    try {
      await assert.rejects(makeWorkspace(machine.workFolder), /a job mounted a file system at .*\/m: unmount it/);
      await assert.rejects(removeWorkspace(machine.workFolder), WorkspaceError);
      untouched();
    } finally {
      execFileSync("umount", [place]);
    }
  });

  it("go with all that is in them", async () => {
    const deep = join(machine.workFolder, "a/b");
    mkdirSync(deep, { recursive: true });
    chmodSync(deep, 0o000);
    await removeWorkspace(machine.workFolder);
    await removeWorkspace(machine.workFolder);
    assert.deepEqual(readdirSync(machine.folder), ["outside"]);
  });
});
