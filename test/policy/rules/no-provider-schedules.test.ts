import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { definition } from "../declared";

const rule = "no-provider-schedules";
describe(rule, () => {
  it("lets a pipeline pass without schedules of its own", () => {
    assert.deepEqual(found(rule, [definition("pipeline"), definition("empty", { schedules: [] })]), []);
  });

  it("refuses any schedule, also one of which nothing else is known", () => {
    const schedules = [{ daysToBuilds: ["Mon"] }];
    assert.deepEqual(
      found(rule, [definition("pipeline", { schedules }), definition("later", { schedules: [UNKNOWN] })]),
      ["pipeline", "later"],
    );
  });

  it("waits where the list is not known yet", () => {
    assert.deepEqual(found(rule, [definition("later", { schedules: UNKNOWN })]), []);
  });
});
