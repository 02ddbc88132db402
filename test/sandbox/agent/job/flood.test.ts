/** Steps that write more than anybody reads. */
import { strict as assert } from "node:assert";

import { Machine, script } from "./harness";

const mebibyte = 1024 * 1024;

describe("a step that floods its log", function () {
  this.timeout(120_000);
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => machine.remove());

  /** What the heap and buffers have at most while a job runs. */
  async function peak(work: Promise<unknown>): Promise<number> {
    const use = () => process.memoryUsage().heapUsed + process.memoryUsage().external;
    const before = use();
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, use() - before)), 20);
    await work;
    clearInterval(timer);
    return most;
  }

  it("with hundreds of megabytes of lines is cut, says so, and its commands still count", async () => {
    let bytes = 0;
    const run = machine.run(
      [
        script(
          "yes 'a line of a flood that nobody is going to read, ever' | head -c 200M; echo '##vso[task.setvariable variable=x]seen'",
        ),
        script("echo $X"),
      ],
      { limits: { logBytes: 2 * mebibyte }, onLine: (text) => (bytes += text.length) },
    );
    const most = await peak(run);
    const told = await run;
    assert.equal(told.result, "succeeded");
    assert.ok(bytes < 2.5 * mebibyte, `${bytes}`);
    assert.match(
      told.lines[0]!.at(-2)!,
      /^##\[warning\]This step's log is longer than 2 MiB: what follows is not kept/,
    );
    assert.match(told.lines[0]!.at(-1)!, /^##\[warning\]\d{7} more lines of this step's log were left out\.$/);
    assert.match(told.log(1), /^seen$/m);
    assert.ok(most < 200 * mebibyte, `${most / mebibyte} MiB`);
  });

  it("with one line without an end needs no more memory", async () => {
    const run = machine.run([script("head -c 100M /dev/zero | tr '\\0' 'x'")], { limits: { logBytes: mebibyte } });
    const most = await peak(run);
    assert.equal((await run).result, "succeeded");
    assert.ok(most < 200 * mebibyte, `${most / mebibyte} MiB`);
  });

  it("can be canceled", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const told = await machine.run([script("yes")], { context: { signal: controller.signal } });
    assert.deepEqual(told.results, ["canceled"]);
  });
});
