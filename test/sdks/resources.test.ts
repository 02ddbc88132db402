/** Holds each resource class of the local SDK against the facts of the provider, by what it asks of the engine. */
import assert from "node:assert/strict";
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { FACTS, nameOf, namesWith, samplesOf } from "./facts";
import { RecordingMonitor, Secret, valueOf } from "./monitor";

interface ResourceClass {
  new (name: string, args?: unknown, opts?: pulumi.CustomResourceOptions): pulumi.CustomResource;
  get(name: string, id: string, state?: unknown, opts?: pulumi.CustomResourceOptions): pulumi.CustomResource;
  isInstance(value: unknown): boolean;
}

const EXPORTS = azuredevops as unknown as Readonly<Record<string, unknown>>;

function classOf(token: string): ResourceClass {
  return EXPORTS[nameOf(token)] as ResourceClass;
}

function plain(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Secret ? value.value : value]),
  );
}

/** Names of the properties that a class adds to those of every resource. */
function ownProperties(resource: pulumi.CustomResource): string[] {
  return Object.keys(resource).filter((name) => !name.startsWith("__") && name !== "urn" && name !== "id");
}

describe("the exports of @pulumi/azuredevops", () => {
  it("are the resources and functions of the schema, the provider, its configuration, the nested types, and nothing else", () => {
    const functions = Object.keys(FACTS.functions).map(nameOf);
    const expected = [
      ...Object.keys(FACTS.resources).map(nameOf),
      ...functions,
      ...functions.map((name) => `${name}Output`),
      "Provider",
      "config",
      "types",
    ];
    assert.deepEqual(Object.keys(EXPORTS).sort(), expected.sort());
  });
});

