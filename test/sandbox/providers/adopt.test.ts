/** An interrupted creation finds what it made, and changes nothing while it looks. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { adoptInterrupted, findExisting, type ExportedStack } from "../../../sandbox/providers/adopt";
import { resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { ControlServer } from "./control-server";

describe("an interrupted creation", () => {
  let cloud: ControlServer;
  beforeEach(async () => {
    cloud = await new ControlServer().start();
  });
  afterEach(async () => cloud.close());

  it("is found by its inputs, with the configuration that is given or the environment's", async () => {
    const token = resourceToken("Git");
    const creation = { token, inputs: { name: "repo", projectId: "p" } };
    cloud.entities.set("guid", { name: "repo" });
    const given = { orgServiceUrl: cloud.organizationUrl, personalAccessToken: "pat" };
    strictEqual(await findExisting(creation, given, {}), "guid");
    const environment = { AZDO_ORG_SERVICE_URL: cloud.organizationUrl, AZDO_PERSONAL_ACCESS_TOKEN: "pat" };
    strictEqual(await findExisting(creation, {}, environment), "guid");
    deepStrictEqual(
      cloud.requests.map(({ verb }) => verb),
      ["find", "find"],
    );
  });

  it("is not found where nothing was made", async () => {
    const creation = { token: "azure-native:resources:ResourceGroup", inputs: { resourceGroupName: "g" } };
    const given = {
      subscriptionId: "s",
      tenantId: "t",
      clientId: "c",
      clientSecret: "x",
      metadataHost: cloud.metadataHost,
    };
    strictEqual(await findExisting(creation, given, {}), undefined);
  });

  it("is refused for a type that the sandbox does not have", async () => {
    await rejects(
      findExisting({ token: "aws:s3:Bucket", inputs: {} }, {}, {}),
      /the sandbox has no resource aws:s3:Bucket/,
    );
  });
});

describe("the state after an interruption", () => {
  const type = resourceToken("Git");
  const urnOf = (name: string): string => `urn:pulumi:s::p::${type}::${name}`;
  const creating = (name: string, token = type): { type: string; resource: { urn: string; type: string } } => ({
    type: "creating",
    resource: { urn: urnOf(name), type: token },
  });
  const finds = (...ids: (string | undefined)[]) => {
    return (): Promise<string | undefined> => Promise.resolve(ids.shift());
  };

  it("stays as it is where no creation was interrupted", async () => {
    const stack: ExportedStack = { deployment: { pending_operations: [{ ...creating("a"), type: "updating" }] } };
    const result = await adoptInterrupted(stack, finds("never asked"));
    strictEqual(result.stack, stack);
    deepStrictEqual(result.adopted, []);
  });

  it("gets what the cloud holds, forgets what it does not, and keeps every other operation", async () => {
    const deleting = { ...creating("c"), type: "deleting" };
    const stack = {
      version: 3,
      deployment: {
        manifest: {},
        resources: [{ urn: "stack", type: "s" }],
        pending_operations: [creating("a"), creating("b"), deleting],
      },
    };
    const result = await adoptInterrupted(stack, finds("guid", undefined));
    deepStrictEqual(result.adopted, [urnOf("a")]);
    deepStrictEqual(result.stack, {
      version: 3,
      deployment: {
        manifest: {},
        resources: [
          { urn: "stack", type: "s" },
          { urn: urnOf("a"), type, id: "guid" },
        ],
        pending_operations: [deleting],
      },
    });
  });

  it("forgets creations of other providers, which are made again", async () => {
    const stack = { deployment: { pending_operations: [creating("a", "pulumi-nodejs:dynamic:Resource")] } };
    const result = await adoptInterrupted(stack, finds("never asked"));
    deepStrictEqual(result.stack.deployment, { resources: [], pending_operations: [] });
  });

  it("keeps the one that was being replaced for deletion, and does not take it for its own replacement", async () => {
    const old = { urn: urnOf("a"), type, id: "old" };
    const stack: ExportedStack = { deployment: { resources: [old], pending_operations: [creating("a")] } };
    const replaced = await adoptInterrupted(stack, finds("new"));
    deepStrictEqual(replaced.stack.deployment.resources, [
      { urn: urnOf("a"), type, id: "new" },
      { ...old, delete: true },
    ]);
    const same = await adoptInterrupted(stack, finds("old"));
    deepStrictEqual(same.stack.deployment.resources, [old]);
  });
});
