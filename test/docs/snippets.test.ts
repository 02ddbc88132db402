/** Examples in what users read are right: specs load, programs type-check, YAML and JSON can be read. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { loadSpecs } from "../../spec";
import { pages, root, type Fence } from "./pages";
import { mistakesIn, sharedProgram, typeScriptSnippets } from "./program";

const fences = pages().flatMap((page) => page.fences);
const yaml = fences.filter(({ language }) => /^ya?ml$/.test(language));

/** A file of a team or of the platform team, by what it says. */
function kindOf({ text }: Fence): "app" | "base image" | "other" {
  if (/^baseImage:/m.test(text)) return "app";
  return /^name:/m.test(text) && /^python:/m.test(text) ? "base image" : "other";
}

/** Loads a snippet beside the samples' base images, in a platform of its own. */
function load(fence: Fence): void {
  const folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-snippet-"));
  try {
    const { name } = parse(fence.text) as { name: string };
    mkdirSync(path.join(folder, "apps"));
    cpSync(path.join(root, "base-images"), path.join(folder, "base-images"), { recursive: true });
    if (kindOf(fence) === "app") {
      writeFileSync(path.join(folder, "apps", `${name}.yaml`), fence.text);
    } else {
      mkdirSync(path.join(folder, "base-images", name), { recursive: true });
      writeFileSync(path.join(folder, "base-images", name, "base-image.yaml"), fence.text);
      writeFileSync(path.join(folder, "base-images", name, "requirements.in"), "");
    }
    loadSpecs({ baseImages: path.join(folder, "base-images"), apps: path.join(folder, "apps") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("examples in what users read", () => {
  it("are specs that load", () => {
    const specs = yaml.filter((fence) => kindOf(fence) !== "other");
    assert.ok(specs.length >= 3, `only ${specs.length}`);
    for (const fence of specs) assert.doesNotThrow(() => load(fence), fence.place);
  });

  it("are found wrong where they are", () => {
    const text = "name: orders\nbaseImage: python-wbe\n";
    assert.throws(() => load({ place: "x", language: "yaml", text }), /did you mean python-web/);
  });

  it("are YAML and JSON that can be read", () => {
    for (const { place, text } of yaml) {
      const errors = parseAllDocuments(text).flatMap((document) => ("errors" in document ? document.errors : []));
      assert.deepEqual(errors, [], place);
    }
    for (const { place, text } of fences.filter(({ language }) => language === "json")) {
      assert.doesNotThrow(() => JSON.parse(text) as unknown, place);
    }
  });

  it("are TypeScript that the compiler takes", function () {
    this.timeout(60_000);
    const program = sharedProgram();
    const snippets = typeScriptSnippets();
    assert.ok(snippets.length >= 1);
    const wrong = snippets.flatMap(({ file, place }) => mistakesIn(program, file).map((what) => `${place}: ${what}`));
    assert.deepEqual(wrong, []);
  });

  it("say in which language they are", () => {
    assert.deepEqual(
      fences.filter(({ language }) => language === "").map(({ place }) => place),
      [],
    );
  });
});
