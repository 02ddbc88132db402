/** Tests which cron lines are taken. */
import { deepEqual, match } from "node:assert/strict";
import fc from "fast-check";
import { cronLine } from "../../spec/schedule";

const why = (line: string): string => cronLine(line)?.message ?? "allowed";

describe("A schedule", () => {
  it("may be what Azure Pipelines documents", () => {
    const lines = [
      "0 4 * * *",
      "0 18 * * Mon,Wed,Fri",
      "0 18 * * 1,3,5",
      "0 18 * * 1-5/2",
      "0 */6 * * *",
      "0 0-18/6 * * *",
      "0 9,15,21 * * *",
      "0 0 1 January *",
      "30 4 * * Sunday",
      "0 3 29 2 *",
      "0 4 31 12 *",
      "1,3-6 4 * * *",
      "*/15 * * * *",
      "*/5 * * * Mon,Wed,Fri",
    ];
    deepEqual(
      lines.filter((line) => cronLine(line) !== undefined),
      [],
    );
  });

  it("has five fields with single spaces", () => {
    match(why("0 4 * *"), /it has 4 fields/);
    match(why("0 0 4 * * *"), /it has 6 fields/);
    match(why(""), /it has 0 fields/);
    match(why("0  4 * * *"), /single spaces/);
    match(why(" 0 4 * * *"), /single spaces/);
    match(why("0 4 * * *\n"), /cannot be a schedule/);
  });

  it("has no short form such as @daily", () => {
    for (const line of ["@daily", "@reboot", "@every 5m"]) {
      match(why(line), /no short forms/);
    }
  });

  it("has no characters of other schedulers", () => {
    for (const line of [
      "0 4 ? * *",
      "0 4 L * *",
      "0 4 15W * *",
      "0 4 * * 1#2",
      "H 4 * * *",
      "0 4 * * Mo",
      "5/10 4 * * *",
      "0 4 * * 1L",
      "*/0 4 * * *",
    ]) {
      match(why(line), /is not a field that Azure Pipelines takes/, line);
    }
  });

  it("stays within each field's values", () => {
    for (const line of [
      "60 4 * * *",
      "0 24 * * *",
      "0 4 0 * *",
      "0 4 32 * *",
      "0 4 * 13 *",
      "0 4 * 0 *",
      "0 4 * * 8",
      "5-1 4 * * *",
    ]) {
      match(why(line), /cannot be a schedule/, line);
    }
    match(why("0 4 * * 7"), /from 0 \(Sunday\) to 6/);
  });

  it("must have a date that comes", () => {
    for (const line of ["0 4 30 2 *", "0 4 31 4,6,9,11 *", "0 4 30-31 Feb *"]) {
      match(why(line), /no such date ever comes|day of month/, line);
    }
  });

  it("must stay under a thousand runs a week and ten in 15 minutes", () => {
    match(why("*/5 * * * Mon-Thu"), /1152 runs a week/);
    match(why("* * * * *"), /10080 runs a week/);
    match(why("*/5 * * * *"), /2016 runs a week/);
    match(why("0-10 4 * * *"), /11 runs in 15 minutes/);
    match(why("55-59,0-6 4,5 * * *"), /12 runs in 15 minutes/);
    match(why("*/10 * * * *"), /1008 runs a week/);
  });

  it("is checked in bounded time, whatever the text is, and never by throwing", () => {
    const field = fc.stringMatching(/^[0-9*,/A-Za-z?#L-]{1,12}$/);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(field, field, field, field, field).map((fields) => fields.join(" ")),
        ),
        (line) => cronLine(line) === undefined || why(line).length > 0,
      ),
      { numRuns: 300 },
    );
  });
});
