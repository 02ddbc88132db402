import { match, strictEqual } from "node:assert/strict";
import fc from "fast-check";

import { html, type Value } from "../../../../sandbox/agent/page/html";
import { describeSize, describeSpan, describeBranch, ago, relativeTime } from "../../../../sandbox/agent/page/words";

describe("HTML of the page", () => {
  it("makes text of every value, whatever is in it", () => {
    const special = /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const rendered = html`${text}`.text;
        strictEqual(special.test(rendered), false);
      }),
    );
  });

  it("leaves what it made itself as it is, and lists of it", () => {
    const values: Value[] = ["<", html`<li>${"&"}</li>`, 3, undefined, false];
    strictEqual(html`<b>${values}</b>`.text, "<b>&lt;<li>&amp;</li>3</b>");
  });

  it("shows signs that would turn a line around or hide a part of it", () => {
    strictEqual(html`${"main\u202egpj.exe"}`.text, "main\ufffdgpj.exe");
    strictEqual(html`${"a\u200bb\u0000c\u2066d"}`.text, "a\ufffdb\ufffdc\ufffdd");
    strictEqual(html`${"a\tb\nc"}`.text, "a\tb\nc");
  });
});

describe("words of the page", () => {
  it("tells sizes and times in the unit that fits", () => {
    strictEqual(
      [0, 999, 1000, 31_000, 999_999, 3_400_000, 61_200_000, 1_234_000_000].map(describeSize).join(),
      "0 B,999 B,1 kB,31 kB,1000 kB,3.4 MB,61 MB,1.2 GB",
    );
    strictEqual(
      [0, 400, 9_940, 9_960, 59_400, 59_600, 185_000, 3_840_000].map(describeSpan).join(),
      "0.0 s,0.4 s,9.9 s,10 s,59 s,1 min 0 s,3 min 5 s,1 h 4 min",
    );
  });

  it("tells how long ago something was by the sandbox's clock", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    const said = [
      "2026-11-22T12:00:10Z",
      "2026-11-22T11:59:30Z",
      "2026-11-22T11:01:00Z",
      "2026-11-21T12:30:00Z",
      "2026-11-21T11:00:00Z",
      "2026-11-01T11:00:00Z",
    ];
    strictEqual(
      said.map((time) => ago(new Date(time), now)).join(),
      "just now,just now,59 min ago,23 h ago,1 day ago,21 days ago",
    );
    strictEqual(relativeTime("no time", now), undefined);
    match(relativeTime("2026-11-22T11:00:00Z", now)?.text ?? "", /title="22 Nov 2026 11:00 UTC"/);
  });

  it("calls branches as people do", () => {
    strictEqual(
      ["refs/heads/main", "refs/heads/release/1", "refs/pull/12/merge", "refs/tags/v1", "odd"]
        .map(describeBranch)
        .join(),
      "main,release/1,pull request 12,tag v1,odd",
    );
  });
});
