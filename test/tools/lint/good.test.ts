/** Dockerfiles in which nothing is to be found: good ones of every make, and the recipes that this project renders. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fixDockerfile, lintDockerfile, lintPipeline } from "../../../tools/lint";

function dockerfilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:Dockerfile|.*\.Dockerfile)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const root = join(__dirname, "..", "..", "..");
const folders = ["test/tools/lint/good", "test/recipes/golden", "base-images", "apps", "samples"];

describe("lint of good Dockerfiles", () => {
  for (const folder of folders) {
    for (const file of dockerfilesBelow(join(root, folder))) {
      it(`finds nothing in ${file.slice(root.length + 1)}`, () => {
        const text = readFileSync(file, "utf8");
        assert.deepEqual(lintDockerfile(text), []);
        assert.equal(fixDockerfile(text).text, text);
      });
    }
  }

  it("finds nothing in the pipelines that this project renders", () => {
    const pipelines = readdirSync(join(root, "test/pipelines/golden"), { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith(".yml"))
      .map((entry) => join(entry.parentPath, entry.name));
    assert.ok(pipelines.length > 0);
    for (const file of pipelines) assert.deepEqual(lintPipeline(readFileSync(file, "utf8"), file), []);
  });

  it("has Dockerfiles of its own and rendered ones to look at", () => {
    assert.ok(dockerfilesBelow(join(root, "test/tools/lint/good")).length >= 12);
    assert.ok(dockerfilesBelow(join(root, "test/recipes/golden")).length >= 5);
  });
});
