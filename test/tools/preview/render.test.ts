/** Tests the Markdown of comments: what comes first, what is left out, and that foreign text cannot be markup. */
import { strict as assert } from "node:assert";
import * as path from "node:path";
import fc from "fast-check";
import {
  azureDevOpsLimit,
  gitHubLimit,
  makeReport,
  renderComment,
  smallestLimit,
  type StackPreview,
} from "../../../tools/preview";
import { startProcessorTime } from "../../processor-time";
import { matchesGolden } from "../../recipes/golden";
import { assertSound, fencesOf, linksOf, referencesIn } from "./read-markdown";
import {
  appNames,
  appUrn,
  diagnostic,
  fileType,
  leavingApplication,
  manyApplications,
  preview,
  recorded,
  stackOutputs,
  step,
  violation,
} from "./samples";

const run = {
  name: "20261121.3",
  url: "https://dev.azure.com/contoso/Platform/_build/results?buildId=7",
  commit: "0123456789abcdef",
};
const artifactUrl = "https://dev.azure.com/contoso/Platform/_build/results?buildId=7&view=artifacts";

function comment(previews: StackPreview | readonly StackPreview[], limit = azureDevOpsLimit): string {
  const list = Array.isArray(previews) ? (previews as readonly StackPreview[]) : [previews as StackPreview];
  const text = renderComment(makeReport(list), { limit, artifactUrl, run });
  assertSound(text, [artifactUrl, run.url]);
  assert.ok(Buffer.byteLength(text) <= limit);
  return text;
}

