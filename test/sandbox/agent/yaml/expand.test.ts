/** What becomes of expressions in values and keys, and of `if`, `elseif`, `else`, `each` and `insert`. */
import { strict as assert } from "node:assert";
import { expand, onlyJob, refused, scripts } from "./expansion";

describe("expressions in values", () => {
  it("keep the kind of a value that is one expression, and make text of it among others", async () => {
    const job = await onlyJob(`
parameters:
  - { name: pool, type: object, default: { name: big, demands: [docker, cores -equals 4] } }
  - { name: minutes, type: number, default: 7 }
  - { name: yes, type: boolean, default: false }
pool: \${{ parameters.pool }}
steps:
  - script: a\${{ parameters.minutes }}b\${{ 'c' }}\${{ parameters.yes }}
    timeoutInMinutes: \${{ parameters.minutes }}
    enabled: \${{ parameters.yes }}
`);
    assert.deepEqual(job.pool, { name: "big", demands: ["docker", "cores -equals 4"] });
    const step = job.steps[0]!;
    assert.equal(step.kind === "script" && step.script, "a7bcFalse");
    assert.equal(step.timeoutInMinutes, 7);
    assert.equal(step.enabled, false);
  });

  it("are replaced in block texts, quoted texts and keys", async () => {
    const job = await onlyJob(`
parameters: [{ name: key, type: string, default: NAME }]
steps:
  - script: |
      one \${{ parameters.key }}
      two \${{ eq('}}', '}}') }}
    env:
      A_\${{ parameters.key }}: "\\t\${{ parameters.key }}"
      \${{ parameters.key }}: '\${{ ''it''''s'' }}'
`);
    const [step] = job.steps;
    assert.equal(step?.kind === "script" && step.script, "one NAME\ntwo True\n");
    assert.deepEqual(step?.env, { A_NAME: "\tNAME", NAME: "it's" });
  });

  it("are not looked at again: a parameter's text with an expression in it stays a text", async () => {
    const found = await scripts(
      `
extends:
  template: t.yml
  parameters:
    text: \${{ '$\{{ variables.flavour }}' }}
    steps: [{ script: "\${{ '$\{{ if }}' }}" }]
`,
      {
        "t.yml": `
parameters: [{ name: text, type: string }, { name: steps, type: object }]
steps:
  - script: \${{ parameters.text }}
  - \${{ each step in parameters.steps }}:
      - \${{ step }}
  - \${{ parameters.steps }}
`,
      },
    );
    assert.deepEqual(found, ["${{ variables.flavour }}", "${{ if }}", "${{ if }}"]);
  });

  it("leave macros and run-time expressions in scripts alone", async () => {
    assert.deepEqual(await scripts("steps: [{ script: '$(a) $[b] $x ${y} {{ z }}' }]"), ["$(a) $[b] $x ${y} {{ z }}"]);
  });

  it("are refused where a list or a map is put into a text", async () => {
    const text = (value: string): string =>
      `parameters: [{ name: p, type: object, default: ${value} }]\nsteps:\n  - script: a \${{ parameters.p }}\n`;
    await refused(expand(text("[a]")), "azure-pipelines.yml:3:15", /a list cannot be put into a text/, /join\(\)/);
    await refused(expand(text("{ a: b }")), "azure-pipelines.yml:3:15", /a map cannot be put into a text/);
  });

  it("are refused as keys that are no text", async () => {
    await refused(
      expand("parameters: [{ name: p, type: object, default: [] }]\nsteps:\n  - ${{ parameters.p }}: x\n"),
      "azure-pipelines.yml:3:5",
      /a key must be a text, not a list/,
    );
  });

  it("are refused where they are not closed, with their own place", async () => {
    await refused(expand("steps:\n  - script: ${{ 'a' }} ${{ 'b'\n"), "azure-pipelines.yml:2:24", /not closed/, /}}/);
    await refused(expand("steps:\n  - script: ${{ 'a }}\n"), "azure-pipelines.yml:2:13", /not closed/);
    await refused(expand("steps:\n  - script: |\n      x\n      ${{ 1\n"), "azure-pipelines.yml:4:7", /not closed/);
  });

  it("are checked in branches that are not taken, too", async () => {
    const text = "steps:\n  - script: a\n  - ${{ if false }}:\n      - script: ${{ nope() }}\n";
    await refused(expand(text), "azure-pipelines.yml:4:21", /no function nope/);
  });

  it("are told at the begin of a directive that goes over several lines", async () => {
    const text = 'steps:\n  - script: x\n  - "${{ if\\n nope }}":\n      - script: y\n';
    await refused(expand(text), "azure-pipelines.yml:3:9", /nope is not known here/);
  });

  it("know a loop's name only in the loop", async () => {
    const text = "steps:\n  - ${{ each x in split('a,b', ',') }}:\n      - script: ${{ x }}\n  - script: ${{ x }}\n";
    await refused(expand(text), "azure-pipelines.yml:4:17", /x is not known here/, /parameters, variables/);
  });
});

