/** What must hold for every base image's recipe. */
import { strict as assert } from "node:assert";
import { readRecipeFacts, type BaseImage } from "../../spec";
import { renderBaseImageRecipe } from "../../recipes";
import { instructions, stages } from "./parse";
import { baseImage, baseImages } from "./specs";

function file(base: BaseImage, name: string): string {
  const found = renderBaseImageRecipe(base).find(({ path }) => path === `base-images/${base.name}/${name}`);
  assert.ok(found, `no ${name}`);
  return found.content;
}

interface Bake {
  readonly variable: Record<string, { default?: string }>;
  readonly target: Record<
    string,
    {
      contexts: Record<string, string>;
      labels: Record<string, string>;
      platforms: string[];
      secret?: string[];
      output: string[];
    }
  >;
}

const bake = (base: BaseImage) => JSON.parse(file(base, "docker-bake.json")) as Bake;

describe("base image recipe", () => {
  for (const [name, base] of Object.entries(baseImages)) {
    it(`of ${name} takes both images from the upstream image by digest`, () => {
      assert.deepEqual(
        stages(file(base, "Dockerfile")).map((stage) => `${stage.from} ${stage.name}`),
        ["upstream builder", "upstream runtime"],
      );
      for (const target of Object.values(bake(base).target)) {
        assert.equal(target.contexts.upstream, "docker-image://${UPSTREAM}@${UPSTREAM_DIGEST}");
        assert.deepEqual(target.platforms, base.platforms);
      }
      assert.equal(bake(base).variable.UPSTREAM?.default, `${base.upstream}:${base.tag}`);
      assert.equal(bake(base).variable.UPSTREAM_DIGEST?.default, undefined);
    });

    it(`of ${name} lets no credential and no pip into the stage that applications run on`, () => {
      const runtime = stages(file(base, "Dockerfile")).find((stage) => stage.name === "runtime");
      assert.ok(runtime);
      for (const { text, script } of runtime.instructions) {
        assert.doesNotMatch(text, /type=secret/);
        assert.doesNotMatch(script, /pip/);
      }
      assert.equal(bake(base).target.runtime?.secret, undefined);
    });

    it(`of ${name} ends as the user that it makes`, () => {
      const runtime = stages(file(base, "Dockerfile")).find((stage) => stage.name === "runtime");
      assert.deepEqual(runtime?.instructions.at(-1), { keyword: "USER", text: `"10001"`, script: "" });
      assert.ok(runtime.instructions.some(({ script }) => script.includes(`useradd --uid 10001 --gid 10001`)));
    });

    it(`of ${name} installs what it installs by hash, from one index`, () => {
      const installs = instructions(file(base, "Dockerfile")).filter(({ script }) =>
        /feed_pip --python .*install/.test(script),
      );
      assert.equal(installs.length, 2);
      for (const { text, script } of installs) {
        assert.match(text, /type=secret,id=netrc,target=\/run\/secrets\/netrc,required=true/);
        assert.match(script, /--no-deps --index-url "\$INDEX_URL" --require-hashes/);
        assert.doesNotMatch(script, /extra-index-url/);
      }
    });
  }

  it("starts from the platform's mirror, unless the image names a registry itself", () => {
    const starts = (upstream: string, upstreamRegistry?: string) => {
      const base = baseImage({ upstream });
      const files = renderBaseImageRecipe(base, { indexes: [], sbomGenerator: undefined, upstreamRegistry });
      const read = JSON.parse(files.find(({ path }) => path.endsWith("docker-bake.json"))!.content) as Bake;
      const facts = readRecipeFacts(read);
      assert.ok(facts.kind === "base-image");
      assert.equal(facts.upstream, read.variable.UPSTREAM?.default);
      for (const { labels } of Object.values(read.target)) {
        assert.equal(labels["org.opencontainers.image.base.name"], "${UPSTREAM}");
      }
      return facts.upstream;
    };
    for (const mirror of ["contoso.azurecr.io/mirror", "127.0.0.1:41234/upstream", "localhost"]) {
      assert.equal(starts("python", mirror), `${mirror}/python:3.13-slim`);
      assert.equal(starts("team/python", mirror), `${mirror}/team/python:3.13-slim`);
      for (const own of ["docker.io/library/python", "localhost/python", "mirror:5000/python"]) {
        assert.equal(starts(own, mirror), `${own}:3.13-slim`);
      }
    }
    assert.equal(starts("python"), "python:3.13-slim");
  });

  it("tells another hash for another mirror", () => {
    const hash = (upstreamRegistry: string | undefined) =>
      renderBaseImageRecipe(baseImage(), { indexes: [], sbomGenerator: undefined, upstreamRegistry })
        .map(({ content }) => /"wheelhouse.recipe.sha256": "(.*)"/.exec(content)?.[1])
        .join("");
    assert.equal(new Set([undefined, "a.example", "b.example"].map(hash)).size, 3);
  });

  it("has system packages only where the base image names some, compilers only in the builder", () => {
    assert.deepEqual(
      renderBaseImageRecipe(baseImage()).map(({ path }) => path.split("/").at(-1)),
      ["Dockerfile", "docker-bake.json", "requirements.in"],
    );
    assert.doesNotMatch(file(baseImage(), "Dockerfile"), /apt-get/);
    const base = baseImage({ systemPackages: "libpq5" });
    assert.equal(file(base, "bindep.txt"), "libpq5\n");
    const asked = stages(file(base, "Dockerfile")).map((stage) =>
      stage.instructions.flatMap(({ script }) => /--list_all newline (.*)\)/.exec(script)?.[1] ?? []),
    );
    assert.deepEqual(asked, [["default compile"], ["default"]]);
  });

  it("ends a requirements file with one line end", () => {
    assert.equal(file(baseImage({ requirements: "gunicorn" }), "requirements.in"), "gunicorn\n");
    assert.equal(file(baseImage({ requirements: "gunicorn\n" }), "requirements.in"), "gunicorn\n");
    assert.equal(file(baseImage({ requirements: "" }), "requirements.in"), "");
  });

  it("tells its hash on both images, another one for whatever is rendered, the same for other requirements", () => {
    const hashes = (base: BaseImage) =>
      Object.values(bake(base).target).map(({ labels }) => labels["wheelhouse.recipe.sha256"] ?? "none");
    for (const base of Object.values(baseImages)) {
      const [hash = "", ...others] = hashes(base);
      assert.match(hash, /^[0-9a-f]{64}$/);
      assert.deepEqual(others, [hash]);
      assert.deepEqual(hashes({ ...base, requirements: `${base.requirements}\nidna` }), [hash, hash]);
      for (const change of [{ env: { ...base.env, ADDED: "1" } }, { tag: "another" }, { systemPackages: "git" }]) {
        assert.ok(!hashes({ ...base, ...change }).includes(hash), JSON.stringify(change));
      }
    }
  });
});
