/** What holds for any text: findings lie in it, and a mend is stable and touches only what it mends. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { fixDockerfile, lintDockerfile, lintPipeline, lintRequirements, type Finding } from "../../../tools/lint";
import { unifiedDiff } from "../../../tools/lint/difference";
import { applyEdits } from "../../../tools/lint/source";
import { startProcessorTime } from "../../processor-time";

const samples = ["dockerfiles", "good"].flatMap((folder) =>
  readdirSync(join(__dirname, folder)).map((file) => readFileSync(join(__dirname, folder, file), "utf8")),
);

const lines = [
  "FROM a AS b",
  "FROM b",
  "ARG FEED_TOKEN",
  "ARG PIP_EXTRA_INDEX_URL FEED=1",
  "ARG INDEX_URL",
  "ENV PIP_EXTRA_INDEX_URL=$PIP_EXTRA_INDEX_URL X=1",
  "ENV PIP_INDEX_URL=https://u:$FEED_TOKEN@h.example/simple/ \\",
  "    FEED=$FEED_TOKEN",
  "ENV U https://u:pw12@h.example/",
  "WORKDIR /app",
  "COPY .netrc /root/.netrc",
  "COPY . .",
  "RUN pip install -r r.txt",
  "RUN pip install --extra-index-url $PIP_EXTRA_INDEX_URL x && \\",
  "    # a comment",
  "    pip install -i https://x:${FEED_TOKEN}@h.example/simple/ y",
  "RUN --mount=type=secret,id=netrc cp /run/secrets/netrc ~/.netrc && pip install x; rm ~/.netrc",
  "RUN --mount=type=secret,id=t,env=T <<EOF",
  "set -ex",
  'echo "$T"',
  "EOF",
  "RUN rm -f /root/.netrc",
  'RUN ["pip", "install", "x"]',
  "ONBUILD RUN pip install --extra-index-url https://h/ x",
  "USER 1000",
  "# wheelhouse-lint: ignore=extra-index-url -- why",
  "",
  "# escape=`",
  'CMD ["x"]',
];
const dockerfiles = fc
  .array(fc.constantFrom(...lines), { maxLength: 14 })
  .chain((made) => fc.constantFrom("\n", "\r\n").map((end) => ["FROM a", ...made, ""].join(end)));
const marks = fc.string({
  unit: fc.constantFrom(...Array.from("ARGENVFOMUCPY=$\"'`{}[],<\\\n\r\t #-:/@~")),
  maxLength: 200,
});
const cut = fc.tuple(fc.constantFrom(...samples), fc.nat(2000), fc.nat(40), marks).map(([text, at, length, put]) => {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put.slice(0, 10) + text.slice(start + length);
});
const texts = fc.oneof(dockerfiles, cut, marks, fc.string({ unit: "binary" }), fc.lorem());

function liesIn(text: string, finding: Finding): void {
  const all = text.split("\n");
  const { line, column, endLine, endColumn } = finding;
  assert.ok(
    line >= 1 && line <= all.length && column >= 1 && column <= all[line - 1]!.length + 1,
    JSON.stringify(finding),
  );
  assert.ok(endLine >= line && endLine <= all.length && endColumn >= 1 && endColumn <= all[endLine - 1]!.length + 1);
  assert.ok(endLine > line || endColumn >= column);
  for (const words of [finding.what, finding.why, finding.mend]) assert.notEqual(words, "");
}

/** Lines of `after` in the order in which `before` has them. */
function kept(before: readonly string[], after: readonly string[]): Set<number> {
  const diff = unifiedDiff("f", before.join("\n"), after.join("\n")).split("\n").slice(2);
  const gone = new Set<number>();
  let line = 0;
  for (const text of diff) {
    const hunk = /^@@ -(\d+)/.exec(text);
    if (hunk !== null) line = Number(hunk[1]);
    else if (text.startsWith("-")) gone.add(line++);
    else if (text.startsWith(" ")) line++;
  }
  return gone;
}

