/** Secrets stay secret: in inputs, in what a plugin answers, and wherever a service repeats them. */
import { deepStrictEqual, ok, rejects } from "node:assert";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { secretOf, unknown, type PropertyMap } from "../../../sandbox/providers/properties";
import { ControlServer } from "./control-server";
import { PluginClient, urn } from "./plugin-client";

const token = resourceToken("ServiceEndpointDockerRegistry");
const endpoint = urn(token);
const password = "hunter2-hunter2";
const inputs = {
  projectId: "0d2c5f5e-6c1c-4f5e-9a43-3f6d1f6f0001",
  serviceEndpointName: "docker",
  dockerUsername: "u",
};

describe("a secret", () => {
  let cloud: ControlServer;
  let client: PluginClient;
  beforeEach(async () => {
    cloud = await new ControlServer().start();
    client = await PluginClient.of(azuredevops);
    await client.configure({ orgServiceUrl: cloud.organizationUrl, personalAccessToken: secretOf("pat") });
  });
  afterEach(async () => {
    client.close();
    await cloud.close();
  });

  it("is made of what the schema calls one, at every depth, although the program gave plain text", async () => {
    const checked = await client.check(endpoint, { ...inputs, dockerPassword: password });
    deepStrictEqual(checked.inputs.dockerPassword, secretOf(password));
    const variables = [{ name: "a", secretValue: password }];
    const group = await client.check(urn(resourceToken("VariableGroup")), { projectId: inputs.projectId, variables });
    const [variable] = group.inputs.variables as PropertyMap[];
    deepStrictEqual(variable?.secretValue, secretOf(password));
  });

  it("stays one when it is not known yet", async () => {
    const checked = await client.check(endpoint, { ...inputs, dockerPassword: unknown });
    deepStrictEqual(checked.inputs.dockerPassword, secretOf(unknown));
  });

  it("goes to the service in plain text and comes back as a secret", async () => {
    const { outputs } = await client.create(endpoint, { ...inputs, dockerPassword: secretOf(password) });
    deepStrictEqual(cloud.asked("create")[0]?.inputs, { ...inputs, dockerPassword: password });
    deepStrictEqual(outputs.dockerPassword, secretOf(password));
  });

  it("is kept where the service does not show it again", async () => {
    cloud.computed[token] = () => ({ dockerPassword: undefined });
    const created = { ...inputs, dockerPassword: secretOf(password) };
    const { id, outputs } = await client.create(endpoint, created);
    deepStrictEqual(outputs.dockerPassword, secretOf(password));
    const read = await client.read(endpoint, id, created, outputs);
    deepStrictEqual(read.inputs, created);
    deepStrictEqual(read.outputs.dockerPassword, secretOf(password));
  });

  it("is recognized where the service repeats it inside another property", async () => {
    cloud.computed[token] = () => ({ authorization: { scheme: "UsernamePassword", header: `Basic u:${password}` } });
    const { outputs } = await client.create(endpoint, { ...inputs, dockerPassword: secretOf(password) });
    const authorization = outputs.authorization as PropertyMap;
    deepStrictEqual(authorization.scheme, "UsernamePassword");
    deepStrictEqual(authorization.header, secretOf(`Basic u:${password}`));
  });

  it("may be a property that the schema does not call one", async () => {
    const secret = { ...inputs, serviceEndpointName: secretOf("a-name-to-hide") };
    const checked = await client.check(endpoint, secret);
    deepStrictEqual(checked.failures, []);
    deepStrictEqual(checked.inputs.serviceEndpointName, secretOf("a-name-to-hide"));
    const { outputs } = await client.create(endpoint, checked.inputs);
    deepStrictEqual(outputs.serviceEndpointName, secretOf("a-name-to-hide"));
    const updated = await client.update(endpoint, "id-1", outputs, secret);
    deepStrictEqual(updated.serviceEndpointName, secretOf("a-name-to-hide"));
  });

  it("stays one in previews", async () => {
    const news = { ...inputs, dockerPassword: secretOf(password) };
    deepStrictEqual((await client.create(endpoint, news, true)).outputs.dockerPassword, secretOf(password));
    deepStrictEqual((await client.update(endpoint, "i", news, news, true)).dockerPassword, secretOf(password));
  });

  it("stays one when somebody else changed it at the service", async () => {
    const created = { ...inputs, dockerUsername: secretOf("old-user") };
    const { id, outputs } = await client.create(endpoint, created);
    cloud.entities.set(id, { ...cloud.entities.get(id), dockerUsername: "new-user" });
    const { inputs: read } = await client.read(endpoint, id, created, outputs);
    deepStrictEqual(read.dockerUsername, secretOf("new-user"));
  });

  it("is none of what a plugin says when it fails", async () => {
    cloud.answer = () => ({ status: 400, body: { code: "Bad", message: "no" } });
    await rejects(client.create(endpoint, { ...inputs, dockerPassword: secretOf(password) }), (error: Error) => {
      ok(!error.message.includes(password));
      return true;
    });
  });
});
