/** What makes the same input the same image, and what a change of source must not fetch. */
import { strict as assert } from "node:assert";
import type { App } from "../../spec";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import { instructions, stages } from "./parse";
import { application, applications, baseImage, baseImageOf, baseImages, platform } from "./specs";

interface Target {
  readonly target?: string;
  readonly contexts: Readonly<Record<string, string>>;
  readonly args?: Readonly<Record<string, string>>;
  readonly attest: readonly string[];
  readonly output: readonly string[];
  readonly platforms: readonly string[];
  readonly "cache-from"?: readonly string[];
  readonly "cache-to"?: readonly string[];
}

interface Bake {
  readonly variable: Readonly<Record<string, { readonly default?: string }>>;
  readonly target: Readonly<Record<string, Target>>;
}

const bake = (app: App) =>
  JSON.parse(
    renderApplicationRecipe(app, baseImageOf(app), platform).find(({ path }) => path.endsWith(".json"))!.content,
  ) as Bake;
const dockerfile = (app: App) =>
  renderApplicationRecipe(app, baseImageOf(app), platform).find(({ path }) => path.endsWith("Dockerfile"))?.content;
const imagesOf = (app: App) => Object.entries(bake(app).target).filter(([name]) => name.startsWith("image-"));

describe("the same input", () => {
  for (const [name, app] of Object.entries(applications)) {
    it(`is the same text each time: ${name}`, () => {
      const again = JSON.parse(JSON.stringify(app)) as App;
      assert.deepEqual(
        renderApplicationRecipe({ ...app, ...again }, baseImageOf(app), platform),
        renderApplicationRecipe(app, baseImageOf(app), platform),
      );
    });
  }

  it("has one time for what is named by a hash, and the commit's for images", () => {
    for (const app of Object.values(applications).filter((candidate) => candidate.dockerfile === undefined)) {
      for (const [name, target] of Object.entries(bake(app).target)) {
        const fixed = !name.startsWith("image-");
        assert.equal(target.args?.SOURCE_DATE_EPOCH, fixed ? "315532800" : "${SOURCE_DATE_EPOCH}", name);
      }
      assert.equal(bake(app).variable.SOURCE_DATE_EPOCH?.default, "315532800");
    }
  });

  it("keeps the commit's time out of a brought Dockerfile, where it is part of the key of each WORKDIR", () => {
    const [[, target] = []] = imagesOf(application({ dockerfile: "Dockerfile" }));
    assert.equal(target?.args?.SOURCE_DATE_EPOCH, "315532800");
    assert.doesNotMatch(target.output.join(), /rewrite-timestamp/);
  });

  it("has its times rewritten in every other image that is pushed", () => {
    for (const app of Object.values(applications).filter((candidate) => candidate.dockerfile === undefined)) {
      for (const { output } of Object.values(bake(app).target)) {
        if (output[0] !== "type=cacheonly") assert.match(output.join(), /,rewrite-timestamp=true,/);
      }
    }
  });

  it("has attestations, which hold times, only beside published images", () => {
    for (const app of Object.values(applications)) {
      for (const [name, { attest }] of Object.entries(bake(app).target)) {
        assert.equal(
          attest[0],
          name.startsWith("image-") ? "type=provenance,mode=max" : "type=provenance,disabled=true",
        );
      }
    }
  });
});

describe("a list of software", () => {
  it("is made by the platform's scanner, and not at all where it has none", () => {
    const app = application();
    assert.equal(bake(app).variable.SBOM_GENERATOR?.default, platform.sbomGenerator);
    const [json] = renderApplicationRecipe(app, baseImage()).filter(({ path }) => path.endsWith(".json"));
    assert.equal((JSON.parse(json!.content) as Bake).variable.SBOM_GENERATOR?.default, "");
    for (const [, { attest }] of imagesOf(app)) {
      assert.equal(
        attest[1],
        '${SBOM_GENERATOR == "" ? "type=sbom,disabled=true" : "type=sbom,generator=${SBOM_GENERATOR}"}',
      );
    }
  });
});

describe("a change of source", () => {
  const fast = Object.entries(applications).filter(
    ([, app]) => app.dockerfile === undefined && app.systemPackages === undefined,
  );

  for (const [name, app] of fast) {
    it(`copies onto what is there and does nothing else: ${name}`, () => {
      for (const [target, { contexts }] of imagesOf(app)) {
        const stage = stages(dockerfile(app)!).find((candidate) => candidate.name === target);
        assert.deepEqual(
          stage?.instructions.filter(({ keyword }) => ["RUN", "COPY", "ADD", "WORKDIR"].includes(keyword)).length,
          1,
        );
        // With a mode in letters, or without --link, the copy is made onto the files below, for which they are fetched.
        const [copy] = stage.instructions.filter(({ keyword }) => keyword === "COPY");
        assert.match(copy!.text, /^--link --from=(source|installed-application) \S+ \S+$/);
        assert.deepEqual(
          Object.keys(contexts).filter((context) => ["base", "builder", "lock"].includes(context)),
          [],
        );
      }
    });
  }

  it("reads and writes no cache for images that run nothing", () => {
    for (const app of Object.values(applications).filter((candidate) => candidate.dockerfile === undefined)) {
      for (const [, target] of imagesOf(app)) {
        assert.deepEqual([target["cache-from"], target["cache-to"]], [undefined, undefined]);
      }
    }
  });

  it("keeps every stage of a brought Dockerfile in a cache, and of a compiled application its one layer", () => {
    const [[, own] = []] = imagesOf(application({ dockerfile: "Dockerfile" }));
    assert.match(own?.["cache-to"]?.join() ?? "", /ref=\$\{REGISTRY\}\/orders-cache:orders,mode=max,/);
    const compiled = bake(application({ scripts: ["orders"] })).target.application;
    assert.match(compiled?.["cache-to"]?.join() ?? "", /ref=\$\{REGISTRY\}\/orders-cache:application,mode=min,/);
  });

  it("is built for every platform of the base image", () => {
    for (const app of Object.values(applications)) {
      for (const { platforms } of Object.values(bake(app).target)) {
        assert.deepEqual(platforms, baseImageOf(app).platforms);
      }
    }
    assert.ok(Object.values(baseImages).some(({ platforms }) => platforms.includes("linux/arm64")));
  });
});

describe("what a base image ends with", () => {
  for (const [name, base] of Object.entries(baseImages)) {
    it(`is a layer with its lock alone, in it and in its builder: ${name}`, () => {
      const text = renderBaseImageRecipe(base).find(({ path }) => path.endsWith("Dockerfile"))!.content;
      for (const stage of stages(text)) {
        const layers = stage.instructions.filter(({ keyword }) => ["RUN", "COPY", "WORKDIR"].includes(keyword));
        const last = layers.at(-1)!;
        assert.match(last.keyword === "RUN" ? last.script : last.text, /\/opt\/wheelhouse\/requirements\.txt$/);
        assert.doesNotMatch(last.script, /pip/);
      }
      assert.ok(instructions(text).every(({ text: rest }) => !rest.includes("--chmod")));
    });
  }
});
