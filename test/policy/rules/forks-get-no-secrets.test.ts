import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { definition } from "../declared";

const rule = "forks-get-no-secrets";
const forks = (value: unknown) => definition("pipeline", { pullRequestTrigger: { forks: value } });

describe(rule, () => {
  it("lets pipelines pass that build forks without secrets, or not at all", () => {
    assert.deepEqual(
      found(rule, [
        definition("pipeline"),
        forks({ enabled: true, shareSecrets: false }),
        forks({ enabled: false }),
        forks(UNKNOWN),
      ]),
      [],
    );
  });

  it("refuses to share secrets with forks", () => {
    assert.deepEqual(found(rule, [forks({ enabled: true, shareSecrets: true })]), ["pipeline"]);
  });
});
