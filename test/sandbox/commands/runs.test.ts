import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { NewRun } from "../../../sandbox/agent/records";
import { RunStore } from "../../../sandbox/agent/records";
import { logs } from "../../../sandbox/commands/logs";
import { describeRuns, findRun, recordsFolder, runs } from "../../../sandbox/commands/runs";
import { describeSandbox, makeFolders, type Sandbox } from "../../../sandbox/commands/sandbox";

function newRun(id: number, name: string): NewRun {
  return {
    id,
    number: `20260102.${id}`,
    pipeline: { id: 7, name, folder: "\\wheelhouse", project: "Platform" },
    repository: { id: "a", name },
    reason: "Manual",
    because: "queued by hand",
    branch: "refs/heads/main",
    commit: "0".repeat(40),
    queuedAt: "2026-01-02T03:04:05.000Z",
  };
}

/** What an action writes to a stream of this process. */
async function written(
  stream: "stdout" | "stderr",
  action: () => number | Promise<number>,
): Promise<{ code: number; text: string }> {
  const write = process[stream].write.bind(process[stream]);
  let text = "";
  process[stream].write = (part: string | Uint8Array): boolean => {
    text += part.toString();
    return true;
  };
  try {
    return { code: await action(), text };
  } finally {
    process[stream].write = write;
  }
}

describe("what the pipelines ran, on the command line", () => {
  let folder: string;
  let sandbox: Sandbox;
  let store: RunStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-runs-"));
    sandbox = describeSandbox(join(folder, "program"), { WHEELHOUSE_HOME: folder });
    makeFolders(sandbox);
    store = RunStore.open(recordsFolder(sandbox));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const list = (pipeline?: string, count = 20, json = false) => runs(sandbox, { pipeline, count, json });

  it("says that there is nothing yet, and what makes the first", async () => {
    const { code, text } = await written("stderr", () => list());
    strictEqual(code, 1);
    match(text, /no run yet; npm start makes the first ones/);
  });

  it("lists the newest first, of one pipeline when asked, and says how many more there are", async () => {
    for (const [id, name] of [
      [1, "orders"],
      [2, "forecast"],
      [3, "orders"],
    ] as const)
      store.create(newRun(id, name));
    const all = await written("stdout", () => list());
    deepStrictEqual(
      all.text
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(/\s+/)[0]),
      ["3", "2", "1"],
    );
    const one = await written("stdout", () => list("orders", 1));
    match(one.text, /^run .*\n3 +orders +20260102\.3 +queued +queued by hand\nand 1 older ones: --count 2\n$/);
    const none = await written("stderr", () => list("nobody"));
    strictEqual(none.code, 1);
    match(none.text, /no run of "nobody" yet; there are runs of forecast, orders/);
  });

  it("gives programs the records as they are", async () => {
    store.create(newRun(4, "orders"));
    const { text } = await written("stdout", () => list(undefined, 20, true));
    deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(store.list())));
  });

  it("tells how long a run takes that has not ended", () => {
    const record = {
      ...store.create(newRun(5, "orders")),
      state: "running",
      startedAt: "2026-01-01T00:00:00.000Z",
    } as const;
    match(describeRuns([record], Date.parse("2026-01-01T00:00:12.000Z"))[1] ?? "", /running +12 s/);
  });

  it("finds the run that is meant by number or as the newest of a pipeline, and shows its log", async () => {
    for (const id of [6, 7]) store.create(newRun(id, "orders"));
    strictEqual(findRun(sandbox, "6")?.id, 6);
    strictEqual(findRun(sandbox, "orders")?.id, 7);
    store.start(7, 1);
    store.planSteps(7, ["Resolve"]);
    store.startStep(7, 0);
    store.line(7, 0, "24 packages");
    store.endStep(7, 0, "succeeded");
    store.complete(7, "succeeded");
    const { code, text } = await written("stdout", () => logs(sandbox, "orders", false));
    strictEqual(code, 0);
    match(text, /run 7 of orders[^]*==> Resolve: succeeded <==\n\S+Z 24 packages\nsucceeded\n$/);
    strictEqual((await written("stderr", () => logs(sandbox, "nothing", false))).code, 1);
  });
});