describe("a comment", () => {
  it("is as the golden files show it", () => {
    const many = preview(manyApplications(300));
    const files = [
      { path: "small-change.md", content: comment(recorded("small-change")) },
      { path: "protected-registry.md", content: comment(recorded("protected-registry")) },
      { path: "policies.md", content: comment(recorded("policies")) },
      { path: "broken-program.md", content: comment(recorded("broken-program")) },
      { path: "unknown-values.md", content: comment(recorded("unknown-values")) },
      { path: "many-applications.md", content: comment(many) },
      { path: "unchanged.md", content: comment(preview([step({ op: "same", name: "a", before: {}, after: {} })])) },
      { path: "two-stacks.md", content: comment([recorded("replacement"), preview([], { stack: "test" })]) },
    ];
    matchesGolden(path.join(__dirname, "golden"), files);
  });

  it("says what is protected first, then errors, then what is replaced and deleted, then the table", () => {
    const text = comment(recorded("protected-registry"));
    const places = [
      "❌ **The preview failed.**",
      "⚠ **1 protected resource",
      "unable to replace resource",
      "would be replaced: deleted",
      "| | create",
      "<details>",
    ];
    const found = places.map((place) => text.indexOf(place));
    assert.deepEqual(
      found,
      [...found].sort((left, right) => left - right),
      text.slice(0, 2000),
    );
    assert.ok(found.every((at) => at >= 0));
  });

  it("never lists what stays as it is", () => {
    const same = Array.from({ length: 500 }, (_, index) =>
      step({ op: "same", name: `same-${index}`, before: { a: 1 }, after: { a: 1 } }),
    );
    const text = comment(preview([...same, step({ op: "create", name: "new", after: {} })]));
    assert.ok(!text.includes("same-"));
    assert.match(text, /\*\*1 to create\.\*\* 500 stay as they are\./);
  });

  it("shows a change of 300 applications once, with all names, and deletions on top", () => {
    const text = comment(preview(manyApplications(300)), gitHubLimit);
    assert.equal(text.match(/@@ -68,6 \+68,7 @@/g)?.length, 1);
    for (const name of appNames(300)) assert.match(text, new RegExp(`(^|,) ${name}[,.]|^${name},`, "m"));
    assert.match(text, /<summary>300 applications: the same in all: 1 × update<\/summary>/);
    assert.ok(text.indexOf("18 resources would be deleted") < text.indexOf("| | create"));
    assert.ok(Buffer.byteLength(text) < 20_000, `${Buffer.byteLength(text)} bytes are more than a person reads`);
    assert.ok(text.split("\n").length < 120);
  });

  it("says which applications differ from the others", () => {
    const events = manyApplications(20, 0);
    const [odd] = appNames(6).slice(5);
    const after = events.find(({ resourcePreEvent }) => resourcePreEvent?.metadata.urn.includes(`${odd}-Dockerfile`))!;
    (after.resourcePreEvent!.metadata.new!.inputs as { content: string }).content += "RUN something\n";
    const text = comment(preview(events));
    assert.match(text, new RegExp(`<summary>application ${odd}: 1 × update</summary>`));
    assert.match(text, /<summary>19 applications: the same in all: 1 × update<\/summary>/);
    assert.match(text, /\n\+RUN something\n/);
  });

  it("does not take changes for equal that differ in more than the application's name", () => {
    const change = (app: string, value: string) =>
      step({
        op: "update",
        name: `wheelhouse-app-${app}`,
        parent: appUrn(app),
        before: { x: "old" },
        after: { x: value },
      });
    const equal = comment(preview([change("a-b", "is a-b"), change("c", "is c")]));
    assert.match(equal, /2 applications: the same in all/);
    const different = comment(preview([change("a-b", "is 1"), change("c", "is 2")]));
    assert.doesNotMatch(different, /the same in all/);
    const retained = comment(
      preview([
        step({ op: "delete", name: "wheelhouse-app-a", parent: appUrn("a"), before: {}, retain: true }),
        step({ op: "delete", name: "wheelhouse-app-b", parent: appUrn("b"), before: {} }),
      ]),
    );
    assert.doesNotMatch(retained, /2 applications/);
  });

  it("leaves out whole sections beyond the limit, and says how many, which, and where they are", () => {
    const large = appNames(40).map((app, index) =>
      step({
        op: "update",
        name: `wheelhouse-app-${app}-Dockerfile`,
        type: fileType,
        parent: appUrn(app),
        before: { file: "Dockerfile", content: "a\n" },
        after: {
          file: "Dockerfile",
          content: `FROM number-${index}\n${Array.from({ length: 60 }, (_, line) => `RUN ${app} ${"x".repeat(line)}`).join("\n")}\n`,
        },
      }),
    );
    const text = comment(preview([...large, ...leavingApplication("gone")]), 30_000);
    const left =
      /\*\*Left out\*\*, as a comment has no room for more: (\d+) sections \(([^)]*)\)\. All of it is in \[the whole report\]/.exec(
        text,
      );
    assert.ok(left !== null, text.slice(-800));
    const shown = text.match(/<details>/g)?.length ?? 0;
    assert.equal(Number(left[1]) + shown, large.length);
    assert.ok(shown > 3);
    assert.match(text, /application `gone`, all of it/);
    assert.deepEqual([...new Set(linksOf(text))].sort(), [artifactUrl, run.url].sort());
    assert.doesNotMatch(comment(preview(large), 400_000), /Left out/);
  });

  it("keeps replacements in when there is no room for the rest", () => {
    const big = (name: string, op: string) =>
      step({
        op,
        name,
        before: { text: "a\nb\n" },
        after: { text: `${name}\n${"y".repeat(300)}\n`.repeat(20) },
        more: op === "replace" ? { keys: ["text"] } : {},
      });
    const text = comment(
      preview([
        ...Array.from({ length: 30 }, (_, index) => big(`a-update-${index}`, "create")),
        big("z-replaced", "replace"),
      ]),
      12_000,
    );
    assert.match(text, /- `z-replaced` \(`azuredevops:Team`\) because of `text`/);
  });

  it("cuts what nobody would read on, and says how much", () => {
    const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index}`).join("\n");
    const text = comment(preview([step({ op: "create", name: "a", after: { text: lines, long: "x".repeat(9_000) } })]));
    assert.match(text, /\n… 1850 more lines\n/);
    assert.match(text, /x{400,}… \d+ more characters\n/);
  });

  it("gives up a difference that would take minutes", function () {
    this.timeout(20_000);
    const text = (seed: number) => Array.from({ length: 20_000 }, (_, index) => `${(index * seed) % 7919}`).join("\n");
    const spent = startProcessorTime();
    comment(preview([step({ op: "update", name: "a", before: { text: text(31) }, after: { text: text(37) } })]));
    assert.ok(spent() < 10_000, `${spent()} ms`);
  });

  it("shows errors that have no event with what the engine wrote, and what to do", () => {
    const failure = {
      what: "pulumi preview ended with exit code 255.",
      mend: "There is no stack.",
      output: "error: no stack named 'x' found",
    };
    const text = comment(preview([], { failure }));
    assert.match(
      text,
      /❌ \*\*The preview failed\.\*\*\n\npulumi preview ended with exit code 255\. There is no stack\.\n\n```text\nerror: no stack named 'x' found\n```/,
    );
  });

  it("breaks long lines of errors at blanks, names resources there as people do, and keeps all of it in the report", () => {
    const urn = "urn:pulumi:production::wheelhouse::wheelhouse:index:Platform$azuredevops:index/git:Git::orders";
    const message = `cannot change "${urn}":\n  ${"word ".repeat(60)}end ${"x".repeat(200)} last`;
    const source = preview([diagnostic("error", message)]);
    const lines = fencesOf(comment(source))[0]!.text.split("\n");
    assert.equal(lines[0], 'cannot change "azuredevops:Git orders":');
    assert.ok(
      lines.every((line) => line.length <= 110 || line.trim() === "x".repeat(200)),
      lines.join("\n"),
    );
    assert.deepEqual(
      lines
        .slice(1)
        .join(" ")
        .split(/\s+/)
        .filter((word) => word !== ""),
      message.split(":\n")[1]!.trim().split(/\s+/),
    );
    assert.ok(renderComment(makeReport([source]), { limit: Infinity }).includes(message));
  });

  it("refuses a limit that has no room for what must be said", () => {
    assert.throws(() => renderComment(makeReport([]), { limit: smallestLimit - 1 }), RangeError);
    assert.throws(() => renderComment(makeReport([]), { limit: Number.NaN }), RangeError);
  });
});

const hostile = [
  "<img src=x onerror=alert(1)>",
  "</details></summary><script>",
  "[click](https://evil.example.com)",
  "![x](https://evil.example.com/x.png)",
  "@everyone and @octo-org/team",
  "#123 !45 GH-6 AB#78 ab#9",
  "@<2f27c9fb-f7b0-5c4b-9a0a-9b0baafa7ce5>",
  "https://evil.example.com www.evil.example.com a@evil.example.com",
  ":shipit: ** __ ~~x~~ `code` ``two`` |cell| \\",
  "```\n</details>\n```",
  "~~~\n# heading\n- list\n1. one\n> quote\n---\n",
  "|a|b|\n|-|-|\n|c|d|",
  "\u202ereversed\u2066 \u0000\u0007\u001b[31m",
  "&lt;b&gt; &#64;user &commat;user",
  "$\\sqrt{2}$ ##vso[task.setvariable variable=x]y",
  "<!-- wheelhouse-preview x -->",
];

describe("foreign text in a comment", () => {
  for (const text of hostile) {
    it(`is neither markup nor a reference: ${JSON.stringify(text).slice(0, 60)}`, () => {
      const shown = comment(everywhere(text));
      assert.deepEqual(referencesIn(shown), []);
      assert.ok(!/[\u0000\u0007\u001b\u202e\u2066]/.test(shown));
    });
  }

  it("is in its fence as it is", () => {
    const text = "```\n````\n<b>&amp; *x* ~~~\n\\";
    const shown = comment(preview([step({ op: "create", name: "a", after: { text } })]));
    assert.ok(
      fencesOf(shown).some((fence) => fence.text === text),
      shown,
    );
  });
});

