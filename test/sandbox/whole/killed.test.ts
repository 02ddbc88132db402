/** `npm start` ended by force, at ten random moments: what it leaves behind, the next run mends by itself. */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Checkout, killGroup } from "./checkout";

/** Seconds within which a run of the command line must end on a slow machine. */
const patience = 180;
const kills = 10;

describe("npm start, ended by force", function () {
  this.timeout((2 * patience + 60) * 1000);

  let checkout: Checkout;
  /** Seconds that a run takes which nobody disturbs; the moments are spread over it. */
  let undisturbed: number;

  before(async () => {
    checkout = new Checkout();
    const began = Date.now();
    const { code, output } = await checkout.run(patience, "start", "--no-agents");
    undisturbed = (Date.now() - began) / 1000;
    assert.equal(code, 0, output);
  });
  after(async () => {
    await checkout.dispose();
  });

  for (let index = 0; index < kills; index++) {
    const whole = index % 2 === 0;
    const victim = whole ? "with all that it started" : "alone, its children living on";

    it(`comes up again after kill ${(index + 1).toString()} of ${kills.toString()}, ${victim}`, async () => {
      const { code: downCode, output: downOutput } = await checkout.run(patience, "sandbox", "down");
      assert.equal(downCode, 0, downOutput);

      // One moment in each tenth of the run, drawn anew each time.
      const moment = (undisturbed * (index + Math.random())) / kills;
      const { child, ended } = checkout.begin("start", "--no-agents");
      await Promise.race([sleep(moment * 1000), ended]);
      if (whole) killGroup(child);
      else child.kill("SIGKILL");
      await sleep(50);

      const where = `killed ${moment.toFixed(2)} s after its start`;
      const { code, output } = await checkout.run(patience, "start", "--no-agents");
      assert.equal(code, 0, `${where}; the next run said:\n${output}`);
      assert.match(output, /a second update changed nothing/, where);
      killGroup(child);
    });
  }

  it("comes up again where the engine was ended while it wrote the notes beside its state", async () => {
    const backend = path.join(checkout.sandbox!, "pulumi", "backend");
    const state = readdirSync(backend, { recursive: true, encoding: "utf8" }).find((file) =>
      /stacks\/.*\/sandbox\.json$/.test(file),
    );
    assert.ok(state !== undefined, "the engine keeps its state elsewhere");
    writeFileSync(path.join(backend, `${state}.attrs`), "");
    const { code, output } = await checkout.run(patience, "start", "--no-agents");
    assert.equal(code, 0, output);
    const notes = readdirSync(backend, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".attrs"));
    assert.deepEqual(notes, []);
  });

  it("leaves one daemon running and nothing else, and no file for temporary ones", () => {
    assert.equal(checkout.processes().length, 1, checkout.commandLines().join("\n"));
    assert.deepEqual(readdirSync(checkout.temporary), []);
  });
});
