import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as grpc from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import manifest from "../../package.json";
import schema from "../../provider/schema.json";
import { ask } from "../sandbox/providers/plugin-client";
import { app, baseImage, settings, valid } from "./arguments";
import { Monitor, type Values } from "./monitor";
import { Plugin, Refused, secret, UNKNOWN } from "./plugin";

const names = Object.keys(schema.resources).map((type) => type.split(":")[2]!);

describe("the components for other languages", function () {
  this.timeout(120_000);

  let monitor: Monitor;
  let plugin: Plugin;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-provider-"));
    // A program in another language: no node package beside it.
    monitor = await Monitor.start();
    plugin = await Plugin.start(monitor, undefined, { cwd: folder });
  });

  after(async () => {
    await plugin.stop();
    monitor.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    monitor.registered.length = 0;
    monitor.outputs.clear();
    monitor.log.length = 0;
  });

  /** What is refused, property by property; nothing may have been declared. */
  async function refused(component: string, inputs: Values, more: Parameters<Plugin["construct"]>[3] = {}) {
    const error = await plugin.construct(component, "refused", inputs, more).then(
      () => assert.fail(`${component} took ${JSON.stringify(inputs)}`),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof Refused, String(error));
    assert.deepEqual(monitor.registered, []);
    return error.properties;
  }

  const without = (component: string, ...properties: string[]): Values =>
    Object.fromEntries(Object.entries(valid[component]!).filter(([name]) => !properties.includes(name)));

  it("say which version they are, what there is, and that they take secrets and outputs", async () => {
    const info = await ask<{ getVersion(): string }>((done) => plugin.client.getPluginInfo(new Empty(), done as never));
    assert.equal(info.getVersion(), manifest.version);
    const told = await ask<messages.GetSchemaResponse>((done) =>
      plugin.client.getSchema(new messages.GetSchemaRequest(), done),
    );
    assert.deepEqual(JSON.parse(told.getSchema()), schema);
    const configured = await ask<messages.ConfigureResponse>((done) =>
      plugin.client.configure(new messages.ConfigureRequest(), done),
    );
    assert.ok(configured.getAcceptsecrets() && configured.getAcceptoutputs() && configured.getAcceptresources());
  });

  for (const name of names) {
    it(`${name} is declared from plain data, with every output that the schema promises`, async () => {
      const type = `wheelhouse:index:${name}`;
      const { urn, state } = await plugin.construct(name, "mine", valid[name]!);
      assert.equal(urn, `urn:pulumi:test::languages::${type}::mine`);
      const outputs = schema.resources[type as keyof typeof schema.resources].properties;
      assert.deepEqual(Object.keys(state).sort(), Object.keys(outputs).sort());
      for (const [output, value] of Object.entries(state)) {
        assert.ok(value !== undefined && value !== null && value !== "", output);
      }
      const [component, ...children] = monitor.registered;
      assert.deepEqual([component!.type, component!.custom], [type, false]);
      // One component, not one around another: nothing else has its type.
      assert.deepEqual(monitor.named(type), ["mine"]);
      assert.ok(children.length > 0 && children.every((child) => child.name.startsWith("mine")));
      assert.ok(monitor.outputs.has(urn), "it never registered its outputs");
      assert.deepEqual(monitor.log, []);
    });
  }

  it("Platform has the resources, names and outputs of a platform in TypeScript", async () => {
    const { state } = await plugin.construct("Platform", "wheelhouse", valid.Platform!);
    assert.equal(state.registry, "contosowheelhouse.example.net");
    assert.equal(state.feedUrl, "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/");
    assert.deepEqual(state.baseImages, { "python-web": { pipelineId: 42 } });
    assert.deepEqual(state.applications, {
      orders: {
        images: ["contosowheelhouse.example.net/orders-api"],
        pipelineId: 42,
        repositoryUrl: "https://devops.example/_git/orders",
      },
    });
    assert.equal((state.shared as Values).organization, "contoso");
    assert.deepEqual(monitor.named("wheelhouse:index:AppImagePipeline"), ["wheelhouse-app-orders"]);
    assert.deepEqual(monitor.named("wheelhouse:index:BaseImagePipeline"), ["wheelhouse-base-python-web"]);
    const tool = monitor.registered.find(({ name }) => name === "wheelhouse-templates-wheelhouse.cjs");
    assert.match(String(tool?.inputs.content), /^#!\/usr\/bin\/env node\n\/\/ wheelhouse /);
  });

  it("Platform takes the folders of a platform in TypeScript, relative to the program", async () => {
    mkdirSync(join(folder, "specs/base-images/python-web"), { recursive: true });
    mkdirSync(join(folder, "specs/apps"));
    writeFileSync(join(folder, "specs/base-images/python-web/base-image.yaml"), 'name: python-web\npython: "3.12"\n');
    writeFileSync(join(folder, "specs/base-images/python-web/requirements.in"), "uvicorn\n");
    const file = join(folder, "specs/apps/orders.yaml");
    writeFileSync(file, "name: orders\nbaseImage: python-web\n");
    const { state } = await plugin.construct("Platform", "wheelhouse", { settings, specifications: "specs" });
    assert.deepEqual(Object.keys(state.applications as Values), ["orders"]);

    monitor.registered.length = 0;
    writeFileSync(file, "name: orders\nbaseImage: python-wbe\n");
    assert.deepEqual(await refused("Platform", { settings, specifications: "specs", apps: [app] }), {
      apps: "the folder `specifications` says what there is; give one of the two",
      specifications:
        'specs/apps/orders.yaml:2:12  baseImage: "python-wbe" is not a base image; did you mean python-web? known here: python-web',
    });
  });

  it("resources of our own operations belong to the plugin, of the version that runs", async () => {
    await plugin.construct("ArtifactsFeed", "feed", valid.ArtifactsFeed!);
    const upstreams = monitor.registered.find(({ type }) => type === "wheelhouse:index:FeedUpstreams")!;
    assert.equal(upstreams.version, "");
    assert.deepEqual(upstreams.inputs.upstreams, [
      { name: "Public", protocol: "pypi", location: "https://index.example/simple/", kind: "public" },
    ]);
    assert.ok(!monitor.registered.some(({ type }) => type.startsWith("pulumi-nodejs:")));
  });

  it("a first run waits for what its component depends on", async () => {
    const urn = "urn:pulumi:test::languages::azuredevops:index/pipelineAuthorization:PipelineAuthorization::other";
    await plugin.construct("BaseImagePipeline", "base", valid.BaseImagePipeline!, { dependsOn: [urn] });
    const [run] = monitor.registered.filter(({ type }) => type === "wheelhouse:index:FirstRun");
    assert.ok(run?.dependsOn.includes(urn), "it does not wait");
    monitor.registered.length = 0;
    await plugin.construct("BaseImagePipeline", "base", without("BaseImagePipeline", "firstRunAt"));
    assert.deepEqual(monitor.named("wheelhouse:index:FirstRun"), []);
  });

  it("what other resources give may be unknown in a preview, and null stands for what is left out", async () => {
    const urn = "urn:pulumi:test::languages::azuredevops:index/project:Project::project";
    const inputs = { ...valid.ElasticAgentPool, projectId: UNKNOWN, maxAgents: null };
    await plugin.construct("ElasticAgentPool", "pool", inputs, { preview: true, from: { projectId: [urn] } });
    const pool = monitor.registered.find(({ type }) => type.endsWith(":ElasticPool"))!;
    assert.deepEqual([pool.inputs.maxCapacity, pool.inputs.serviceEndpointScope], [4, UNKNOWN]);
  });

  it("several at once do not mix", async () => {
    const made = await Promise.all(
      ["first", "second", "third"].map((name) => plugin.construct("ServiceConnection", name, valid.ServiceConnection!)),
    );
    assert.equal(new Set(made.map(({ urn }) => urn)).size, 3);
    assert.equal(monitor.named("azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate").length, 3);
  });

  describe("refuse, before anything is declared", () => {
    it("what is missing, unknown or of another kind, all at once", async () => {
      const inputs = { ...without("ContainerRegistry", "location"), sku: "standard", protect: "yes", regstryName: "x" };
      assert.deepEqual(await refused("ContainerRegistry", { ...inputs, tags: { team: 1 }, allowedNetworks: "all" }), {
        location: "is missing",
        sku: 'must be one of Basic, Standard, Premium, but it is "standard"',
        protect: "must be true or false, but it is a text",
        regstryName:
          "is not known; did you mean registryName? known here: allowedNetworks, createResourceGroup, location, " +
          "protect, registryName, resourceGroupName, sku, tags, untaggedRetentionDays",
        "tags.team": "must be a text, but it is a number",
        allowedNetworks: "must be a list, but it is a text",
      });
    });

    it("what is wrong deep inside, with its path", async () => {
      const required = [{ repositoryName: "r", repositoryRef: 1 }];
      assert.deepEqual(
        await refused("ServiceConnection", { ...valid.ServiceConnection, requiredTemplates: required }),
        {
          "requiredTemplates[0].repositoryRef": "must be a text, but it is a number",
          "requiredTemplates[0].templatePath": "is missing",
        },
      );
      assert.deepEqual(await refused("TemplateRepository", { ...valid.TemplateRepository, files: ["x"] }), {
        "files[0]": "must be a map, but it is a text",
      });
    });

    it("settings that a platform in TypeScript refuses, with the words of there", async () => {
      const wrong = { ...settings, registryName: "No!", registrySku: "Basic", allowedNetworks: ["10.0.0.0/8"] };
      const told = await refused("Platform", { settings: wrong, baseImages: [baseImage] });
      assert.deepEqual(Object.keys(told).sort(), ["settings.allowedNetworks", "settings.registryName"]);
      assert.match(told["settings.allowedNetworks"]!, /Basic registry has no network rules; take a Premium registry/);
    });

    it("specifications that a platform in TypeScript refuses, each at its property", async () => {
      const apps = [
        { ...app, scripts: ["no script!"], baseImage: "python-wbe", pool: { vmImage: "windows-2022" } },
        { ...app, name: "Orders" },
      ];
      const told = await refused("Platform", { settings, baseImages: [baseImage], apps });
      assert.match(told["apps[0].scripts[0]"]!, /"no script!"/);
      assert.match(told["apps[0].baseImage"]!, /"python-wbe" is not a base image; did you mean python-web\?/);
      assert.ok(told["apps[0].pool"] ?? told["apps[0].pool.vmImage"], JSON.stringify(told));
      assert.match(told["apps[1].name"]!, /"Orders"/);
    });

    it("requirements that are none, with the property that they are in", async () => {
      const images = [{ ...baseImage, requirements: "uvicorn\n--extra-index-url https://x.example/simple/\n" }];
      const told = await refused("Platform", { settings, baseImages: images });
      assert.deepEqual(Object.keys(told), ["baseImages[0].requirements"]);
    });

    it("values from other resources where they decide what there is", async () => {
      const from = { registryName: ["urn:pulumi:test::languages::other:index:Resource::other"] };
      const told = await refused("ContainerRegistry", valid.ContainerRegistry!, { from });
      assert.match(told.registryName!, /^comes from another resource, .* give a value that the program itself knows$/);
      const hidden = { ...valid.ContainerRegistry, registryName: secret("contosowheelhouse") };
      assert.ok((await refused("ContainerRegistry", hidden)).registryName);
    });

    it("a credential, and do not repeat it", async () => {
      // Put together here, so that no search for credentials finds one in this file.
      const token = ["ghp", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].join("_");
      const told = await refused("ContainerRegistry", { ...valid.ContainerRegistry, tags: { note: token } });
      assert.match(told["tags.note"]!, /^looks like .* credentials come from the environment$/);
      assert.ok(!JSON.stringify(told).includes(token));
    });

    it("a pool that cannot be, for a component alone", async () => {
      const told = await refused("PreviewPipeline", { ...valid.PreviewPipeline, pool: { demands: ["docker"] } });
      assert.ok(Object.keys(told).every((path) => path.startsWith("pool")));
    });

    it("a component that does not exist, with the one that is meant", async () => {
      await assert.rejects(
        plugin.construct("Platfrom", "x", {}),
        /has no component wheelhouse:index:Platfrom; did you mean Platform\?/,
      );
      await assert.rejects(plugin.construct("wheelhouse:other:toString", "x", {}), /has no component/);
    });
  });

  it("tell what only the component knows to be wrong", async () => {
    const inputs = { ...valid.ServiceConnection, access: "pull" };
    await assert.rejects(
      plugin.construct("ServiceConnection", "pull", inputs),
      /requiredTemplates are for access push/,
    );
  });

  it("tell what is not there in Azure DevOps, and go on serving", async () => {
    monitor.failing.set("azuredevops:index/getGitRepository:getGitRepository", "no such repository");
    try {
      await assert.rejects(
        plugin.construct("PreviewPipeline", "none", valid.PreviewPipeline!),
        (error: grpc.ServiceError) => error.message.includes('cannot look up repository "platform"'),
      );
    } finally {
      monitor.failing.clear();
    }
    await plugin.construct("ContainerRegistry", "after", valid.ContainerRegistry!);
  });

  it("need nothing but themselves: no file is written beside the program", () => {
    assert.ok(!existsSync(join(folder, "node_modules")) && !existsSync(join(folder, "tools")));
  });
});
