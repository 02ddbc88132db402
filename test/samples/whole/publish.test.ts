import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CommandFailed, run } from "../../../sandbox/process.mjs";
import { publishSamplePackages, samplePackages } from "../../../sandbox/samples/publish";
import { startServices, type Services } from "../../../sandbox/services";
import { surveyTools, toolEnvironment } from "../../../sandbox/toolchain/index.mjs";

describe("publishing the samples' packages to a feed", function () {
  this.timeout(600_000);
  let folder = "";
  let services: Services | undefined;
  let environment: NodeJS.ProcessEnv = {};

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-publish-"));
    services = await startServices({ folder: join(folder, "services"), write: () => undefined });
    const tools = (await surveyTools()).flatMap((tool) => ("folder" in tool ? [tool] : []));
    environment = toolEnvironment(tools);
  });

  after(async () => {
    await services?.close();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  const publish = (role: "collaborator" | "contributor"): Promise<string[]> => {
    const { feed } = services!;
    const token = feed.issueToken({ role, seconds: 600 });
    return publishSamplePackages({ uploadUrl: feed.uploadUrl, indexUrl: feed.indexUrl, token, environment });
  };

  it("is refused to those who may only use and save packages, and nothing gets there", async () => {
    await rejects(publish("collaborator"), (error: unknown) => {
      ok(error instanceof CommandFailed);
      match(error.message, /403/);
      return true;
    });
  });

  it("publishes each file once", async () => {
    const files = samplePackages().flatMap((sample) => sample.files);
    deepStrictEqual(await publish("contributor"), files);
    deepStrictEqual(await publish("contributor"), []);
  });

  it("lets those who may read install them, with the feed as the only index", async () => {
    const { feed } = services!;
    const secrets = join(folder, "secrets");
    feed.writeSecrets(secrets, feed.issueToken({ role: "reader", seconds: 600 }));
    const target = join(folder, "installed");
    await run("uv", ["pip", "install", "--no-cache", "--target", target, "contoso-events", "contoso-metrics"], {
      env: { ...environment, UV_DEFAULT_INDEX: feed.indexUrl, NETRC: join(secrets, "netrc") },
      timeoutSeconds: 300,
    });
    const installed = readdirSync(target).filter((name) => name.endsWith(".dist-info"));
    const [events, metrics] = ["contoso-events", "contoso-metrics"].map((name) =>
      samplePackages().find((sample) => sample.name === name)!,
    );
    deepStrictEqual(installed.sort(), [
      `contoso_events-${events!.version}.dist-info`,
      `contoso_metrics-${metrics!.version}.dist-info`,
    ]);
  });

  it("leaves what is to be compiled as source", () => {
    const { files } = samplePackages().find(({ name }) => name === "contoso-thumbnail")!;
    strictEqual(files.length, 1);
    match(files[0]!, /\.tar\.gz$/);
  });
});
