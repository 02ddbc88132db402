/** Main files: when a pipeline runs, its resources, and what is refused in one. */
import { strict as assert } from "node:assert";
import { readMainFile } from "../../../../sandbox/agent/yaml";
import type { MainFile } from "../../../../sandbox/agent/model";
import { expand, refused } from "./expansion";

const steps = "steps: [{ script: a }]\n";

function main(text: string): MainFile {
  return readMainFile(text + steps, "ci.yml");
}

describe("the main file of a pipeline", () => {
  it("runs at every push and at no other time where it says nothing", () => {
    assert.deepEqual(main(""), {
      trigger: undefined,
      schedules: [],
      repositories: [],
      pipelines: [],
      numberFormat: "$(Date:yyyyMMdd)$(Rev:.r)",
    });
  });

  it("says which pushes start it, in each of the service's forms", () => {
    const everything = { include: [], exclude: [] };
    assert.equal(main("trigger: none\n").trigger, "none");
    assert.equal(main("trigger: [none]\n").trigger, "none");
    assert.deepEqual(main("trigger: [main, releases/*]\n").trigger, {
      branches: { include: ["main", "releases/*"], exclude: [] },
      paths: everything,
      batch: false,
    });
    assert.deepEqual(main("trigger: { batch: true }\n").trigger, {
      branches: everything,
      paths: everything,
      batch: true,
    });
    assert.deepEqual(
      main("trigger:\n  branches: { include: [main], exclude: [x] }\n  paths: { exclude: docs }\n").trigger,
      { branches: { include: ["main"], exclude: ["x"] }, paths: { include: [], exclude: ["docs"] }, batch: false },
    );
  });

  it("takes pr: in each of the service's forms, although it does nothing in Azure Repos", () => {
    for (const pr of [
      "none",
      "[main]",
      "{ autoCancel: true, drafts: false, branches: { include: [main] }, paths: { exclude: [docs] } }",
    ]) {
      assert.deepEqual(main(`pr: ${pr}\n`), main(""));
    }
  });

  it("has schedules", () => {
    const text = `schedules:
  - cron: "0 4 * * Mon-Fri"
    displayName: Daily
    branches: { include: [main, releases/*], exclude: [releases/old] }
    always: true
  - { cron: 0 5 1 * * }
`;
    assert.deepEqual(main(text).schedules, [
      {
        cron: "0 4 * * Mon-Fri",
        displayName: "Daily",
        branches: { include: ["main", "releases/*"], exclude: ["releases/old"] },
        always: true,
      },
      { cron: "0 5 1 * *", displayName: "0 5 1 * *", branches: { include: [], exclude: [] }, always: false },
    ]);
  });

  it("has repositories, by default at main, and pipelines with their triggers", () => {
    const text = `resources:
  repositories:
    - { repository: a, type: git, name: Data Platform/templates }
    - { repository: b, type: git, name: other, ref: refs/tags/v1 }
    - { repository: c, type: git, name: third, ref: release/1 }
  pipelines:
    - { pipeline: none, source: x, trigger: none }
    - { pipeline: all, source: \\folder\\x, trigger: true }
    - { pipeline: silent, source: x }
    - { pipeline: off, source: x, trigger: { enabled: false, tags: [t] } }
    - { pipeline: some, source: x, trigger: { branches: [main], tags: [published, signed], stages: [s] } }
    - { pipeline: filter, source: x, trigger: { branches: { exclude: [dev] } } }
`.replace("pipeline: none,", "pipeline: no,");
    const { repositories, pipelines } = main(text);
    assert.deepEqual(repositories, [
      { alias: "a", name: "Data Platform/templates", ref: "refs/heads/main" },
      { alias: "b", name: "other", ref: "refs/tags/v1" },
      { alias: "c", name: "third", ref: "refs/heads/release/1" },
    ]);
    const everything = { include: [], exclude: [] };
    assert.deepEqual(pipelines, [
      { alias: "no", source: "x" },
      { alias: "all", source: "\\folder\\x", trigger: { branches: everything, tags: [], stages: [] } },
      { alias: "silent", source: "x" },
      { alias: "off", source: "x" },
      {
        alias: "some",
        source: "x",
        trigger: { branches: { include: ["main"], exclude: [] }, tags: ["published", "signed"], stages: ["s"] },
      },
      { alias: "filter", source: "x", trigger: { branches: { include: [], exclude: ["dev"] }, tags: [], stages: [] } },
    ]);
  });

  it("has the form of its run's numbers", () => {
    assert.equal(main("name: $(Build.DefinitionName)_$(Rev:r)\n").numberFormat, "$(Build.DefinitionName)_$(Rev:r)");
  });

  it("is read without its template", () => {
    const text = "trigger: none\nextends: { template: not/there.yml@nowhere, parameters: { a: '${{ variables.b }}' } }";
    assert.equal(readMainFile(text, "ci.yml").trigger, "none");
  });

  it("is the same read alone and expanded", async () => {
    const text = `name: n\ntrigger: [main]\nschedules: [{ cron: 0 4 * * * }]\n${steps}`;
    assert.deepEqual((await expand(text)).main, readMainFile(text, "ci.yml"));
  });

  const long = "x".repeat(500);
  const refusals: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    ["an unknown key", "triggers: none\n", "1:1", /"triggers" is no key of a pipeline/, /did you mean trigger\?/],
    ["a key in another letter case", "Trigger: none\n", "1:1", /"Trigger" is no key/, /did you mean trigger\?/],
    ["two kinds of contents", "jobs: [{ job: a }]\n", "2:1", /either jobs or steps/],
    ["trigger: with another word", "trigger: main\n", "1:10", /trigger cannot be "main"/, /trigger: none, or a list/],
    ["an empty trigger", "trigger:\n", "1:9", /trigger cannot be ""/],
    ["an empty list as trigger", "trigger: []\n", "1:10", /trigger is empty/],
    ["an unknown key in trigger", "trigger: { branchs: { } }\n", "1:12", /"branchs" is no key of trigger/, /branches/],
    ["tags in trigger", "trigger: { tags: { include: [v*] } }\n", "1:12", /tags in trigger is not supported/],
    ["paths without branches", "trigger: { paths: { include: [a] } }\n", "1:12", /paths without branches never start/],
    ["a filter with nothing in it", "trigger: { branches: {} }\n", "1:22", /neither include nor exclude/],
    ["a filter that is a list", "trigger: { branches: [main] }\n", "1:22", /a map is needed here, not a list/],
    [
      "an unknown key in a filter",
      "trigger: { branches: { includes: [a] } }\n",
      "1:24",
      /"includes" is no key of branches/,
    ],
    ["an empty branch", 'trigger: [""]\n', "1:11", /an entry of trigger is empty/],
    ["a list in a list of branches", "trigger: [[a]]\n", "1:11", /trigger must be a text, not a list/],
    [
      "a variable in a filter",
      "trigger: [$(branch)]\n",
      "1:10",
      /"\$\(branch\)" cannot be a pattern/,
      /variables are not known/,
    ],
    [
      "an expression in a trigger",
      "trigger: [\"${{ 'x' }}\"]\n",
      "1:12",
      /an expression cannot stand here/,
      /before anything is expanded/,
    ],
    ["an expression as a key", "${{ if true }}:\n  trigger: none\n", "1:1", /an expression cannot stand here/],
    ["an expression in name", "name: ${{ 'x' }}\n", "1:7", /an expression cannot stand here/],
    [
      "an expression in resources",
      "resources: { repositories: [{ repository: a, type: git, name: b, ref: \"${{ 'x' }}\" }] }\n",
      "1:72",
      /an expression cannot/,
    ],
    ["an expression that is wrong", "variables: { a: '${{ nope }}' }\n", "1:22", /nope is not known here/],
    ["too long a pattern", `trigger: [${long}]\n`, "1:10", /pattern of 500 characters/],
    [
      "too many patterns",
      `trigger: [${Array.from({ length: 101 }, (_, at) => `b${at}`).join(", ")}]\n`,
      "1:10",
      /101 patterns/,
    ],
    ["an empty name", 'name: ""\n', "1:1", /name is empty/],
    ["batch with another word", "trigger: { batch: yes }\n", "1:19", /batch must be true or false, not "yes"/],
    ["pr: with another word", "pr: main\n", "1:5", /pr cannot be "main"/],
    ["an unknown key in pr", "pr: { branch: x }\n", "1:7", /"branch" is no key of pr/],
    ["a schedule without cron", "schedules: [{ always: true }]\n", "1:13", /a schedule has no cron/],
    ["a cron line that never comes", 'schedules: [{ cron: "0 0 31 2 *" }]\n', "1:21", /no such date ever comes/],
    ["a cron line with six fields", 'schedules: [{ cron: "0 0 0 * * *" }]\n', "1:21", /6 fields/],
    ["a variable in a cron line", "schedules: [{ cron: $(cron) }]\n", "1:21", /cannot be a schedule/],
    ["schedules that are no list", "schedules: { cron: 0 0 * * * }\n", "1:12", /a list is needed here, not a map/],
    [
      "batch in a schedule",
      "schedules: [{ cron: 0 0 * * *, batch: true }]\n",
      "1:32",
      /batch in a schedule is not supported/,
    ],
    [
      "an unknown key in a schedule",
      "schedules: [{ cron: 0 0 * * *, alway: true }]\n",
      "1:32",
      /"alway" is no key/,
      /did you mean always/,
    ],
    ["containers", "resources: { containers: [] }\n", "1:14", /containers in resources is not supported/],
    [
      "an unknown resource",
      "resources: { repository: [] }\n",
      "1:14",
      /"repository" is no key of resources/,
      /repositories/,
    ],
    [
      "a repository without name",
      "resources: { repositories: [{ repository: a, type: git }] }\n",
      "1:29",
      /repository a needs a name/,
    ],
    [
      "a repository without alias",
      "resources: { repositories: [{ type: git, name: b }] }\n",
      "1:29",
      /has no repository/,
    ],
    [
      "a repository with a bad alias",
      "resources: { repositories: [{ repository: a b, type: git, name: b }] }\n",
      "1:31",
      /"a b" cannot be the name of a resource/,
    ],
    [
      "a repository with the alias self",
      "resources: { repositories: [{ repository: Self, type: git, name: b }] }\n",
      "1:31",
      /"Self" cannot be the name/,
    ],
    [
      "a repository without type",
      "resources: { repositories: [{ repository: a, name: b }] }\n",
      "1:29",
      /repository a has no type/,
    ],
    [
      "a repository of another type",
      "resources: { repositories: [{ repository: a, type: github, name: b }] }\n",
      "1:46",
      /type "github" are not supported/,
    ],
    [
      "a repository with an endpoint",
      "resources: { repositories: [{ repository: a, type: git, name: b, endpoint: c }] }\n",
      "1:66",
      /endpoint in a repository resource is not supported/,
    ],
    [
      "a variable as a repository's name",
      "resources: { repositories: [{ repository: a, type: git, name: $(x) }] }\n",
      "1:57",
      /needs a name/,
    ],
    [
      "too many parts in a repository's name",
      "resources: { repositories: [{ repository: a, type: git, name: a/b/c }] }\n",
      "1:57",
      /needs a name/,
    ],
    [
      "a variable as a ref",
      "resources: { repositories: [{ repository: a, type: git, name: b, ref: $(x) }] }\n",
      "1:66",
      /"\$\(x\)" is no branch/,
    ],
    [
      "an alias that stands twice",
      "resources: { repositories: [{ repository: a, type: git, name: b }, { repository: A, type: git, name: c }] }\n",
      "1:68",
      /"A" stands twice/,
    ],
    ["a pipeline without source", "resources: { pipelines: [{ pipeline: a }] }\n", "1:26", /pipeline a has no source/],
    [
      "a pipeline of another project",
      "resources: { pipelines: [{ pipeline: a, source: b, project: c }] }\n",
      "1:52",
      /project in a pipeline resource is not supported/,
    ],
    [
      "a pipeline's trigger with another word",
      "resources: { pipelines: [{ pipeline: a, source: b, trigger: yes }] }\n",
      "1:61",
      /trigger cannot be "yes"/,
    ],
    [
      "an unknown key in a pipeline's trigger",
      "resources: { pipelines: [{ pipeline: a, source: b, trigger: { tag: c } }] }\n",
      "1:63",
      /"tag" is no key of the trigger/,
      /did you mean tags/,
    ],
    [
      "an empty tag",
      'resources: { pipelines: [{ pipeline: a, source: b, trigger: { tags: [""] } }] }\n',
      "1:70",
      /an entry of tags is empty/,
    ],
    ["lockBehavior", "lockBehavior: sequential\n", "1:1", /lockBehavior in a pipeline is not supported/],
    ["a strategy", "strategy: {}\n", "1:1", /strategy in a pipeline is not supported/],
  ];
  for (const [what, text, place, message, mend] of refusals) {
    it(`is refused with ${what}`, async () => {
      await refused(() => main(text), `ci.yml:${place}`, message, mend);
      await refused(expand(text + steps), `azure-pipelines.yml:${place}`, message, mend);
    });
  }

  it("is refused where it does nothing", async () => {
    await refused(
      () => readMainFile("trigger: none", "ci.yml"),
      "ci.yml:1:1",
      /does nothing/,
      /extends, stages, jobs, steps/,
    );
  });
});
