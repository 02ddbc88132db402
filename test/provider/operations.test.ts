import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { FeedsService } from "../components/feeds-service";
import { secretOf } from "../../sandbox/providers/properties";
import { PluginClient, urn } from "../sandbox/providers/plugin-client";
import { Monitor } from "./monitor";
import { Plugin } from "./plugin";

const TOKEN = "pat-4f9c2d81e6b7a350";
const upstreams = urn("wheelhouse:index:ArtifactsFeed$wheelhouse:index:FeedUpstreams");
const firstRun = urn("wheelhouse:index:FirstRun");
const first = { name: "Public", protocol: "pypi", location: "https://index.example/simple/", kind: "public" };

describe("the plugin's own resources", function () {
  this.timeout(120_000);

  let folder: string;
  let monitor: Monitor;
  let plugin: Plugin;
  let service: FeedsService;

  before(async () => {
    folder = mkdtempSync(`${tmpdir()}/wheelhouse-operations-`);
    monitor = await Monitor.start();
    // Nothing but what a program in another language has: no package of node, and the credential in the environment.
    const environment = { PATH: process.env.PATH, AZDO_PERSONAL_ACCESS_TOKEN: TOKEN };
    plugin = await Plugin.start(monitor, undefined, { cwd: folder, environment });
  });

  beforeEach(async () => (service = await FeedsService.remembering()));
  afterEach(() => service.stop());

  after(async () => {
    await plugin.stop();
    monitor.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = (): PluginClient =>
    Object.assign(Object.create(PluginClient.prototype) as PluginClient, { raw: plugin.client });

  it("live like those of a program in TypeScript: created, read, compared, changed and deleted", async () => {
    const inputs = { feedsUrl: service.url, project: "Platform", feed: "python", upstreams: [first] };
    const checked = await client().check(upstreams, inputs);
    assert.deepEqual([checked.inputs, checked.failures], [inputs, []]);
    const { id, outputs } = await client().create(upstreams, checked.inputs);
    assert.deepEqual([id, outputs], ["Platform/python", { ...inputs, upstreamEnabled: true }]);
    assert.equal((await client().diff(upstreams, outputs, inputs)).changed, false);
    assert.deepEqual((await client().diff(upstreams, outputs, { ...inputs, feed: "other" })).replaces, ["feed"]);
    assert.deepEqual((await client().read(upstreams, id, inputs, outputs)).outputs, outputs);
    const none = { ...inputs, upstreams: [] };
    assert.equal((await client().update(upstreams, id, outputs, none)).upstreamEnabled, false);
    await client().delete(upstreams, id, outputs);
    const methods = service.received.map(({ method }) => method);
    assert.deepEqual(methods, ["PATCH", "GET", "PATCH", "GET", "PATCH"]);
    const credential = `Basic ${Buffer.from(`:${TOKEN}`).toString("base64")}`;
    assert.ok(service.received.every(({ headers }) => headers.authorization === credential));
  });

  it("take what is secret as it is", async () => {
    const inputs = { feedsUrl: service.url, feed: secretOf("python"), upstreams: [first] };
    assert.equal((await client().create(upstreams, inputs)).id, "python");
  });

  it("say what the service refused, and no credential", async () => {
    await service.stop();
    service = await FeedsService.start(() => ({ status: 403 }));
    const inputs = { feedsUrl: service.url, feed: "python", upstreams: [first] };
    await assert.rejects(client().create(upstreams, inputs), (error: Error) => {
      assert.match(error.message, /upstream sources of feed python: .*403/);
      return !error.message.includes(TOKEN);
    });
  });

  it("are never changed where they happen once", async () => {
    const state = { organizationUrl: service.url, project: "p", pipelineId: 1, branch: "refs/heads/main", runId: 7 };
    const difference = await client().diff(firstRun, state, { ...state, branch: "refs/heads/other" });
    assert.deepEqual([difference.changed, difference.replaces], [false, []]);
    const read = await client().read(firstRun, "7", {}, state);
    assert.deepEqual([read.id, read.outputs], ["7", state]);
    await client().delete(firstRun, "7", state);
    assert.deepEqual(service.received, []);
  });

  it("are told apart from what the plugin does not have", async () => {
    await assert.rejects(
      client().create(urn("wheelhouse:index:Other"), {}),
      /has no resource of the type wheelhouse:index:Other/,
    );
  });
});
