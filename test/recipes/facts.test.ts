/** The facts that a recipe tells the tools, held against the bake file that they stand in. */
import { strict as assert } from "node:assert";
import { readRecipeFacts, type App, type ApplicationFacts } from "../../spec";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import { application, applications, baseImageOf, baseImages, platform } from "./specs";

const bakeFile = (app: App, base = baseImageOf(app)) =>
  JSON.parse(renderApplicationRecipe(app, base, platform).find(({ path }) => path.endsWith(".json"))!.content) as {
    variable: Record<string, unknown>;
    target: Record<string, { target?: string; output: string[]; secret?: string[] }>;
    group: { default: { targets: string[] } };
  };

function facts(app: App, base = baseImageOf(app)): ApplicationFacts {
  const read = readRecipeFacts(bakeFile(app, base));
  assert.ok(read.kind === "application");
  return read;
}

describe("the facts of a recipe", () => {
  for (const [name, app] of Object.entries(applications)) {
    it(`of ${name} name targets, repositories and variables that its bake file has`, () => {
      const { target, variable, group } = bakeFile(app);
      const read = readRecipeFacts(bakeFile(app));
      assert.ok(read.kind !== "base-image");
      const pushed = read.kind === "application" ? read.sets.flatMap((set) => [set.dependencies, set.runtime]) : [];
      const images = read.kind === "application" ? read.sets.flatMap((set) => set.images) : [read.image];
      for (const { target: stage, repository } of [...pushed, ...images]) {
        assert.match(target[stage]?.output.join() ?? "", new RegExp(`name=\\$\\{REGISTRY\\}/${repository}[:,]`));
      }
      assert.deepEqual(images.map((image) => image.target).sort(), [...group.default.targets].sort());
      for (const { suffix } of read.kind === "application" ? read.sets : []) {
        for (const word of ["LOCK_HASH", "RUNTIME_TAG", "DEPENDENCIES", "RUNTIME"]) {
          assert.ok(`${word}${suffix}` in variable, `${word}${suffix}`);
        }
      }
      for (const { secret } of read.indexes) {
        if (secret === undefined) continue;
        assert.ok(
          Object.values(target).some((one) => one.secret?.includes(`id=${secret},src=\${SECRETS}/${secret}`)),
          secret,
        );
      }
    });
  }

  for (const [name, base] of Object.entries(baseImages)) {
    it(`of the ${name} base image name its files and its two targets`, () => {
      const files = renderBaseImageRecipe(base, platform);
      const bake = JSON.parse(files.find(({ path }) => path.endsWith(".json"))!.content) as {
        target: Record<string, { output: string[] }>;
        variable: { UPSTREAM: { default: string } };
      };
      const read = readRecipeFacts(bake);
      assert.ok(read.kind === "base-image");
      const names = files.map(({ path }) => path.split("/").at(-1));
      assert.ok(names.includes(read.requirements));
      assert.equal(
        read.systemPackages,
        names.find((file) => file === "bindep.txt"),
      );
      assert.match(bake.target[read.targets.runtime]!.output.join(), new RegExp(`/${read.name},`));
      assert.match(bake.target[read.targets.builder]!.output.join(), new RegExp(`/${read.builder},`));
      assert.equal(read.upstream, bake.variable.UPSTREAM.default);
    });
  }

  it("give each script's image the extras of its name, and every image those of the application", () => {
    const scripts = ["orders-worker", "Migrate.Now"];
    const extras = { "*": ["http"], "orders-worker": ["metrics", "http"] };
    assert.deepEqual(
      facts(application({ scripts, extras })).sets.map((set) => [set.folder, set.extras, set.conventionalExtras]),
      [
        ["orders-worker", ["http", "metrics"], ["orders_base", "orders_worker"]],
        ["orders-migrate-now", ["http"], ["orders_base", "migrate_now"]],
      ],
    );
    assert.deepEqual(facts(application()).sets[0]?.conventionalExtras, ["orders_base"]);
  });

  it("give no extras where there can be none: by a requirements file, and by a lock of the team's own", () => {
    for (const parts of [{ requirements: "requirements.txt" }, { lock: "requirements.lock" }]) {
      const [set, ...others] = facts(application({ scripts: ["a", "b"], extras: { "*": ["http"] }, ...parts })).sets;
      assert.deepEqual([set?.extras, set?.conventionalExtras, others], [[], [], []]);
    }
  });

  it("take no name of an object's own for a script with extras", () => {
    assert.deepEqual(facts(application({ scripts: ["constructor"] })).sets[0]?.extras, []);
  });

  it("have one hash for what installs the same, and another where something else decides what is installed", () => {
    const one = (parts: Partial<App> = {}, base = baseImageOf(application())) =>
      facts(application(parts), base).installation;
    assert.equal(one({ env: { A: "1" }, ports: [1], description: "else" }), one());
    assert.notEqual(one({}, { ...baseImageOf(application()), python: "3.14" }), one());
    assert.notEqual(one({}, { ...baseImageOf(application()), platforms: ["linux/arm64"] }), one());
    assert.notEqual(one({ systemPackages: "bindep.txt" }), one());
    assert.notEqual(one({ indexes: ["open"] }), one());
  });
});
