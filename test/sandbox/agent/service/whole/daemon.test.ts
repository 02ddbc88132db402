import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { RunRecord } from "../../../../../sandbox/agent/model";
import { processesWith } from "../../../../../sandbox/process-table.mjs";
import { account, TestCloud } from "../../../cloud/client";
import { declareConnection } from "../connection";
import { roles } from "../world";

const feed = { organization: account.organization, project: "Platform", name: "python" } as const;
const jobTokenKey = randomBytes(32).toString("base64url");

interface Description {
  readonly pid: number;
  readonly port: number;
  readonly registryHost: string;
  readonly feedAddress: string;
}

describe("the agents' daemon", function () {
  this.timeout(300_000);
  let folder: string;
  let cloud: TestCloud | undefined;
  let child: ChildProcess | undefined;
  before(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-daemon-")))));
  after(async () => {
    await end("SIGTERM");
    await cloud?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  async function begin(): Promise<Description> {
    const file = join(folder, "agents.json");
    child = spawn(process.execPath, ["--require", "tsx/cjs", "sandbox/agent/main.ts"], {
      env: { ...process.env, WHEELHOUSE_AGENTS_OPTIONS: JSON.stringify({ ...account, folder, feed, jobTokenKey }) },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const read = () => JSON.parse(readFileSync(file, "utf8")) as Description;
    await until("the daemon has started", () => existsSync(file) && read().pid === child?.pid);
    return read();
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "close");
  }

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 120_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`not within two minutes: ${what}`);
      await sleep(50);
    }
  }

  async function control<T>({ port }: Description, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${port}/control/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${account.personalAccessToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    ok(response.ok, text);
    return JSON.parse(text) as T;
  }

  it("runs a real job with the feed, the registry and a builder, and ends all of it when it was killed", async () => {
    const first = await begin();
    cloud = await TestCloud.start({
      registryHost: first.registryHost,
      jobTokenKey,
      packageIndex: { ...feed, address: first.feedAddress },
    });
    const projectId = (await cloud.make("Project", { name: feed.project })).id;
    await cloud.make("Feed", { name: feed.name, projectId });
    const endpoint = await declareConnection(cloud, projectId, "images", roles.push);
    await cloud.make("PipelineAuthorization", { projectId, resourceId: endpoint, type: "endpoint" });
    const repository = await cloud.make("Git", {
      projectId,
      name: "orders",
      defaultBranch: "refs/heads/main",
      initialization: { initType: "Clean" },
    });
    const content = `trigger: none
steps:
  - checkout: self
  - task: PipAuthenticate@1
    inputs: { artifactFeeds: Platform/python }
  - task: Docker@2
    inputs: { command: login, containerRegistry: images }
  - script: |
      set -eu
      curl --fail --silent --show-error --output /dev/null "\${PIP_INDEX_URL}"
      docker buildx create --name job-$BUILD_BUILDID --driver docker-container --use
      printf 'FROM scratch\\nCOPY README.md /\\n' > Dockerfile
      docker buildx build --builder job-$BUILD_BUILDID --push --tag "$HOST/orders:$BUILD_BUILDID" .
      echo "##vso[build.addbuildtag]pushed"
      [ -z "$STAY" ] || sleep 3600
    env: { HOST: "${first.registryHost}", STAY: $(Stay) }
`;
    await cloud.make("GitRepositoryFile", {
      repositoryId: repository.id,
      branch: "refs/heads/main",
      file: "azure-pipelines.yml",
      content,
      commitMessage: "x",
    });
    const pipeline = await cloud.make("BuildDefinition", {
      ...{ projectId, name: "orders", jobAuthorizationScope: "project" },
      variables: [{ name: "Stay", value: "", allowOverride: true }],
      repository: {
        repoType: "TfsGit",
        repoId: repository.id,
        branchName: "refs/heads/main",
        ymlPath: "azure-pipelines.yml",
      },
    });
    const queue = async (parameters: object): Promise<number> => {
      const body = { definition: { id: Number(pipeline.id) }, parameters: JSON.stringify(parameters) };
      const { status, json, text } = await cloud!.call(
        "POST",
        `/devops/acme/${projectId}/_apis/build/builds?api-version=7.1`,
        body,
      );
      strictEqual(status, 200, text);
      return Number(json.id);
    };
    await control(first, "cloud", { address: cloud.address });
    const good = await queue({});
    deepStrictEqual(await control(first, "wait", { seconds: 120 }), { idle: true });
    const record = await control<RunRecord>(first, `runs/${good}`);
    const log = await (
      await fetch(`http://127.0.0.1:${first.port}/control/runs/${good}/log`, {
        headers: { authorization: `Bearer ${account.personalAccessToken}` },
      })
    ).text();
    deepStrictEqual([record.result, record.tags], ["succeeded", ["pushed"]], log);
    match(await (await fetch(`http://127.0.0.1:${first.port}/images`)).text(), /orders/);

    const lost = await queue({ Stay: "yes" });
    await until("the image of the second run is pushed", async () => {
      const runs = await control<RunRecord[]>(first, "runs");
      return runs.some(({ id, tags }) => id === lost && tags.length > 0);
    });
    const services = join(folder, "services");
    const builders = () => processesWith("WHEELHOUSE_SERVICES", services).length;
    ok(builders() > 2);
    await end("SIGKILL");
    const second = await begin();
    // Registry and feed again, and nothing of the builder.
    strictEqual(existsSync(join(services, "builders")), false);
    deepStrictEqual(processesWith("AGENT_TEMPDIRECTORY", join(folder, "agents", "1", "job", "_work", "_temp")), []);
    deepStrictEqual([second.registryHost, second.port], [first.registryHost, first.port]);
    await control(second, "cloud", { address: cloud.address });
    deepStrictEqual(await control(second, "wait", { seconds: 60 }), { idle: true });
    const after = await control<RunRecord>(second, `runs/${lost}`);
    strictEqual(after.result, "failed");
    match(after.issues[0]!.message, /The agent was lost/);
    strictEqual(
      (await cloud.call("GET", `/devops/acme/${projectId}/_apis/build/builds/${lost}?api-version=7.1`)).json.result,
      "failed",
    );

    await end("SIGTERM");
    strictEqual(child?.exitCode, 0);
    deepStrictEqual(processesWith("WHEELHOUSE_SERVICES", services), []);
  });
});
