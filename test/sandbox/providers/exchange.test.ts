/** What a plugin and its cloud say to each other: creations, reads, updates, deletions, functions, and failures of all of them. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { functionToken, resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { Cloud, CloudError } from "../../../sandbox/providers/cloud";
import { unknown, type PropertyMap } from "../../../sandbox/providers/properties";
import { ControlServer } from "./control-server";
import { ask, PluginClient, urn } from "./plugin-client";

const token = resourceToken("Git");
const git = urn(token, "repo");
const clean = { name: "repo", projectId: "p", initialization: { initType: "Clean" }, disabled: false };
const accessToken = "pat-that-nobody-may-see";

describe("the exchange between a plugin and the cloud", () => {
  let cloud: ControlServer;
  let client: PluginClient;
  const silent = new Set<Server>();
  /** Where nobody ever answers. */
  async function silentPort(): Promise<number> {
    const server = createServer();
    silent.add(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }
  beforeEach(async () => {
    cloud = await new ControlServer().start();
    cloud.computed[token] = ({ name }) => ({
      remoteUrl: `https://x/${String(name)}`,
      defaultBranch: "refs/heads/main",
    });
    client = await PluginClient.of(azuredevops);
    await client.configure({ orgServiceUrl: cloud.organizationUrl, personalAccessToken: accessToken });
  });
  afterEach(async () => {
    client.close();
    await cloud.close();
    for (const server of silent) server.close();
    silent.clear();
  });

  it("creates with the inputs, and keeps what the service shows", async () => {
    const { id, outputs } = await client.create(git, clean);
    strictEqual(id, "id-1");
    deepStrictEqual(outputs, { ...clean, remoteUrl: "https://x/repo", defaultBranch: "refs/heads/main" });
    deepStrictEqual(cloud.asked("create"), [{ token, inputs: clean }]);
    const [request] = cloud.requests;
    strictEqual(request?.authorization, `Basic ${Buffer.from(`:${accessToken}`).toString("base64")}`);
  });

  it("signs Azure's requests with the client's credentials, and says whose subscription is meant", async () => {
    const azure = await PluginClient.of(azureNative);
    const identity = { subscriptionId: "s", tenantId: "t" };
    await azure.configure({ ...identity, clientId: "c", clientSecret: "secret", metadataHost: cloud.metadataHost });
    const inputs = { resourceGroupName: "g", location: "westeurope" };
    await azure.create(urn("azure-native:resources:ResourceGroup"), inputs);
    azure.close();
    deepStrictEqual(cloud.asked("create"), [{ ...identity, token: "azure-native:resources:ResourceGroup", inputs }]);
    strictEqual(cloud.requests[0]?.authorization, `Basic ${Buffer.from("c:secret").toString("base64")}`);
  });

  it("drops what the schema does not show", async () => {
    cloud.computed[token] = () => ({ internalNumber: 7 });
    ok(!("internalNumber" in (await client.create(git, clean)).outputs));
  });

  it("keeps what the service never shows from the inputs", async () => {
    cloud.computed[token] = () => ({ initialization: undefined });
    deepStrictEqual((await client.create(git, clean)).outputs.initialization, { initType: "Clean" });
  });

  it("updates with the state and the new inputs", async () => {
    const { id, outputs } = await client.create(git, clean);
    const news = { ...clean, name: "other" };
    strictEqual((await client.update(git, id, outputs, news)).name, "other");
    deepStrictEqual(cloud.asked("update"), [{ token, id, olds: outputs, news }]);
  });

  it("deletes, also what is gone already", async () => {
    const { id } = await client.create(git, clean);
    await client.delete(git, id);
    await client.delete(git, id);
    strictEqual(cloud.entities.size, 0);
  });

  it("reads nothing of what is gone", async () => {
    deepStrictEqual(await client.read(git, "id-9", clean, clean), { id: "", inputs: {}, outputs: {} });
  });

  it("calls functions, and drops what the schema does not show", async () => {
    const { result, failures } = await client.invoke(functionToken("getGitRepository"), { name: "n", projectId: "p" });
    deepStrictEqual(failures, []);
    deepStrictEqual(result, { name: "n", projectId: "p", id: "found" });
  });

  it("refuses a function's arguments as it refuses a resource's, without a call", async () => {
    const { failures } = await client.invoke(functionToken("getGitRepository"), { nam: "n", projectId: 3 });
    deepStrictEqual(failures.map(({ property }) => property).sort(), ["nam", "name", "projectId"]);
    strictEqual(cloud.requests.length, 0);
  });

  it("refuses a function that there is not", async () => {
    await rejects(client.invoke("azuredevops:index/getProjekt:getProjekt", {}), /has no function .*getProject"/);
  });

  it("passes the service's refusals on, with what was tried, code and message", async () => {
    cloud.answer = () => ({ status: 409, body: { code: "TF400948", message: "A repository of that name exists." } });
    await rejects(
      client.create(git, clean),
      /cannot create Git "repo": Azure DevOps refused \(409 TF400948\): A repository of that name exists\./,
    );
    await rejects(client.update(git, "i", clean, clean), /cannot update Git "repo": .*409 TF400948/);
    await rejects(client.delete(git, "i"), /cannot delete Git "repo": .*409 TF400948/);
    await rejects(client.read(git, "i", clean, clean), /cannot read Git "repo": .*409 TF400948/);
    await rejects(client.invoke(functionToken("getProject"), { name: "p" }), /409 TF400948/);
  });

  it("says what it can of an answer that is not the service's", async () => {
    cloud.answer = () => ({ status: 500, body: "<html>" });
    await rejects(client.create(git, clean), /refused \(500 HTTP 500\): no reason given/);
    cloud.answer = () => ({ status: 200, body: 7 });
    await rejects(client.create(git, clean), /answered with something that is not an object/);
    cloud.answer = () => ({ status: 200, body: { id: "x" } });
    await rejects(client.create(git, clean), /holds no id or no properties/);
  });

  it("says that the sandbox is not up, and how to bring it up, without a credential", async () => {
    const port = await freePort();
    const address = `http://127.0.0.1:${port}/devops/contoso`;
    await client.configure({ orgServiceUrl: address, personalAccessToken: accessToken });
    await rejects(client.create(git, clean), (error: Error) => {
      match(
        error.message,
        /cannot reach Azure DevOps at http:\/\/127\.0\.0\.1:\d+\/devops\/contoso: is the sandbox up\?/,
      );
      match(error.message, /npm run sandbox -- up/);
      ok(!error.message.includes(accessToken));
      return true;
    });
  });

  it("waits for an answer only so long, and says that the outcome is open", async () => {
    const slow = connection(await silentPort());
    await rejects(slow.create(token, {}, 0.2), (error: unknown) => {
      ok(error instanceof CloudError);
      strictEqual(error.code, "NoAnswer");
      match(error.message, /did not answer within 0\.2 s; run "pulumi refresh"/);
      return true;
    });
  });

  it("gives running calls a moment when it is cancelled, and refuses new ones", async () => {
    const slow = connection(await silentPort());
    const running = rejects(slow.create(token, {}), /cancelled before an answer came/);
    slow.cancel(100);
    await rejects(slow.read(token, "i"), /was cancelled/);
    await running;
  });

  it("is cancelled by the engine", async () => {
    await ask((done) => client.raw.cancel(new Empty(), done));
    await rejects(client.create(git, clean), /was cancelled/);
    strictEqual(cloud.requests.length, 0);
  });

  it("previews a creation without a call: inputs as they are, what the service decides as unknown", async () => {
    const { id, outputs } = await client.create(git, { ...clean, projectId: unknown }, true);
    strictEqual(id, "");
    deepStrictEqual(
      [outputs.name, outputs.projectId, outputs.remoteUrl, outputs.defaultBranch, "parentRepositoryId" in outputs],
      ["repo", unknown, unknown, unknown, false],
    );
    strictEqual(cloud.requests.length, 0);
  });

  it("previews an update without a call: what it changes as unknown, the rest as it was", async () => {
    const definition = urn(resourceToken("BuildDefinition"));
    const repository = { repoId: "r", repoType: "TfsGit" };
    const state = { name: "a", agentSpecification: "x", repository, revision: 3, projectId: "p" };
    const news: PropertyMap = { name: "b", repository: { ...repository, repoId: unknown }, projectId: "p" };
    deepStrictEqual(await client.update(definition, "1", state, news, true), { ...news, revision: unknown });
    strictEqual(cloud.requests.length, 0);
  });

  it("refuses assets, which no property of either provider takes", async () => {
    const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "x" };
    await rejects(client.check(git, { name: asset }), /assets and archives/);
  });
});

function connection(port: number): Cloud {
  return new Cloud({ service: "Azure DevOps", address: `http://127.0.0.1:${port}`, authorization: "x", context: {} });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