describe("if, elseif and else", () => {
  const branches = (flavour: string): string => `
variables: { flavour: "${flavour}" }
steps:
  - \${{ if eq(variables.flavour, 'a') }}:
      - script: a
      - script: a2
  - \${{ elseif eq(variables.flavour, 'b') }}:
      - script: b
  - \${{ elseif in(variables.flavour, 'b', 'c') }}:
      - script: c
  - \${{ else }}:
      - script: other
  - script: end
`;

  it("take the first branch that holds, in a list", async () => {
    assert.deepEqual(await scripts(branches("a")), ["a", "a2", "end"]);
    assert.deepEqual(await scripts(branches("b")), ["b", "end"]);
    assert.deepEqual(await scripts(branches("c")), ["c", "end"]);
    assert.deepEqual(await scripts(branches("d")), ["other", "end"]);
  });

  it("take the first branch that holds, in a map", async () => {
    const text = (flavour: string): string => `
variables: { flavour: "${flavour}" }
steps:
  - script: x
    env:
      ALWAYS: 1
      \${{ if eq(variables.flavour, 'a') }}:
        A: a
        B: \${{ variables.flavour }}
      \${{ elseif eq(variables.flavour, 'b') }}: { B: b }
      \${{ else }}:
        \${{ if true }}: { NESTED: n }
`;
    const env = async (flavour: string): Promise<unknown> => (await onlyJob(text(flavour))).steps[0]?.env;
    assert.deepEqual(await env("a"), { ALWAYS: "1", A: "a", B: "a" });
    assert.deepEqual(await env("b"), { ALWAYS: "1", B: "b" });
    assert.deepEqual(await env("c"), { ALWAYS: "1", NESTED: "n" });
  });

  it("do not evaluate a branch after the one that is taken", async () => {
    const text = "steps:\n  - ${{ if true }}:\n      - script: a\n  - ${{ elseif lt(1, 'x') }}:\n      - script: b\n";
    assert.deepEqual(await scripts(text), ["a"]);
    await refused(expand(text.replace("if true", "if false")), "azure-pipelines.yml:4:16", /cannot be compared/);
  });

  it("can choose whole jobs, and keys of a step", async () => {
    const { jobs } = await expand(`
jobs:
  - \${{ if true }}:
      - job: one
        steps:
          - \${{ if true }}:
              displayName: shown
            script: a
  - \${{ if false }}:
      - job: two
        steps: [{ script: b }]
`);
    assert.deepEqual(
      jobs.map(({ name, steps }) => [name, steps[0]?.displayName]),
      [["one", "shown"]],
    );
  });

  const refusals: readonly (readonly [string, string, string, RegExp])[] = [
    ["an else without an if", "  - ${{ else }}:\n      - script: a\n", "2:5", /else has no if before it/],
    ["an elseif without an if", "  - ${{ elseif true }}:\n      - script: a\n", "2:5", /elseif has no if before it/],
    [
      "an else after another entry",
      "  - ${{ if true }}:\n      - script: a\n  - script: b\n  - ${{ else }}:\n      - script: c\n",
      "5:5",
      /else has no if/,
    ],
    [
      "a second else",
      "  - ${{ if true }}: [{ script: a }]\n  - ${{ else }}: [{ script: a }]\n  - ${{ else }}: [{ script: a }]\n",
      "4:5",
      /else has no if/,
    ],
    ["an if without a condition", "  - ${{ if }}:\n      - script: a\n", "2:5", /if has no condition/],
    ["an if with a parenthesis at once", "  - ${{ if(true) }}:\n      - script: a\n", "2:9", /if is no function/],
    ["an else with a condition", "  - ${{ else true }}:\n      - script: a\n", "2:5", /else takes nothing after it/],
    ["an if in another letter case", "  - ${{ IF true }}:\n      - script: a\n", "2:9", /IF is no function/],
    ["a map under an if in a list", "  - ${{ if true }}:\n      script: a\n", "3:7", /if in a list needs a list/],
    ["a text under an if in a list", "  - ${{ if true }}: a\n", "2:21", /a list is needed here, not a text/],
    [
      "a list under an if in a map",
      "  - script: a\n    ${{ if true }}: [b]\n",
      "3:21",
      /a map is needed here, not a list/,
    ],
    [
      "keys that stand twice after expansion",
      "  - script: a\n    ${{ if true }}:\n      Script: b\n",
      "4:7",
      /"Script" stands twice in its map after expansion/,
    ],
  ];
  for (const [what, steps, place, message] of refusals) {
    it(`are refused as ${what}`, async () => {
      await refused(expand(`steps:\n${steps}`), `azure-pipelines.yml:${place}`, message);
    });
  }
});

