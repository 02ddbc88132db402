/** Templates: where they are found, what they may be made of, and their parameters. */
import { strict as assert } from "node:assert";
import { expand, onlyJob, refused, resources, scripts } from "./expansion";

const extending = `${resources}extends:\n  template: t.yml@platform\n`;

describe("templates", () => {
  it("can be extended as steps, jobs or one stage", async () => {
    const forms = [
      "steps: [{ script: a }]",
      "jobs: [{ job: j, steps: [{ script: a }] }]",
      "stages: [{ stage: s, jobs: [{ job: j, steps: [{ script: a }] }] }]",
    ];
    for (const form of forms) {
      const pipeline = await expand(extending, { "t.yml@platform": form });
      assert.deepEqual(pipeline.extends, { repository: "platform", path: "t.yml" });
      assert.equal(pipeline.jobs[0]?.steps.length, 1);
    }
  });

  it("can extend another one, which gets its parameters", async () => {
    const pipeline = await expand(extending, {
      "t.yml@platform":
        "parameters: [{ name: a, type: string, default: x }]\nextends: { template: inner/u.yml, parameters: { b: '${{ parameters.a }}y' } }",
      "inner/u.yml@platform": "parameters: [{ name: b, type: string }]\nsteps: [{ script: '${{ parameters.b }}' }]",
    });
    assert.deepEqual(pipeline.extends, { repository: "platform", path: "t.yml" });
    assert.deepEqual(
      pipeline.templates.map(({ path }) => path),
      ["t.yml", "inner/u.yml"],
    );
    const [step] = pipeline.jobs[0]!.steps;
    assert.equal(step?.kind === "script" && step.script, "xy");
  });

  it("are told with the one that is extended first, also where one of variables is read before it", async () => {
    const pipeline = await expand(
      `${resources}variables: [{ template: v.yml }]\nextends: { template: t.yml@platform }\n`,
      {
        "v.yml": "variables: { own: x }",
        "t.yml@platform": "steps: [{ script: '${{ variables.own }}' }]",
      },
    );
    assert.deepEqual(pipeline.templates, [
      { repository: "platform", path: "t.yml" },
      { repository: "self", path: "v.yml" },
    ]);
  });

  it("are found beside the file that names them, from the root, and in other repositories", async () => {
    const text = `${resources}steps:
  - template: sub/a.yml
  - template: /sub/b.yml
  - template: sub/c.yml@PLATFORM
`;
    const found = await scripts(
      text,
      {
        "ci/sub/a.yml": "steps: [{ template: ../d.yml }, { template: ./b.yml }]",
        "ci/d.yml": "steps: [{ script: d }]",
        "ci/sub/b.yml": "steps: [{ script: ci/b }]",
        "sub/b.yml": "steps: [{ script: b }]",
        "sub/c.yml@platform": "steps: [{ template: e.yml }, { template: sub/b.yml@self }]",
        "sub/e.yml@platform": "steps: [{ script: e }]",
      },
      { file: "ci/azure-pipelines.yml" },
    );
    assert.deepEqual(found, ["d", "ci/b", "b", "e", "b"]);
  });

  it("have the parameters and variables of their own place, and no loops of another", async () => {
    const text = `
parameters: [{ name: outer, type: string, default: o }]
variables: { v: main }
jobs:
  - \${{ each n in split('1,2', ',') }}:
      - template: jobs.yml
        parameters: { n: "\${{ n }}" }
`;
    const { jobs } = await expand(text, {
      "jobs.yml": `
parameters: [{ name: n, type: string }]
jobs:
  - job: job\${{ parameters.n }}
    variables: { w: "\${{ variables.v }}\${{ parameters.n }}" }
    steps:
      - template: steps.yml
        parameters: { text: "\${{ variables.w }}" }
      - script: "outer is \${{ parameters.outer }}."
`,
      "steps.yml":
        "parameters: [{ name: text, type: string }]\nsteps: [{ script: '${{ parameters.text }} ${{ variables.w }}' }]",
    });
    assert.deepEqual(
      jobs.map(({ name, steps }) => [name, ...steps.map((step) => step.kind === "script" && step.script)]),
      [
        ["job1", "main1 main1", "outer is ."],
        ["job2", "main2 main2", "outer is ."],
      ],
    );
    await refused(
      expand(text, { "jobs.yml": "parameters: [{ name: n }]\njobs: [{ job: a, steps: [{ script: '${{ n }}' }] }]" }),
      "jobs.yml:2:41",
      /n is not known here/,
    );
  });

  it("are asked for once, however often they are named", async () => {
    let asked = 0;
    const { steps } = await onlyJob(
      "steps: [{ template: a.yml }, { template: ./a.yml }, { template: x/../a.yml }]",
      {},
      {
        load: () => Promise.resolve(`steps: [{ script: "${++asked}" }]`),
      },
    );
    assert.equal(steps.length, 3);
    assert.equal(asked, 1);
  });

  it("never pass for a file of another repository by an @ in their names", async () => {
    const own = "parameters: [{ name: evil, type: string, default: '' }]\nvariables: { a: b }";
    const text = `${resources}variables: [{ template: t.yml@platform@self }]\nextends: { template: t.yml@platform }\n`;
    await refused(
      expand(text, { "t.yml@platform": own }),
      "azure-pipelines.yml:4:25",
      /"t.yml@platform@self" is no path/,
      /without @/,
    );
  });

  const refusals: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    [
      "a file that is not there",
      "nope.yml",
      "1:21",
      /no file "nope.yml" in the pipeline's own repository/,
      /relative to the file/,
    ],
    ["a path that leaves the repository", "../x.yml", "1:21", /no path in the repository/],
    ["a path with a backslash", "a\\x.yml", "1:21", /no path in the repository/],
    ["a path with a control character", '"a\\x07.yml"', "1:21", /no path in the repository/],
    ["a path that names no file", "/", "1:21", /names no file/],
    ["an empty path", '""', "1:11", /template is empty/],
    ["an unknown repository", "x.yml@nope", "1:21", /does not have: "nope"/, /known here: self/],
    ["a map as its name", "{ a: b }", "1:21", /template must be a text, not a map/],
  ];
  for (const [what, name, place, message, mend] of refusals) {
    it(`are refused with ${what}`, async () => {
      await refused(
        expand(`steps: [{ template: ${name.startsWith("{") || name.startsWith('"') ? name : `'${name}'`} }]`),
        `azure-pipelines.yml:${place}`,
        message,
        mend,
      );
    });
  }

  it("are refused where they are of another kind, or have keys that are none of theirs", async () => {
    const cases: readonly (readonly [string, string, string, RegExp])[] = [
      ["steps: [{ template: t.yml }]", "jobs: []", "t.yml:1:1", /"jobs" is no key of a template of steps/],
      ["jobs: [{ template: t.yml }]", "steps: []", "t.yml:1:1", /"steps" is no key of a template of jobs/],
      ["stages: [{ template: t.yml }]", "jobs: []", "t.yml:1:1", /"jobs" is no key of a template of stages/],
      [
        "variables: [{ template: t.yml }]\nsteps: [{ script: a }]",
        "steps: []",
        "t.yml:1:1",
        /"steps" is no key of a template of variables/,
      ],
      ["steps: [{ template: t.yml }]", "parameters: []", "t.yml:1:1", /the template has no steps/],
      ["steps: [{ template: t.yml }]", "- a", "t.yml:1:1", /the file is a list, not a map/],
      ["steps: [{ template: t.yml }]", "", "t.yml:1:1", /the file is empty/],
      [
        "steps: [{ template: t.yml, displayName: a }]",
        "steps: []",
        "azure-pipelines.yml:1:28",
        /"displayName" is no key of a template reference/,
      ],
      [
        "extends: { template: t.yml, steps: [] }",
        "steps: []",
        "azure-pipelines.yml:1:29",
        /"steps" is no key of extends/,
      ],
      ["extends: { parameters: {} }", "steps: []", "azure-pipelines.yml:1:10", /no template is named/],
      [
        "extends: { template: t.yml }",
        "schedules: []",
        "t.yml:1:1",
        /"schedules" is no key of a template that is extended/,
      ],
      [
        "extends: { template: t.yml }",
        "trigger: none\nsteps: []",
        "t.yml:1:1",
        /trigger in a template that is extended is not supported/,
      ],
      [
        "extends: { template: t.yml }",
        "resources: {}\nsteps: []",
        "t.yml:1:1",
        /resources in a template that is extended is not supported/,
      ],
      ["extends: { template: t.yml }", "steps: []\njobs: []", "t.yml:1:1", /either jobs or steps/],
      ["extends: { template: t.yml }", "variables: {}", "t.yml:1:1", /no stages, jobs or steps/],
      ["extends: { template: t.yml }", "steps: [{ script: '${{ nope }}' }]", "t.yml:1:24", /nope is not known here/],
    ];
    for (const [text, template, place, message] of cases) {
      await refused(expand(text, { "t.yml": template }), place, message);
    }
  });

  it("are told with their repository in errors", async () => {
    await refused(
      expand(extending, { "t.yml@platform": "steps:\n  - scrpt: a" }),
      "t.yml@platform:2:5",
      /begins with "scrpt"/,
    );
  });

  it("may name each other in 100 levels, and no more", async () => {
    const chain = (levels: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: levels }, (_, at) => [
          `${at + 1}.yml`,
          at + 1 === levels ? "steps: [{ script: end }]" : `steps: [{ template: ${at + 2}.yml }]`,
        ]),
      );
    // The main file is one of the 100 files.
    assert.deepEqual(await scripts("steps: [{ template: 1.yml }]", chain(99)), ["end"]);
    await refused(expand("steps: [{ template: 1.yml }]", chain(100)), "99.yml:1:21", /more than 100 files/);
    await refused(
      expand("steps: [{ template: a.yml }]", { "a.yml": "steps: [{ template: a.yml }]" }),
      "a.yml:1:21",
      /more than 100 levels/,
      /names itself/,
    );
  });

  it("pass on what the loader throws", async () => {
    const load = (): Promise<string> => Promise.reject(new Error("the repository is away"));
    await assert.rejects(expand("steps: [{ template: a.yml }]", {}, { load }), /^Error: the repository is away$/);
  });
});

