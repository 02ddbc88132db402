import { deepStrictEqual, strictEqual } from "node:assert/strict";

import { GroupedOutput } from "../../../sandbox/tests/output.mjs";

describe("what groups of tests say at the same time", () => {
  let written: string[];
  let output: GroupedOutput;
  beforeEach(() => {
    written = [];
    output = new GroupedOutput((line) => written.push(line));
  });
  const say = (title: string, ...lines: string[]): void => {
    for (const line of lines) output.add(title, line);
  };

  it("is written suite by suite, never a line of one within a suite of the other", () => {
    output.begin("a");
    output.begin("b");
    say("a", "", "  suite of a", "    ✔ one");
    say("b", "  suite of b", "    ✔ uno");
    say("a", "    ✔ two", "");
    say("b", "    ✔ due", "");
    deepStrictEqual(written, [
      "── a ──",
      "  suite of a",
      "    ✔ one",
      "    ✔ two",
      "",
      "── b ──",
      "  suite of b",
      "    ✔ uno",
      "    ✔ due",
      "",
    ]);
  });

  it("names a group again only where another one came between", () => {
    output.begin("a");
    output.begin("b");
    say("a", "  first", "", "  second", "");
    say("b", "  other", "");
    say("a", "  third", "");
    deepStrictEqual(
      written.filter((line) => line.startsWith("──")),
      ["── a ──", "── b ──", "── a ──"],
    );
  });

  it("comes line by line where one goes on alone", () => {
    output.begin("a");
    say("a", "  suite");
    deepStrictEqual(written, ["── a ──", "  suite"]);
    say("a", "    ✔ one");
    deepStrictEqual(written, ["── a ──", "  suite", "    ✔ one"]);
  });

  it("is all written when a group ends, with how it ended", () => {
    output.begin("a");
    output.begin("b");
    say("a", "  suite", "    ✔ one");
    deepStrictEqual(written, []);
    output.end("a", "1 passed, 0 failed in 2 s");
    deepStrictEqual(written, ["── a ──", "  suite", "    ✔ one", "1 passed, 0 failed in 2 s"]);
    say("a", "too late");
    strictEqual(written.length, 4);
  });

  it("tells where each group is when nothing was written for a while, and only then", () => {
    output.begin("a");
    output.begin("b");
    const where = (title: string): string => (title === "a" ? "suite, a test" : "");
    output.remind(60, where);
    deepStrictEqual(written, []);
    output.remind(0, where);
    deepStrictEqual(written, ["… a, for 0 s: suite, a test", "… b, for 0 s"]);
  });
});
