import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { RunSource } from "../../../../sandbox/agent/page";
import { RunStore } from "../../../../sandbox/agent/records";
import { ask, events } from "./http";
import { at, record, step } from "./runs";
import { putSamples, runningRun, sample, sampleLog } from "./samples";
import { Stand } from "./stand";

describe("the page of the sandbox's pipelines", () => {
  let stand: Stand;

  beforeEach(async () => {
    stand = await new Stand().start();
  });
  afterEach(() => stand.stop());

  it("takes the records as the agents keep them", () => {
    const store = RunStore.open(join(stand.runs.top, "store"));
    const source: RunSource = store;
    deepStrictEqual(source.list(), []);
    store.close();
  });

  it("answers who asks for 127.0.0.1 or localhost, and nobody who was led here by another name", async () => {
    const port = new URL(stand.address).port;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST", "127.0.0.1"]) {
      strictEqual((await ask(stand.address, "/", { headers: { host } })).status, 200, host);
    }
    for (const host of [
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "evil@127.0.0.1",
      "0.0.0.0",
    ]) {
      for (const path of ["/", "/api/runs", "/page.js", "/api/events"]) {
        const answer = await ask(stand.address, path, { headers: { host } });
        strictEqual(answer.status, 421, `${host} ${path}`);
        match(answer.body, /127\.0\.0\.1 and localhost only/);
      }
    }
  });

  it("only shows: whatever would change something is refused", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      strictEqual((await ask(stand.address, "/api/runs", { method })).status, 405, method);
    }
    const head = await ask(stand.address, "/", { method: "HEAD" });
    strictEqual(head.status, 200);
    strictEqual(head.body, "");
  });

  it("leaves what is below /control/ to others, whoever asks", async () => {
    for (const path of ["/control/state", "/control", "/control/?x"]) {
      strictEqual((await ask(stand.address, path, { method: "POST" })).status, 599, path);
    }
    strictEqual((await ask(stand.address, "/controls")).status, 404);
  });

  it("forbids with every answer that anything but its own script runs, or that it is framed", async () => {
    putSamples(stand.runs);
    for (const path of [
      "/",
      `/runs/${sample.done}`,
      "/nothing",
      "/api/runs",
      "/page.css",
      `/runs/${sample.done}/steps/1/log`,
      `/artifacts/${sample.done}/lock/requirements.txt`,
    ]) {
      const { headers } = await ask(stand.address, path);
      const policy = headers["content-security-policy"] ?? "";
      match(String(policy), /default-src 'none'/, path);
      match(String(policy), /frame-ancestors 'none'/, path);
      doesNotMatch(String(policy), /unsafe|\*|https?:/, path);
      strictEqual(headers["x-content-type-options"], "nosniff", path);
      strictEqual(headers["cross-origin-resource-policy"], "same-origin", path);
      strictEqual(headers["access-control-allow-origin"], undefined, path);
    }
  });

  it("has no script and no style in its pages, which the policy would refuse", async () => {
    putSamples(stand.runs);
    for (const path of ["/", `/runs/${sample.done}`, `/runs/${sample.failed}/steps/9`]) {
      const text = await stand.text(path);
      doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=|<script(?! src="\/page\.js" defer>)/i, path);
    }
  });

  it("says what there is not, and where to go instead", async () => {
    putSamples(stand.runs);
    const missing = [
      "/nothing",
      "/runs/999",
      "/runs/0",
      "/runs/-1",
      "/runs/1e3",
      "/runs/9/steps/99",
      "/runs/9/steps/0",
      "/runs/9/steps/1/nothing",
      "/runs/9/nothing",
      `/runs/${sample.refused}/pipeline`,
      "/artifacts/9/nothing",
      "/artifacts/9",
      "/artifacts/9/lock/nothing",
      "/images/nothing",
      "/api",
      "/api/nothing",
      "/api/runs/999",
      "/api/runs/9/steps/1",
      "/api/images/nothing",
    ];
    for (const path of missing) {
      const answer = await ask(stand.address, path);
      strictEqual(answer.status, 404, path);
      match(answer.body, /Go back to the runs or the images/, path);
      if (path.startsWith("/api")) deepStrictEqual(Object.keys(JSON.parse(answer.body) as object), ["error", "mend"]);
    }
    strictEqual((await ask(stand.address, "/runs/%E0%A4%A")).status, 400);
    deepStrictEqual(stand.failures, []);
  });

  it("shows nothing outside of a run's own folder", async () => {
    const outside = join(stand.runs.top, "secret");
    writeFileSync(outside, "a secret");
    stand.runs.put(
      record(1, {
        artifacts: ["lock", "..", "link"],
        summaries: ["../secret"],
        steps: [{ ...step("a", at(0), 1), log: "../secret" }],
      }),
    );
    const folder = stand.runs.folder(1);
    stand.runs.write(1, "artifacts/lock/a.txt", "a");
    symlinkSync(outside, join(folder, "artifacts/lock/link.txt"));
    symlinkSync(stand.runs.top, join(folder, "artifacts/link"));
    mkdirSync(join(folder, "artifacts/lock/folder"));
    const paths = [
      "/artifacts/1/lock/link.txt",
      "/artifacts/1/lock/../../run.json",
      "/artifacts/1/lock/..%2f..%2f..%2fsecret",
      "/artifacts/1/lock/%2e%2e/%2e%2e/%2e%2e/secret",
      "/artifacts/1/%2e%2e/secret",
      "/artifacts/1/..%2f..",
      "/artifacts/1/link/secret",
      "/artifacts/1/link",
      "/artifacts/1/lock/a.txt%00",
      "/artifacts/1/lock/folder",
      "/runs/1/steps/1",
      "/runs/1/steps/1/log",
      "/api/runs/1/steps/1/log",
    ];
    for (const path of paths) {
      const answer = await ask(stand.address, path);
      strictEqual(answer.status, 404, path);
      doesNotMatch(answer.body, /a secret/, path);
    }
    const page = await ask(stand.address, "/runs/1");
    strictEqual(page.status, 200);
    doesNotMatch(page.body, /a secret/);
    doesNotMatch((await ask(stand.address, "/artifacts/1/lock")).body, /link\.txt/);
  });

  it("sends an artifact's files so that none of them runs", async () => {
    stand.runs.put(record(1, { artifacts: ["a ü"] }));
    const place = `/artifacts/1/${encodeURIComponent("a ü")}`;
    stand.runs.write(1, "artifacts/a ü/page.html", "<script>alert(1)</script>");
    stand.runs.write(1, "artifacts/a ü/notes.TXT", "<script>");
    stand.runs.write(1, "artifacts/a ü/empty.json", "");
    stand.runs.write(1, 'artifacts/a ü/sub/odd "name"\n.bin', "x");
    const listed = (await ask(stand.address, place)).body;
    match(listed, /sub\/odd &quot;name&quot;/);
    const page = await ask(stand.address, `${place}/page.html`);
    strictEqual(page.headers["content-type"], "application/octet-stream");
    match(page.headers["content-disposition"] ?? "", /^attachment; filename\*=UTF-8''page\.html$/);
    match(String(page.headers["content-security-policy"]), /^sandbox;/);
    const text = await ask(stand.address, `${place}/notes.TXT`);
    strictEqual(text.headers["content-type"], "text/plain; charset=utf-8");
    strictEqual(text.body, "<script>");
    strictEqual((await ask(stand.address, `${place}/empty.json`)).headers["content-length"], "0");
    const odd = await ask(stand.address, `${place}/sub/${encodeURIComponent('odd "name"\n.bin')}`);
    strictEqual(odd.body, "x");
    match(odd.headers["content-disposition"] ?? "", /''odd%20%22name%22%0A\.bin$/);
  });

  it("shows a failed step's log from its end, and any other from its beginning", async () => {
    putSamples(stand.runs);
    match(await stand.text(`/runs/${sample.failed}/steps/9`), /id="L2001"[\s\S]*id="L2500"/);
    match(await stand.text(`/runs/${sample.failed}/steps/9`), /1 error:[\s\S]*line=2001#L2471/);
    match(await stand.text(`/runs/${sample.done}/steps/1`), /id="L1"/);
    match(await stand.text(`/runs/${sample.failed}/steps/9?line=1500`), /Lines 1,001–2,000/);
    for (const odd of ["0", "-5", "x", "99999999999", "1e9"]) {
      strictEqual((await ask(stand.address, `/runs/${sample.failed}/steps/9?line=${odd}`)).status, 200, odd);
    }
    match(await stand.text(`/runs/${sample.failed}/steps/9?line=999999`), /Lines 2,001–2,500/);
  });

  it("gives a whole log as it is", async () => {
    stand.runs.put(record(1, { steps: [{ ...step("a", at(0), 1), log: "logs/1.log" }] }));
    const log = "\u001b[31m<b>\n".repeat(200_000);
    stand.runs.write(1, "logs/1.log", log);
    const answer = await ask(stand.address, "/runs/1/steps/1/log");
    strictEqual(answer.headers["content-type"], "text/plain; charset=utf-8");
    ok(answer.body === log);
  });

  it("gives runs, one run and lines as data", async () => {
    putSamples(stand.runs);
    const { runs } = JSON.parse(await stand.text("/api/runs")) as { runs: { id: number }[] };
    deepStrictEqual(
      runs.map(({ id }) => id),
      [11, 10, 9, 8, 7, 6, 5, 4, 1],
    );
    strictEqual((JSON.parse(await stand.text("/api/runs/9")) as { number: string }).number, "20261121.9");
    const log = JSON.parse(await stand.text(`/api/runs/${sample.failed}/steps/9/log?line=2471`)) as {
      total: number;
      lines: { kind: string; text: string }[];
    };
    strictEqual(log.total, 2500);
    strictEqual(log.lines[0]!.kind, "error");
    strictEqual(log.lines.length, 30);
  });

  it("tells of changes at once, those that come together as one", async () => {
    setTimeout(() => [1, 2, 1].forEach((id) => stand.runs.put(record(id))), 100);
    const [hello, change] = await events(`${stand.address}/api/events`, ({ event }) => event === "change");
    strictEqual(hello!.event, "hello");
    deepStrictEqual((change!.data as { runs: number[] }).runs, [1, 2]);
  });

  it("stops listening for those who went away", async () => {
    for (let index = 0; index < 20; index += 1) {
      await events(`${stand.address}/api/events`, ({ event }) => event === "hello").catch(() => undefined);
    }
    const deadline = Date.now() + 5000;
    while (stand.runs.listenerCount("change") > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    strictEqual(stand.runs.listenerCount("change"), 0);
  });

  it("follows a log from any line to its end, and goes on where a connection broke", async () => {
    const run = stand.runs.put(runningRun(1));
    stand.runs.write(1, "logs/7.log", sampleLog(1200));
    const address = `${stand.address}/api/runs/1/steps/7/follow?line=1`;
    setTimeout(() => {
      stand.runs.append(1, "logs/7.log", "late, and without an end");
      run.steps[6] = { ...step("Resolve the lock", at(0), 2), log: "logs/7.log" };
      stand.runs.put(run);
    }, 300);
    const told = await events(address, ({ event }) => event === "end");
    const ids = (list: typeof told) =>
      list.flatMap(({ data }) =>
        [...((data as { html?: string }).html ?? "").matchAll(/ id="L(\d+)"/g)].map(([, id]) => Number(id)),
      );
    deepStrictEqual(
      ids(told),
      Array.from({ length: 1201 }, (_, index) => index + 1),
    );
    deepStrictEqual(told.at(-1), { event: "end", id: undefined, data: { total: 1201 } });
    const resumed = await events(address, ({ event }) => event === "end", { "last-event-id": told[0]!.id! });
    strictEqual(ids(resumed)[0], Number(told[0]!.id));
  });

  it("ends the following of a run that was removed", async () => {
    stand.runs.put(runningRun(1));
    stand.runs.write(1, "logs/7.log", "one\n");
    setTimeout(() => stand.runs.records.delete(1), 200);
    const told = await events(`${stand.address}/api/runs/1/steps/7/follow`, ({ event }) => event === "end");
    strictEqual(told.at(-1)!.event, "end");
  });

  it("answers 500 without a word of what went wrong, which the sandbox is told", async () => {
    stand.runs.list = () => {
      throw new Error("the disk is full of secrets");
    };
    const answer = await ask(stand.address, "/");
    strictEqual(answer.status, 500);
    doesNotMatch(answer.body, /secrets/);
    match(answer.body, /Its log says what; try again/);
    match(String(stand.failures[0]), /full of secrets/);
  });

  it("sends its own files once", async () => {
    const first = await ask(stand.address, "/page.css");
    match(first.body, /prefers-color-scheme: dark/);
    const again = await ask(stand.address, "/page.css", { headers: { "if-none-match": first.headers.etag! } });
    strictEqual(again.status, 304);
    strictEqual((await ask(stand.address, "/icon.svg")).headers["content-type"], "image/svg+xml");
    strictEqual((await ask(stand.address, "/static/page.js")).status, 404);
  });
});
