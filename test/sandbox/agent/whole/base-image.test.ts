/** A rendered pipeline, expanded and run by the agent: real git, registry, feed, uv and BuildKit. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { makeTool } from "../../../../components";
import { renderBaseImagePipeline, renderBaseImageTemplate, toolPath } from "../../../../pipelines";
import { renderBaseImageRecipe } from "../../../../recipes";
import type { JobContext } from "../../../../sandbox/agent/job";
import { expandPipeline } from "../../../../sandbox/agent/yaml";
import { startServices, type Services } from "../../../../sandbox/services";
import { ensureTools, toolEnvironment } from "../../../../sandbox/toolchain/index.mjs";
import { settings } from "../../../pipelines/settings";
import { baseImage } from "../../../recipes/specs";
import { GitServer } from "../job/git-server";
import { Machine, type Told } from "../job/harness";

describe("the pipeline of a base image on the agent", function () {
  this.timeout(240_000);

  let machine: Machine;
  let services: Services;
  let server: GitServer;
  let jobToken: string;
  let steps: Awaited<ReturnType<typeof expandPipeline>>["jobs"][number]["steps"];
  let context: Partial<JobContext>;

  before(async () => {
    machine = new Machine();
    services = await startServices({ folder: join(machine.folder, "services"), write: () => undefined });
    jobToken = services.feed.issueToken({ role: "collaborator", seconds: 600 });
    const { reference, python } = await services.upstreamImage();
    const colon = reference.lastIndexOf(":");
    const image = baseImage({
      upstream: reference.slice(0, colon),
      tag: reference.slice(colon + 1),
      python,
      requirements: "idna\n",
    });
    const platform = settings({ registry: services.registry.host, indexUrl: services.feed.indexUrl });
    server = new GitServer(join(machine.folder, "git"), jobToken);
    await server.start();
    server.repository("wheelhouse", ["Empty"]);
    const place = join(machine.folder, "git/wheelhouse");
    for (const { path, content } of [
      { path: toolPath, content: await makeTool() },
      ...renderBaseImageRecipe(image),
      renderBaseImageTemplate(platform),
    ]) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), content);
    }
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", place, "-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
        encoding: "utf8",
      });
    git("add", ".");
    git("commit", "--quiet", "--message", "The platform");
    const commit = git("rev-parse", "HEAD").trim();
    const main = renderBaseImagePipeline(image, platform);
    const expanded = await expandPipeline({
      file: main.path,
      text: main.content,
      load: ({ path }) => Promise.resolve(readFileSync(join(place, path), "utf8")),
      variables: new Map([["Build.Reason", "Schedule"]]),
      defaultPool: { vmImage: "ubuntu-24.04" },
    });
    steps = expanded.jobs[0]!.steps;
    const environment = toolEnvironment(await ensureTools({ groups: ["builds"], write: () => undefined }));
    context = {
      jobToken,
      environment,
      variables: new Map(
        Object.entries({
          "Build.BuildId": "12",
          "Build.BuildNumber": "20261121.1",
          "Build.DefinitionName": "python-web",
          "Build.Reason": "Schedule",
          "Build.SourceBranch": "refs/heads/main",
          "Build.SourceVersion": commit,
          "Build.Repository.Uri": "https://contoso@dev.example.com/contoso/Platform/_git/wheelhouse",
        }).map(([name, value]) => [name, { value, secret: false }]),
      ),
      repository: (name) => {
        assert.equal(name, "git://Platform/wheelhouse@refs/heads/main");
        return Promise.resolve({ name: "wheelhouse", url: server.url("wheelhouse"), ref: "refs/heads/main", commit });
      },
      feedIndex: () => Promise.resolve(services.feed.indexUrl),
      registry: (connection) => {
        assert.equal(connection, "wheelhouse-push");
        const { name, passwordFile } = services.registry.user("push");
        return Promise.resolve({
          host: services.registry.host,
          username: name,
          password: readFileSync(passwordFile, "utf8"),
        });
      },
      makeBuilder: (name) => services.builder(name),
    };
  });

  after(async () => {
    await server.close();
    await services.close();
    machine.remove();
  });

  const leaks = (told: Told) => {
    const { everything } = told;
    const password = readFileSync(services.registry.user("push").passwordFile, "utf8");
    for (const secret of [jobToken, password, Buffer.from(`build:${jobToken}`).toString("base64")]) {
      assert.ok(!everything.includes(secret));
    }
  };

  it("builds, scans and publishes the image, reports, and leaves nothing", async () => {
    const told = await machine.run(steps, { context, limits: { streamSeconds: 10 } });
    assert.equal(told.result, "succeeded", told.log());
    assert.deepEqual(told.tags, ["published"]);
    assert.match(told.summaries.join(""), /image: the registry has none yet/);
    assert.deepEqual(
      told.artifacts.map(({ name }) => name),
      ["wheelhouse-1"],
    );
    const left = execFileSync(
      "sh",
      ["-c", `ps -eo args | grep -F ${machine.folder}/services/builders | grep -v grep || true`],
      { encoding: "utf8" },
    );
    assert.equal(left, "", "no BuildKit daemon is left");
    leaks(told);
  });

  it("leaves nothing where it is canceled while the image is built", async () => {
    const controller = new AbortController();
    const again = steps.map((step) =>
      step.condition.includes("wheelhouse.changed") ? { ...step, condition: "succeeded()" } : step,
    );
    const told = await machine.run(again, {
      context: { ...context, signal: controller.signal },
      onLine: (line) => line.includes("Starting: Build, scan and publish") && setTimeout(() => controller.abort(), 700),
    });
    assert.equal(told.result, "canceled");
    assert.equal(told.results.at(-1), "succeeded", "the clean-up runs");
    const left = execFileSync(
      "sh",
      [
        "-c",
        `ps -eo args | grep -F ${machine.folder} | grep -E 'buildkitd|docker-buildx|wheelhouse.cjs' | grep -v grep || true`,
      ],
      { encoding: "utf8" },
    );
    assert.equal(left, "");
    leaks(told);
  });
});