/** A text at every place that foreign text can get to. */
function everywhere(text: string): StackPreview {
  const parent = appUrn(text);
  return preview(
    [
      step({ op: "create", name: text, after: { [text]: text, text: `${text}\n${text}`, file: text, content: text } }),
      step({
        op: "update",
        name: `u${text}`,
        parent,
        before: { [text]: "1", m: "a\nb" },
        after: { [text]: text, m: `a\n${text}\nb` },
      }),
      step({
        op: "replace",
        name: text,
        type: `t:${text}:X`,
        parent,
        before: { x: 1 },
        after: { x: 2 },
        more: { keys: [text] },
      }),
      step({ op: "delete", name: text, parent: appUrn(`b${text}`), before: {}, protect: true }),
      ...leavingApplication(`c${text}`),
      ...leavingApplication(`d${text}`),
      violation("mandatory", text, text, `urn:pulumi:a::b::${text}::${text}`),
      violation("advisory", text, text),
      diagnostic("error", text, `urn:pulumi:a::b::x:y:Z::${text}`),
      diagnostic("warning", text),
      stackOutputs({ a: text }, { [text]: text }),
    ],
    { project: text, stack: text, failure: { what: text, mend: text, output: text } },
  );
}

describe("every comment", () => {
  const text = fc.oneof(
    fc.constantFrom(...hostile),
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc
      .array(
        fc.constantFrom(
          "`",
          "<",
          ">",
          "|",
          "\n",
          "*",
          "_",
          "[",
          "]",
          "(",
          ")",
          "~",
          "#",
          "@",
          "\\",
          "&",
          " ",
          "a",
          "-",
          "1",
          ".",
          "\t",
          "!",
        ),
      )
      .map((signs) => signs.join("")),
  );
  const name = fc.oneof(fc.constantFrom("orders", "billing", "a"), text);
  const one = fc.record({
    op: fc.constantFrom("create", "update", "replace", "delete", "import", "read", "same"),
    name,
    app: fc.option(name),
    key: name,
    before: fc.oneof(text, fc.integer(), fc.constant(null)),
    after: fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.string({ maxLength: 4_000 })),
    protect: fc.boolean(),
    retain: fc.boolean(),
    times: fc.constantFrom(1, 1, 1, 40, 400),
  });
  const scene = fc.record({
    steps: fc.array(one, { maxLength: 12 }),
    errors: fc.array(text, { maxLength: 4 }),
    findings: fc.array(fc.tuple(fc.constantFrom("mandatory", "advisory"), text, text), { maxLength: 6 }),
    failure: fc.option(text),
    limit: fc.oneof(
      fc.integer({ min: smallestLimit, max: 150_000 }),
      fc.constantFrom(smallestLimit, gitHubLimit, azureDevOpsLimit),
    ),
  });

  it("keeps to its limit, is sound Markdown, calls out what goes, and is the same each time", function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(scene, ({ steps, errors, findings, failure, limit }) => {
        const events = [
          ...steps.flatMap(({ times, app, key, before, after, ...more }, index) =>
            Array.from({ length: times }, (_, copy) =>
              step({
                ...more,
                name: `${more.name}-${index}-${copy}`,
                ...(app === null ? {} : { parent: appUrn(times === 1 ? app : `${app}-${copy}`) }),
                before: { [key]: before },
                after: { [key]: after },
              }),
            ),
          ),
          ...errors.map((message) => diagnostic("error", message)),
          ...findings.map(([level, policy, message]) => violation(level, policy, message)),
        ];
        const source = preview(
          events,
          failure === null ? {} : { failure: { what: failure, mend: "", output: failure } },
        );
        const shown = comment(source, limit);
        assert.equal(comment(source, limit), shown);
        const count = (op: string, guarded: boolean) =>
          steps.filter((one) => one.op === op && one.protect === guarded).reduce((sum, { times }) => sum + times, 0);
        const guarded = count("delete", true) + count("replace", true);
        const says = (number: number, words: string) => {
          const pattern = new RegExp(`⚠ \\*\\*${number} ${words}`);
          if (number > 0) assert.match(shown, pattern);
        };
        says(guarded, "protected resources? would be deleted or replaced");
        says(count("replace", false), "resources? would be replaced");
        says(count("delete", false), "resources? would be deleted");
        assert.deepEqual(referencesIn(shown), []);
      }),
      { numRuns: 60 },
    );
  });
});
