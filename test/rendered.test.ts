/** The committed files are the ones that the code renders. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { committedFiles, root, samplePipelines } from "./rendered";

describe("committed rendered files", () => {
  for (const { path: file, content } of committedFiles()) {
    it(`has ${file} as the code renders it (npm run render writes it anew)`, () => {
      assert.equal(readFileSync(path.join(root, file), "utf8"), content);
    });
  }

  it("renders every pipeline of the samples to a path of its own", () => {
    const paths = samplePipelines().map((file) => file.path);
    assert.equal(new Set(paths).size, paths.length);
    assert.ok(paths.length >= 1 + 2 * 2 + 3 * 3, paths.join("\n"));
  });
});
