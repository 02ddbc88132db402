/** A refresh finds what others changed at the service and nothing else; an import finds what a program would have to say. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import type { PropertyMap } from "../../../sandbox/providers/properties";
import { ControlServer, type Properties } from "./control-server";
import { PluginClient, urn } from "./plugin-client";

const token = resourceToken("BuildDefinition");
const definition = urn(token);
const base = { name: "orders", projectId: "p", repository: { repoId: "r", repoType: "TfsGit", ymlPath: "a.yml" } };

describe("a refresh", () => {
  let cloud: ControlServer;
  let client: PluginClient;
  let inputs: PropertyMap;
  let id: string;
  let outputs: PropertyMap;
  beforeEach(async () => {
    cloud = await new ControlServer().start();
    cloud.computed[token] = () => ({ revision: 1, description: "" });
    client = await PluginClient.of(azuredevops);
    await client.configure({ orgServiceUrl: cloud.organizationUrl, personalAccessToken: "pat" });
    ({ inputs } = await client.check(definition, base));
    ({ id, outputs } = await client.create(definition, inputs));
  });
  afterEach(async () => {
    client.close();
    await cloud.close();
  });

  async function afterwards(change: (held: Properties) => Properties): Promise<Record<string, string>> {
    cloud.entities.set(id, change(cloud.entities.get(id)!));
    const read = await client.read(definition, id, inputs, outputs);
    return (await client.diff(definition, read.inputs, inputs)).paths;
  }

  it("finds nothing where nothing changed", async () => {
    const read = await client.read(definition, id, inputs, outputs);
    deepStrictEqual(read, { id, inputs, outputs });
  });

  it("finds a changed property, also a nested one", async () => {
    deepStrictEqual(await afterwards((held) => ({ ...held, name: "other" })), { name: "UPDATE" });
    const repository = { ...base.repository, ymlPath: "b.yml", branchName: "master", reportBuildStatus: true };
    deepStrictEqual(await afterwards((held) => ({ ...held, repository })), {
      name: "UPDATE",
      "repository.ymlPath": "UPDATE",
    });
  });

  it("finds a property that somebody added, and one that somebody removed", async () => {
    deepStrictEqual(await afterwards((held) => ({ ...held, path: undefined, agentSpecification: "ubuntu-24.04" })), {
      agentSpecification: "DELETE",
      path: "ADD",
    });
  });

  it("does not take what the service counts itself for a change", async () => {
    deepStrictEqual(await afterwards((held) => ({ ...held, revision: 9 })), {});
  });

  it("does not mind that the service shows a set in another order", async () => {
    const variableGroups = [1, 2];
    ({ inputs } = await client.check(definition, { ...base, variableGroups }));
    ({ id, outputs } = await client.create(definition, inputs));
    deepStrictEqual(await afterwards((held) => ({ ...held, variableGroups: [2, 1] })), {});
    deepStrictEqual(await afterwards((held) => ({ ...held, variableGroups: [2, 3] })), { variableGroups: "UPDATE" });
  });

  it("finds an item that somebody added to a list", async () => {
    const job = {
      name: "a",
      refName: "a",
      condition: "succeeded()",
      target: { type: "AgentJob", executionOptions: { type: "None" } },
    };
    ({ inputs } = await client.check(definition, { ...base, jobs: [job] }));
    ({ id, outputs } = await client.create(definition, inputs));
    const paths = await afterwards((held) => ({ ...held, jobs: [...(held.jobs as []), { ...job, name: "b" }] }));
    deepStrictEqual(paths, { "jobs[1]": "DELETE" });
  });
});

describe("an import", () => {
  let cloud: ControlServer;
  let client: PluginClient;
  beforeEach(async () => {
    cloud = await new ControlServer().start();
  });
  afterEach(async () => {
    client.close();
    await cloud.close();
  });

  it("finds inputs with which the program's check shows no difference", async () => {
    client = await PluginClient.of(azuredevops);
    await client.configure({ orgServiceUrl: cloud.organizationUrl, personalAccessToken: "pat" });
    const git = urn(resourceToken("Git"));
    cloud.answer = (verb) =>
      verb === "read"
        ? {
            status: 200,
            body: {
              id: "guid",
              properties: {
                name: "repo",
                projectId: "p",
                defaultBranch: "refs/heads/main",
                disabled: false,
                size: 0,
                description: "",
              },
            },
          }
        : undefined;
    const read = await client.read(git, "Platform/repo");
    strictEqual(read.id, "guid");
    deepStrictEqual(read.inputs, { name: "repo", projectId: "p", defaultBranch: "refs/heads/main", disabled: false });
    const checked = await client.check(git, { name: "repo", projectId: "p", initialization: { initType: "Clean" } });
    const { paths } = await client.diff(git, read.inputs, checked.inputs, ["initialization"]);
    deepStrictEqual(paths, {});
  });

  it("asks for the form that the resource is imported by", async () => {
    client = await PluginClient.of(azuredevops);
    await client.configure({ orgServiceUrl: cloud.organizationUrl, personalAccessToken: "pat" });
    await rejects(
      client.read(urn(resourceToken("Git")), "repo"),
      /"repo" is not an id to import by: write <project>\/<repository>/,
    );
    await rejects(client.read(definition, "12"), /write <project>\/<id>/);
    strictEqual(cloud.requests.length, 0);
  });

  it("takes the names in an Azure id as inputs, and only inputs from nested objects", async () => {
    client = await PluginClient.of(azureNative);
    await client.configure({
      subscriptionId: "s",
      tenantId: "t",
      clientId: "c",
      clientSecret: "x",
      metadataHost: cloud.metadataHost,
    });
    const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contoso";
    cloud.answer = () => ({
      status: 200,
      body: {
        id,
        properties: {
          location: "westeurope",
          sku: { name: "Basic", tier: "Basic" },
          loginServer: "x",
          name: "contoso",
        },
      },
    });
    const read = await client.read(urn("azure-native:containerregistry:Registry"), id);
    deepStrictEqual(read.inputs, {
      location: "westeurope",
      registryName: "contoso",
      resourceGroupName: "g",
      sku: { name: "Basic" },
    });
    deepStrictEqual(read.outputs.sku, { name: "Basic", tier: "Basic" });
  });

  it("refuses an Azure id of another type", async () => {
    client = await PluginClient.of(azureNative);
    await client.configure({
      subscriptionId: "s",
      tenantId: "t",
      clientId: "c",
      clientSecret: "x",
      metadataHost: cloud.metadataHost,
    });
    cloud.answer = (_, { id }) => ({ status: 200, body: { id, properties: {} } });
    await rejects(
      client.read(urn("azure-native:resources:ResourceGroup"), "/subscriptions/s/providers/x"),
      /is not an id of azure-native:resources:ResourceGroup: write \/subscriptions/,
    );
  });
});
