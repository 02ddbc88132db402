/** Holds the provider class and the configuration of the local SDK against the facts of the provider. */
import assert from "node:assert/strict";
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { FACTS, namesWith, samplesOf } from "./facts";
import { RecordingMonitor, Secret, valueOf } from "./monitor";

const VARIABLE = "AZDO_ORG_SERVICE_URL";

describe("the configuration of the provider azuredevops", () => {
  let variable: string | undefined;

  beforeEach(() => {
    variable = process.env[VARIABLE];
    Reflect.deleteProperty(process.env, VARIABLE);
  });

  afterEach(() => {
    Reflect.deleteProperty(process.env, VARIABLE);
    if (variable !== undefined) {
      process.env[VARIABLE] = variable;
    }
  });

  describe("as a Provider resource", () => {
    const monitor = new RecordingMonitor();
    const args = samplesOf(FACTS.config);

    before(() => monitor.start());

    it("registers every setting by its name: text as it is, everything else encoded as JSON", async () => {
      const registered = await monitor.registrationOf(new azuredevops.Provider("other", args));
      const expected = Object.entries(args).map(([name, value]) => {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return [name, FACTS.config[name]?.secret === true ? new Secret(text) : text];
      });
      assert.equal(registered.type, "pulumi:providers:azuredevops");
      assert.equal(registered.version, FACTS.version);
      assert.deepEqual(registered.inputs, Object.fromEntries(expected));
      assert.deepEqual(registered.secretOutputs, namesWith(FACTS.config, "secret"));
    });

    it("sends nothing for what is not set", async () => {
      assert.deepEqual((await monitor.registrationOf(new azuredevops.Provider("other"))).inputs, {});
    });

    it("encodes `false` too", async () => {
      const registered = await monitor.registrationOf(new azuredevops.Provider("other", { useOidc: false }));
      assert.deepEqual(registered.inputs, { useOidc: "false" });
    });

    it("takes the organization's address from the environment where the arguments have none", async () => {
      process.env[VARIABLE] = "http://127.0.0.1/environment";
      const fromEnvironment = await monitor.registrationOf(new azuredevops.Provider("other"));
      assert.deepEqual(fromEnvironment.inputs, { orgServiceUrl: "http://127.0.0.1/environment" });
      const given = new azuredevops.Provider("other", { orgServiceUrl: "http://127.0.0.1/given" });
      assert.deepEqual((await monitor.registrationOf(given)).inputs, { orgServiceUrl: "http://127.0.0.1/given" });
    });

    it("has every setting that is text as an output", () => {
      const texts = Object.keys(FACTS.config).filter((name) => FACTS.config[name]?.type === "string");
      const provider = new azuredevops.Provider("other");
      assert.deepEqual(
        texts.filter((name) => !pulumi.Output.isInstance(Reflect.get(provider, name))),
        [],
      );
    });

    it("knows its instances, and is rebuilt from its URN where a value refers to it", async () => {
      const provider = new azuredevops.Provider("other");
      assert.equal(azuredevops.Provider.isInstance(provider), true);
      assert.equal(azuredevops.Provider.isInstance({ __pulumiType: "pulumi:providers:azuredevops" }), true);
      assert.equal(azuredevops.Provider.isInstance({ __pulumiType: "azuredevops" }), false);
      assert.equal(azuredevops.Provider.isInstance(undefined), false);
      const urn = (await valueOf(provider.urn)) as string;
      const registered = pulumi.runtime.getResourcePackage(FACTS.name, FACTS.version);
      const rebuilt = registered?.constructProvider("other", "pulumi:providers:azuredevops", urn);
      assert.ok(rebuilt instanceof azuredevops.Provider);
      assert.throws(() => registered?.constructProvider("other", "pulumi:providers:other", urn), /is not the provider/);
    });

    it("is the provider of the resources that name it", async () => {
      const provider = new azuredevops.Provider("other");
      const feed = new azuredevops.Feed("sample", {}, { provider });
      const registered = await monitor.registrationOf(feed);
      assert.match(registered.provider, /pulumi:providers:azuredevops::other::/);
    });
  });

  describe("as the stack's config", () => {
    let before: Record<string, string>;

    beforeEach(() => {
      before = pulumi.runtime.allConfig();
    });

    afterEach(() => {
      pulumi.runtime.setAllConfig(before);
    });

    it("gives each value in its own type, when it is asked for", () => {
      const values = samplesOf(FACTS.config);
      pulumi.runtime.setAllConfig(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            `${FACTS.name}:${name}`,
            typeof value === "string" ? value : JSON.stringify(value),
          ]),
        ),
      );
      assert.deepEqual({ ...azuredevops.config }, values);
    });

    it("gives `undefined` for what is not set, and the organization's address from the environment", () => {
      pulumi.runtime.setAllConfig({});
      const names = Object.keys(FACTS.config);
      assert.deepEqual({ ...azuredevops.config }, Object.fromEntries(names.map((name) => [name, undefined])));
      process.env[VARIABLE] = "http://127.0.0.1/environment";
      assert.equal(azuredevops.config.orgServiceUrl, "http://127.0.0.1/environment");
    });
  });
});
