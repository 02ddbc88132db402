/** Jobs, stages, pools and variables: what is read from them, their defaults, and what is refused. */
import { strict as assert } from "node:assert";
import { expand, onlyJob, refused } from "./expansion";

describe("jobs", () => {
  it("have the service's defaults where they say nothing", async () => {
    assert.deepEqual(await onlyJob("jobs: [{ job: a, steps: [{ script: x }] }]"), {
      name: "a",
      displayName: "a",
      pool: { name: "default", demands: [] },
      timeoutInMinutes: 60,
      cancelTimeoutInMinutes: 5,
      condition: "succeeded()",
      dependsOn: [],
      variables: {},
      steps: [
        {
          kind: "script",
          shell: "sh",
          script: "x",
          displayName: "CmdLine",
          condition: "succeeded()",
          continueOnError: false,
          enabled: true,
          timeoutInMinutes: 0,
          env: {},
          failOnStderr: false,
        },
      ],
    });
  });

  it("have what they say", async () => {
    const text = `
jobs:
  - { job: first, steps: [{ script: x }] }
  - job: second
    displayName: Second job
    dependsOn: [First]
    condition: |
      and(succeeded(), eq(dependencies.first.result, 'Succeeded'))
    timeoutInMinutes: 0
    cancelTimeoutInMinutes: 2
    pool: { vmImage: ubuntu-24.04 }
    workspace: { clean: all }
    variables: { a: "1" }
    steps: [{ script: x }]
`;
    const { jobs } = await expand(text);
    const { steps, ...job } = jobs[1]!;
    assert.equal(steps.length, 1);
    assert.deepEqual(job, {
      name: "second",
      displayName: "Second job",
      dependsOn: ["First"],
      condition: "and(succeeded(), eq(dependencies.first.result, 'Succeeded'))",
      timeoutInMinutes: 0,
      cancelTimeoutInMinutes: 2,
      pool: { vmImage: "ubuntu-24.04" },
      variables: { a: "1" },
    });
  });

  it("have the pool of their stage, of the pipeline, or the definition's, the nearest of them", async () => {
    const pools = async (pipeline: string, stage: string, job: string): Promise<unknown> =>
      (await onlyJob(`${pipeline}\nstages: [{ stage: s, ${stage} jobs: [{ job: a, ${job} steps: [{ script: x }] }] }]`))
        .pool;
    assert.deepEqual(await pools("pool: p", "pool: s,", "pool: j,"), { name: "j", demands: [] });
    assert.deepEqual(await pools("pool: p", "pool: s,", ""), { name: "s", demands: [] });
    assert.deepEqual(await pools("pool: { name: p, demands: docker }", "", ""), { name: "p", demands: ["docker"] });
    assert.deepEqual(await pools("", "", ""), { name: "default", demands: [] });
    assert.deepEqual(await pools("pool: { name: Azure Pipelines, vmImage: i }", "", ""), { vmImage: "i" });
  });

  it("have the variables of their stage, and their own; later expressions see them, other jobs do not", async () => {
    const { jobs, variables } = await expand(`
variables:
  - { name: a, value: root }
  - { name: b, value: "\${{ variables.A }}-b" }
stages:
  - stage: s
    variables: { a: stage, c: "\${{ variables.a }}+\${{ variables.b }}" }
    jobs:
      - job: one
        variables: { C: own, d: "\${{ variables.c }}" }
        displayName: \${{ variables.d }}
        steps: [{ script: x }]
      - job: two
        displayName: "\${{ variables.a }} \${{ variables.d }}."
        steps: [{ script: x }]
`);
    assert.deepEqual(variables, { a: "root", b: "root-b" });
    assert.deepEqual(
      jobs.map(({ displayName, variables: own }) => [displayName, own]),
      [
        ["own", { a: "stage", C: "own", d: "own" }],
        ["stage .", { a: "stage", c: "stage+root-b" }],
      ],
    );
  });

  it("take a name of variables in whatever letter case for the same", async () => {
    const { variables } = await expand(
      "variables: [{ name: a, value: 1 }, { name: A, value: 2 }]\nsteps: [{ script: x }]",
    );
    assert.deepEqual(variables, { A: "2" });
  });

  const refusals: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    ["no job", "jobs: []", "1:7", /has no job/],
    ["jobs that are a map", "jobs: { job: a }", "1:7", /a list is needed here, not a map/],
    ["a job that is a text", "jobs: [a]", "1:8", /a map is needed here, not a text/],
    ["a job without a name", "jobs: [{ steps: [{ script: x }] }]", "1:8", /a job has no name/],
    ["a job with an empty name", 'jobs: [{ job: "", steps: [{ script: x }] }]', "1:10", /job is empty/],
    [
      "a job whose name cannot be one",
      "jobs: [{ job: a-b, steps: [{ script: x }] }]",
      "1:10",
      /"a-b" cannot be the name of a job/,
    ],
    [
      "two jobs of one name",
      "jobs: [{ job: a, steps: [{ script: x }] }, { job: A, steps: [{ script: x }] }]",
      "1:46",
      /two jobs have the name "A"/,
    ],
    ["a deployment job", "jobs: [{ deployment: a }]", "1:8", /deployment jobs are not supported/],
    ["no steps", "jobs: [{ job: a }]", "1:8", /job a has no steps/],
    ["an empty list of steps", "jobs: [{ job: a, steps: [] }]", "1:25", /job a has no steps/],
    [
      "an unknown key",
      "jobs: [{ job: a, timeout: 5, steps: [{ script: x }] }]",
      "1:18",
      /"timeout" is no key of a job/,
      /timeoutInMinutes/,
    ],
    [
      "a dependency that is no job",
      "jobs: [{ job: aaaa, dependsOn: aaab, steps: [{ script: x }] }]",
      "1:10",
      /depends on "aaab"/,
      /did you mean aaaa/,
    ],
    [
      "a dependency on itself",
      "jobs: [{ job: a, dependsOn: a, steps: [{ script: x }] }]",
      "1:10",
      /job a depends on itself/,
    ],
    [
      "a circle of dependencies",
      "jobs:\n  - { job: a, steps: [{ script: x }] }\n  - { job: b, dependsOn: [a, c], steps: [{ script: x }] }\n  - { job: c, dependsOn: b, steps: [{ script: x }] }",
      "3:7",
      /job b depends on itself, over "a, c"/,
    ],
    [
      "a negative time",
      "jobs: [{ job: a, timeoutInMinutes: -1, steps: [{ script: x }] }]",
      "1:36",
      /must be a whole number, not "-1"/,
    ],
    [
      "a condition with an unknown function",
      "jobs: [{ job: a, condition: suceeded(), steps: [{ script: x }] }]",
      "1:29",
      /condition is wrong at its character 1: there is no function suceeded/,
      /did you mean succeeded/,
    ],
    [
      "a workspace with another word",
      "jobs: [{ job: a, workspace: { clean: al }, steps: [{ script: x }] }]",
      "1:31",
      /clean cannot be "al"/,
      /did you mean all/,
    ],
    [
      "an unknown key in workspace",
      "jobs: [{ job: a, workspace: { cleans: all }, steps: [{ script: x }] }]",
      "1:31",
      /"cleans" is no key of workspace/,
    ],
    ["no stage", "stages: []", "1:9", /has no stage/],
    [
      "two stages",
      "stages: [{ stage: a, jobs: [] }, { stage: b, jobs: [] }]",
      "1:34",
      /several stages are not supported/,
    ],
    ["a stage without jobs", "stages: [{ stage: a }]", "1:10", /a stage has no jobs/],
    ["a stage without a name", "stages: [{ jobs: [] }]", "1:10", /"" cannot be the name of a stage/],
    [
      "an unknown key in a stage",
      "stages: [{ stage: a, job: [] }]",
      "1:22",
      /"job" is no key of a stage/,
      /did you mean jobs/,
    ],
    ["a pool without a name", "pool: {}\nsteps: [{ script: x }]", "1:7", /no name and no vmImage/],
    ["an empty pool", 'pool: ""\nsteps: [{ script: x }]', "1:7", /the pool is empty/],
    ["a pool that is a list", "pool: [a]\nsteps: [{ script: x }]", "1:7", /a map is needed here, not a list/],
    [
      "an unknown key in a pool",
      "pool: { nme: a }\nsteps: [{ script: x }]",
      "1:9",
      /"nme" is no key of a pool/,
      /did you mean name/,
    ],
    [
      "a pool with an image of another",
      "pool: { name: a, vmImage: b }\nsteps: [{ script: x }]",
      "1:7",
      /pool "a" has no vmImage/,
    ],
    [
      "demands of hosted agents",
      "pool: { vmImage: b, demands: [c] }\nsteps: [{ script: x }]",
      "1:21",
      /take no demands/,
    ],
    [
      "the pool of hosted agents without an image",
      "pool: Azure Pipelines\nsteps: [{ script: x }]",
      "1:7",
      /needs a vmImage/,
    ],
    ["the server as a pool", "pool: server\nsteps: [{ script: x }]", "1:7", /jobs without an agent/],
    [
      "a variable group",
      "variables: [{ group: a }]\nsteps: [{ script: x }]",
      "1:15",
      /group in a variable is not supported/,
    ],
    [
      "a variable that is read-only",
      "variables: [{ name: a, value: b, readonly: true }]\nsteps: [{ script: x }]",
      "1:34",
      /readonly in a variable is not supported/,
    ],
    [
      "a variable without a value",
      "variables: [{ name: a }]\nsteps: [{ script: x }]",
      "1:13",
      /needs a name and a value/,
    ],
    [
      "a variable that is a map",
      "variables: { a: { value: b } }\nsteps: [{ script: x }]",
      "1:17",
      /a must be a text, not a map/,
    ],
    [
      "a variable with a bad name",
      'variables: { "a b": c }\nsteps: [{ script: x }]',
      "1:14",
      /"a b" cannot be the name of a variable/,
    ],
    [
      "a run-time expression in a variable",
      "variables: { a: \"$[counter('x', 1)]\" }\nsteps: [{ script: x }]",
      "1:17",
      /run-time expressions \(\$\[ \]\) are not supported/,
    ],
    ["variables that are a text", "variables: a\nsteps: [{ script: x }]", "1:12", /a map is needed here, not a text/],
  ];
  for (const [what, text, place, message, mend] of refusals) {
    it(`are refused with ${what}`, async () => {
      await refused(expand(text), `azure-pipelines.yml:${place}`, message, mend);
    });
  }

  it("are refused with variables that the service sets, so that no file can claim another reason of its run", async () => {
    for (const name of [
      "Build.Reason",
      "build.reason",
      "SYSTEM.AccessToken",
      "Agent.JobStatus",
      "Pipeline.Workspace",
      "TF_Build",
      "resources.pipeline.x.runID",
    ]) {
      await refused(
        expand(`variables: { ${name}: x }\nsteps: [{ script: x }]`),
        "azure-pipelines.yml:1:14",
        /is set by the service/,
      );
      await refused(
        expand(`variables: [{ name: ${name}, value: x }]\nsteps: [{ script: x }]`),
        "azure-pipelines.yml:1:15",
        /is set by the service/,
      );
      const own = `jobs: [{ job: a, variables: { ${name}: x }, steps: [{ script: x }] }]`;
      await refused(expand(own), "azure-pipelines.yml:1:31", /is set by the service/);
    }
  });

  it("are refused with keys that the service knows and the sandbox has not, by name", async () => {
    for (const key of ["continueOnError", "strategy", "container", "services", "uses", "templateContext"]) {
      const text = `jobs: [{ job: a, ${key}: x, steps: [{ script: x }] }]`;
      await refused(
        expand(text),
        "azure-pipelines.yml:1:18",
        new RegExp(`^${key} in a job is not supported`),
        /supported are/,
      );
    }
    for (const key of ["dependsOn", "condition", "lockBehavior", "trigger", "isSkippable", "templateContext"]) {
      const text = `stages: [{ stage: a, ${key}: x, jobs: [] }]`;
      await refused(expand(text), "azure-pipelines.yml:1:22", new RegExp(`^${key} in a stage is not supported`));
    }
  });
});
