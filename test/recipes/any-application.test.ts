/** What holds for the recipe of any application whatever, on any base image. */
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { findCredential, isSecretName, readRecipeFacts, type App } from "../../spec";
import { RecipeError, renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import { hostileText } from "./hostile-text";
import { instructions, stages } from "./parse";
import { application, baseImage, baseImages, platform } from "./specs";

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const path = fc.stringMatching(/^[a-z]{1,5}(\/[a-z]{1,5})?\.txt$/);

/** Variables that a spec may have: one named as a secret, or with what looks like one, is refused before. */
const anyName = fc.stringMatching(/^[A-Z]{1,5}$/).filter((name) => !isSecretName(name));
const anyValue = fc.string({ maxLength: 10 }).filter((text) => printable(text) && findCredential(text) === undefined);

const anyApplication: fc.Arbitrary<App> = fc
  .record({
    scripts: fc.uniqueArray(word, { maxLength: 3 }),
    extras: fc.dictionary(fc.oneof(fc.constant("*"), word), fc.uniqueArray(word, { maxLength: 3 }), { maxKeys: 3 }),
    requirements: fc.constantFrom("pyproject.toml", "requirements.txt"),
    lock: fc.option(path, { nil: undefined }),
    systemPackages: fc.option(path, { nil: undefined }),
    dockerfile: fc.option(fc.constant("Dockerfile"), { nil: undefined, freq: 8 }),
    indexes: fc.subarray(["open", "nexus-two"]),
    user: fc.option(fc.constantFrom("app", "1000"), { nil: undefined }),
    env: fc.dictionary(anyName, anyValue, {
      maxKeys: 3,
    }),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { maxLength: 3 }),
    healthcheck: fc.option(
      fc.record({
        command: fc.array(word, { minLength: 1, maxLength: 3 }),
        interval: fc.integer({ min: 1, max: 60 }),
        timeout: fc.integer({ min: 1, max: 60 }),
        startPeriod: fc.integer({ min: 0, max: 60 }),
        retries: fc.integer({ min: 1, max: 5 }),
      }),
      { nil: undefined },
    ),
  })
  .map((parts) => application(parts));

const anyBase = fc.constantFrom(...Object.values(baseImages));

function printable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Texts of the two files; an application with a Dockerfile of its own has only the second. */
function rendered(app: App, base = baseImage()): { dockerfile: string; bakeFile: string } {
  const files = renderApplicationRecipe(app, base, platform);
  const text = (end: string): string => files.find((file) => file.path.endsWith(end))?.content ?? "";
  return { dockerfile: text("/Dockerfile"), bakeFile: text(".json") };
}

describe("the recipe of any application", () => {
  it("is the same text each time", () => {
    fc.assert(
      fc.property(anyApplication, anyBase, (app, base) => {
        assert.deepEqual(rendered(app, base), rendered(structuredClone(app), structuredClone(base)));
      }),
    );
  });

  it("runs nothing after the last FROM, and without system packages nothing on the base", () => {
    fc.assert(
      fc.property(anyApplication, (app) => {
        const all = stages(rendered(app).dockerfile);
        const running = all.filter((stage) => stage.instructions.some(({ keyword }) => keyword === "RUN"));
        for (const { from } of running) {
          assert.ok(from === "builder" || (from === "base" && app.systemPackages !== undefined), from);
        }
        assert.ok(!running.includes(all.at(-1)!));
      }),
    );
  });

  it("names another index than the feed in compatibility mode alone, which a comment marks", () => {
    fc.assert(
      fc.property(anyApplication, (app) => {
        const { dockerfile, bakeFile } = rendered(app);
        const further = app.indexes.length > 0;
        if (!further) assert.doesNotMatch(dockerfile + bakeFile, /extra-index-url|https?:\/\/(?!\S*SOURCE_URL)/);
        if (app.dockerfile !== undefined) return;
        assert.equal(dockerfile.includes("extra-index-url"), further);
        assert.equal(dockerfile.includes("# Compatibility mode: "), further);
      }),
    );
  });

  it("holds no credential, takes none as an argument, and mounts each as a secret that must be there", () => {
    fc.assert(
      fc.property(anyApplication, anyBase, (app, base) => {
        const { dockerfile, bakeFile } = rendered(app, base);
        for (const line of [...dockerfile.split("\n"), ...bakeFile.split("\n")]) {
          assert.equal(findCredential(line), undefined, line);
        }
        const { target } = JSON.parse(bakeFile) as { target: Record<string, { args?: Record<string, string> }> };
        const args = Object.values(target).flatMap((one) => Object.keys(one.args ?? {}));
        assert.ok(args.every((name) => ["INDEX_URL", "SOURCE_DATE_EPOCH"].includes(name)));
        for (const { text } of instructions(dockerfile)) {
          const secrets = text.match(/--mount=type=secret\S*/g) ?? [];
          assert.ok(secrets.every((mount) => mount.endsWith(",required=true")));
        }
      }),
    );
  });

  it("tells the tools facts that they can read, of targets that are there", () => {
    fc.assert(
      fc.property(anyApplication, anyBase, (app, base) => {
        const bakeFile = JSON.parse(rendered(app, base).bakeFile) as { target: object };
        const facts = readRecipeFacts(bakeFile);
        assert.ok(facts.kind !== "base-image");
        const images = facts.kind === "application" ? facts.sets.flatMap((set) => set.images) : [facts.image];
        assert.ok(images.every(({ target }) => Object.hasOwn(bakeFile.target, target)));
        assert.equal(facts.kind, app.dockerfile === undefined ? "application" : "own-dockerfile");
      }),
    );
  });
});

