import { strict as assert } from "node:assert";
import { places } from "../expect";

const rule = "missing-user";

describe(rule, () => {
  it("advises for a last stage without a user, and for one that goes back to root", () => {
    assert.deepEqual(places(rule, "FROM a AS b\nUSER 1\nFROM c\nCMD x\n"), ["3:1 advice"]);
    assert.deepEqual(places(rule, "FROM a\nUSER 1\nUSER root\n"), ["3:1 advice"]);
    assert.deepEqual(places(rule, "FROM a\nUSER 0:0\n"), ["2:1 advice"]);
  });

  it("lets a stage be that has one, or is built on one that has", () => {
    assert.deepEqual(places(rule, "FROM a\nUSER root\nRUN x\nUSER app\n"), []);
    assert.deepEqual(places(rule, "FROM a AS b\nUSER 1000\nFROM b\nCMD x\n"), []);
    assert.deepEqual(places(rule, "FROM base\nCOPY a b\n"), []);
  });
});
