import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LogFile, LogFiles } from "../../../../sandbox/agent/page/log-file";
import { readLine, renderLine, withoutTerminal } from "../../../../sandbox/agent/page/log-line";

describe("a step's log", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-log-"));
    file = join(folder, "1.log");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const texts = async (log: LogFile, from: number, most: number) =>
    (await log.read(from, most)).map(({ text }) => text);

  it("gives any page of its lines, at the edges of what is remembered too", async () => {
    writeFileSync(file, Array.from({ length: 3500 }, (_, index) => `line ${index + 1}\n`).join(""));
    const log = new LogFile(file);
    deepStrictEqual(await log.extent(true), {
      lines: 3500,
      bytes: (await import("node:fs")).statSync(file).size,
      errors: [],
    });
    for (const from of [1, 2, 999, 1000, 1001, 1999, 2000, 2001, 3001, 3500]) {
      deepStrictEqual(
        await texts(log, from, 2),
        [from, from + 1].filter((line) => line <= 3500).map((line) => `line ${line}`),
      );
    }
    deepStrictEqual(await texts(log, 3501, 10), []);
    strictEqual((await log.read(1, 10_000)).length, 3500);
  });

  it("grows: a line counts when it has its end, or when nothing more is written", async () => {
    writeFileSync(file, "one\ntw");
    const log = new LogFile(file);
    strictEqual((await log.extent(false)).lines, 1);
    appendFileSync(file, "o\nthree");
    strictEqual((await log.extent(false)).lines, 2);
    deepStrictEqual(await texts(log, 1, 10), ["one", "two"]);
    strictEqual((await log.extent(true)).lines, 3);
    deepStrictEqual(await texts(log, 1, 10), ["one", "two", "three"]);
    strictEqual((await log.extent(true)).lines, 3);
  });

  it("is read right by several who ask at once, while it grows", async () => {
    const log = new LogFile(file);
    for (let round = 1; round <= 20; round += 1) {
      appendFileSync(file, "x\n".repeat(300));
      const extents = await Promise.all([log.extent(false), log.extent(false), log.extent(false)]);
      deepStrictEqual(
        extents.map(({ lines }) => lines),
        [round * 300, round * 300, round * 300],
      );
    }
    strictEqual((await log.read(5001, 1000)).length, 1000);
  });

  it("is empty when it is not there, and begins anew when it is another one", async () => {
    const log = new LogFile(file);
    strictEqual((await log.extent(true)).lines, 0);
    deepStrictEqual(await log.read(1, 10), []);
    writeFileSync(file, "a\nb\nc\n");
    strictEqual((await log.extent(true)).lines, 3);
    writeFileSync(file, "z\n");
    strictEqual((await log.extent(true)).lines, 1);
    deepStrictEqual(await texts(log, 1, 10), ["z"]);
  });

  it("shows the beginning of a line of megabytes, and says how much there is", async () => {
    writeFileSync(file, `${"ä".repeat(2_000_000)}\nafter\n`);
    const [long, after] = await (async (log) => (await log.extent(true), log.read(1, 10)))(new LogFile(file));
    ok(long!.text.length < 8200);
    match(long!.text, /… and 3992000 more bytes, which the whole log has$/);
    strictEqual(after!.text, "after");
  });

  it("remembers where the first errors are", async () => {
    writeFileSync(file, `a\n##[error]one\n2026-11-21T11:18:20.1234567Z ##[error]two\nsays ##[error] within\n`);
    deepStrictEqual((await new LogFile(file).extent(true)).errors, [2, 3]);
    writeFileSync(file, "##[error]x\n".repeat(100));
    strictEqual((await new LogFile(file).extent(true)).errors.length, 20);
  });

  it("is forgotten when it was not looked at for long", () => {
    const logs = new LogFiles(2);
    const first = logs.open("a");
    logs.open("b");
    strictEqual(logs.open("a"), first);
    logs.open("c");
    strictEqual(logs.open("a"), first);
    ok(logs.open("b") !== first);
  });
});

describe("a line of a log", () => {
  it("loses the colours and moves of a terminal, and nothing else", () => {
    strictEqual(withoutTerminal("\u001b[1;31mred\u001b[0m \u001b[38;2;1;2;3mrgb\u001b[K\u001b[2A"), "red rgb");
    strictEqual(withoutTerminal("\u001b]8;;https://x\u0007link\u001b]8;;\u001b\\ \u001b(B\u009b31mC1"), "link C1");
    strictEqual(withoutTerminal("[31m is no colour"), "[31m is no colour");
    strictEqual(withoutTerminal("\u001b]0;title that never ends"), "");
    strictEqual(withoutTerminal("10%\r50%\r100%\r"), "100%");
    strictEqual(withoutTerminal("\u001b[12"), "\u001b[12".slice(0, 0) + "12");
  });

  it("has a kind by the agent's mark, and its time apart", () => {
    const time = "2026-11-21T11:18:20.1234567Z ";
    const read = (line: string) => (({ kind, text, time: at }) => [kind, text, at])(readLine(line, 1));
    deepStrictEqual(read(`${time}##[error]no`), ["error", "no", "11:18:20"]);
    deepStrictEqual(read(`${time}##[warning]hm`), ["warning", "hm", "11:18:20"]);
    deepStrictEqual(read("##[section]Starting: x"), ["section", "Starting: x", undefined]);
    deepStrictEqual(read("##[command]docker build"), ["command", "docker build", undefined]);
    deepStrictEqual(read("[command]docker build"), ["command", "docker build", undefined]);
    deepStrictEqual(read("##[endgroup]"), ["plain", "", undefined]);
    deepStrictEqual(read("##[other]x"), ["plain", "##[other]x", undefined]);
    deepStrictEqual(read(`${time}\u001b[31m##[error]in red`), ["error", "in red", "11:18:20"]);
    deepStrictEqual(read("2026-11-21 no time"), ["plain", "2026-11-21 no time", undefined]);
  });

  it("is text in the page", () => {
    match(renderLine(readLine("<script>&", 7)).text, /id="L7"[\s\S]*<code[^>]*>&lt;script&gt;&amp;<\/code/);
  });
});
