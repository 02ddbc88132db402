/** How a plugin is configured: by the stack, by the environment, and never to talk to anything but this machine. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { ConfigureRequest, GetSchemaRequest } from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { readConfiguration } from "../../../sandbox/providers/configuration";
import { revealMap, secretOf, unknown } from "../../../sandbox/providers/properties";
import { ControlServer } from "./control-server";
import { ask, PluginClient, urn } from "./plugin-client";

const git = urn(resourceToken("Git"));
const clean = { name: "repo", projectId: "p", initialization: { initType: "Clean" } };
const group = "azure-native:resources:ResourceGroup";
const registry = urn("azure-native:containerregistry:Registry");

describe("the configuration of a plugin", () => {
  let cloud: ControlServer;
  let devops: PluginClient;
  let azure: PluginClient;
  beforeEach(async () => {
    cloud = await new ControlServer().start();
    devops = await PluginClient.of(azuredevops);
    azure = await PluginClient.of(azureNative);
  });
  afterEach(async () => {
    devops.close();
    azure.close();
    await cloud.close();
  });

  const azureKeys = (): Record<string, string> => ({
    subscriptionId: "s",
    tenantId: "t",
    clientId: "c",
    clientSecret: "x",
    metadataHost: cloud.metadataHost,
  });

  it("tells the engine that secrets are kept and previews are known", async () => {
    const response = await devops.configure({ orgServiceUrl: cloud.organizationUrl, personalAccessToken: "pat" });
    deepStrictEqual([response.getAcceptsecrets(), response.getSupportspreview()], [true, true]);
  });

  it("is read from the variables of older engines as well", async () => {
    const request = new ConfigureRequest();
    request.getVariablesMap().set("azuredevops:config:orgServiceUrl", cloud.organizationUrl);
    request.getVariablesMap().set("azuredevops:config:personalAccessToken", "pat");
    await ask((done) => devops.raw.configure(request, done));
    await devops.create(git, clean);
    strictEqual(cloud.asked("create").length, 1);
  });

  it("takes the environment for what the stack does not give", () => {
    const environment = { AZDO_ORG_SERVICE_URL: "http://127.0.0.1/a", AZDO_PERSONAL_ACCESS_TOKEN: "pat" };
    deepStrictEqual(readConfiguration(azuredevops, { orgServiceUrl: "http://127.0.0.1/b" }, environment), {
      orgServiceUrl: "http://127.0.0.1/b",
      personalAccessToken: "pat",
    });
    const names = Object.values(azureNative.environment);
    const set = Object.fromEntries(names.map((name) => [name, name]));
    deepStrictEqual(readConfiguration(azureNative, {}, set), azureNative.environment);
    ok(Object.keys(azureNative.environment).every((key) => key in azureNative.schema.config));
  });

  it("is refused without an address or credentials, with how to give them", async () => {
    await rejects(
      devops.configure({ personalAccessToken: "pat" }),
      /azuredevops: orgServiceUrl is missing: set the configuration azuredevops:orgServiceUrl, or the environment variable AZDO_ORG_SERVICE_URL/,
    );
    await rejects(devops.configure({ orgServiceUrl: cloud.organizationUrl }), /AZDO_PERSONAL_ACCESS_TOKEN/);
    for (const key of Object.keys(azureKeys())) {
      await rejects(azure.configure({ ...azureKeys(), [key]: "" }), new RegExp(`azure-native: ${key} is missing`));
    }
  });

  it("is refused for any address but this machine's, and shows no credentials that are in it", async () => {
    const of = (orgServiceUrl: string): Promise<unknown> =>
      devops.configure({ orgServiceUrl, personalAccessToken: "pat" });
    await rejects(
      of("https://dev.azure.com/contoso"),
      /must be an http address on 127\.0\.0\.1 .*names https:\/\/dev\.azure\.com/,
    );
    await rejects(of("http://127.0.0.1.example.com/contoso"), /must be an http address on 127\.0\.0\.1/);
    await rejects(of("contoso"), /is not an address/);
    await rejects(of("http://user:hunter2@127.0.0.1/contoso"), (error: Error) => {
      ok(!error.message.includes("hunter2"));
      return true;
    });
    await rejects(
      azure.configure({ ...azureKeys(), metadataHost: "management.azure.com" }),
      /azure-native:metadataHost must be/,
    );
  });

  it("refuses keys that there are not, and hides what is secret", async () => {
    const { inputs, failures } = await devops.checkConfig({
      version: "3.15.0",
      orgServiceUrll: "x",
      personalAccessToken: "pat",
    });
    deepStrictEqual(failures, [
      { property: "orgServiceUrll", reason: 'azuredevops has no such configuration; did you mean "orgServiceUrl"?' },
    ]);
    deepStrictEqual(inputs.personalAccessToken, secretOf("pat"));
  });

  it("may be unknown in a preview, where nothing is asked of the service", async () => {
    await devops.configure({ orgServiceUrl: unknown, personalAccessToken: "pat" });
    deepStrictEqual((await devops.check(git, clean)).failures, []);
    strictEqual((await devops.create(git, clean, true)).outputs.remoteUrl, unknown);
    await rejects(devops.create(git, clean), /configuration is not known yet/);
  });

  it("gives Azure resources a location where the program gives none: the configured one, else the group's", async () => {
    const inputs = { resourceGroupName: "g", sku: { name: "Basic" } };
    const located = async (): Promise<unknown> => (await azure.check(registry, inputs)).inputs.location;
    await azure.configure(azureKeys());
    strictEqual(await located(), undefined);
    cloud.entities.set("/subscriptions/s/resourceGroups/g", { location: "westeurope" });
    strictEqual(await located(), "westeurope");
    strictEqual((await azure.check(registry, { ...inputs, location: "here" })).inputs.location, "here");
    await azure.configure({ ...azureKeys(), location: "northeurope" });
    strictEqual(await located(), "northeurope");
  });

  it("does not guess the location of a resource group", async () => {
    await azure.configure(azureKeys());
    const { failures } = await azure.check(urn(group), {});
    deepStrictEqual(
      failures.map(({ property }) => property),
      ["location"],
    );
  });

  it("says its version and its schema", async () => {
    for (const [client, version] of [
      [devops, "3.15.0"],
      [azure, "3.28.0"],
    ] as const) {
      const info = await ask<{ getVersion(): string }>((done) => client.raw.getPluginInfo(new Empty(), done));
      strictEqual(info.getVersion(), version);
      const schema = await ask<{ getSchema(): string }>((done) => client.raw.getSchema(new GetSchemaRequest(), done));
      strictEqual((JSON.parse(schema.getSchema()) as { version: string }).version, version);
    }
  });
});

describe("a name that the program does not give", () => {
  let devops: PluginClient;
  let azure: PluginClient;
  before(async () => {
    devops = await PluginClient.of(azuredevops);
    azure = await PluginClient.of(azureNative);
  });
  after(() => {
    devops.close();
    azure.close();
  });

  const nameOf = async (client: PluginClient, token: string, property: string, seed?: string): Promise<string> =>
    revealMap((await client.check(urn(token, "x"), {}, {}, seed)).inputs)[property] as string;

  it("is the resource's, with random digits that the engine's seed decides", async () => {
    const one = await nameOf(devops, resourceToken("Git"), "name", "one");
    ok(/^x-[0-9a-f]{7}$/.test(one), one);
    strictEqual(await nameOf(devops, resourceToken("Git"), "name", "one"), one);
    ok((await nameOf(devops, resourceToken("Git"), "name", "two")) !== one);
    ok(/^x[0-9a-f]{8}$/.test(await nameOf(azure, group, "resourceGroupName")));
  });

  it("is a UUID for a role assignment, and the resource's own for what has a parent", async () => {
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
    ok(uuid.test(await nameOf(azure, "azure-native:authorization:RoleAssignment", "roleAssignmentName")));
    strictEqual(await nameOf(azure, "azure-native:containerregistry:Task", "taskName"), "x");
  });

  it("is kept from one deployment to the next", async () => {
    const { inputs } = await devops.check(git, {}, { name: "x-0a1b2c3" }, "another seed");
    strictEqual(inputs.name, "x-0a1b2c3");
  });

  it("is random where the engine sends no seed", async () => {
    const names = await Promise.all([1, 2].map(() => nameOf(devops, resourceToken("Git"), "name", "")));
    ok(names[0] !== names[1]);
  });
});
