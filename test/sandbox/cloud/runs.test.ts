import assert from "node:assert/strict";
import { refusal, TestCloud, type Properties, type Reply } from "./client";

const main = "refs/heads/main";
const run = "sandbox:index/run:Run";

describe("runs of pipelines", () => {
  let cloud: TestCloud;
  let projectId: string;
  let repositoryId: string;
  let definitionId: number;
  let tip: string;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Runs" })).id;
    const inputs = { projectId, name: "code", defaultBranch: main, initialization: { initType: "Clean" } };
    repositoryId = (await cloud.make("Git", inputs)).id;
    const file = { repositoryId, file: "azure-pipelines.yml", content: "steps: []\n", branch: main };
    await cloud.make("GitRepositoryFile", file);
    tip = await tipOf();
    definitionId = await define("first");
  });
  after(() => cloud.end());

  async function tipOf(): Promise<string> {
    const { json } = await cloud.call("GET", `/devops/acme/_apis/git/repositories/${repositoryId}/refs`);
    return String(json.value?.[0]?.objectId);
  }

  async function define(name: string, more: object = {}, source: object = {}): Promise<number> {
    const repository = {
      repoId: repositoryId,
      repoType: "TfsGit",
      branchName: main,
      ymlPath: "azure-pipelines.yml",
      ...source,
    };
    return Number((await cloud.make("BuildDefinition", { projectId, name, repository, ...more })).id);
  }

  const rest = (method: string, path: string, body?: object): Promise<Reply> =>
    cloud.call(method, `/devops/acme/Runs/_apis/${path}${path.includes("?") ? "&" : "?"}api-version=7.1`, body);
  const start = (id: number, body: object = {}): Promise<Reply> => rest("POST", `pipelines/${id}/runs`, body);
  const queue = (body: object): Promise<Reply> => rest("POST", "build/builds", body);
  const made = (reply: Reply): Properties => {
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  };
  const change = async (id: unknown, news: object): Promise<Reply> => cloud.verb("update", run, { id, olds: {}, news });

  it("are queued on the default branch's tip, and numbered through the organization", async () => {
    const one = made(await start(definitionId, { resources: { repositories: { self: { refName: main } } } }));
    const other = made(await queue({ definition: { id: definitionId } }));
    assert.equal(Number(other.id), Number(one.id) + 1);
    assert.deepEqual(
      [one.state, other.status, one.result, other.result],
      ["inProgress", "notStarted", undefined, undefined],
    );
    assert.deepEqual([other.sourceBranch, other.sourceVersion, other.reason], [main, tip, "manual"]);
    assert.deepEqual((one.resources as { repositories: { self: object } }).repositories.self, {
      repository: { id: repositoryId, type: "azureReposGit" },
      refName: main,
      version: tip,
    });
    const shown = await cloud.read(run, String(other.id));
    assert.deepEqual(
      [shown?.definitionId, shown?.projectId, shown?.state, shown?.branch, shown?.commit, shown?.reason, shown?.number],
      [definitionId, projectId, "queued", main, tip, "Manual", String(other.id)],
    );
  });

  it("take branches by short names too, an older commit, parameters, and variables that may be set", async () => {
    const older = tip;
    const file = { repositoryId, file: "more.txt", content: "1", branch: main };
    await cloud.make("GitRepositoryFile", file);
    const id = await define("settable", {
      variables: [
        { name: "level", value: "1", allowOverride: true },
        { name: "fixed", value: "1", allowOverride: false },
      ],
    });
    const body = { definition: { id }, sourceBranch: "main", sourceVersion: older, parameters: '{"LEVEL":"2"}' };
    const build = made(await queue({ ...body, templateParameters: { app: "orders" } }));
    assert.deepEqual(
      [build.sourceBranch, build.sourceVersion, build.parameters, build.templateParameters],
      [main, older, '{"LEVEL":"2"}', { app: "orders" }],
    );
    const shown = await cloud.read(run, String(build.id));
    assert.deepEqual([shown?.variables, shown?.parameters], [{ LEVEL: "2" }, { app: "orders" }]);
    for (const name of ["fixed", "unknown"]) {
      const { says, message } = refusal(await start(id, { variables: { [name]: { value: "2" } } }));
      assert.equal(says, "400 PipelineValidationException");
      assert.match(message, new RegExp(`variables ${name} `));
    }
    made(await start(id, { variables: { "system.debug": { value: "true" } } }));
    await cloud.make("ProjectPipelineSettings", { projectId, enforceSettableVar: false });
    made(await start(id, { variables: { unknown: { value: "2" } } }));
    await cloud.make("ProjectPipelineSettings", { projectId, enforceSettableVar: true });
    assert.equal(
      refusal(await queue({ ...body, parameters: '{"unknown":"2"}' })).says,
      "400 BuildRequestValidationFailedException",
    );
  });

  it("are refused for what does not exist, and leave nothing behind", async () => {
    const count = async (): Promise<number> => Number(made(await rest("GET", "build/builds")).count);
    const before = await count();
    const nowhere = await define("without a file", {}, { ymlPath: "absent.yml" });
    const nameless = await define("without a name of a file", {}, { ymlPath: "/" });
    await cloud.make("GitRepositoryFile", { repositoryId, file: "folder/a.txt", content: "1", branch: main });
    const folder = await define("with a folder", {}, { ymlPath: "folder" });
    const self = (given: object): object => ({ resources: { repositories: { self: given } } });
    for (const [reply, says] of [
      [await start(99_999), "404 DefinitionNotFoundException"],
      [await queue({ definition: { id: 99_999 } }), "404 DefinitionNotFoundException"],
      [await start(definitionId, self({ refName: "refs/heads/absent" })), "400 PipelineValidationException"],
      [await start(definitionId, self({ refName: "refs/heads/main~1" })), "400 PipelineValidationException"],
      [await start(definitionId, self({ version: "0".repeat(40) })), "400 PipelineValidationException"],
      [await start(definitionId, self({ version: "--all" })), "400 PipelineValidationException"],
      [await start(nowhere), "400 PipelineValidationException"],
      [await start(nameless), "400 PipelineValidationException"],
      [await start(folder), "400 PipelineValidationException"],
      [
        await queue({ definition: { id: definitionId }, sourceBranch: "absent" }),
        "400 BuildRequestValidationFailedException",
      ],
      [await queue({}), "400 BuildRequestValidationFailedException"],
    ] as const) {
      assert.equal(refusal(reply).says, says);
    }
    assert.equal(await count(), before);
  });

  it("are refused with what is not served here, by its name", async () => {
    for (const [reply, named] of [
      [await start(definitionId, { previewRun: true }), /previewRun/],
      [await start(definitionId, { yamlOverride: "steps: []" }), /yamlOverride/],
      [await start(definitionId, { stagesToSkip: ["build"] }), /stagesToSkip/],
      [await start(definitionId, { variables: { a: { value: "1", isSecret: true } } }), /variables\.a\.isSecret/],
      [await start(definitionId, { resources: { pipelines: {} } }), /pipelines/],
      [await queue({ definition: { id: definitionId }, demands: [] }), /demands/],
      [await queue({ definition: { id: definitionId }, parameters: { a: "1" } }), /parameters/],
      [await queue({ definition: { id: definitionId }, parameters: "{" }), /parameters/],
      [await queue({ definition: { id: definitionId }, reason: "schedule" }), /reason/],
      [await rest("GET", "build/builds?deletedFilter=onlyDeleted"), /deletedFilter/],
      [await rest("GET", "build/builds?statusFilter=sleeping"), /statusFilter/],
      [await rest("GET", "build/builds?$top=none"), /\$top/],
    ] as const) {
      const { says, message } = refusal(reply);
      assert.match(says, /^400 /);
      assert.match(message, named);
    }
    assert.equal(refusal(await rest("GET", "build/builds/99999")).says, "404 BuildNotFoundException");
    const { id } = made(await start(definitionId));
    assert.equal(refusal(await rest("DELETE", `build/builds/${String(id)}`)).says, "405 MethodNotAllowed");
  });

  it("need a version of the API, as all that changes something does", async () => {
    const path = `/devops/acme/Runs/_apis/pipelines/${definitionId}/runs`;
    assert.equal(refusal(await cloud.call("POST", path, {})).says, "400 VssVersionNotSpecifiedException");
  });

  it("are taken by a paused definition, and not by a disabled one or of another service's repository", async () => {
    made(await start(await define("paused", { queueStatus: "paused" })));
    const disabled = await define("disabled", { queueStatus: "disabled" });
    assert.equal(refusal(await start(disabled)).says, "400 DefinitionDisabledException");
    const wanted = { definitionId: disabled, branch: main, commit: tip };
    assert.equal((await cloud.refused(run, wanted)).says, "400 DefinitionDisabledException");
  });

  it("are brought forward by the agents, and never back", async () => {
    const { id } = made(await start(definitionId));
    const read = async (): Promise<Properties> => made(await rest("GET", `build/builds/${String(id)}`));
    made(await change(id, { state: "running", number: "20261121.1", startedAt: "2026-11-21T05:00:00Z", tags: ["a"] }));
    const running = await read();
    assert.deepEqual(
      [running.status, running.buildNumber, running.startTime, running.tags, running.finishTime],
      ["inProgress", "20261121.1", "2026-11-21T05:00:00Z", ["a"], undefined],
    );
    assert.equal(refusal(await change(id, { state: "queued" })).says, "409 BuildStatusInvalidChangeException");
    assert.equal(refusal(await change(id, { state: "completed" })).says, "400 InvalidArgument");
    assert.equal(refusal(await change(id, { result: "failed" })).says, "400 InvalidArgument");
    made(await change(id, { state: "completed", result: "succeededWithIssues", endedAt: "2026-11-21T05:01:00Z" }));
    const ended = await read();
    assert.deepEqual(
      [ended.status, ended.result, ended.finishTime, ended.tags],
      ["completed", "partiallySucceeded", "2026-11-21T05:01:00Z", ["a"]],
    );
    assert.equal(refusal(await change(id, { result: "failed" })).says, "409 BuildStatusInvalidChangeException");
    assert.equal(refusal(await change(id, { state: "running" })).says, "409 BuildStatusInvalidChangeException");
    for (const [news, named] of [
      [{ stat: "running" }, /stat/],
      [{ definitionId: 5 }, /definitionId/],
      [{ startedAt: "yesterday" }, /startedAt/],
    ] as const) {
      assert.match(refusal(await change(id, news)).message, named);
    }
    assert.equal(refusal(await change(99_999, { tags: [] })).says, "404 BuildNotFoundException");
  });

  it("are made by the agents too, with their reason, and only of commits that exist", async () => {
    const wanted = {
      definitionId,
      branch: main,
      commit: tip,
      reason: "IndividualCI",
      because: "a push",
      number: "7.1",
    };
    const { id, properties } = await cloud.make(run, wanted);
    assert.deepEqual([properties.state, properties.number], ["queued", "7.1"]);
    assert.deepEqual([properties.projectId, properties.repositoryId], [projectId, repositoryId]);
    assert.equal(made(await rest("GET", `build/builds/${id}`)).reason, "individualCI");
    assert.equal(
      (await cloud.refused(run, { ...wanted, commit: "0".repeat(40) })).says,
      "404 GitCommitDoesNotExistException",
    );
    assert.match((await cloud.refused(run, { ...wanted, reason: "Whim" })).message, /reason/);
    assert.match((await cloud.refused(run, { ...wanted, branch: "main" })).message, /branch/);
    assert.match((await cloud.refused(run, { ...wanted, secret: "x" })).message, /secret/);
  });

  it("are cancelled, by the name or the number of the state, until they are completed", async () => {
    for (const status of ["cancelling", "Cancelling", 4]) {
      const { id } = made(await start(definitionId));
      const path = `build/builds/${String(id)}`;
      assert.equal(made(await rest("PATCH", path, { status })).status, "cancelling");
      assert.equal(made(await rest("GET", `pipelines/${definitionId}/runs/${String(id)}`)).state, "canceling");
      assert.equal((await cloud.read(run, String(id)))?.cancelRequested, true);
      made(await change(id, { state: "running" }));
      assert.equal(made(await rest("GET", path)).status, "cancelling");
      made(await change(id, { state: "completed", result: "canceled" }));
      assert.equal(made(await rest("GET", path)).result, "canceled");
      assert.equal(refusal(await rest("PATCH", path, { status })).says, "400 BuildStatusInvalidChangeException");
    }
    const { id } = made(await start(definitionId));
    const path = `build/builds/${String(id)}`;
    assert.match(refusal(await rest("PATCH", path, { keepForever: true })).message, /keepForever/);
    assert.match(refusal(await rest("PATCH", path, { status: "completed" })).message, /status/);
  });

  it("are found by what is asked of them, the newest first", async () => {
    const [one, two] = [await define("searched"), await define("searched too")];
    const ids: number[] = [];
    for (const [definition, news] of [
      [one, { state: "completed", result: "succeeded", tags: ["published", "x"], endedAt: "2026-11-21T05:03:00Z" }],
      [one, { state: "completed", result: "failed", tags: ["published"], endedAt: "2026-11-21T05:02:00Z" }],
      [two, { state: "running", number: "20261121.5", startedAt: "2026-11-21T05:01:00Z" }],
      [two, {}],
    ] as const) {
      const { id } = made(await start(definition));
      ids.push(Number(id));
      made(await change(id, news));
    }
    const found = async (query: string): Promise<number[]> => {
      const { value, count } = made(await rest("GET", `build/builds?definitions=${one},${two}&${query}`)) as {
        value: { id: number }[];
        count: number;
      };
      assert.equal(count, value.length);
      return value.map(({ id }) => ids.indexOf(id));
    };
    assert.deepEqual(await found(""), [3, 2, 1, 0]);
    assert.deepEqual(await found("$top=2"), [3, 2]);
    assert.deepEqual(await found("maxBuildsPerDefinition=1"), [3, 1]);
    assert.deepEqual(await found("statusFilter=completed"), [1, 0]);
    assert.deepEqual(await found("statusFilter=notStarted,inProgress"), [3, 2]);
    assert.deepEqual(await found("statusFilter=33"), [3, 2]);
    assert.deepEqual(await found("statusFilter=all&resultFilter=succeeded"), [0]);
    assert.deepEqual(await found("resultFilter=8"), [1]);
    assert.deepEqual(await found("tagFilters=published"), [1, 0]);
    assert.deepEqual(await found("tagFilters=published,x"), [0]);
    assert.deepEqual(await found("tagFilters=Published"), []);
    assert.deepEqual(await found("buildNumber=20261121.5"), [2]);
    assert.deepEqual(await found("buildNumber=20261121*"), [2]);
    assert.deepEqual(await found("branchName=refs/heads/main"), [3, 2, 1, 0]);
    assert.deepEqual(await found("branchName=refs/heads/other"), []);
    assert.deepEqual(await found("reasonFilter=schedule"), []);
    assert.deepEqual(await found(`buildIds=${ids[2]}`), [2]);
    assert.deepEqual(await found(`repositoryId=${repositoryId}&repositoryType=TfsGit`), [3, 2, 1, 0]);
    assert.deepEqual(await found("queryOrder=finishTimeAscending"), [1, 0, 3, 2]);
    assert.deepEqual(await found("queryOrder=queueTimeAscending"), [0, 1, 2, 3]);
    const listed = made(await rest("GET", `pipelines/${two}/runs`)) as { value: { id: number }[] };
    assert.deepEqual(
      listed.value.map(({ id }) => ids.indexOf(id)),
      [3, 2],
    );
  });

  it("are of one project, and of one pipeline", async () => {
    const other = (await cloud.make("Project", { name: "Other" })).id;
    const { id } = made(await start(definitionId));
    const elsewhere = await cloud.call("GET", `/devops/acme/${other}/_apis/build/builds/${String(id)}`);
    assert.equal(refusal(elsewhere).says, "404 BuildNotFoundException");
    const another = await define("another");
    assert.equal(
      refusal(await rest("GET", `pipelines/${another}/runs/${String(id)}`)).says,
      "404 RunNotFoundException",
    );
    assert.equal(
      refusal(await cloud.call("POST", `/devops/acme/Other/_apis/pipelines/${definitionId}/runs?api-version=7.1`, {}))
        .says,
      "404 DefinitionNotFoundException",
    );
  });

  it("outlive a restart, and not their definition; their numbers are never given again", async () => {
    const id = await define("short-lived");
    const { id: first } = made(await start(id));
    await cloud.restart();
    assert.equal(made(await rest("GET", `build/builds/${String(first)}`)).status, "notStarted");
    await cloud.verb("delete", "BuildDefinition", { id });
    assert.equal(refusal(await rest("GET", `build/builds/${String(first)}`)).says, "404 BuildNotFoundException");
    assert.ok(Number(made(await start(definitionId)).id) > Number(first));
  });
});
