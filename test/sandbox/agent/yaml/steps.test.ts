/** Steps: what is read from them, their defaults, and what is refused. */
import { strict as assert } from "node:assert";
import { expand, onlyJob, refused, resources } from "./expansion";

describe("steps", () => {
  it("have what they say", async () => {
    const text = `${resources}steps:
  - checkout: none
  - checkout: PLATFORM
    path: s/platform
    fetchDepth: 0
    persistCredentials: true
    clean: true
  - checkout: git://Data Platform/wheelhouse@refs/heads/main
  - checkout: self
  - bash: y
    name: y1
    displayName: Why
    condition: always()
    continueOnError: true
    enabled: "false"
    timeoutInMinutes: 3
    workingDirectory: $(Build.SourcesDirectory)/x
    failOnStderr: true
    env: { A: $(a), B: true, C: 1.0, D: "" }
  - task: Docker@2
    inputs: { command: login, addPipelineData: false, n: 1 }
  - task: Other.Task@1.2.3
`;
    const { steps } = await onlyJob(text);
    const common = { condition: "succeeded()", continueOnError: false, enabled: true, timeoutInMinutes: 0, env: {} };
    const checkout = { ...common, kind: "checkout", fetchDepth: 1, persistCredentials: false, clean: false };
    assert.deepEqual(steps, [
      { ...checkout, repository: "none", displayName: "Checkout none" },
      {
        ...checkout,
        repository: "platform",
        displayName: "Checkout platform",
        path: "s/platform",
        fetchDepth: 0,
        persistCredentials: true,
        clean: true,
      },
      {
        ...checkout,
        repository: "git://Data Platform/wheelhouse@refs/heads/main",
        displayName: "Checkout git://Data Platform/wheelhouse@refs/heads/main",
      },
      { ...checkout, repository: "self", displayName: "Checkout self" },
      {
        kind: "script",
        shell: "bash",
        script: "y",
        name: "y1",
        displayName: "Why",
        condition: "always()",
        continueOnError: true,
        enabled: false,
        timeoutInMinutes: 3,
        workingDirectory: "$(Build.SourcesDirectory)/x",
        failOnStderr: true,
        env: { A: "$(a)", B: "true", C: "1.0", D: "" },
      },
      {
        ...common,
        kind: "task",
        task: "Docker@2",
        displayName: "Docker",
        inputs: { command: "login", addPipelineData: "false", n: "1" },
      },
      { ...common, kind: "task", task: "Other.Task@1.2.3", displayName: "Other.Task", inputs: {} },
    ]);
  });

  const refusals: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    ["a text", "a", "3", /a map is needed here, not a text/],
    ["a list", "[a]", "3", /a map is needed here, not a list/],
    ["nothing in it", "{}", "3", /a step is empty/],
    ["an unknown kind", "{ scripts: a }", "5", /begins with "scripts"/, /script, bash, task, template/],
    ["two kinds", "{ script: a, task: B@1 }", "3", /either script or task/],
    [
      "an unknown key",
      "{ script: a, displayname: b }",
      "16",
      /"displayname" is no key of a script step/,
      /did you mean displayName/,
    ],
    ["another kind's key", "{ script: a, inputs: {} }", "16", /"inputs" is no key of a script step/],
    ["a task without a version", "{ task: Docker }", "5", /"Docker" is no task with a version/, /Docker@2/],
    ["a task with a variable", "{ task: $(x)@2 }", "5", /is no task with a version/],
    ["an empty task", '{ task: "" }', "5", /task is empty/],
    ["inputs that are a list", "{ task: A@1, inputs: [a] }", "24", /a map is needed here, not a list/],
    ["an input that is a map", "{ task: A@1, inputs: { a: { b: c } } }", "29", /a must be a text, not a map/],
    ["env that is a text", "{ script: a, env: b }", "21", /a map is needed here, not a text/],
    ["an env of a list", "{ script: a, env: { B: [c] } }", "26", /B must be a text, not a list/],
    ["enabled with another word", "{ script: a, enabled: 1 }", "25", /enabled must be true or false, not "1"/],
    ["a time that is no number", "{ script: a, timeoutInMinutes: 1.5 }", "34", /must be a whole number, not "1.5"/],
    ["a bad name", "{ script: a, name: b.c }", "16", /"b.c" cannot be the name of a step/],
    [
      "a condition that is not finished",
      "{ script: a, condition: 'eq(1, 1' }",
      "27",
      /condition is wrong at its character 8/,
    ],
    [
      "parameters in a condition",
      "{ script: a, condition: 'eq(parameters.a, 1)' }",
      "27",
      /parameters are known only while/,
    ],
    [
      "a counter in a condition",
      "{ script: a, condition: 'counter(1, 1)' }",
      "27",
      /counter\(\) cannot stand in a condition/,
    ],
    [
      "an unknown repository",
      "{ checkout: platfrom }",
      "15",
      /"platfrom" is no repository of the pipeline/,
      /known here: none, self/,
    ],
    ["a repository with a variable", "{ checkout: $(x) }", "15", /is no repository/],
    ["a ref that is no branch or tag", "{ checkout: git://A/b@main }", "15", /is no repository/],
    ["a path that is absolute", "{ checkout: self, path: /etc }", "21", /"\/etc" leaves the job's folder/],
    ["a path with ..", "{ checkout: self, path: s/../../x }", "21", /leaves the job's folder/],
    ["a depth that is no number", "{ checkout: self, fetchDepth: all }", "33", /must be a whole number/],
  ];
  for (const [what, step, column, message, mend] of refusals) {
    it(`are refused with ${what}`, async () => {
      const flow = Number(column) + 2;
      await refused(expand(`steps:\n  - ${step}\n`), `azure-pipelines.yml:2:${flow}`, message, mend);
    });
  }

  it("are refused with the kinds and keys that the service knows and the sandbox has not, by name", async () => {
    for (const kind of [
      "powershell",
      "pwsh",
      "download",
      "downloadBuild",
      "getPackage",
      "publish",
      "upload",
      "reviewApp",
    ]) {
      await refused(
        expand(`steps: [{ ${kind}: a }]`),
        "azure-pipelines.yml:1:11",
        new RegExp(`^${kind} steps are not supported`),
      );
    }
    for (const key of [
      "fetchFilter",
      "fetchTags",
      "lfs",
      "submodules",
      "sparseCheckoutDirectories",
      "sparseCheckoutPatterns",
      "workspaceRepo",
      "target",
      "retryCountOnTaskFailure",
    ]) {
      await refused(
        expand(`steps: [{ checkout: self, ${key}: a }]`),
        "azure-pipelines.yml:1:27",
        new RegExp(`^${key} in a checkout step is not supported`),
      );
    }
    for (const step of ["script: a", "bash: a", "task: A@1"]) {
      for (const key of ["target", "retryCountOnTaskFailure"]) {
        const place = `azure-pipelines.yml:1:${13 + step.length}`;
        await refused(
          expand(`steps: [{ ${step}, ${key}: a }]`),
          place,
          new RegExp(`^${key} in a .* step is not supported`),
        );
      }
    }
  });

  it("are refused with a name that another one of the job has", async () => {
    const text = "steps:\n  - { script: a, name: n }\n  - { bash: b, name: N }\n";
    await refused(expand(text), "azure-pipelines.yml:3:5", /two steps have the name "N"/);
  });
});
