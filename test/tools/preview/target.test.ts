/** Which pull request, service and run it is, from the variables that the two services set. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { keyOf, readProvider, readRunOf, readTarget } from "../../../tools/preview";

const agent = {
  TF_BUILD: "True",
  SYSTEM_COLLECTIONURI: "https://dev.azure.com/contoso",
  SYSTEM_TEAMPROJECT: "Data Platform",
  SYSTEM_TEAMPROJECTID: "11111111-0000-4000-8000-000000000009",
  SYSTEM_DEFINITIONID: "7",
  SYSTEM_JOBATTEMPT: "2",
  SYSTEM_PULLREQUEST_PULLREQUESTID: "12",
  SYSTEM_PULLREQUEST_SOURCECOMMITID: "a".repeat(40),
  SYSTEM_ACCESSTOKEN: "token",
  BUILD_REPOSITORY_ID: "22222222-0000-4000-8000-000000000009",
  BUILD_REPOSITORY_NAME: "platform",
  BUILD_BUILDID: "345",
  BUILD_BUILDNUMBER: "20261121.3",
};

const workflow = {
  GITHUB_ACTIONS: "true",
  GITHUB_API_URL: "https://api.github.com",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "contoso/platform",
  GITHUB_REF: "refs/pull/3/merge",
  GITHUB_RUN_ID: "9001",
  GITHUB_RUN_NUMBER: "12",
  GITHUB_RUN_ATTEMPT: "1",
  GITHUB_WORKFLOW: "Preview",
  GITHUB_SHA: "b".repeat(40),
  GITHUB_TOKEN: "token",
};

describe("the target of a comment", () => {
  it("is the pull request that an agent of Azure Pipelines builds", () => {
    assert.equal(readProvider(agent, undefined), "azure-devops");
    assert.deepEqual(readTarget("azure-devops", agent, undefined), {
      provider: "azure-devops",
      organization: "https://dev.azure.com/contoso/",
      project: agent.SYSTEM_TEAMPROJECTID,
      repository: agent.BUILD_REPOSITORY_ID,
      repositoryName: "platform",
      pullRequest: 12,
      token: "token",
    });
    assert.deepEqual(readRunOf(agent), {
      number: { number: 345, attempt: 2 },
      name: "20261121.3",
      url: "https://dev.azure.com/contoso/Data%20Platform/_build/results?buildId=345",
      commit: "a".repeat(40),
      pipeline: "7",
    });
  });

  it("is the pull request that a workflow of GitHub Actions runs for, with the commit of its branch and not of the merge", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-target-"));
    try {
      const file = path.join(folder, "event.json");
      writeFileSync(file, JSON.stringify({ pull_request: { number: 3, head: { sha: "c".repeat(40) } } }));
      const environment = { ...workflow, GITHUB_REF: "refs/heads/main", GITHUB_EVENT_PATH: file };
      assert.equal(readProvider(environment, undefined), "github");
      assert.deepEqual(readTarget("github", environment, undefined), {
        ...{ provider: "github", api: "https://api.github.com", owner: "contoso", repository: "platform" },
        ...{ pullRequest: 3, token: "token" },
      });
      assert.deepEqual(readRunOf(environment), {
        number: { number: 9001, attempt: 1 },
        name: "12",
        url: "https://github.com/contoso/platform/actions/runs/9001",
        commit: "c".repeat(40),
        pipeline: "Preview",
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is known from the name of the branch where the event cannot be read, and is the one that was given in any case", () => {
    const target = (environment: NodeJS.ProcessEnv, given?: number) => {
      const found = readTarget("github", environment, given);
      return "fault" in found ? found.why : found.pullRequest;
    };
    assert.equal(target({ ...workflow, GITHUB_EVENT_PATH: "/nowhere/event.json" }), 3);
    assert.equal(target(workflow, 8), 8);
  });

  it("is none in a run of a branch, which is no fault", () => {
    for (const [provider, environment] of [
      ["azure-devops", { ...agent, SYSTEM_PULLREQUEST_PULLREQUESTID: undefined }],
      ["github", { ...workflow, GITHUB_REF: "refs/heads/main" }],
    ] as const) {
      const found = readTarget(provider, environment, undefined);
      assert.ok("fault" in found && !found.fault, provider);
    }
  });

  it("is none without a token, which is one: also where the agent left the macro as it is", () => {
    for (const token of [undefined, "", "$(System.AccessToken)"]) {
      const found = readTarget("azure-devops", { ...agent, SYSTEM_ACCESSTOKEN: token }, undefined);
      assert.ok("fault" in found && found.fault);
      assert.match(`${found.why} ${found.mend}`, /SYSTEM_ACCESSTOKEN is not set\. Map it in the step/);
    }
    const found = readTarget("github", { ...workflow, GITHUB_TOKEN: "" }, undefined);
    assert.ok("fault" in found && found.why.includes("GITHUB_TOKEN is not set"));
  });

  it("needs a word where it is neither service, or none that is known", () => {
    assert.throws(() => readProvider({}, undefined), /no run of a pipeline/);
    assert.throws(() => readProvider(agent, "gitlab"), /--provider gitlab is none/);
    assert.equal(readProvider({}, "github"), "github");
  });
});

describe("the key of a comment", () => {
  const run = (pipeline: string) => ({ number: { number: 1, attempt: 1 }, name: "1", pipeline });
  const key = (project: string, stack: string, pipeline?: string) =>
    keyOf({ project, stack }, pipeline === undefined ? undefined : run(pipeline));

  it("can be read where names are simple", () => {
    assert.equal(key("wheelhouse", "contoso/production", "7"), "wheelhouse/contoso/production in 7");
    assert.equal(key("wheelhouse", "production"), "wheelhouse/production");
  });

  it("is another one for each project, stack and pipeline, and never too long for a property", () => {
    const long = "x".repeat(300);
    const keys = [
      ["a", "b c in 7", undefined],
      ["a", "b c", "7"],
      ["a b", "c", "7"],
      ["a", "b", "7"],
      ["a", "b", "8"],
      ["a", long, "7"],
      ["a", long, "8"],
      [long, "a", "7"],
    ].map(([project = "", stack = "", pipeline]) => key(project, stack, pipeline));
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(keys.every((one) => one.length <= 200));
  });
});
