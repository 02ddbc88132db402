/** Tests that `wheelhouse bake` checks all that it is given before it runs or asks anything. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { RecipeFacts } from "../../../spec/recipe-facts";
import { wheelhouse } from "../command-line";
import { applicationFacts, writeRecipe } from "../recipe";
import { FakeBuildx } from "./fake-programs";

const ownDockerfile: RecipeFacts = {
  kind: "own-dockerfile",
  name: "legacy",
  base: "python-web",
  builder: "python-web-builder",
  python: "3.13",
  platforms: ["linux/amd64"],
  dockerfile: "Dockerfile",
  indexes: [{ name: "nexus", url: "https://nexus.example.com/simple", secret: "index-nexus" }],
  image: { target: "image-legacy", repository: "legacy" },
};

describe("wheelhouse bake, before it builds", () => {
  let folder: string;
  let fake: FakeBuildx;
  const file = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  const bake = (...more: string[]) =>
    wheelhouse(
      [
        ...["bake", "--recipe", "recipe", "--source", "source", "--locks", "locks", "--secrets", "secrets"],
        ...["--registry", "127.0.0.1:9", "--index-url", "http://feed.example.com/simple/", ...more],
      ],
      { environment: { PATH: fake.folder, TMPDIR: path.join(folder, "tmp"), HOME: folder }, workingFolder: folder },
    );

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-test-"));
    for (const name of ["source", "locks", "secrets", "tmp"]) mkdirSync(path.join(folder, name));
    fake = new FakeBuildx(folder, "");
    writeRecipe(path.join(folder, "recipe"), applicationFacts({ requirements: "requirements.txt" }));
    file("secrets/netrc", "machine feed.example.com login a password a-long-enough-token");
  });

  afterEach(() => {
    assert.deepEqual(fake.calls, []);
    assert.deepEqual(readdirSync(path.join(folder, "tmp")), []);
    rmSync(folder, { recursive: true });
  });

  const cases: readonly [what: string, args: readonly string[], code: number, message: RegExp][] = [
    ["a recipe that is not there", ["--recipe", "nowhere"], 2, /there is no recipe in/],
    ["a source that is not there", ["--source", "nowhere"], 2, /--source: there is no folder/],
    ["locks that were not made", [], 2, /locks\.json is missing.*\n {2}run first: wheelhouse resolve/],
    ["a registry that is an address", ["--registry", "https://r.example.com"], 2, /is not a host/],
    ["a tag that is none", ["--push", "--tag", "feature/x"], 2, /"feature\/x" is not a tag/],
    ["a push without a tag", ["--push"], 2, /--push without --tag/],
    ["a time that is none", ["--created", "yesterday"], 2, /"yesterday" is not a time/],
    [
      "a feed's address with credentials",
      ["--index-url", "http://a:s3cret@feed.example.com/"],
      2,
      /--index-url has credentials/,
    ],
    [
      "a repository's address with credentials",
      ["--source-url", "https://a:s3cret@dev.example.com/x"],
      2,
      /--source-url has credentials/,
    ],
    ["an allow list that is not there", ["--allow", "nowhere.yaml"], 2, /nowhere\.yaml/],
  ];
  for (const [what, args, code, message] of cases) {
    it(`refuses ${what}`, async () => {
      const ran = await bake(...args);
      assert.equal(ran.code, code, ran.errors);
      assert.match(ran.errors, message);
      assert.doesNotMatch(ran.errors, /s3cret/);
    });
  }

  it("refuses an empty netrc with one line on what gave no token", async () => {
    file("secrets/netrc", "\n");
    const ran = await bake();
    assert.equal(ran.code, 3);
    assert.match(
      ran.errors,
      /^wheelhouse: the secret file \S+\/netrc is empty\n {2}look at the step that authenticates.*\n$/,
    );
  });

  it("refuses an empty or missing secret of a brought Dockerfile, which buildx would take without a word", async () => {
    writeRecipe(path.join(folder, "recipe"), ownDockerfile);
    file("secrets/index-nexus", "https://a:another-token@nexus.example.com/simple");
    file("secrets/pip.conf", "[global]\nindex-url = http://a:a-long-enough-token@feed.example.com/simple/\n");
    assert.match((await bake()).errors, /secret file \S+\/pip_index_url cannot be read/);
    file("secrets/pip_index_url", "");
    assert.match((await bake()).errors, /secret file \S+\/pip_index_url is empty/);
    file("secrets/pip_index_url", "http://a:a-long-enough-token@feed.example.com/simple/");
    file("secrets/index-nexus", " ");
    assert.match((await bake()).errors, /secret file \S+\/index-nexus is empty/);
  });

  it("refuses locks of another application, and one that was changed since", async () => {
    const document = (name: string) =>
      JSON.stringify({
        schema: 1,
        recipe: { kind: "application", name },
        sets: [{ folder: "orders", suffix: "", extras: [], sha256: "0", packages: 0 }],
      });
    file("locks/locks.json", document("forecast"));
    assert.match((await bake()).errors, /has the locks of forecast, not of orders/);
    file("locks/locks.json", document("orders"));
    assert.match((await bake()).errors, /orders\/requirements\.txt is missing/);
    file("locks/orders/requirements.txt", "# changed\n");
    assert.match((await bake()).errors, /is not what was resolved: it was changed since/);
  });
});