describe("parameters", () => {
  const declaring = (declaration: string, use = "parameters.p"): string =>
    `parameters:\n  - ${declaration}\nsteps: [{ script: "\${{ ${use} }}" }]`;
  const giving = (value: string): string => `extends:\n  template: t.yml\n  parameters:\n    p: ${value}\n`;

  it("have the values that are given, or their defaults, whatever the letter case of their names", async () => {
    const template = { "t.yml": declaring("{ name: P, type: string, default: d }") };
    assert.deepEqual(await scripts(giving("x"), template), ["x"]);
    assert.deepEqual(await scripts("extends: { template: t.yml }", template), ["d"]);
    assert.deepEqual(await scripts(giving('""'), template), [""]);
  });

  it("come from the run for the main file", async () => {
    const text = declaring("{ name: p, type: object }", "convertToJson(parameters.p)");
    const given = { p: { a: [1, true, null, "x"] } };
    assert.deepEqual(await scripts(text, {}, { parameters: given }), [
      '{\n  "a": [\n    "1",\n    "true",\n    "",\n    "x"\n  ]\n}',
    ]);
    const place = "the run's parameters";
    await refused(expand(text, {}, { parameters: { q: 1 } }), place, /no parameter "q"/, /did you mean p/);
    await refused(expand(text, {}, { parameters: { p: () => 1 } }), place, /cannot be function/);
    await refused(expand(text), "azure-pipelines.yml:1:1", /parameter "p" has no value/);
    const number = declaring("{ name: p, type: number, values: [1, 2] }");
    assert.deepEqual(await scripts(number, {}, { parameters: { p: 2 } }), ["2"]);
    await refused(
      expand(number, {}, { parameters: { p: 3 } }),
      place,
      /parameter "p" cannot be "3"/,
      /known here: 1, 2/,
    );
    await refused(expand(number, {}, { parameters: { p: "x" } }), place, /must be a number, not "x"/);
    let deep: unknown = "end";
    for (let level = 0; level < 5000; level++) deep = [deep];
    await refused(expand(text, {}, { parameters: { p: deep } }), place, /more than 100 levels/);
  });

  it("are cast to their types", async () => {
    const cast = async (type: string, value: string, use: string): Promise<string | undefined> =>
      (await scripts(giving(value), { "t.yml": declaring(`{ name: p, type: ${type} }`, use) }))[0];
    assert.equal(await cast("boolean", "TRUE", "convertToJson(parameters.p)"), "true");
    assert.equal(await cast("number", '"07.50"', "convertToJson(parameters.p)"), "7.5");
    assert.equal(await cast("string", "07.50", "convertToJson(parameters.p)"), '"07.50"');
    assert.equal(await cast("object", "true", "convertToJson(parameters.p)"), '"true"');
    assert.equal(await cast("string", "${{ eq(1, 1) }}", "convertToJson(parameters.p)"), '"True"');
  });

  const misfits: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    ["an unknown name", "{ name: other, default: x }", "x", /no parameter "p"/, /known here: other/],
    ["a text for a number", "{ name: p, type: number }", "five", /must be a number, not "five"/, /digits/],
    ["nothing for a number", "{ name: p, type: number }", '""', /must be a number, not ""/],
    ["an exponent for a number", "{ name: p, type: number }", "1e3", /must be a number/],
    ["yes for a boolean", "{ name: p, type: boolean }", "yes", /must be a boolean, not "yes"/, /true or false/],
    ["a list for a string", "{ name: p, type: string }", "[a]", /must be a string, not a list/],
    ["a map for a string", "{ name: p }", "{ a: b }", /must be a string, not a map/],
    [
      "a value that is none of its values",
      "{ name: p, values: [debug, release] }",
      "relase",
      /cannot be "relase"/,
      /did you mean release\?/,
    ],
    ["a value in another letter case", "{ name: p, values: [debug] }", "Debug", /cannot be "Debug"/],
  ];
  for (const [what, declaration, value, message, mend] of misfits) {
    it(`are refused with ${what}`, async () => {
      const place = what === "an unknown name" ? "4:5" : "4:8";
      await refused(
        expand(giving(value), { "t.yml": declaring(declaration) }),
        `azure-pipelines.yml:${place}`,
        message,
        mend,
      );
    });
  }

  it("are refused where one has no value, at the place that names the template", async () => {
    await refused(
      expand("extends:\n  template: t.yml\n", { "t.yml": declaring("{ name: p, type: number }") }),
      "azure-pipelines.yml:2:13",
      /parameter "p" has no value/,
      /it is a number/,
    );
  });

  const declarations: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    ["no name", "{ type: string }", "2:5", /has no name/],
    ["an empty name", '{ name: "" }', "2:7", /name is empty/],
    ["an unknown key", "{ name: p, defalt: x }", "2:16", /"defalt" is no key of a parameter/, /did you mean default/],
    ["an unknown type", "{ name: p, type: strng }", "2:16", /"strng" is no type/, /did you mean string/],
    ["a default that does not fit", "{ name: p, type: number, default: x }", "2:39", /must be a number/],
    ["a default that is none of its values", "{ name: p, values: [a], default: b }", "2:38", /cannot be "b"/],
    ["values that do not fit", "{ name: p, type: number, values: [x] }", "2:39", /must be a number/],
    ["values of an object", "{ name: p, type: object, values: [x] }", "2:30", /values of a parameter of type object/],
    [
      "values of a boolean",
      "{ name: p, type: boolean, values: [true] }",
      "2:31",
      /values of a parameter of type boolean/,
    ],
    [
      "an expression",
      "{ name: p, default: \"${{ 'x' }}\" }",
      "2:26",
      /expression cannot stand in a declaration/,
      /literal/,
    ],
    [
      "a name that stands twice",
      "{ name: P, default: a }\n  - { name: p, default: b }",
      "3:5",
      /parameter "p" is declared twice/,
    ],
  ];
  for (const [what, declaration, place, message, mend] of declarations) {
    it(`are refused where they are declared with ${what}`, async () => {
      await refused(expand(declaring(declaration)), `azure-pipelines.yml:${place}`, message, mend);
    });
  }

  it("are refused as a map, which is the old form", async () => {
    await refused(
      expand("parameters:\n  p: x\nsteps: [{ script: a }]"),
      "azure-pipelines.yml:2:3",
      /as a map are not supported/,
      /- name/,
    );
  });

  const types = [
    "step",
    "stepList",
    "job",
    "jobList",
    "deployment",
    "deploymentList",
    "stage",
    "stageList",
    "container",
    "containerList",
    "stringList",
    "environment",
    "filePath",
    "pool",
    "secureFile",
    "serviceConnection",
    "legacyObject",
  ];
  it("are refused with the types that the sandbox does not have, by name", async () => {
    for (const type of types) {
      await refused(
        expand(declaring(`{ name: p, type: ${type} }`)),
        "azure-pipelines.yml:2:16",
        new RegExp(`of type ${type} are not supported`),
        /string, number, boolean, object/,
      );
    }
  });
});