describe("the resource classes of @pulumi/azuredevops", () => {
  const monitor = new RecordingMonitor();

  before(() => monitor.start());

  for (const [token, { inputs, outputs }] of Object.entries(FACTS.resources)) {
    const name = nameOf(token);
    const args = samplesOf(inputs);
    const required = namesWith(inputs, "required");

    describe(name, () => {
      it("registers its token with every input by its name, and asks for the plugin of the package's version", async () => {
        const registered = await monitor.registrationOf(new (classOf(token))("sample", args));
        assert.equal(registered.kind, "register");
        assert.equal(registered.type, token);
        assert.equal(registered.name, "sample");
        assert.equal(registered.version, FACTS.version);
        assert.deepEqual(plain(registered.inputs), args);
      });

      it("sends as secrets exactly the secret inputs, and marks exactly the secret outputs", async () => {
        const registered = await monitor.registrationOf(new (classOf(token))("sample", args));
        const secrets = Object.keys(registered.inputs).filter((input) => registered.inputs[input] instanceof Secret);
        assert.deepEqual(secrets, namesWith(inputs, "secret"));
        assert.deepEqual(registered.secretOutputs, namesWith(outputs, "secret"));
      });

      it("has every output as a property with the value that the engine gives, and no other", async () => {
        monitor.outputs = samplesOf(outputs, "engine");
        const resource = new (classOf(token))("sample", args);
        await valueOf(resource.urn);
        assert.deepEqual(ownProperties(resource).sort(), Object.keys(outputs).sort());
        for (const [output, value] of Object.entries(monitor.outputs)) {
          const property: unknown = Reflect.get(resource, output);
          assert.ok(pulumi.Output.isInstance(property), `${output} is no output`);
          assert.deepEqual(await valueOf(property), value, output);
        }
      });

      it("is made from its required inputs alone, and throws when any of them is missing", async () => {
        const enough = Object.fromEntries(Object.entries(args).filter(([input]) => required.includes(input)));
        const registered = await monitor.registrationOf(new (classOf(token))("sample", enough));
        assert.deepEqual(plain(registered.inputs), enough);
        for (const missing of required) {
          const rest = Object.fromEntries(Object.entries(args).filter(([input]) => input !== missing));
          assert.throws(
            () => new (classOf(token))("sample", rest),
            (error: Error) => error.message.includes(`'${missing}'`) && error.message.includes('"sample"'),
            missing,
          );
        }
      });

      it("does not pass on what is no input of it", async () => {
        const registered = await monitor.registrationOf(new (classOf(token))("sample", { ...args, unknown: "value" }));
        assert.equal("unknown" in registered.inputs, false);
        const computed = Object.keys(outputs).filter((output) => !(output in inputs));
        const withComputed = new (classOf(token))("sample", { ...samplesOf(outputs), ...args });
        const again = await monitor.registrationOf(withComputed);
        assert.deepEqual(
          computed.filter((output) => output in again.inputs),
          [],
        );
      });

      it("reads an existing resource by its ID with the state that is given, without required inputs", async () => {
        const state = samplesOf(outputs, "state");
        const read = await monitor.registrationOf(classOf(token).get("existing", "id-7", state));
        assert.equal(read.kind, "read");
        assert.equal(read.type, token);
        assert.equal(read.id, "id-7");
        assert.equal(read.version, FACTS.version);
        assert.deepEqual(plain(read.inputs), state);
        assert.deepEqual(read.secretOutputs, namesWith(outputs, "secret"));
        assert.deepEqual((await monitor.registrationOf(classOf(token).get("existing", "id-7"))).inputs, {});
      });

      it("knows its instances, also those of another copy of the package", () => {
        const resource = new (classOf(token))("sample", args);
        assert.equal(classOf(token).isInstance(resource), true);
        assert.equal(classOf(token).isInstance({ __pulumiType: token }), true);
        for (const other of [{ __pulumiType: `${token}s` }, {}, undefined, null, token]) {
          assert.equal(classOf(token).isInstance(other), false);
        }
        assert.equal(pulumi.CustomResource.isInstance(resource), true);
      });

      it("is rebuilt from its URN where a value refers to it", async () => {
        const original = new (classOf(token))("referred", args);
        const urn = (await valueOf(original.urn)) as string;
        const [, module = ""] = token.split(":");
        const registered = pulumi.runtime.getResourceModule(FACTS.name, module, FACTS.version);
        const rebuilt = registered?.construct("referred", token, urn);
        assert.ok(rebuilt instanceof classOf(token));
        assert.equal(await valueOf(rebuilt.urn), urn);
        assert.throws(
          () => registered?.construct("referred", "azuredevops:index/other:Other", urn),
          /is not a resource/,
        );
      });
    });
  }

  it("leave the version, secret outputs and aliases that the program asks for in force", async () => {
    const args = { projectId: "project", serviceEndpointName: "registry" };
    const resource = new azuredevops.ServiceEndpointDockerRegistry("sample", args, {
      version: "3.14.0",
      additionalSecretOutputs: ["description"],
      aliases: [{ type: "azuredevops:index/other:Other" }],
    });
    const registered = await monitor.registrationOf(resource);
    assert.equal(registered.version, "3.14.0");
    assert.deepEqual([...registered.secretOutputs].sort(), ["description", "dockerPassword"]);
    assert.deepEqual(registered.aliases, ["azuredevops:index/other:Other"]);
  });

  it("say under which token an earlier version of the provider kept them", async () => {
    const resource = new azuredevops.BranchPolicyBuildValidation("sample", {
      projectId: "project",
      settings: { buildDefinitionId: 1, displayName: "build", scopes: [{ matchType: "DefaultBranch" }] },
    });
    assert.deepEqual((await monitor.registrationOf(resource)).aliases, [
      "azuredevops:Policy/branchPolicyBuildValidation:BranchPolicyBuildValidation",
    ]);
    assert.deepEqual((await monitor.registrationOf(new azuredevops.Feed("sample"))).aliases, []);
  });

  it("take outputs of other resources as inputs, and keep secret what was secret", async () => {
    const feed = new azuredevops.Feed("sample", {
      name: pulumi.output("packages"),
      projectId: pulumi.secret("project"),
    });
    const { inputs } = await monitor.registrationOf(feed);
    assert.deepEqual(inputs, { name: "packages", projectId: new Secret("project") });
  });
});