describe("lint of any text", () => {
  it("gives findings that lie in it, and throws nothing", () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const finding of lintDockerfile(text)) liesIn(text, finding);
        for (const finding of lintPipeline(text, "p")) liesIn(text, finding);
        for (const finding of lintRequirements(text, "r")) liesIn(text, finding);
      }),
      { numRuns: 1000 },
    );
  });

  it("mends once and for all, with no error more than before", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { text: mended, fixed, left } = fixDockerfile(text);
        assert.equal(fixed.length === 0, mended === text);
        assert.equal(fixDockerfile(mended).text, mended);
        const errors = (findings: readonly Finding[]) => findings.filter(({ severity }) => severity === "error").length;
        assert.ok(errors(left) <= errors(lintDockerfile(text)));
        assert.deepEqual(
          left.map(({ rule, line, column }) => [rule, line, column]),
          lintDockerfile(mended).map(({ rule, line, column }) => [rule, line, column]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("changes only lines of instructions that have to do with a finding", () => {
    const concerned = /ARG|ENV|COPY|ADD|RUN|#\s*syntax|pip|netrc|secret|install|set -|FEED|rm |^\s*#|\\\s*$|^\s*$/i;
    fc.assert(
      fc.property(dockerfiles, (text) => {
        const [before, after] = [text.split("\n"), fixDockerfile(text).text.split("\n")];
        for (const line of kept(before, after)) assert.match(before[line - 1] ?? "", concerned);
        const keywords = (all: readonly string[], keyword: string) =>
          all.filter((line) => line.startsWith(keyword)).length;
        for (const keyword of ["FROM", "WORKDIR", "USER", "CMD", "ONBUILD"]) {
          assert.equal(keywords(after, keyword), keywords(before, keyword), keyword);
        }
        assert.equal(
          text.includes("\r\n"),
          after.every((line, at) => at === after.length - 1 || line.endsWith("\r")),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("reads large files in time", () => {
    const taken = startProcessorTime();
    for (const line of [
      "ENV A=$B PIP_INDEX_URL=https://x:$B@h/\n",
      "RUN pip install -i https://x:$B@h/ y\n",
      "ARG T_TOKEN\n",
      "FROM a AS b\n",
      "RUN x \\\n",
    ]) {
      lintDockerfile(`FROM a\nARG B\n${line.repeat(300)}`);
    }
    lintDockerfile("A".repeat(500_000));
    lintDockerfile(`FROM a\nRUN ${"https://".repeat(20_000)}`);
    assert.ok(taken() < 15_000, `${taken()} ms`);
  });
});

describe("the difference of two texts", () => {
  it("leads from one to the other", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 }).map((all) => all.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        assert.equal(patched(before, unifiedDiff("f", before, after)), after);
      }),
      { numRuns: 300 },
    );
  });
});

function patched(before: string, diff: string): string {
  if (diff === "") return before;
  const source = before.split("\n");
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split("\n").slice(2, -1)) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line);
    if (hunk !== null) {
      // A hunk without old lines stands behind the line that it names.
      const start = Number(hunk[1]) - 1;
      while (at < start) result.push(source[at++]!);
    } else if (line.startsWith("+")) result.push(line.slice(1));
    else {
      assert.equal(source[at], line.slice(1));
      if (line.startsWith(" ")) result.push(source[at]!);
      at++;
    }
  }
  return [...result, ...source.slice(at)].join("\n");
}

describe("edits of a text", () => {
  it("are refused where two touch the same characters", () => {
    assert.equal(
      applyEdits("abcd", [
        { start: 0, end: 2, text: "" },
        { start: 1, end: 3, text: "" },
      ]),
      undefined,
    );
    assert.equal(
      applyEdits("abcd", [
        { start: 2, end: 3, text: "X" },
        { start: 2, end: 2, text: "-" },
        { start: 0, end: 1, text: "" },
      ]),
      "b-Xd",
    );
  });
});
