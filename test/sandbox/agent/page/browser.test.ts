import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";

import { faint, NoBrowser, overflow, shifts, TestBrowser, waitFor } from "./browser";
import { layer } from "./registry";
import { at, record, step } from "./runs";
import { putSamples, runningRun, sample, sampleLog, stepNames, summary } from "./samples";
import { pushSamples, Stand } from "./stand";

/** Whatever a team, a log or an image says must be shown, and never act. */
const hostile = `<script>globalThis.hacked=1</script><img src=x onerror="globalThis.hacked=1">"'><svg onload=globalThis.hacked=1>`;

describe("the page in a browser", function () {
  this.timeout(60_000);
  const browser = new TestBrowser();
  let stand: Stand;

  before(async function () {
    try {
      await browser.start();
    } catch (error) {
      if (!(error instanceof NoBrowser)) throw error;
      console.log(`    skipped: ${error.message}`);
      this.skip();
    }
  });
  after(() => browser.stop());
  beforeEach(async () => {
    stand = await new Stand().start();
  });
  afterEach(async () => {
    await browser.clear();
    await stand.stop();
    deepStrictEqual(stand.failures, []);
  });

  const places = [
    "/",
    `/runs/${sample.failed}`,
    `/runs/${sample.refused}`,
    `/runs/${sample.done}`,
    `/runs/${sample.running}`,
    `/runs/${sample.queued}`,
    `/runs/${sample.failed}/steps/9`,
    `/runs/${sample.running}/steps/7`,
    `/runs/${sample.done}/pipeline`,
    `/artifacts/${sample.done}/lock`,
    "/images",
    "/images/orders-api",
    "/images/orders-cache",
    "/no-such-page",
  ];

  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [380, 1600]) {
      it(`is readable in ${colorScheme} colours at ${width} pixels: contrast, width, no error and nothing that moves`, async () => {
        putSamples(stand.runs);
        stand.agents = [{ number: 1, run: sample.running }, { number: 2 }];
        pushSamples(stand.registry);
        const page = await browser.open(stand.address, { width, colorScheme });
        for (const place of places) {
          await page.goto(stand.address + place);
          strictEqual(await overflow(page), 0, `${place} is wider than the window`);
          deepStrictEqual(await faint(page), [], place);
          deepStrictEqual(await shifts(page), [], place);
        }
        // The browser itself tells of the page that is not there.
        deepStrictEqual(
          browser.takeErrors().filter((error) => !error.includes("status of 404")),
          [],
        );
      });
    }
  }

  for (const width of [380, 1600]) {
    it(`follows a run from the queue to its end without moving what is there, at ${width} pixels`, async () => {
      stand.runs.put(record(3, { state: "queued", result: undefined, startedAt: undefined, endedAt: undefined }));
      const page = await browser.open(`${stand.address}/runs/3`, { width });
      await waitFor(page, `document.querySelector(".badge").textContent.includes("Queued")`);
      const run = runningRun(3);
      stand.runs.put(run);
      await waitFor(page, `document.querySelectorAll(".step-list .step").length === ${stepNames.length}`);
      strictEqual(await page.locator(".verdict").textContent(), "Now: Resolve the lock");
      const steps = run.steps.map((each, index) => ({
        ...step(each.displayName, run.startedAt!, index),
        log: "logs/1.log",
      }));
      stand.runs.write(3, "pipeline.yml", "jobs: []\n");
      stand.runs.put({
        ...run,
        steps: [...steps.slice(0, 8), ...run.steps.slice(8)],
        tags: ["published"],
        artifacts: ["lock"],
      });
      await waitFor(page, `document.querySelector(".facts").textContent.includes("published")`);
      stand.runs.write(3, "summary-1.md", summary);
      stand.runs.put({
        ...run,
        steps,
        state: "completed",
        result: "succeeded",
        endedAt: new Date().toISOString(),
        tags: ["published"],
        artifacts: ["lock", "scan"],
        summaries: ["summary-1.md"],
      });
      await waitFor(page, `document.querySelector(".badge").textContent.includes("Succeeded")`);
      match((await page.locator(".results").textContent()) ?? "", /Published in 12\.4 s/);
      strictEqual(await page.locator("#said").textContent(), "orders 20261121.3: Succeeded");
      deepStrictEqual(await shifts(page), []);
      deepStrictEqual(browser.takeErrors(), []);
    });
  }

  it("shows at the top what failed as soon as it did, where its place was kept", async () => {
    stand.runs.put(runningRun(3));
    const page = await browser.open(`${stand.address}/runs/3`);
    const run = runningRun(3);
    run.steps[6] = {
      ...step("Resolve the lock", at(0), 2, "failed"),
      log: "logs/7.log",
      issues: [{ type: "error", message: "no version of httpx fits\n".repeat(9) }],
    };
    stand.runs.put({ ...run, state: "completed", result: "failed", endedAt: new Date().toISOString() });
    await waitFor(page, `document.querySelector(".badge").textContent.includes("Failed")`);
    match((await page.locator(".verdict").textContent()) ?? "", /^Resolve the lock: no version of httpx fits/);
    strictEqual(await page.locator(".issue-list li.error").count(), 1);
    deepStrictEqual(await shifts(page), []);
  });

  it("offers runs that come while somebody reads, and pushes nothing down by them", async () => {
    stand.runs.put(record(1));
    const page = await browser.open(stand.address);
    await waitFor(page, `document.querySelector("#connection").textContent === "Live"`);
    stand.runs.put(record(2, { number: "20261121.2" }));
    stand.runs.put(record(3, { number: "20261121.3" }));
    await waitFor(page, `!document.querySelector("#fresh").hidden`);
    await waitFor(page, `document.querySelector("#fresh").textContent === "Show 2 new runs"`);
    strictEqual(await page.locator("li.run").count(), 1);
    deepStrictEqual(await shifts(page), []);
    await page.locator("#fresh").press("Enter");
    strictEqual(await page.locator("li.run").count(), 3);
    strictEqual(await page.evaluate("document.activeElement.getAttribute('href')"), "/runs/3");
  });

  it("fills an empty page by itself, with the first run and the agent that does it", async () => {
    const page = await browser.open(stand.address);
    match((await page.locator(".empty").textContent()) ?? "", /npm start/);
    stand.agents = [{ number: 1, run: 1 }, { number: 2 }];
    stand.runs.put(runningRun(1));
    await waitFor(page, `document.querySelectorAll("li.run").length === 1`);
    match((await page.locator(".agent.busy").textContent()) ?? "", /Resolve the lock/);
  });

  it("keeps the focus where it is while what has it is replaced", async () => {
    stand.runs.put(runningRun(3));
    const page = await browser.open(`${stand.address}/runs/3`);
    await page.locator(".step-list a").nth(6).focus();
    const run = runningRun(3);
    run.steps[6] = { ...step("Resolve the lock", at(0), 2), log: "logs/7.log" };
    stand.runs.put(run);
    await waitFor(page, `document.querySelectorAll(".step-list .step")[6].classList.contains("succeeded")`);
    strictEqual(await page.evaluate("document.activeElement.textContent"), "Resolve the lock");
  });

  it("shows the sandbox's clock when it is set forward, and counts from it", async () => {
    stand.runs.put(record(1));
    const page = await browser.open(stand.address);
    strictEqual(await page.locator("li.run time").first().textContent(), "5 min ago");
    stand.ahead += 86_400_000;
    await waitFor(page, `document.querySelector("li.run time").textContent === "1 day ago"`);
    await waitFor(page, `document.querySelector(".day h3").textContent.trim().startsWith("Yesterday, 21 Nov 2026")`);
    match((await page.locator("#clock").textContent()) ?? "", /22 Nov 2026\s+12:00 UTC/);
  });

  for (const width of [380, 1600]) {
    it(`adds the lines of a log as they are written, keeps to its end, and says when the step has ended, at ${width} pixels`, async () => {
      const run = stand.runs.put(runningRun(3));
      stand.runs.write(3, "logs/7.log", sampleLog(300));
      const page = await browser.open(`${stand.address}/runs/3/steps/7`, { width });
      strictEqual(await page.locator("#log li").count(), 300);
      stand.runs.append(3, "logs/7.log", `${at(0)} ${hostile}\n${at(0)} \u001b[31mred\u001b[0m\n`);
      await waitFor(page, `document.querySelectorAll("#log li").length === 302`);
      strictEqual(await page.locator("#L301 code").textContent(), hostile);
      strictEqual(await page.locator("#L302 code").textContent(), "red");
      strictEqual(await page.locator("#range").textContent(), "Lines 1–302");
      const isAtEnd = "Math.abs(document.documentElement.scrollHeight - innerHeight - scrollY) < 2";
      await waitFor(page, isAtEnd);
      // Who scrolls up wants to read there.
      await page.evaluate("scrollTo(0, 0)");
      await waitFor(page, `document.querySelector("#bottom").getAttribute("aria-pressed") === "false"`);
      stand.runs.append(3, "logs/7.log", `${at(0)} last\n`);
      await waitFor(page, `document.querySelectorAll("#log li").length === 303`);
      strictEqual(await page.evaluate("scrollY"), 0);
      run.steps[6] = { ...step("Resolve the lock", at(0), 2), log: "logs/7.log" };
      stand.runs.put(run);
      await waitFor(page, `document.querySelector("#going").textContent === "The step has ended."`);
      strictEqual(await page.evaluate("globalThis.hacked"), undefined);
      deepStrictEqual(await shifts(page), []);
      deepStrictEqual(browser.takeErrors(), []);
    });
  }

  it("pages a log of 10 MB, and goes to a line of it", async () => {
    stand.runs.put(record(3, { steps: [{ ...step("Build", at(-5), 9), log: "logs/1.log" }] }));
    const lines = 100_000;
    stand.runs.write(3, "logs/1.log", `${"0".repeat(109)}\n`.repeat(lines));
    const page = await browser.open(`${stand.address}/runs/3/steps/1`);
    strictEqual(await page.locator("#log li").count(), 1000);
    strictEqual(await page.locator("#total").textContent(), "100,000");
    await page.getByRole("link", { name: "Last" }).click();
    await page.waitForURL(/line=99001/);
    strictEqual(await page.locator("#log li").last().getAttribute("id"), "L100000");
    await page.goto(`${stand.address}/runs/3/steps/1?line=50500#L50500`);
    ok(await page.locator("#L50500").isVisible());
    deepStrictEqual(browser.takeErrors(), []);
  });

  it("shows hostile names, messages, logs, summaries and labels as the text that they are", async () => {
    const issues = [{ type: "error" as const, message: hostile }];
    stand.runs.put(
      record(3, {
        number: hostile,
        pipeline: { id: 1, name: hostile, folder: `\\${hostile}`, project: hostile },
        repository: { id: "x", name: hostile },
        because: hostile,
        branch: `refs/heads/${hostile}`,
        commit: hostile,
        result: "failed",
        tags: [hostile],
        issues,
        steps: [{ ...step(hostile, at(-5), 9, "failed"), log: "logs/1.log", issues }],
        artifacts: ["<b>lock"],
        summaries: ["summary-1.md"],
      }),
    );
    stand.runs.write(3, "logs/1.log", `${at(0)} ##[error]${hostile}\n`);
    stand.runs.write(
      3,
      "summary-1.md",
      `### ${hostile}\n\n${hostile}\n\n- ${hostile}\n\n[a](javascript:alert(1))\n\n| ${hostile} |\n| --- |\n| ${hostile} |\n`,
    );
    stand.runs.write(3, "pipeline.yml", hostile);
    stand.runs.write(3, "artifacts/<b>lock/<i>file.html", hostile);
    stand.registry.push("orders", [`latest`], {
      layers: [layer("a", 10, hostile)],
      labels: { [hostile]: hostile },
      config: { User: hostile, Entrypoint: [hostile] },
    });
    const shown: Record<string, RegExp> = {
      "/": /<script>globalThis/,
      "/runs/3": /<script>globalThis[\s\S]*javascript:alert\(1\)/,
      "/runs/3/steps/1": /<script>globalThis/,
      "/runs/3/pipeline": /<script>globalThis/,
      [`/artifacts/3/${encodeURIComponent("<b>lock")}`]: /<i>file\.html/,
      "/images": /orders/,
      "/images/orders": /<script>globalThis/,
    };
    const page = await browser.open(stand.address);
    for (const [place, text] of Object.entries(shown)) {
      await page.goto(stand.address + place);
      match(await page.locator("body").innerText(), text, place);
      strictEqual(await page.evaluate("globalThis.hacked"), undefined, place);
      strictEqual(
        await page
          .locator("main script, main img, main [onerror], main [onload], main i:not(.swatch), a[href^='javascript']")
          .count(),
        0,
        place,
      );
      strictEqual(await overflow(page), 0, place);
    }
    // Nothing of it was even tried: the page's policy had nothing to refuse.
    deepStrictEqual(browser.takeErrors(), []);
  });

  it("can be used with the keyboard alone, and shows where it is", async () => {
    putSamples(stand.runs);
    const page = await browser.open(stand.address);
    await page.keyboard.press("Tab");
    strictEqual(await page.evaluate("document.activeElement.textContent"), "Skip to the content");
    ok(await page.locator(".skip").isVisible());
    await page.keyboard.press("Enter");
    const visited: string[] = [];
    for (let index = 0; index < 40 && !visited.includes(`/runs/${sample.done}`); index += 1) {
      await page.keyboard.press("Tab");
      visited.push(await page.evaluate("document.activeElement.getAttribute('href') ?? ''"));
      const outline = `(() => { const at = document.activeElement; const own = [getComputedStyle(at), getComputedStyle(at, "::after")]; return own.some((style) => style.outlineStyle === "solid" && Number.parseFloat(style.outlineWidth) >= 2); })()`;
      ok(await page.evaluate(outline), `${visited.at(-1) ?? ""} does not show its focus`);
    }
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/9$/);
    strictEqual(await page.locator("h1").textContent(), "orders 20261121.9");
  });

  it("tells when the sandbox is gone, and goes on when it is there again", async () => {
    const page = await browser.open(stand.address);
    await waitFor(page, `document.querySelector("#connection").textContent === "Live"`);
    await stand.pause();
    await waitFor(page, `document.querySelector("#connection").textContent === "Not connected"`);
    await stand.resume();
    stand.runs.put(record(1));
    await waitFor(page, `document.querySelectorAll("li.run").length === 1`);
    await waitFor(page, `document.querySelector("#connection").textContent === "Live"`);
    browser.takeErrors();
  });
});
