/** `npm start` as a newcomer has it, and then what goes wrong on a working day: on the same platform, with real agents. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunRecord } from "../../../sandbox/agent/model";
import { Control } from "../../../sandbox/commands/control";
import { authorizationOf } from "../../../sandbox/commands/daemon";
import { describeAgents } from "../../../sandbox/commands/daemons";
import { describeSandbox, readSecrets, type Sandbox, type Secrets } from "../../../sandbox/commands/sandbox";
import { processesWith } from "../../../sandbox/process-table.mjs";
import { Organization } from "../../../sandbox/story";
import { RegistryClient } from "../../../tools/registry";
import { Checkout, type Ended } from "./checkout";

/** Seconds within which a command must end on a slow machine. */
const patience = 1500;

describe("npm start, the whole story", function () {
  this.timeout((patience + 60) * 1000);

  let checkout: Checkout;
  let started: Ended;
  let sandbox: Sandbox;
  let secrets: Secrets;
  let control: Control;
  let organization: Organization;
  let temporary: string;

  /** Finds the daemons of the copy's sandbox, which have other ports after each start. */
  const connect = (): void => {
    const folder = checkout.sandbox;
    assert.ok(folder !== undefined, started.output);
    sandbox = describeSandbox(checkout.folder, { WHEELHOUSE_HOME: checkout.home });
    assert.equal(sandbox.folder, folder);
    secrets = readSecrets(sandbox)!;
    const port = (file: string): number => (JSON.parse(readFileSync(file, "utf8")) as { port: number }).port;
    control = new Control(`http://127.0.0.1:${port(path.join(sandbox.agents, "agents.json"))}`, secrets);
    organization = new Organization({
      address: `http://127.0.0.1:${port(path.join(sandbox.cloud, "server.json"))}/devops/wheelhouse-sandbox`,
      project: "Platform",
      authorization: authorizationOf(secrets),
      temporary,
    });
  };
  const idle = async (): Promise<void> => {
    const deadline = Date.now() + patience * 1000;
    while (!(await control.wait(2))) assert.ok(Date.now() < deadline, "runs do not end");
  };
  const newest = async (pipeline: string): Promise<RunRecord> => {
    const run = (await control.runs()).find((record) => record.pipeline.name === pipeline);
    assert.ok(run !== undefined, `${pipeline} never ran`);
    return run;
  };
  const logOf = (run: RunRecord): string => {
    const logs = path.join(sandbox.agents, "runs", String(run.id), "logs");
    return existsSync(logs)
      ? readdirSync(logs)
          .sort()
          .map((file) => readFileSync(path.join(logs, file), "utf8"))
          .join("")
      : "";
  };
  const registry = () => {
    const { registryHost, dockerConfig } = describeAgents(sandbox);
    const client = new RegistryClient({ environment: { DOCKER_CONFIG: dockerConfig } });
    return (repository: string, tag: string) => client.head({ registry: registryHost, repository, tag });
  };
  const pipelineId = async (name: string): Promise<number> => (await newest(name)).pipeline.id;
  const succeeded = (run: RunRecord): void => {
    assert.equal(run.result, "succeeded", `${run.pipeline.name}: ${logOf(run)}`);
  };

  before(async () => {
    checkout = new Checkout({ material: true });
    temporary = mkdtempSync(path.join(checkout.temporary, "copies-"));
    started = await checkout.run(patience, "start");
    if (started.code === 0) connect();
  });
  after(async () => {
    await checkout.dispose();
  });

  it("builds, starts, asks and searches the images of all samples, and tells them in a table", () => {
    assert.equal(started.code, 0, started.output);
    for (const name of [
      "forecast",
      "imaging",
      "invoices",
      "legacy",
      "orders-api",
      "orders-worker",
      "python-web",
      "python-data",
    ]) {
      assert.match(started.output, new RegExp(`^ ${name} .* none$`, "m"));
    }
    assert.match(started.output, /Every image searched for credentials: \d+ images, no leaks/);
    assert.match(started.output, /All runs so far: \d+, none failed/);
    assert.match(started.output, /order \w+ taken by the service and shipped by the worker/);
  });

  it("publishes nothing on a day without news, and after a release only what it touches", () => {
    assert.match(started.output, /looked and published nothing; no application ran/);
    assert.match(
      started.output,
      /refreshed python-web; installed anew: orders; only joined to the new base: imaging, invoices, legacy/,
    );
  });

  it("has an application join by a pull request", () => {
    const told =
      /A team joins by a pull request: one file of (\d+) lines, a comment edited with each push, \d+ resources for invoices, image in/;
    const lines = Number(told.exec(started.output)?.[1]);
    assert.ok(lines > 2 && lines <= 12, started.output);
  });

  it("previewed the platform's pull requests with its policies, by an identity that may only read", async () => {
    const runs = (await control.runs()).filter(({ pipeline }) => pipeline.name === "wheelhouse-preview");
    assert.equal(runs.length, 3);
    for (const run of runs) {
      succeeded(run);
      assert.equal(run.reason, "PullRequest");
      const report = checkout
        .files(path.join(sandbox.agents, "runs", String(run.id), "artifacts"))
        .find(({ file }) => file.endsWith("preview.md"));
      assert.match(report?.content.toString() ?? "", /^### Preview of `wheelhouse` \/ `sandbox`/m);
      assert.doesNotMatch(logOf(run), /no comment|cannot be written/i);
    }
    const [third, second, first] = runs.map((run) => logOf(run));
    assert.match(first!, /wheelhouse\/sandbox: changes \(\d+ create\)/);
    assert.match(second!, /wheelhouse\/sandbox: unchanged/);
    assert.match(third!, /wheelhouse\/sandbox: changes \(\d+ create\)/);
  });

  it("ran what the template repository holds: each script of a run is in its rendered file", async () => {
    const copy = path.join(temporary, "templates");
    await organization.clone("wheelhouse", "main", copy);
    const template = readFileSync(path.join(copy, "templates", "application.yml"), "utf8");
    const run = await newest("orders");
    const expanded = readFileSync(path.join(sandbox.agents, "runs", String(run.id), "pipeline.yml"), "utf8");
    for (const command of ["wheelhouse resolve", "wheelhouse bake", "docker buildx create", "wheelhouse summary"]) {
      const inTemplate = template
        .split("\n")
        .filter((line) => line.includes(command))
        .map((line) => line.trim());
      assert.notEqual(inTemplate.length, 0, command);
      for (const line of inTemplate) assert.ok(expanded.includes(line), line);
    }
    // The organization's name is all in it that tells where it runs.
    assert.doesNotMatch(template.replaceAll("wheelhouse-sandbox", ""), /sandbox/i);
  });

  it("runs something else when the template says something else", async () => {
    const mark = "this run is another one";
    await organization.commit("wheelhouse", { from: "main", to: "main", message: "Say something" }, (folder) => {
      const file = path.join(folder, "templates", "application.yml");
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace(/^( +)docker buildx create /m, `$1echo '${mark}'\n$&`));
    });
    await organization.queue(await pipelineId("forecast"));
    await idle();
    const run = await newest("forecast");
    succeeded(run);
    assert.ok(logOf(run).includes(mark));
  });

  it("refuses the connection that pushes to a pipeline that does not extend the template", async () => {
    const before = await registry()("forecast", "main");
    const branch = "without-the-template";
    await organization.commit("forecast", { from: "main", to: branch, message: "Do it alone" }, (folder) => {
      writeFileSync(
        path.join(folder, "azure-pipelines.yml"),
        [
          "trigger: none",
          "pool: { vmImage: ubuntu-24.04 }",
          "steps:",
          "  - task: Docker@2",
          "    inputs: { command: login, containerRegistry: wheelhouse-push }",
          "  - script: echo never",
          "",
        ].join("\n"),
      );
    });
    await organization.queue(await pipelineId("forecast"), branch);
    await idle();
    const run = await newest("forecast");
    assert.equal(run.result, "failed");
    assert.match(run.issues.map(({ message }) => message).join("\n"), /wheelhouse-push/);
    assert.equal(run.steps.filter(({ startedAt }) => startedAt !== undefined).length, 0);
    assert.deepEqual(await registry()("forecast", "main"), before);
  });

  it("pushes nothing from a pull request", async () => {
    const branch = "a-comment";
    await organization.commit("forecast", { from: "main", to: branch, message: "Say more" }, (folder) => {
      writeFileSync(path.join(folder, "NOTES.md"), "Demand is forecast from past orders.\n");
    });
    const request = await organization.openPullRequest("forecast", branch, "Say more");
    await idle();
    const run = await newest("forecast");
    succeeded(run);
    assert.equal(run.reason, "PullRequest");
    assert.equal(await registry()("forecast", run.number), undefined);
    assert.ok(
      !readFileSync(path.join(sandbox.agents, "runs", String(run.id), "pipeline.yml"), "utf8").includes(
        "wheelhouse-push",
      ),
    );
    await organization.complete("forecast", await organization.pullRequest("forecast", request.pullRequestId));
    await idle();
    succeeded(await newest("forecast"));
    assert.notEqual(await registry()("forecast", (await newest("forecast")).number), undefined);
  });

  it("survives two refreshes of a base image at once, and a push meanwhile", async () => {
    const ids = [await pipelineId("python-web"), await pipelineId("python-web"), await pipelineId("orders")];
    await Promise.all(ids.map((id) => organization.queue(id)));
    await idle();
    const runs = (await control.runs()).slice(0, 3);
    for (const run of runs) succeeded(run);
    for (const name of ["orders-api", "orders-worker"]) assert.notEqual(await registry()(name, "main"), undefined);
  });

  it("leaves every tag whole where registry and feed are away for ten seconds, and the next run mends it", async () => {
    const away = checkout
      .processes()
      .filter((pid) => /docker-registry|devpi-server/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8")));
    assert.ok(away.length >= 2);
    const tagged = async () => Promise.all(["orders-api", "orders-worker"].map((name) => registry()(name, "main")));
    const before = await tagged();
    assert.ok(!before.includes(undefined));
    await organization.queue(await pipelineId("orders"));
    try {
      for (const pid of away) process.kill(pid, "SIGSTOP");
      await sleep(10_000);
    } finally {
      for (const pid of away) process.kill(pid, "SIGCONT");
    }
    await idle();
    assert.ok(!(await tagged()).includes(undefined));
    await organization.queue(await pipelineId("orders"));
    await idle();
    succeeded(await newest("orders"));
    assert.ok(!(await tagged()).includes(undefined));
  });

  it("records a run whose agent was killed, and the next one mends it", async () => {
    const before = await registry()("forecast", "main");
    await organization.queue(await pipelineId("forecast"));
    const builds = async (): Promise<boolean> =>
      (await newest("forecast")).steps.some(
        ({ displayName, state }) => displayName.startsWith("Build,") && state === "running",
      );
    const deadline = Date.now() + 120_000;
    while (!(await builds())) {
      assert.ok(Date.now() < deadline, logOf(await newest("forecast")));
      await sleep(50);
    }
    for (const { pid } of processesWith("WHEELHOUSE_AGENTS_OF", sandbox.folder)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended with the others.
      }
    }
    const up = await checkout.run(patience, "sandbox", "up");
    assert.equal(up.code, 0, up.output);
    connect();
    const lost = await newest("forecast");
    assert.equal(lost.result, "failed");
    assert.match(lost.issues.map(({ message }) => message).join(), /agent/);
    assert.deepEqual(await registry()("forecast", "main"), before);
    await organization.queue(await pipelineId("forecast"));
    await idle();
    succeeded(await newest("forecast"));
  });

  describe("a Dockerfile that takes the token along", () => {
    const secret = "RUN --mount=type=secret,id=netrc,required=true --mount=type=secret,id=pip_index_url,required=true";
    const token = `$(sed -n 's/^password //p' /run/secrets/netrc)`;
    const ways: Readonly<Record<string, string>> = {
      "as a file": `${secret} cp /run/secrets/netrc /app/netrc && chmod 0644 /app/netrc`,
      "in a file that a later layer deletes": `${secret} cp /run/secrets/netrc /app/netrc\nRUN rm -f /app/netrc`,
      "as base64 of user and token": `${secret} printf 'build:%s' "${token}" | base64 -w 0 > /app/auth`,
      "in pip's configuration": `${secret} mkdir -p /etc/pip && printf '[global]\\nindex-url = %s\\n' "$(cat /run/secrets/pip_index_url)" > /etc/pip/pip.conf`,
      "as UTF-16": `${secret} python3 -c "import re; open('/app/u','wb').write(re.search('password (.*)', open('/run/secrets/netrc').read())[1].encode('utf-16'))"`,
      "as wrapped base64": `${secret} base64 -w 60 /run/secrets/pip_index_url > /app/wrapped`,
    };

    for (const [name, line] of Object.entries(ways)) {
      it(`${name} never gets past the scan`, async () => {
        const branch = `leak-${name.replace(/[^a-z0-9]+/gi, "-").toLowerCase()}`;
        await organization.commit("legacy", { from: "main", to: branch, message: "Take it along" }, (folder) => {
          const file = path.join(folder, "Dockerfile");
          const text = readFileSync(file, "utf8");
          writeFileSync(file, text.replace(/^USER /m, `USER 0\nRUN mkdir -p /app\n${line}\nUSER `));
        });
        await organization.queue(await pipelineId("legacy"), branch);
        await idle();
        const run = await newest("legacy");
        assert.equal(run.result, "failed", logOf(run));
        // Found by the linter before the build, or by the scan after it.
        assert.match(logOf(run), /leak|secret/i);
        assert.equal(await registry()("legacy", branch), undefined);
        assert.equal(await registry()("legacy", run.number), undefined);
      });
    }
  });

  // Suites come after the tests beside them, and these are to be the last.
  describe("in the end", () => {
    it("leaves no secret in logs, records, or arguments", () => {
      const all = [secrets.personalAccessToken, secrets.clientSecret, secrets.jobTokenKey, secrets.passphrase];
      const files = checkout.files(path.join(sandbox.agents, "runs"));
      assert.ok(files.length > 100);
      // A job's token is of the form of a JWT.
      const jwt = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/;
      for (const { file, content } of files) {
        const text = content.toString("latin1");
        assert.doesNotMatch(text, jwt, file);
        for (const secret of all) assert.ok(!text.includes(secret), file);
      }
      for (const line of checkout.commandLines()) {
        assert.doesNotMatch(line, jwt);
        for (const secret of all) assert.ok(!line.includes(secret), line);
      }
    });

    it("shows the runs and their logs, and is gone after down", async () => {
      const { output } = await checkout.run(patience, "sandbox", "runs", "forecast");
      assert.match(output, /forecast +\d{8}\.\d+ +succeeded/);
      const log = await checkout.run(patience, "sandbox", "logs", "forecast");
      assert.match(log.output, /==> Build, scan and publish: succeeded <==/);
      const down = await checkout.run(patience, "sandbox", "down");
      assert.equal(down.code, 0, down.output);
      assert.deepEqual(checkout.processes(), [], checkout.commandLines().join("\n"));
      rmSync(temporary, { recursive: true, force: true });
    });
  });
});
