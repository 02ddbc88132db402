/** The pack under the real engine: it refuses every violation, and has nothing against the platform as it is shipped. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { rules } from "../../../policy/index";
import { configuration, violations } from "../violations";
import { root, Stand } from "./stand";

const pack = join(root, "policy");
const cases = Object.entries(violations);
const resources = cases.flatMap(([, violation]) => violation.resources);

describe("a preview with the policy pack", function () {
  this.timeout(180_000);
  let stand: Stand;
  before(async () => (stand = await Stand.start()));
  after(async () => stand.close());

  it("refuses every violation, each by its rule and once, and tells no secret", async () => {
    const project = await stand.declare("violations", resources);
    const file = stand.write("policy-config.json", configuration);
    const { code, output, findings } = await stand.run(
      project,
      "preview",
      "--policy-pack",
      pack,
      "--policy-pack-config",
      file,
    );
    assert.deepEqual(
      findings,
      cases.map(([rule, { about }]) => ({
        level: rules.find(({ name }) => name === rule)!.enforcementLevel,
        rule,
        resource: about,
      })),
      output,
    );
    assert.notEqual(code, 0);
    assert.ok(!output.includes("of no use"), output);
  });

  it("lets all of it pass where an organization only wants to be told, and says so by a file beside its own pack", async () => {
    const project = await stand.declare("told", resources);
    const own = stand.packWith("own-pack", { ...configuration, all: "advisory", "federation-only": "disabled" });
    const { code, output, findings } = await stand.run(project, "preview", "--policy-pack", own);
    assert.equal(code, 0, output);
    const told = findings.map(({ rule }) => rule);
    assert.deepEqual(
      told.filter((rule) => rule in violations),
      cases.map(([rule]) => rule).filter((rule) => rule !== "federation-only"),
    );
    assert.ok(told.includes("standard-registry"), "the rule of one's own finds something, too");
    assert.deepEqual([...new Set(findings.map(({ level }) => level))], ["advisory"]);
  });

  it("does not begin with a configuration that says something else than its author means", async () => {
    const project = await stand.declare("mistaken", []);
    const own = stand.packWith("mistaken-pack", { "federation-onyl": "mandatory" });
    const [ownFile, parameters] = await Promise.all([
      stand.run(project, "preview", "--policy-pack", own),
      stand.run(
        project,
        "preview",
        "--policy-pack",
        pack,
        "--policy-pack-config",
        stand.write("wrong.json", { "required-tags": { tags: 3 } }),
      ),
    ]);
    assert.notEqual(ownFile.code, 0);
    assert.match(
      ownFile.output,
      /policy-config\.json cannot be used:\n +federation-onyl: there is no such rule; did you mean federation-only\?\n/,
    );
    assert.doesNotMatch(ownFile.output, /at readConfiguration/);
    assert.notEqual(parameters.code, 0);
    assert.match(parameters.output, /required-tags: tags: Invalid type/);
  });

  it("has nothing against the platform as it is shipped: before it is made, while it is, and afterwards", async () => {
    const project = await stand.platform();
    const first = await stand.run(project, "up", "--yes", "--policy-pack", pack);
    assert.equal(first.code, 0, first.output);
    assert.equal(first.output.match(/✅ wheelhouse@v/g)?.length, 2, first.output);
    const { code, output, findings } = await stand.run(project, "preview", "--policy-pack", pack);
    assert.equal(code, 0, output);
    assert.match(output, /✅ wheelhouse@v/);
    for (const said of [first.output, output]) assert.doesNotMatch(said, /can't run policy/);
    assert.deepEqual([...first.findings, ...findings], []);
  });
});
