/** The committed reference is the one that the code makes, and says something of all that it lists. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import * as path from "node:path";
import type { RenderedFile } from "../../spec";
import { readText, root } from "./pages";
import { sharedProgram } from "./program";
import { referencePages } from "./reference";
import { referenceFolder, splitDefault } from "./reference/markdown";

describe("the reference", () => {
  let made: readonly RenderedFile[] = [];
  before(async function () {
    this.timeout(60_000);
    made = await referencePages(sharedProgram());
  });

  it("has each page as the code makes it (npm run render writes them anew)", () => {
    assert.ok(made.length > 18, `only ${made.length} pages`);
    for (const { path: file, content } of made) assert.equal(readText(file), content, file);
  });

  it("has no page of what is no longer there", () => {
    const files = readdirSync(path.join(root, referenceFolder), { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      files
        .filter((file) => file.endsWith(".md"))
        .map((file) => path.join(referenceFolder, file))
        .sort(),
      made.map((page) => page.path).sort(),
    );
  });

  it("has no path of this machine", () => {
    for (const { path: file, content } of made) {
      assert.ok(!content.includes(root), file);
      assert.doesNotMatch(content, /(?:^|[\s"'(`])\/(?:root|home|tmp|work)\//m, file);
    }
  });

  it("lists the resources of a component that declares them through functions", () => {
    const page = made.find((one) => one.path.endsWith("components/app-image-pipeline.md"));
    for (const type of ["Git", "GitRepositoryFile", "BuildDefinition", "PipelineAuthorization"]) {
      assert.ok(page?.content.includes(`- \`azuredevops:${type}\``), type);
    }
  });

  it("takes the default out of a description, whatever follows it", () => {
    assert.deepEqual(splitDefault("A pool. Default: none, at 1.5 GB. More."), {
      text: "A pool. More.",
      default: "none, at 1.5 GB",
    });
    assert.deepEqual(splitDefault("Whether it is. Default `a. b`."), { text: "Whether it is.", default: "`a. b`" });
    assert.deepEqual(splitDefault("Defaults are literals."), { text: "Defaults are literals.", default: undefined });
  });
});
