/** Pipelines that are made to do harm: they are refused, or harmless, in little time and memory. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { parse } from "yaml";
import { PipelineFileError, readMainFile } from "../../../../sandbox/agent/yaml";
import { expand, onlyJob, refused, scripts, type Files } from "./expansion";
import { startProcessorTime } from "../../../processor-time";

/** Milliseconds of processor time that anything here may take on a slow machine. */
const PATIENCE = 8000;

async function quickly<T>(run: () => Promise<T>): Promise<T> {
  const taken = startProcessorTime();
  try {
    return await run();
  } finally {
    const milliseconds = taken();
    assert.ok(milliseconds < PATIENCE, `it took ${milliseconds} ms`);
  }
}

describe("YAML that is made to do harm", () => {
  const refusals: readonly (readonly [string, string, string, RegExp])[] = [
    ["an anchor", "steps: &a [{ script: x }]", "1:11", /anchors are not supported: "a"/],
    ["an anchor on a key", "&a steps: [{ script: x }]", "1:4", /anchors are not supported/],
    ["an alias", "steps: [{ script: *a }]", "1:19", /not valid YAML|aliases/],
    ["an alias bomb", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "1:7", /anchors are not supported/],
    ["a tag", "steps: [{ script: !!js/function 'x' }]", "1:33", /tags \(!\) are not supported/],
    ["a tag of its own", "steps: [{ script: !secret x }]", "1:27", /tags \(!\) are not supported/],
    ["a directive", "%YAML 1.1\n---\nsteps: [{ script: x }]", "1:1", /directives \(%\) are not supported/],
    ["two documents", "steps: [{ script: x }]\n---\nsteps: []", "2:1", /more than one document/],
    ["a tab", "steps:\n\t- script: x", "2:1", /tab/],
    ["a list as a key", "[a]: b\nsteps: [{ script: x }]", "1:1", /a key must be a text/],
    ["a map as a key", "{ a: b }: c", "1:1", /a key must be a text/],
    ["a key with a question mark", "? steps\n: [{ script: x }]", "1:1", /keys with \? are not supported/],
    ["a key that stands twice", "steps: [{ script: x }]\nsteps: []", "2:1", /"steps" stands twice in its map/],
    [
      "a key that stands twice in another letter case",
      "steps: [{ script: x, env: { A: 1, a: 2 } }]",
      "1:35",
      /"a" stands twice/,
    ],
    ["a list that is not closed", "steps: [{ script: x }", "1:22", /not valid YAML/],
    ["nothing", "", "1:1", /the file is empty/],
    ["a comment alone", "# nothing\n", "1:1", /the file is empty/],
    ["a text", "steps", "1:1", /the file is a text, not a map/],
    ["a list", "- steps", "1:1", /the file is a list, not a map/],
    ["a colon in a text", "steps:\n  - script: a: b", "2:", /not valid YAML/],
  ];
  for (const [what, text, place, message] of refusals) {
    it(`is refused with ${what}`, async () => {
      await assert.rejects(expand(text), (error) => {
        assert.ok(error instanceof PipelineFileError, String(error));
        assert.match(error.what, message);
        assert.ok(`${error.line}:${error.column}`.startsWith(place), error.message);
        assert.notEqual(error.mend, "");
        return true;
      });
      assert.throws(() => readMainFile(text, "ci.yml"), PipelineFileError);
    });
  }

  it("is refused with a merge key", async () => {
    const text = "steps: [{ script: x, <<: { enabled: false } }]";
    await refused(expand(text), "azure-pipelines.yml:1:22", /"<<" is no key of a script step/);
  });

  const monsters: readonly (readonly [string, string, RegExp])[] = [
    ["a megabyte and more", `steps: [{ script: "${"x".repeat(1024 * 1024)}" }]`, /the file has \d+ characters/],
    ["a million brackets", "[".repeat(1_000_000), /more than 100 levels/],
    ["a million braces", "{a: ".repeat(200_000), /more than 100 levels/],
    ["brackets in braces", "{a: [".repeat(150_000), /more than 100 levels/],
    ["half a million dashes", "- ".repeat(500_000), /more than 100 levels/],
    ["half a million question marks", "? ".repeat(500_000), /\? are not supported/],
    [
      "deep indentation",
      Array.from({ length: 1300 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
      /more than 100 levels|nested too deeply/,
    ],
    [
      "lists in lists under each other",
      Array.from({ length: 200 }, (_, depth) => `${" ".repeat(depth)}-`).join("\n"),
      /more than 100 levels/,
    ],
    ["quotes", `a: ${"'".repeat(1_000_000)}`, /valid YAML|empty|no key/],
    ["colons", ":".repeat(1_000_000), /a text, not a map|valid YAML|no key/],
    ["ampersands", "&".repeat(1_000_000), /valid YAML|anchors|is a text|no key/],
    ["many maps in flow", `a: [${"{},".repeat(300_000)}]`, /too many keys/],
  ];
  for (const [what, text, message] of monsters) {
    it(`is refused in little time with ${what}`, async () => {
      await quickly(() =>
        assert.rejects(
          expand(text),
          (error) => error instanceof PipelineFileError && message.test(error.what) && error.message.length < 2000,
        ),
      );
    });
  }

  it("takes little time with thousands of keys, and is told of one that is wrong without listing them all", async () => {
    const names = Array.from({ length: 4000 }, (_, at) => `k${at}`);
    const variables = `variables: { ${names.map((name) => `${name}: v`).join(", ")} }\nsteps: [{ script: x }]`;
    const pipeline = await quickly(() => expand(variables));
    assert.equal(Object.keys(pipeline.variables).length, names.length);
    const declared = `parameters: [${names

      .map((name) => `{ name: ${name}, default: x }`)
      .join(", ")}]\nsteps: [{ script: x }]`;
    const given = Object.fromEntries(names.map((name) => [name, "y"]));
    await quickly(() => expand(declared, {}, { parameters: given }));
    await quickly(() =>
      assert.rejects(
        expand(declared, {}, { parameters: { ...given, wrong: "y" } }),
        (error) => error instanceof PipelineFileError && error.message.length < 2000,
      ),
    );
  });

  it("takes little time with many jobs that depend on each other", async () => {
    const count = 2000;
    const jobs = Array.from(
      { length: count },
      (_, at) => `  - { job: j${at}, dependsOn: ${at === 0 ? "[]" : `j${at - 1}`}, steps: [{ script: x }] }`,
    );
    const pipeline = await quickly(() => expand(`jobs:\n${jobs.reverse().join("\n")}`));
    assert.equal(pipeline.jobs.length, count);
  });

  it("has keys such as __proto__ as texts alone", async () => {
    const job = await onlyJob(`
parameters: [{ name: __proto__, type: object, default: { __proto__: { polluted: yes } } }]
variables: { __proto__: p, constructor: c }
steps:
  - task: A@1
    inputs: { __proto__: i, constructor: j }
    env: { __proto__: e, toString: t }
  - script: \${{ parameters.__proto__.__proto__.polluted }} \${{ variables.constructor }} \${{ parameters.toString }}
`);
    const [task, script] = job.steps;
    assert.ok(task?.kind === "task" && script?.kind === "script");
    assert.deepEqual(Object.entries(task.inputs), [
      ["__proto__", "i"],
      ["constructor", "j"],
    ]);
    assert.deepEqual(Object.entries(task.env), [
      ["__proto__", "e"],
      ["toString", "t"],
    ]);
    assert.equal(script.script, "yes c ");
    assert.equal(Object.getPrototypeOf(task.inputs), Object.prototype);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    for (const key of ["__proto__", "constructor", "toString"]) {
      await refused(expand(`${key}: x\nsteps: [{ script: x }]`), "azure-pipelines.yml:1:1", /is no key of a pipeline/);
    }
    const given = JSON.parse('{ "p": { "__proto__": { "polluted": true } } }') as Record<string, unknown>;
    const text =
      "parameters: [{ name: p, type: object }]\nsteps: [{ script: '${{ parameters.p.__proto__.polluted }}' }]";
    assert.deepEqual(await scripts(text, {}, { parameters: given }), ["true"]);
  });

  it("shows no control characters and no long texts in errors", async () => {
    for (const name of ['"\\e[31mred"', '"a\\u202Eb"', '"line\\nbreak"', `"${"long".repeat(1000)}"`]) {
      await assert.rejects(expand(`${name}: x\nsteps: [{ script: x }]`), (error) => {
        assert.ok(error instanceof PipelineFileError);
        assert.equal(error.message.split("\n").length, 2);
        assert.doesNotMatch(error.message, /[\u0000-\u0009\u000b-\u001f\u202e]/);
        return error.message.length < 1000;
      });
    }
  });
});

describe("templates that are made to do harm", () => {
  const doubling = (levels: number): Files =>
    Object.fromEntries(
      Array.from({ length: levels }, (_, at) => [
        `${at}.yml`,
        `parameters: [{ name: p, type: object }]\nsteps:\n  - template: ${at + 1}.yml\n    parameters: { p: ["\${{ parameters.p }}x", "\${{ parameters.p }}"] }\n`.replace(
          '"${{ parameters.p }}x", ',
          '"${{ parameters.p }}", ',
        ),
      ]),
    );

  const bombs: readonly (readonly [string, string, Files, RegExp])[] = [
    [
      "parameters that double in every level",
      "steps: [{ template: 0.yml, parameters: { p: text } }]",
      {
        ...doubling(40),
        "40.yml": "parameters: [{ name: p, type: object }]\nsteps: [{ script: '${{ convertToJson(parameters.p) }}' }]",
      },
      /larger than 20 MB/,
    ],
    [
      "loops in loops",
      `parameters: [{ name: l, type: object, default: [${Array.from({ length: 100 }, (_, at) => at).join(",")}] }]\nsteps:\n` +
        ["a", "b", "c", "d", "e"]
          .map((name, level) => `${"    ".repeat(level)}  - \${{ each ${name} in parameters.l }}:\n`)
          .join("") +
        `${"    ".repeat(5)}  - script: x\n`,
      {},
      /larger than 20 MB|takes too long/,
    ],
    [
      "loops over nothing but loops",
      `parameters: [{ name: l, type: object, default: [${Array.from({ length: 200 }, (_, at) => at).join(",")}] }]\nsteps:\n  - script: x\n` +
        ["a", "b", "c", "d"]
          .map((name, level) => `${"    ".repeat(level)}  - \${{ each ${name} in parameters.l }}:\n`)
          .join("") +
        `${"    ".repeat(4)}  - \${{ if false }}:\n${"    ".repeat(5)}  - script: x\n`,
      {},
      /larger than 20 MB|takes too long/,
    ],
    [
      "a template that names itself twice",
      "steps: [{ template: a.yml }]",
      { "a.yml": "steps: [{ template: a.yml }, { template: a.yml }]" },
      /more than 100 levels/,
    ],
    [
      "templates that fan out",
      "steps: [{ template: 0.yml }]",
      Object.fromEntries(
        Array.from({ length: 41 }, (_, at) => [
          `${at}.yml`,
          at === 40 ? "steps: []" : `steps: [{ template: ${at + 1}.yml }, { template: ${at + 1}.yml }]`,
        ]),
      ),
      /larger than 20 MB|takes too long/,
    ],
    [
      "a text that grows by join",
      `parameters: [{ name: p, type: string, default: "${"x".repeat(1000)}" }]\nsteps: [{ script: "\${{ ${"replace(".repeat(12)}parameters.p${", 'x', 'xxxxxxxxxx')".repeat(12)} }}" }]`,
      {},
      /larger than 20 MB/,
    ],
    [
      "a long text that is searched again and again",
      `parameters:\n  - { name: t, type: string, default: "${"a".repeat(500_000)}" }\n  - { name: l, type: object, default: [${Array.from({ length: 1000 }, () => "x").join(",")}] }\nsteps:\n  - script: x\n  - \${{ each x in parameters.l }}:\n      - \${{ if contains(parameters.t, 'b') }}:\n          - script: x\n`,
      {},
      /takes too long/,
    ],
    [
      "variables that each ask for the others",
      `variables: { ${Array.from({ length: 12_000 }, (_, at) => `k${at}: "\${{ variables.k }}"`).join(", ")} }\nsteps: [{ script: x }]`,
      {},
      /takes too long/,
    ],
  ];
  for (const [what, text, files, message] of bombs) {
    it(`are refused in little time with ${what}`, async () => {
      await quickly(() =>
        assert.rejects(expand(text, files), (error) => {
          assert.ok(error instanceof PipelineFileError, String(error).slice(0, 500));
          assert.match(error.what, message);
          return true;
        }),
      );
    });
  }
});

describe("long pipelines without harm in them", () => {
  it("take little time", async () => {
    const many = `steps: [{ script: "${"${{ and(true, 1) }}".repeat(20_000)}" }]`;
    assert.deepEqual(await quickly(() => scripts(many)), ["True".repeat(20_000)]);
  });
});

describe("any text at all", () => {
  const fragments = [
    "steps",
    "script",
    ": ",
    ":",
    "- ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "${{ ",
    " }}",
    "if ",
    "each x in ",
    "else",
    "insert",
    "parameters",
    ".",
    "'",
    '"',
    "eq(",
    ")",
    "|",
    ">",
    "&a",
    "*a",
    "!t",
    "%",
    "#",
    "trigger",
    "none",
    "jobs",
    "job",
    "1",
    "template",
    "@",
    "\\",
    "\t",
    "\u0000",
    "é",
    "😀",
  ];

  it("is expanded, or refused with a place in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...fragments), { maxLength: 40 }),
        fc.boolean(),
        async (parts, whole) => {
          const text = whole ? parts.join("") : `steps:\n  - script: ${parts.join("")}\n`;
          try {
            const pipeline = await expand(text);
            assert.ok(pipeline.jobs.length > 0);
          } catch (error) {
            assert.ok(error instanceof PipelineFileError, `${String(error)} for ${JSON.stringify(text)}`);
            const lines = text.split("\n");
            assert.ok(error.line >= 1 && error.line <= lines.length, error.message);
            assert.ok(
              error.column >= 1 && error.column <= lines[error.line - 1]!.length + 1,
              `${error.message} in ${JSON.stringify(text)}`,
            );
            assert.ok(error.what !== "" && error.mend !== "");
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("stands in a script exactly as YAML has it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 60 }), async (script) => {
        fc.pre(!script.includes("${{"));
        const text = `steps: [{ script: ${JSON.stringify(script)} }]`;
        assert.deepEqual(await scripts(text), [(parse(text) as { steps: { script: string }[] }).steps[0]!.script]);
      }),
    );
  });
});
