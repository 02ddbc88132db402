/** The rendered runs, for real: their scripts with the real command line, registry, feed, uv and BuildKit. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTool } from "../../../components";
import { renderApplicationTemplate, renderBaseImageTemplate, toolPath } from "../../../pipelines";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../../recipes";
import { startServices, type Services } from "../../../sandbox/services";
import { RegistryClient } from "../../../tools/registry";
import { application, baseImage } from "../../recipes/specs";
import { expanded, type Step } from "../expand";
import { settings } from "../settings";
import { Agent, type Ended } from "./job";

const pyproject = `
[build-system]
requires = ["flit_core>=3.9"]
build-backend = "flit_core.buildapi"
[project]
name = "orders"
version = "1.0"
description = "Takes orders"
dependencies = ["six", "idna"]
[project.scripts]
orders-api = "orders:main"
`;

describe("the rendered runs, for real", function () {
  this.timeout(900_000);

  let folder: string;
  let services: Services;
  let agent: Agent;
  let baseSteps: readonly Step[];
  const applicationSteps = (reason: string) =>
    expanded(renderApplicationTemplate(platform()).content, reason, { app: "orders" }).jobs[0]!.steps;
  const platform = () => settings({ registry: services.registry.host, indexUrl: services.feed.indexUrl });
  const log: string[] = [];
  const kept = (ended: Ended) => {
    log.push(ended.log);
    return ended;
  };
  const runBase = async () => kept(await agent.run("python-web", baseSteps, { BUILD_REASON: "Schedule" }));
  const runOrders = async (reason: string) =>
    kept(await agent.run("orders", applicationSteps(reason), { BUILD_REASON: reason }));
  const digest = async (repository: string, tag: string) =>
    (
      await new RegistryClient({ environment: { DOCKER_CONFIG: services.registry.dockerConfig } }).head({
        registry: services.registry.host,
        repository,
        tag,
      })
    )?.digest;
  const page = () => readFileSync(join(folder, "temp/wheelhouse-summary.md"), "utf8");

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-runs-")));
    services = await startServices({ folder: join(folder, "services"), write: () => undefined });
    const { reference, python } = await services.upstreamImage();
    const colon = reference.lastIndexOf(":");
    const base = baseImage({
      upstream: reference.slice(0, colon),
      tag: reference.slice(colon + 1),
      python,
      requirements: "idna\n",
    });
    agent = new Agent(folder, services);
    baseSteps = expanded(renderBaseImageTemplate(platform()).content, "Schedule", { baseImage: "python-web" }).jobs[0]!
      .steps;
    const tool = { path: toolPath, content: await makeTool() };
    const recipes = [...renderBaseImageRecipe(base), ...renderApplicationRecipe(application(), base)];
    // The run of a base image has the template repository at `s`, that of an application beside its own.
    for (const place of ["s", "s/platform"]) agent.lay(place, [tool, ...recipes]);
    agent.write("s/application/pyproject.toml", pyproject);
    agent.write("s/application/orders/__init__.py", 'def main():\n    print("hello")\n');
    for (const words of [
      ["init", "--quiet"],
      ["add", "."],
      ["commit", "--quiet", "--message", "First"],
    ]) {
      const identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
      execFileSync("git", ["-C", join(folder, "s/application"), ...identity, ...words], { stdio: "pipe" });
    }
  });

  after(async () => {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("an application waits for its base image where that is not there yet", async () => {
    const { failed, log: said, ran } = await runOrders("IndividualCI");
    assert.equal(failed, undefined, said);
    assert.deepEqual(ran.slice(-3), ["Look for the base image", "Report", "Clean up"]);
    assert.match(said, /type=warning\]The base image python-web is not there yet: .* starts this pipeline/);
    assert.match(said, /^##vso\[task\.complete result=SucceededWithIssues;\]/m);
    assert.match(page(), /Waits for its base image/);
  });

  it("a pull request fails where its base image is not there yet, and says what to do", async () => {
    const { failed, log: said, ran } = await runOrders("PullRequest");
    assert.equal(failed, "Look for the base image", said);
    assert.match(said, /type=error\]The base image python-web is not there yet.*run the pipeline python-web/);
    assert.deepEqual(ran.slice(-2), ["Report", "Clean up"]);
    assert.doesNotMatch(said, /task\.complete/);
  });

  it("a base image comes into being, and starts its applications", async () => {
    const { failed, tags, log: said } = await runBase();
    assert.equal(failed, undefined, said);
    assert.deepEqual(tags, ["published"]);
    assert.equal(await digest("python-web", "latest"), await digest("python-web", today()));
    assert.match(page(), /image: the registry has none yet[\s\S]*\| python&#45;web \|/);
  });

  it("an application is built from it and tagged, and not from a pull request", async () => {
    const request = await runOrders("PullRequest");
    assert.equal(request.failed, undefined, request.log);
    assert.match(page(), /and not published\./);
    assert.equal(await digest("orders", "main"), undefined);
    const push = await runOrders("IndividualCI");
    assert.equal(push.failed, undefined, push.log);
    assert.match(await digest("orders", "main").then(String), /^sha256:/);
    assert.match(page(), /Leaks: none\./);
  });

  it("the next day nothing is new: no builder, no push, no tag, no application", async () => {
    const before = await digest("python-web", "latest");
    const pushed = services.registry.counters().pushedBytes;
    const { failed, ran, tags, log: said } = await runBase();
    assert.equal(failed, undefined, said);
    assert.deepEqual(ran.slice(-3), ["Compare with what is published", "Report", "Clean up"], said);
    assert.deepEqual(tags, []);
    assert.equal(await digest("python-web", "latest"), before);
    assert.equal(services.registry.counters().pushedBytes, pushed);
    assert.match(page(), /Nothing new since sha256:/);
  });

  it("leaves no token in a log or a summary, and no file but the summary", () => {
    assert.ok(agent.tokens.length >= 5);
    for (const token of agent.tokens) assert.ok(!`${log.join("")}${page()}`.includes(token));
    assert.deepEqual(agent.leftovers(), ["wheelhouse-summary.md"]);
  });

  function today(): string {
    return new Date().toISOString().slice(0, 10).replaceAll("-", "");
  }
});
