import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { runJob } from "../../../../sandbox/agent/job";
import { startAgents } from "../../../../sandbox/agent/service";
import { processesWith } from "../../../../sandbox/process-table.mjs";
import { call } from "../../cloud/client";
import { feed, Platform, registryHost } from "./platform";
import { roles } from "./world";

const simple = "trigger: none\nsteps:\n  - script: echo hello\n";

describe("the agents' service", function () {
  this.timeout(60_000);
  let platform: Platform;
  beforeEach(async () => (platform = await Platform.make()));
  afterEach(() => platform.end());

  it("runs what is queued, and the clouds see it go on", async () => {
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": simple }),
    );
    await platform.start();
    platform.holdJobs();
    const id = await platform.queue(pipeline);
    const held = await platform.heldJob();
    strictEqual(platform.agents.isIdle(), false);
    strictEqual(await platform.agents.wait(0.2), false);
    held.context.sink.stepStarted(0);
    held.context.sink.tag("published");
    held.context.sink.buildNumber("7.1");
    strictEqual(platform.agents.runs.require(id).state, "running");
    held.context.sink.stepEnded(0, "succeeded");
    held.end();
    await platform.settle();
    const record = platform.agents.runs.require(id);
    deepStrictEqual(
      [record.state, record.result, record.number, record.tags, record.agent, record.because],
      ["completed", "succeeded", "7.1", ["published"], 1, "queued by hand"],
    );
    const { status, result, buildNumber, tags } = await platform.build(id);
    deepStrictEqual([status, result, buildNumber, tags], ["completed", "succeeded", "7.1", ["published"]]);
    match(readFileSync(join(platform.agents.runs.folder(id), "pipeline.yml"), "utf8"), /echo hello/);
  });

  it("runs pushes, each once, and numbers the day's runs", async () => {
    const repository = await platform.repository("orders", {});
    await platform.pipeline("orders", repository);
    await platform.start();
    // The first push brings the pipeline's file.
    await platform.push(repository, "azure-pipelines.yml", "trigger: [main]\nsteps:\n  - script: echo hello\n");
    await platform.push(repository, "a.txt", "a");
    await platform.settle();
    await platform.push(repository, "b.txt", "b");
    await platform.settle();
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    const records = platform.records();
    deepStrictEqual(
      records.map(({ reason, result }) => `${reason} ${result}`),
      Array<string>(3).fill("IndividualCI succeeded"),
    );
    deepStrictEqual(
      records.map(({ number }) => number),
      [1, 2, 3].map((count) => `${day}.${count}`),
    );
  });

  it("gives a run its parameters and variables, and expands the template with them", async () => {
    const repository = await platform.repository("orders", {
      "azure-pipelines.yml":
        "parameters:\n  - name: app\n    type: string\nextends:\n  template: t.yml\n  parameters: { app: '${{ parameters.app }}' }\n",
      "t.yml":
        "parameters:\n  - name: app\n    type: string\nsteps:\n  - script: build ${{ parameters.app }} for ${{ variables['Build.Reason'] }}\n",
    });
    const variables = [{ name: "Level", value: "1", allowOverride: true }];
    const pipeline = await platform.pipeline("orders", repository, { variables });
    await platform.start();
    platform.holdJobs();
    await platform.queue(pipeline, {
      templateParameters: { app: "orders-api" },
      parameters: JSON.stringify({ Level: "2" }),
    });
    const { job, context, end } = await platform.heldJob();
    const [step] = job.steps.filter((one) => one.kind === "script");
    strictEqual(step?.script, "build orders-api for Manual");
    const value = (name: string) => context.variables.get(name)?.value;
    deepStrictEqual(
      [
        "Level",
        "Build.DefinitionName",
        "Build.SourceBranch",
        "Build.SourceBranchName",
        "System.TeamProject",
        "Build.Repository.Name",
      ].map(value),
      ["2", "orders", "refs/heads/main", "main", "Platform", "orders"],
    );
    end();
    await platform.settle();
  });

  it("runs as many jobs at once as it has agents, the others after them in their order", async () => {
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": simple }),
    );
    await platform.start({ agents: 2 });
    platform.holdJobs();
    const ids = [];
    for (let count = 0; count < 4; count += 1) ids.push(await platform.queue(pipeline));
    const [one, two] = [await platform.heldJob(), await platform.heldJob()];
    while (platform.agents.queue().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    deepStrictEqual(platform.agents.queue(), ids.slice(2));
    deepStrictEqual(platform.agents.agents(), [
      { number: 1, run: ids[0] },
      { number: 2, run: ids[1] },
    ]);
    ok(one.context.folder !== two.context.folder);
    two.end();
    const three = await platform.heldJob();
    strictEqual(three.context.folder, two.context.folder);
    strictEqual(platform.agents.runs.require(ids[2]!).agent, 2);
    [one, three].forEach(({ end }) => end());
    (await platform.heldJob()).end("failed");
    await platform.settle();
    deepStrictEqual(
      platform.records().map(({ result }) => result),
      ["succeeded", "succeeded", "succeeded", "failed"],
    );
    deepStrictEqual(platform.ran, ids);
  });

  it("ends what is cancelled, whether it runs or waits", async () => {
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": simple }),
    );
    await platform.start({ agents: 1 });
    platform.holdJobs();
    const [running, waiting, other] = [
      await platform.queue(pipeline),
      await platform.queue(pipeline),
      await platform.queue(pipeline),
    ];
    const held = await platform.heldJob();
    const cancel = (id: number) =>
      platform.cloud.call("PATCH", `/devops/acme/${platform.projectId}/_apis/build/builds/${id}?api-version=7.1`, {
        status: "cancelling",
      });
    await cancel(waiting);
    while (platform.agents.runs.get(waiting)?.state !== "completed")
      await new Promise((resolve) => setTimeout(resolve, 20));
    strictEqual(held.context.signal.aborted, false);
    await cancel(running);
    (await platform.heldJob()).end();
    await platform.settle();
    const results = [running, waiting, other].map((id) => platform.agents.runs.require(id).result);
    deepStrictEqual(results, ["canceled", "canceled", "succeeded"]);
    deepStrictEqual(platform.ran, [running, other]);
    strictEqual((await platform.build(waiting)).result, "canceled");
  });

  it("lets runs of a paused pipeline wait until it goes on", async () => {
    const repository = await platform.repository("orders", { "azure-pipelines.yml": simple });
    const pipeline = await platform.pipeline("orders", repository, { queueStatus: "paused" });
    await platform.start();
    const id = await platform.queue(pipeline);
    await platform.settle();
    strictEqual(platform.agents.runs.require(id).state, "queued");
    const token = "azuredevops:index/buildDefinition:BuildDefinition";
    const news = { ...(await platform.cloud.read("BuildDefinition", String(pipeline))), queueStatus: "enabled" };
    await platform.cloud.verb("update", token, { id: String(pipeline), news });
    await platform.settle();
    strictEqual(platform.agents.runs.require(id).result, "succeeded");
  });

  it("ends a run whose pipeline is deleted", async () => {
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": simple }),
    );
    await platform.start();
    platform.holdJobs();
    const id = await platform.queue(pipeline);
    await platform.heldJob();
    await platform.cloud.verb("delete", "azuredevops:index/buildDefinition:BuildDefinition", { id: String(pipeline) });
    await platform.settle();
    const { result, issues } = platform.agents.runs.require(id);
    deepStrictEqual([result, issues.length], ["canceled", 1]);
    match(issues[0]!.message, /pipeline of this run is gone/);
  });

  it("refuses a run with every reason, and runs nothing of it", async () => {
    const steps = "steps:\n  - task: Docker@2\n    inputs: { command: login, containerRegistry: push }\n";
    const repository = await platform.repository("orders", {
      "azure-pipelines.yml": `trigger: none\npool: nowhere\n${steps}`,
    });
    const pipeline = await platform.pipeline("orders", repository);
    await platform.start();
    const id = await platform.queue(pipeline);
    await platform.settle();
    const { result, issues, steps: run, startedAt } = platform.agents.runs.require(id);
    deepStrictEqual([result, run, startedAt, platform.ran], ["failed", [], undefined, []]);
    deepStrictEqual(
      issues.map(({ message }) => message.includes("could not be found")),
      [true, true],
    );
    strictEqual((await platform.build(id)).result, "failed");
  });

  it("refuses what cannot be read, with its place, and a template that is not there", async () => {
    const broken = await platform.repository("broken", { "azure-pipelines.yml": "steps:\n  - scirpt: x\n" });
    const missing = await platform.repository("missing", {
      "azure-pipelines.yml": "extends:\n  template: nowhere.yml\n",
    });
    await platform.start();
    const ids = [
      await platform.queue(await platform.pipeline("broken", broken)),
      await platform.queue(await platform.pipeline("missing", missing)),
    ];
    await platform.settle();
    const [one, two] = ids.map((id) => platform.agents.runs.require(id).issues[0]!.message);
    match(one!, /^azure-pipelines\.yml:2:5 {2}/);
    match(two!, /nowhere\.yml/);
    deepStrictEqual(platform.ran, []);
  });

  it("holds a pipeline to the template that its connection requires, as it is when the job begins", async () => {
    await platform.repository("wheelhouse", {
      "templates/application.yml":
        "steps:\n  - task: Docker@2\n    inputs: { command: login, containerRegistry: wheelhouse-push }\n",
    });
    const good =
      "trigger: none\nresources:\n  repositories:\n    - { repository: w, type: git, name: Platform/wheelhouse, ref: refs/heads/main }\nextends:\n  template: templates/application.yml@w\n";
    const bad =
      "trigger: none\nsteps:\n  - task: Docker@2\n    inputs: { command: login, containerRegistry: wheelhouse-push }\n";
    const { cloud, projectId } = platform;
    const endpoint = await platform.connection("wheelhouse-push", roles.push);
    const pipelines = [];
    for (const [name, text] of [
      ["good", good],
      ["bad", bad],
    ] as const) {
      const pipeline = await platform.pipeline(name, await platform.repository(name, { "azure-pipelines.yml": text }));
      await cloud.make("PipelineAuthorization", {
        projectId,
        resourceId: endpoint,
        type: "endpoint",
        pipelineId: pipeline,
      });
      pipelines.push(pipeline);
    }
    const repositories = await cloud.call(
      "GET",
      `/devops/acme/${projectId}/_apis/git/repositories/wheelhouse?api-version=7.1`,
    );
    await cloud.make("PipelineAuthorization", { projectId, resourceId: repositories.json.id, type: "repository" });
    await cloud.make("CheckRequiredTemplate", {
      projectId,
      targetResourceId: endpoint,
      targetResourceType: "endpoint",
      requiredTemplates: [
        {
          repositoryType: "azuregit",
          repositoryName: "Platform/wheelhouse",
          repositoryRef: "refs/heads/main",
          templatePath: "templates/application.yml",
        },
      ],
    });
    await platform.start();
    platform.holdJobs();
    const ids = [await platform.queue(pipelines[0]!), await platform.queue(pipelines[1]!)];
    const held = await platform.heldJob();
    const login = await held.context.registry("wheelhouse-push");
    deepStrictEqual(login, { host: registryHost, username: "sandbox-push", password: "password-of-push" });
    await rejects(held.context.registry("wheelhouse-pull"), /is none that this pipeline was authorized for/);
    held.end();
    await platform.settle();
    strictEqual(platform.agents.runs.require(ids[0]!).result, "succeeded");
    match(platform.agents.runs.require(ids[1]!).issues[0]!.message, /^Required template check failed/);
    deepStrictEqual(platform.ran, [ids[0]]);
  });

  it("checks again when a run has waited for its agent", async () => {
    const endpoint = await platform.connection("pull", roles.pull);
    const text = "trigger: none\nsteps:\n  - task: Docker@2\n    inputs: { command: login, containerRegistry: pull }\n";
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": text }),
    );
    const authorization = await platform.cloud.make("PipelineAuthorization", {
      projectId: platform.projectId,
      resourceId: endpoint,
      type: "endpoint",
    });
    await platform.start({ agents: 1 });
    platform.holdJobs();
    const [first, second] = [await platform.queue(pipeline), await platform.queue(pipeline)];
    const held = await platform.heldJob();
    while (platform.agents.queue().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await platform.cloud.verb("delete", "azuredevops:index/pipelineAuthorization:PipelineAuthorization", {
      id: authorization.id,
    });
    // The service has seen it when it has seen what came later.
    await platform.push(await platform.repository("other", {}), "x", "x");
    await new Promise((resolve) => setTimeout(resolve, 600));
    held.end();
    await platform.settle();
    deepStrictEqual(
      [first, second].map((id) => platform.agents.runs.require(id).result),
      ["succeeded", "failed"],
    );
    match(platform.agents.runs.require(second).issues[0]!.message, /not been authorized/);
  });

  it("gives a job a token that fetches what its pipeline names, until the job ends", async () => {
    const text = "trigger: none\nsteps:\n  - checkout: self\n";
    const own = await platform.repository("orders", { "azure-pipelines.yml": text });
    await platform.repository("secret", { "x.txt": "x" });
    await platform.start();
    platform.holdJobs();
    await platform.queue(await platform.pipeline("orders", own));
    const { context, end } = await platform.heldJob();
    const source = await context.repository("self");
    deepStrictEqual([source.name, source.ref], ["orders", "refs/heads/main"]);
    const fetchOf = async (url: string): Promise<number> => {
      const { origin, pathname } = new URL(url);
      const authorization = `Basic ${Buffer.from(`build:${context.jobToken}`).toString("base64")}`;
      return (await call(origin, "GET", `${pathname}/info/refs?service=git-upload-pack`, undefined, { authorization }))
        .status;
    };
    strictEqual(await fetchOf(source.url), 200);
    strictEqual(await fetchOf(source.url.replace("/orders", "/secret")), 404);
    strictEqual(platform.tokens.roleOf(context.jobToken), "collaborator");
    await rejects(context.repository("git://Platform/secret"), /did not name the repository Platform\/secret/);
    await rejects(context.repository("nobody"), /there is no repository "nobody" in this pipeline/);
    strictEqual(
      await context.feedIndex("Platform/python"),
      `${platform.cloud.address}/packages/acme/Platform/_packaging/python/pypi/simple/`,
    );
    await rejects(context.feedIndex("python"), /there is no feed python/);
    end();
    await platform.settle();
    strictEqual(await fetchOf(source.url), 401);
    strictEqual(platform.tokens.roleOf(context.jobToken), undefined);
  });

  it("starts applications when their base image was published, and not before one was", async () => {
    const base = await platform.repository("base", { "azure-pipelines.yml": simple });
    const basePipeline = await platform.pipeline("python-web", base);
    const listens =
      "trigger: none\nresources:\n  pipelines:\n    - { pipeline: base, source: \\wheelhouse\\python-web, trigger: { tags: [published] } }\nsteps:\n  - script: echo\n";
    const appPipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": listens }),
    );
    await platform.start();
    platform.jobs((_job, { variables, sink }) => {
      if (variables.get("Build.DefinitionName")?.value === "python-web" && platform.ran.length > 2)
        sink.tag("published");
      return Promise.resolve("succeeded");
    });
    const early = await platform.queue(appPipeline);
    await platform.settle();
    match(
      platform.agents.runs.require(early).issues[0]!.message,
      /unable to resolve the latest version of the pipeline python-web: no run of it has succeeded yet/,
    );
    await platform.queue(basePipeline);
    await platform.queue(basePipeline);
    await platform.settle();
    strictEqual(platform.records().filter(({ reason }) => reason === "ResourceTrigger").length, 0);
    await platform.queue(basePipeline);
    await platform.settle();
    const started = platform.records().filter(({ reason }) => reason === "ResourceTrigger");
    deepStrictEqual(
      started.map(({ result, pipeline }) => `${pipeline.name} ${result}`),
      ["orders succeeded"],
    );
    match(started[0]!.because, /^python-web \d{8}\.3 was published$/);
  });

  it("runs schedules on a clock that is set forward, which jobs see, too", async () => {
    const text =
      "trigger: none\nschedules:\n  - cron: 0 4 * * *\n    displayName: Daily refresh\n    branches: { include: [main] }\n    always: true\nsteps:\n  - script: date\n";
    await platform.pipeline("python-web", await platform.repository("base", { "azure-pipelines.yml": text }));
    await platform.start();
    await platform.settle();
    platform.holdJobs();
    platform.agents.setForward(24 * 3600);
    const { context, end } = await platform.heldJob();
    strictEqual(context.clockOffsetSeconds, 24 * 3600);
    strictEqual(context.variables.get("Build.Reason")?.value, "Schedule");
    end();
    await platform.settle();
    const [record, ...more] = platform.records();
    deepStrictEqual(more, []);
    match(record!.because, /^schedule "Daily refresh", due /);
    ok(record!.number.startsWith(new Date(Date.now() + 24 * 3600_000).toISOString().slice(0, 10).replaceAll("-", "")));
    ok(Date.parse(record!.queuedAt) > Date.now() + 23 * 3600_000);
  });

  it("runs pull requests as policies say, and ends a run that a newer push makes needless", async () => {
    const repository = await platform.repository("orders", { "azure-pipelines.yml": simple });
    const pipeline = await platform.pipeline("orders", repository);
    await platform.cloud.make("BranchPolicyBuildValidation", {
      projectId: platform.projectId,
      settings: {
        buildDefinitionId: pipeline,
        displayName: "Build",
        queueOnSourceUpdateOnly: true,
        scopes: [{ repositoryId: repository, repositoryRef: "refs/heads/main", matchType: "Exact" }],
      },
    });
    await platform.start();
    platform.holdJobs();
    const base = `/devops/acme/${platform.projectId}/_apis/git/repositories/${repository}`;
    await platform.branch("orders", "feature");
    await platform.push(repository, "new.txt", "x", "refs/heads/feature");
    const opened = await platform.cloud.call("POST", `${base}/pullrequests?api-version=7.1`, {
      sourceRefName: "refs/heads/feature",
      targetRefName: "refs/heads/main",
      title: "Add a file",
    });
    ok(opened.status < 300, opened.text);
    const first = await platform.heldJob();
    const value = (name: string) => first.context.variables.get(name)?.value;
    deepStrictEqual(
      ["Build.Reason", "Build.SourceBranch", "System.PullRequest.SourceBranch", "System.PullRequest.TargetBranch"].map(
        value,
      ),
      ["PullRequest", "refs/pull/1/merge", "refs/heads/feature", "refs/heads/main"],
    );
    strictEqual((await first.context.repository("self")).ref, "refs/pull/1/merge");
    await platform.push(repository, "more.txt", "y", "refs/heads/feature");
    (await platform.heldJob()).end();
    await platform.settle();
    deepStrictEqual(
      platform.records().map(({ reason, result, pullRequest }) => `${reason} ${pullRequest} ${result}`),
      ["PullRequest 1 canceled", "PullRequest 1 succeeded"],
    );
  });

  it("goes on when the clouds were away, and tells them then what happened meanwhile", async () => {
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": simple }),
    );
    const gate = await platform.gate();
    await platform.start({ cloud: { ...platform.access, address: gate.address } });
    platform.holdJobs();
    const id = await platform.queue(pipeline);
    const { end } = await platform.heldJob();
    await gate.shut();
    end();
    while (platform.agents.runs.require(id).state !== "completed")
      await new Promise((resolve) => setTimeout(resolve, 20));
    strictEqual(await platform.agents.wait(0.5), false);
    await gate.reopen();
    await platform.settle();
    strictEqual((await platform.build(id)).result, "succeeded");
    strictEqual(platform.lines.filter((line) => line.includes("do not answer")).length, 1);
  });

  it("has each agent's folder prepared while it is empty, before any job", async () => {
    const prepared: string[] = [];
    await platform.start({
      agents: 3,
      prepareFolder: async (folder) => {
        deepStrictEqual(readdirSync(folder), []);
        await Promise.resolve(prepared.push(folder));
      },
    });
    const home = join(realpathSync(platform.folder), "agents", "agents");
    deepStrictEqual(
      prepared,
      ["1", "2", "3"].map((agent) => join(home, agent)),
    );
  });

  it("lets nobody else use its folder, and takes no clouds as nothing to do", async () => {
    await platform.start({ cloud: undefined });
    strictEqual(await platform.agents.wait(1), true);
    const again = startAgents({
      folder: join(platform.folder, "agents"),
      services: platform.services,
      feed,
      environment: {},
      write: () => undefined,
    });
    await rejects(again, /process \d+, since .*, runs the agents of/);
    ok(existsSync(join(platform.folder, "agents", "lock.json")));
    await platform.agents.setCloud(platform.access);
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": simple }),
    );
    const id = await platform.queue(pipeline);
    await platform.settle();
    strictEqual(platform.agents.runs.require(id).result, "succeeded");
  });

  it("goes on for the others when a repository is switched off", async () => {
    const scheduled =
      "trigger: none\nschedules:\n  - { cron: 0 4 * * *, displayName: Daily, branches: { include: [main] }, always: true }\nsteps:\n  - script: date\n";
    const off = await platform.repository("off", { "azure-pipelines.yml": scheduled });
    const offPipeline = await platform.pipeline("off", off);
    await platform.pipeline("on", await platform.repository("on", { "azure-pipelines.yml": scheduled }));
    const waiting = await platform.queue(offPipeline);
    const token = "azuredevops:index/git:Git";
    const news = { ...(await platform.cloud.read("Git", off)), disabled: true };
    strictEqual((await platform.cloud.verb("update", token, { id: off, news })).status, 200);
    await platform.start();
    await platform.settle();
    match(platform.agents.runs.require(waiting).issues[0]!.message, /the repository off is disabled: enable it/);
    platform.agents.setForward(24 * 3600);
    await platform.settle();
    deepStrictEqual(
      platform.records().map(({ pipeline, result }) => `${pipeline.name} ${result}`),
      ["off failed", "on succeeded"],
    );
    strictEqual(platform.agents.trouble(), undefined);
  });

  it("ends within seconds, with jobs that do not want to", async () => {
    const stubborn =
      "trigger: none\nsteps:\n  - script: |\n      trap '' INT TERM\n      echo started\n      while true; do sleep 1; done\n  - script: sleep 3600\n    condition: always()\n";
    const pipeline = await platform.pipeline(
      "orders",
      await platform.repository("orders", { "azure-pipelines.yml": stubborn }),
    );
    await platform.start({ runJob });
    const [running, waiting] = [await platform.queue(pipeline), await platform.queue(pipeline)];
    const store = platform.agents.runs;
    while (!(store.get(running)?.state === "running" && store.logOf(running).includes("Z started"))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const began = Date.now();
    await platform.agents.close();
    ok(Date.now() - began < 9000, `${Date.now() - began} ms`);
    const temp = join(platform.folder, "agents", "agents", "1", "job", "_work", "_temp");
    deepStrictEqual(processesWith("AGENT_TEMPDIRECTORY", temp), []);
    strictEqual(store.require(running).result, "canceled");
    // The other agent had it in hand, or it waits for the next start.
    ok(["canceled", undefined].includes(store.require(waiting).result));
  });
});
