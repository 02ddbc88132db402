import { doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";

import { renderMarkdown } from "../../../../sandbox/agent/page/markdown";
import { markdown, plain } from "../../../../tools/summary/markdown";
import type { Run } from "../../../../tools/summary/run";
import { startProcessorTime } from "../../../processor-time";

/** What is left to read when all tags are gone. */
function read(text: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? "");
}

function tags(text: string): string[] {
  return [...new Set([...text.matchAll(/<\/?([^\s>]*)/g)].map(([, name]) => name!))].sort();
}

const digest = `sha256:${"3f".repeat(32)}`;

describe("a run's summary", () => {
  it("of `wheelhouse summary` reads as it was meant: title, reasons, table, locks and leaks", () => {
    const run: Run = {
      comparison: {
        name: "orders",
        changed: true,
        changes: [{ what: "lock_1", why: "*fastapi* <0.122> | httpx & co" }],
      },
      locks: { sets: [{ folder: "", sha256: "8a8b", packages: 1 }] },
      baked: {
        pushed: true,
        images: [
          {
            name: "orders-api",
            digest,
            tags: ["latest", "1.2_3"],
            platforms: [{ platform: "linux/amd64", size: 61_200_000 }],
            packages: 24,
          },
        ],
        built: [{ name: "orders-deps", tag: "8a8b91c04b7d0011" }],
        leaks: [],
        seconds: { total: 12.41 },
      },
    };
    const shown = renderMarkdown(markdown("orders [main] #9", run)).text;
    match(shown, /<h3>orders \[main\] #9<\/h3>/);
    match(shown, /<li>lock_1: \*fastapi\* &lt;0\.122&gt; \| httpx &amp; co<\/li>/);
    match(shown, /<td class="right">61\.2 MB<\/td>\s*<td class="right">24<\/td>/);
    match(shown, new RegExp(`<td class="long">${digest}</td>`));
    match(shown, /<td[^>]*>latest, 1\.2_3<\/td>/);
    match(shown, /<li>made for the first time: orders-deps:8a8b91c04b7d<\/li>/);
    match(shown, /<p>Leaks: none\.<\/p>/);
    strictEqual(tags(shown).join(), "div,h3,li,p,table,tbody,td,th,thead,tr,ul");
  });

  it("says that a leak was found in strong words", () => {
    const run: Run = {
      comparison: undefined,
      locks: undefined,
      baked: { pushed: false, images: [], built: [], leaks: [{}], seconds: {} },
    };
    match(renderMarkdown(markdown("orders", run)).text, /<strong>A leak was found: nothing was tagged\.<\/strong>/);
  });

  it("gives back every text that was escaped for Markdown, and makes no markup of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
        const once = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ");
        fc.pre(once.trim() !== "" && !/\p{Cs}/u.test(once));
        const shown = renderMarkdown(`start ${plain(text)} end`).text;
        strictEqual(tags(shown).join(), "p");
        strictEqual(read(shown), `start ${once} end`);
      }),
    );
  });

  it("makes no markup but its own, of whatever it is given", () => {
    const own = new Set([
      "p",
      "h3",
      "h4",
      "h5",
      "h6",
      "ul",
      "li",
      "code",
      "pre",
      "strong",
      "table",
      "thead",
      "tbody",
      "tr",
      "th",
      "td",
      "div",
    ]);
    const piece = fc.oneof(
      fc.constantFrom(
        "#",
        "|",
        "-",
        "`",
        "```",
        "**",
        "<script>",
        "&lt;",
        "&#60;script&#62;",
        "](javascript:1)",
        "\\",
        "\n",
        "| --- |\n",
        " ",
      ),
      fc.string({ unit: "grapheme" }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const shown = renderMarkdown(pieces.join("")).text;
        for (const tag of shown.matchAll(/<\/?([a-z0-9]+)([^>]*)>/g)) {
          ok(own.has(tag[1]!), tag[0]);
          match(
            tag[2]!,
            /^(?: (?:class="[a-z ]*"|scope="col"|tabindex="0"|role="group"|aria-label="Table")| )*$/,
            tag[0],
          );
        }
        doesNotMatch(shown.replace(/<\/?[a-z0-9]+[^>]*>/g, ""), /[<>]/);
      }),
      { numRuns: 500 },
    );
  });

  it("takes fences, cells that are missing and an end in the middle of a block as they are", () => {
    match(
      renderMarkdown("```\n<b> & `x`\n\n# no title\n```\nafter").text,
      /<pre><code>&lt;b&gt; &amp; `x`\n\n# no title<\/code><\/pre>\s*<p>after<\/p>/,
    );
    match(renderMarkdown("```\nnever closed").text, /<pre><code>never closed<\/code><\/pre>/);
    match(renderMarkdown("| a | b |\n| --- | --- |\n| 1 |").text, /<td class="">1<\/td>\s*<td class=""><\/td>/);
    match(renderMarkdown("| a\\|b |\n| --- |\n| c\\|d |").text, /a\|b[\s\S]*c\|d/);
    strictEqual(renderMarkdown("").text, "");
    match(renderMarkdown("&#0; &#xd800; &#1114112; &nope;").text, /&amp;#0; &amp;#xd800; &amp;#1114112; &amp;nope;/);
  });

  it("is done in a moment with a megabyte of it, however it is nested", () => {
    const taken = startProcessorTime();
    for (const text of ["**a", "`", "|", "| a ", "- ", "\\", "&#", "*", "# # ", "<", "| - "]) {
      renderMarkdown(text.repeat(1_000_000 / text.length));
    }
    const blanks = " ".repeat(300_000);
    const spread = [`# a${blanks}#${blanks}b`, `| a |\n${blanks}|${blanks}-${blanks}x`, `**a${blanks}`, `-${blanks}`];
    for (const text of spread) renderMarkdown(text);
    ok(taken() < 10_000, `it took ${taken()} ms`);
  });
});