describe("a hostile package index", () => {
  const keywords = (text: string): string[] => instructions(text).map(({ keyword }) => keyword);

  it("is refused by its name and its address, or is one word of a script", () => {
    const app = application({ indexes: ["x"] });
    const render = (url: string): string =>
      renderApplicationRecipe(app, baseImage(), {
        indexes: [{ name: "x", url, connection: "X" }],
        sbomGenerator: undefined,
        upstreamRegistry: undefined,
      })[0]!.content;
    const expected = keywords(render("https://packages.example.com/simple/"));
    fc.assert(
      fc.property(
        fc.oneof(
          hostileText,
          hostileText.map((text) => `https://packages.example.com/${text}`),
        ),
        (url) => {
          try {
            assert.deepEqual(keywords(render(url)), expected);
            assert.match(render(url), /^further_index PIP_EXTRA_URL_X 'https?:\/\/[A-Za-z0-9:/._~%[\]-]+'$/m);
          } catch (error) {
            if (!(error instanceof RecipeError)) throw error;
          }
        },
      ),
    );
  });

  it("is refused where the platform has none of that name", () => {
    fc.assert(
      fc.property(hostileText, (name) => {
        fc.pre(!["open", "nexus-two"].includes(name));
        assert.throws(
          () => renderApplicationRecipe(application({ indexes: [name] }), baseImage(), platform),
          (error) => error instanceof RecipeError && error.property === "indexes[0]",
        );
      }),
    );
  });

  it("of a name that no secret can have is refused", () => {
    fc.assert(
      fc.property(hostileText, (name) => {
        fc.pre(!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name));
        const settings = {
          indexes: [{ name, url: "https://packages.example.com/simple/", connection: "X" }],
          sbomGenerator: undefined,
          upstreamRegistry: undefined,
        };
        assert.throws(
          () => renderApplicationRecipe(application({ indexes: [name] }), baseImage(), settings),
          RecipeError,
        );
      }),
    );
  });
});

describe("a hostile scanner", () => {
  it("is that text and no expression in every bake file", () => {
    fc.assert(
      fc.property(hostileText, (sbomGenerator) => {
        const settings = { indexes: [], sbomGenerator, upstreamRegistry: undefined };
        for (const files of [
          renderApplicationRecipe(application(), baseImage(), settings),
          renderBaseImageRecipe(baseImage(), settings),
        ]) {
          const text = files.find((file) => file.path.endsWith(".json"))!.content;
          const { variable } = JSON.parse(text) as { variable: { SBOM_GENERATOR: { default: string } } };
          assert.doesNotMatch(variable.SBOM_GENERATOR.default.replace(/\$\{"[$%]"\}/g, ""), /[$%]\{/);
        }
      }),
    );
  });
});
