import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";

import {
  htmlType,
  jsonType,
  prefersJson,
  readList,
  readPage,
  writeList,
  writePage,
  type PackageFile,
} from "../../../sandbox/services/feed/simple-page";

const files: PackageFile[] = [
  { filename: "a-1.0.tar.gz", url: "../../a-1.0.tar.gz", hashes: { sha256: "ab".repeat(32) } },
  {
    filename: "a-2.0-py3-none-any.whl",
    url: "a-2.0-py3-none-any.whl",
    hashes: { sha256: "cd".repeat(32) },
    requiresPython: '>=3.8,<"4" & more',
    yanked: "broken <badly>",
    metadata: { sha256: "ef".repeat(32) },
  },
  { filename: "a-3.0-py3-none-any.whl", url: "a-3.0-py3-none-any.whl", hashes: {}, yanked: "", metadata: {} },
];

describe("a package's page", () => {
  for (const [form, accept] of [
    ["HTML", "text/html"],
    ["JSON", jsonType],
  ] as const) {
    it(`says in ${form} all that it was made of`, () => {
      const { type, text } = writePage({ name: "a", files }, accept);
      deepStrictEqual(readPage(type, text), files);
    });
  }

  it("in HTML has its hash in the link, and each value in quotes that it cannot leave", () => {
    const { text } = writePage({ name: "a", files }, undefined);
    match(text, new RegExp(`href="../../a-1.0.tar.gz#sha256=${"ab".repeat(32)}"`));
    ok(text.includes('data-requires-python="&gt;=3.8,&lt;&quot;4&quot; &amp; more"'));
    ok(!text.includes("<badly>"));
  });

  it("is read as other indexes write it", () => {
    const html = `<html><body><h1>Links</h1>
      <a href='https://files.example/x/a-1.0.tar.gz#sha256=0123' data-requires-python='&gt;=3.9'>a-1.0.tar.gz</a><br/>
      <a href="a-1.5.zip?x&constructor;">a-1.5.zip</a>
      <A  HREF=a-2.0.zip  data-dist-info-metadata="true" data-yanked>
        a-2.0.zip </A>
      </body></html>`;
    deepStrictEqual(readPage("text/html; charset=UTF-8", html), [
      {
        filename: "a-1.0.tar.gz",
        url: "https://files.example/x/a-1.0.tar.gz",
        hashes: { sha256: "0123" },
        requiresPython: ">=3.9",
      },
      { filename: "a-1.5.zip", url: "a-1.5.zip?x&constructor;", hashes: {} },
      { filename: "a-2.0.zip", url: "a-2.0.zip", hashes: {}, yanked: "", metadata: {} },
    ]);
  });

  it("in JSON may offer metadata under the older name, and say that a file is not withdrawn", () => {
    const page = {
      meta: { "api-version": "1.1" },
      files: [
        { filename: "a-1.0.whl", url: "x", hashes: {}, "dist-info-metadata": { sha256: "12" }, yanked: false, size: 3 },
        { filename: "b-1.0.whl", url: "y", "core-metadata": false, "requires-python": null },
      ],
    };
    deepStrictEqual(readPage(jsonType, JSON.stringify(page)), [
      { filename: "a-1.0.whl", url: "x", hashes: {}, metadata: { sha256: "12" } },
      { filename: "b-1.0.whl", url: "y", hashes: {} },
    ]);
  });

  it("that calls itself JSON and is none is refused", () => {
    throws(() => readPage(jsonType, "<html>"));
    throws(() => readPage(jsonType, "{}"));
  });
});

describe("the form of a page", () => {
  it("is the one that the client ranks higher", () => {
    // What pip and uv send.
    strictEqual(prefersJson(`${jsonType}, ${htmlType}; q=0.1, text/html; q=0.01`), true);
    strictEqual(prefersJson(`${jsonType}, ${htmlType};q=0.2, text/html;q=0.01`), true);
    strictEqual(prefersJson("text/html"), false);
    strictEqual(prefersJson("*/*"), false);
    strictEqual(prefersJson(undefined), false);
    strictEqual(prefersJson(`text/html, ${jsonType};q=0.5`), false);
  });
});

describe("the list of packages", () => {
  it("names each, in both forms", () => {
    deepStrictEqual(readList(writeList(["a", "b-c"], jsonType).text), ["a", "b-c"]);
    match(writeList(["a", "b-c"], undefined).text, /<a href="a\/">a<\/a><br>\n<a href="b-c\/">b-c<\/a>/);
  });
});
