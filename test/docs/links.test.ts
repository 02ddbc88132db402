/** Links, anchors and pictures in what users read lead somewhere. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { anchorOf, pages, readPage, root, type Page } from "./pages";

const all = pages();
const byFile = new Map(all.map((page) => [page.file, page]));

/** What is wrong with a link on a page; `undefined` where nothing is. */
function wrongWith(link: string, page: Page): string | undefined {
  if (/^(https?|mailto):/.test(link)) return undefined;
  const [target = "", anchor] = link.split("#");
  if (path.isAbsolute(target)) return `${link}: not relative`;
  const file = target === "" ? page.file : path.join(path.dirname(page.file), decodeURIComponent(target));
  if (file.startsWith("..")) return `${link}: outside the repository`;
  if (!byFile.has(path.normalize(file)) && !existsSync(path.join(root, file))) return `${link}: no such file`;
  if (anchor === undefined) return undefined;
  const anchors = byFile.get(path.normalize(file))?.anchors;
  if (anchors === undefined) return `${link}: an anchor in what is no page`;
  return anchors.includes(anchor) ? undefined : `${link}: no such heading`;
}

/** Whether the file's content is what its name says. */
function isPicture(file: string): boolean {
  const bytes = readFileSync(file);
  return file.endsWith(".svg")
    ? /<svg[\s>][\s\S]*<\/svg>\s*$/.test(bytes.toString("utf8"))
    : bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
}

describe("links in what users read", () => {
  for (const page of all) {
    it(`lead from ${page.file} to files and headings that exist`, () => {
      assert.deepEqual(
        page.links.flatMap((link) => wrongWith(link, page) ?? []),
        [],
      );
    });
  }

  it("show pictures that exist, are not empty and say what they show", () => {
    const shown = all.flatMap((page) => page.pictures.map((picture) => ({ page, picture })));
    assert.ok(shown.length >= 3);
    for (const { page, picture } of shown) {
      const file = path.join(root, path.dirname(page.file), picture);
      assert.ok(existsSync(file), `${page.file}: ${picture}`);
      assert.ok(statSync(file).size > 500 && isPicture(file), `${page.file}: ${picture}`);
    }
    for (const page of all) assert.doesNotMatch(page.text, /!\[\]\(/, `${page.file}: a picture without a text`);
  });

  it("reach every page of docs/ from its index", () => {
    const reached = new Set(["docs/README.md"]);
    for (const file of reached) {
      for (const link of byFile.get(file)?.links ?? []) {
        const target = path.join(path.dirname(file), link.split("#")[0] ?? "");
        if (target.startsWith("docs/") && byFile.has(target)) reached.add(target);
      }
    }
    assert.deepEqual(
      all.map(({ file }) => file).filter((file) => file.startsWith("docs/") && !reached.has(file)),
      [],
    );
  });

  it("are found wrong where they are: a missing file, a missing heading, a way out of the repository", () => {
    const page = readPage("docs/made-up.md", "# One `two`\n\n[a](none.md) [b](#one-two) [c](#three) [d](../../x.md)\n");
    assert.deepEqual(page.anchors, ["one-two"]);
    byFile.set(page.file, page);
    try {
      assert.equal(wrongWith("none.md", page), "none.md: no such file");
      assert.equal(wrongWith("#three", page), "#three: no such heading");
      assert.equal(wrongWith("../../x.md", page), "../../x.md: outside the repository");
      assert.equal(wrongWith("builds.md#nowhere", page), "builds.md#nowhere: no such heading");
      assert.equal(wrongWith("data-flow.svg#x", page), "data-flow.svg#x: an anchor in what is no page");
    } finally {
      byFile.delete(page.file);
    }
  });

  it("have anchors as GitHub makes them", () => {
    assert.equal(
      anchorOf("Agents on demand (`wheelhouse:index:X`), when set"),
      "agents-on-demand-wheelhouseindexx-when-set",
    );
    assert.equal(anchorOf("What a token’s for: a &amp; b"), "what-a-tokens-for-a--b");
    assert.deepEqual(readPage("x.md", "# A\n\n## A\n\n## A\n").anchors, ["a", "a-1", "a-2"]);
  });
});
