import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../../tools/program";
import { plain } from "../../../tools/summary/markdown";

const digest = `sha256:${"d".repeat(64)}`;

const baked = {
  kind: "application",
  name: "orders",
  pushed: true,
  base: { reference: "r.example.com/python-web:latest", digest },
  images: [
    {
      name: "orders-api",
      digest,
      tags: ["20261121.1", "main"],
      platforms: [{ platform: "linux/amd64", size: 61_234_567, layers: [] }],
      packages: 24,
    },
  ],
  built: [{ name: "orders-api-deps", tag: "e".repeat(64) }],
  leaks: [] as unknown[],
  seconds: { total: 12.34 },
};

const locks = { sets: [{ folder: "orders-api", suffix: "", extras: [], sha256: "e".repeat(64), packages: 24 }] };

describe("wheelhouse summary", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-summary-"));
    mkdirSync(join(folder, "report/locks"), { recursive: true });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function lay(file: string, content: unknown): void {
    writeFileSync(join(folder, "report", file), typeof content === "string" ? content : JSON.stringify(content));
  }

  async function run(title = "orders 1"): Promise<{ code: number; page: string; errors: string }> {
    let errors = "";
    const code = await runProgram(
      ["summary", "--report", "report", "--title", title, "--output", "page.md"],
      { environment: {}, workingFolder: folder, signal: new AbortController().signal },
      { writeOutput: () => undefined, writeErrors: (text) => void (errors += text) },
    );
    return { code, page: code === 0 ? readFileSync(join(folder, "page.md"), "utf8") : "", errors };
  }

  /** The page as a reader sees it. */
  const shown = async (title?: string) =>
    (await run(title)).page.replace(/&#(\d+);/g, (_, number) => String.fromCodePoint(Number(number)));

  it("shows images with platform, size, packages, digest and tags, and what they are made of", async () => {
    lay("bake.json", baked);
    lay("locks/locks.json", locks);
    const page = await shown();
    assert.ok(page.startsWith("### orders 1\n\nPublished in 12.3 s.\n"), page);
    assert.ok(page.includes(`| orders-api | linux/amd64 | 61.2 MB | 24 | ${digest} | 20261121.1, main |`), page);
    assert.ok(page.includes(`- made on r.example.com/python-web:latest ${digest}`));
    assert.ok(page.includes(`- lock orders-api: 24 packages, ${"e".repeat(64)}`));
    assert.ok(page.includes("- made for the first time: orders-api-deps:eeeeeeeeeeee"));
    assert.match(page, /Leaks: none\.\n$/);
  });

  it("says of a pull request that nothing was published", async () => {
    lay("bake.json", { ...baked, pushed: false, images: [{ name: "orders-api", tags: [], platforms: [] }], built: [] });
    const page = await shown();
    assert.match(page, /Built in 12\.3 s, and not published\./);
    assert.match(page, /\| orders-api \| {2}\| {2}\| {2}\| not pushed \| {2}\|/);
  });

  it("says that nothing was built where nothing is new", async () => {
    lay("compare.json", { name: "python-web", changed: false, changes: [], published: { reference: "r", digest } });
    assert.ok((await shown()).includes(`Nothing new since ${digest}: nothing was built, and no tag moved.`));
  });

  it("says what is new of a base image", async () => {
    lay("compare.json", { name: "python-web", changed: true, changes: [{ what: "lock", why: "was a, is b" }] });
    lay("bake.json", baked);
    assert.match(await shown(), /New since the last image:\n\n- lock: was a, is b\n\nPublished in/);
  });

  it("tells of leaks that they are there, and not what they hold", async () => {
    lay("bake.json", { ...baked, pushed: false, leaks: [{ file: "etc/netrc", preview: "hunter2" }] });
    const page = await shown();
    assert.match(page, /\*\*A leak was found: nothing was tagged\.\*\*/);
    assert.match(page, /Leaks: 1\./);
    assert.ok(!page.includes("hunter2") && !page.includes("| image"));
  });

  it("says how far a run came that failed before", async () => {
    assert.match(await shown(), /Stopped before the images were built, without a lock\./);
    lay("locks/locks.json", locks);
    assert.match(await shown(), /Stopped before the images were built\./);
  });

  it("lets no name or reason be Markdown or HTML", async () => {
    const hostile = "<img src=x> | [a](http://b) **c** `d`\n# e ##vso[task.x]";
    lay("compare.json", { name: "x", changed: true, changes: [{ what: hostile, why: hostile }] });
    lay("bake.json", { ...baked, images: [{ ...baked.images[0], name: hostile, tags: [hostile] }] });
    const { page } = await run(hostile);
    assert.doesNotMatch(page, /<|\[|`|##vso|^# /m);
    assert.equal(page.match(/\*\*/g), null);
    const row = page.split("\n").find((line) => line.startsWith("| &#60;"));
    assert.equal(row?.split("|").length, 8);
    assert.equal(plain("python-web:3.13"), "python&#45;web:3.13");
  });

  it("refuses a file that no command writes so", async () => {
    lay("bake.json", "{");
    const { code, errors } = await run();
    assert.equal(code, 2);
    assert.match(errors, /bake\.json is not what this version of wheelhouse writes/);
  });
});
