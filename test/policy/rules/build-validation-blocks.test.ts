import assert from "node:assert/strict";
import { places, UNKNOWN } from "../asking";
import { buildValidation } from "../declared";

const rule = "build-validation-blocks";
const policy = (more: Readonly<Record<string, unknown>>, settings: Readonly<Record<string, unknown>> = {}) =>
  buildValidation("policy", "pipeline", more, settings);

describe(rule, () => {
  it("lets a policy pass that blocks, which is the default", () => {
    const blocking = policy({ enabled: true, blocking: true }, { manualQueueOnly: false });
    assert.deepEqual(places(rule, [blocking, policy({}), policy({ blocking: UNKNOWN })]), []);
  });

  it("refuses one that is off, that only advises, or that waits for someone", () => {
    assert.deepEqual(places(rule, [policy({ enabled: false })]), ["enabled"]);
    assert.deepEqual(places(rule, [policy({ blocking: false })]), ["blocking"]);
    assert.deepEqual(places(rule, [policy({}, { manualQueueOnly: true })]), ["settings.manualQueueOnly"]);
  });
});
