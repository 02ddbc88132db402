/** Comments that let a finding pass. */
import { strict as assert } from "node:assert";
import { lintDockerfile } from "../../../tools/lint";

const run = "RUN pip install --extra-index-url https://h/ x\n";
const rulesOf = (text: string) =>
  lintDockerfile(text)
    .filter(({ rule }) => rule !== "missing-user")
    .map(({ rule, severity, line }) => `${line} ${rule} ${severity}`);

describe("a suppression comment", () => {
  it("lets the rule that it names pass in the next instruction, with a reason", () => {
    assert.deepEqual(rulesOf(`FROM a\n# wheelhouse-lint: ignore=extra-index-url -- both are ours\n${run}`), []);
  });

  it("lets pass only in that instruction", () => {
    const text = `FROM a\n# wheelhouse-lint: ignore=extra-index-url -- both are ours\n${run}${run}`;
    assert.deepEqual(rulesOf(text), ["4 extra-index-url error"]);
  });

  it("stands above other comments, or within the instruction", () => {
    assert.deepEqual(rulesOf(`FROM a\n# wheelhouse-lint: ignore=extra-index-url -- ours\n# more\n\n${run}`), []);
    const within =
      "FROM a\nRUN pip install \\\n    # wheelhouse-lint: ignore=extra-index-url -- ours\n    --extra-index-url https://h/ x\n";
    assert.deepEqual(rulesOf(within), []);
  });

  it("names several rules", () => {
    const comment = "# wheelhouse-lint: ignore=extra-index-url, trusted-host -- ours, on our own network";
    assert.deepEqual(
      rulesOf(`FROM a\n${comment}\nRUN pip install --trusted-host h --extra-index-url https://h/ x\n`),
      [],
    );
  });

  it("without a reason lets nothing pass, and is an error itself", () => {
    for (const comment of ["ignore=extra-index-url", "ignore=extra-index-url --", "ignore=extra-index-url because"]) {
      const found = rulesOf(`FROM a\n# wheelhouse-lint: ${comment}\n${run}`);
      assert.deepEqual(found, ["2 suppression error", "3 extra-index-url error"], comment);
    }
  });

  it("is advised against where it names no rule that there is, or lets nothing pass", () => {
    assert.deepEqual(rulesOf("FROM a\n# wheelhouse-lint: ignore=trusted-host -- why not\nRUN true\n"), [
      "2 suppression advice",
    ]);
    const [finding] = lintDockerfile("FROM a\n# wheelhouse-lint: ignore=trusted-hosts -- why\nRUN true\nUSER 1\n");
    assert.equal(finding!.what, "there is no rule trusted-hosts");
  });
});
