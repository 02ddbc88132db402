/** Templates: where they are found, and what they may be made of. */
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