describe("each", () => {
  it("goes through lists and the pairs of maps, and through loops in loops", async () => {
    const found = await scripts(`
parameters:
  - { name: list, type: object, default: [a, b] }
  - { name: map, type: object, default: { x: "1", y: "2" } }
steps:
  - \${{ each item in parameters.list }}:
      - \${{ each pair in parameters.map }}:
          - script: \${{ item }} \${{ pair.key }}=\${{ pair.value }}
      - script: after \${{ item }}
  - \${{ each nothing in parameters.list[5].*.x }}:
      - script: never
`);
    assert.deepEqual(found, ["a x=1", "a y=2", "after a", "b x=1", "b y=2", "after b"]);
  });

  it("wraps the steps of each job that is given, as in the service's own example", async () => {
    const { jobs } = await expand(
      `
extends:
  template: t.yml
  parameters:
    jobs:
      - { job: A, displayName: Job A, steps: [{ script: own a }] }
      - { job: B, dependsOn: A, steps: [{ script: own b }] }
`,
      {
        "t.yml": `
parameters: [{ name: jobs, type: object, default: [] }]
jobs:
  - job: First
    steps: [{ script: first }]
  - \${{ each job in parameters.jobs }}:
      - \${{ each pair in job }}:
          \${{ if notIn(pair.key, 'steps', 'dependsOn') }}:
            \${{ pair.key }}: \${{ pair.value }}
        dependsOn:
          - First
          - \${{ if job.dependsOn }}:
              - \${{ job.dependsOn }}
        steps:
          - script: before
          - \${{ job.steps }}
          - script: after
            condition: always()
`,
      },
    );
    assert.deepEqual(
      jobs.map(({ name, displayName, dependsOn, steps }) => [
        name,
        displayName,
        dependsOn,
        steps.map((step) => step.kind === "script" && step.script),
      ]),
      [
        ["First", "First", [], ["first"]],
        ["A", "Job A", ["First"], ["before", "own a", "after"]],
        ["B", "B", ["First", "A"], ["before", "own b", "after"]],
      ],
    );
  });

  it("makes keys of a map", async () => {
    const { steps } = await onlyJob(`
parameters: [{ name: names, type: object, default: [a, b] }]
steps:
  - script: x
    env:
      \${{ each name in parameters.names }}:
        \${{ upper(name) }}: \${{ name }}
`);
    assert.deepEqual(steps[0]?.env, { A: "a", B: "b" });
  });

  const refusals: readonly (readonly [string, string, string, RegExp])[] = [
    ["what is no list and no map", "each x in 'a'", "2:5", /each needs a list or a map/],
    ["what is not there", "each x in parameters.nope", "2:5", /each needs a list or a map/],
    ["no name", "each in parameters.list", "2:5", /each needs a name and a collection/],
    ["no collection", "each x in", "2:5", /each needs a name and a collection/],
    ["nothing", "each", "2:5", /each needs a name and a collection/],
    ["a taken name", "each Variables in split('a', ',')", "2:5", /Variables is taken already/],
  ];
  for (const [what, directive, place, message] of refusals) {
    it(`is refused with ${what}`, async () => {
      const text = `steps:\n  - \${{ ${directive} }}:\n      - script: a\n`;
      await refused(expand(text), `azure-pipelines.yml:${place}`, message);
    });
  }

  it("is refused with the name of a loop around it", async () => {
    const text =
      "steps:\n  - ${{ each x in split('a', ',') }}:\n      - ${{ each X in split('b', ',') }}:\n          - script: a\n";
    await refused(expand(text), "azure-pipelines.yml:3:9", /X is taken already/);
  });
});

describe("insert", () => {
  it("puts the entries of a map into another one", async () => {
    const { variables } = await expand(`
parameters: [{ name: more, type: object, default: { B: b, C: c } }]
variables:
  A: a
  \${{ insert }}: \${{ parameters.more }}
  D: d
steps: [{ script: x }]
`);
    assert.deepEqual(variables, { A: "a", B: "b", C: "c", D: "d" });
  });

  it("is refused with what is no map, and with anything after it", async () => {
    const text = (key: string, value: string): string => `steps:\n  - script: a\n    \${{ ${key} }}: ${value}\n`;
    await refused(expand(text("insert", "b")), "azure-pipelines.yml:3:20", /a map is needed here, not a text/);
    await refused(expand(text("insert x", "{ }")), "azure-pipelines.yml:3:5", /insert takes nothing after it/);
  });
});
