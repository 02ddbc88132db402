import { strictEqual, throws } from "node:assert/strict";

import { runNumber } from "../../../../sandbox/agent/service/run-number";

const now = new Date("2026-03-05T04:07:09Z");

function number(format: string, taken: readonly string[] = [], variables: Record<string, string> = {}): string {
  return runNumber(format, { now, taken, variables: new Map(Object.entries(variables)) });
}

describe("the number of a run", () => {
  const usual = "$(Date:yyyyMMdd)$(Rev:.r)";

  it("counts the day's runs", () => {
    strictEqual(number(usual), "20260305.1");
    strictEqual(number(usual, ["20260305.1", "20260304.7", "20260305.2"]), "20260305.3");
    strictEqual(number(usual, ["20260305.9", "20260305.10"]), "20260305.11");
  });

  it("never takes one that a run has, whatever the runs' own steps made of theirs", () => {
    strictEqual(number(usual, ["20260305.4", "release 1", "20260305.x", "20260305."]), "20260305.5");
    strictEqual(number(usual, ["120260305.9", "20260305.3.1"]), "20260305.1");
  });

  it("counts with as many digits as asked for, anywhere in the text", () => {
    strictEqual(number("$(Rev:rr)"), "01");
    strictEqual(number("v$(Rev:rrr)-x", ["v007-x", "v9-y"]), "v008-x");
    strictEqual(number("a.$(rev:r)", ["a.1"]), "a.2");
  });

  it("has the parts of the date, on the clock of the runs", () => {
    strictEqual(number("$(Date:yyyy-MM-dd_HH.mm.ss)"), "2026-03-05_04.07.09");
    strictEqual(number("$(Date)$(Rev:.r)"), "20260305.1");
    strictEqual(
      number("$(Year:yy).$(Month).$(DayOfMonth).$(DayOfYear).$(Hours).$(Minutes).$(Seconds)"),
      "26.3.5.64.4.7.9",
    );
    strictEqual(number("$(Date:M.d)"), "3.5");
  });

  it("has the run's variables, in any case", () => {
    strictEqual(
      number("$(build.definitionname)_$(Rev:r)", ["orders_1"], { "Build.DefinitionName": "orders" }),
      "orders_2",
    );
  });

  it("is refused where it would be none", () => {
    throws(() => number("$(nothing)"), /name: "\$\(nothing\)" makes no number of a run: there is no variable nothing/);
    throws(() => number("$(Date:yyyyQQ)"), /"yyyyQQ" is no part of a date/);
    throws(() => number("$(Date:constructor)"), /"constructor" is no part of a date/);
    throws(() => number("$(Rev:r)$(Rev:r)"), /\$\(Rev:r\) more than once/);
    for (const bad of ["", "a/b", "a:b", "a.", 'a"', "a*", "x".repeat(256)])
      throws(() => number(bad), /is empty, has more than 255/);
    strictEqual(number("x".repeat(255)).length, 255);
  });
});
