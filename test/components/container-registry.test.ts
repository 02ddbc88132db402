import assert from "node:assert/strict";
import { parse } from "yaml";
import { ContainerRegistry, type ContainerRegistryArgs } from "../../components";
import { keysIn, only, record, type Recording } from "./recording";

const GROUP = "azure-native:resources:ResourceGroup";
const REGISTRY = "azure-native:containerregistry:Registry";
const TASK = "azure-native:containerregistry:Task";

function declare(more: Partial<ContainerRegistryArgs> = {}): Promise<Recording> {
  const args = { registryName: "contoso", resourceGroupName: "rg-wheelhouse", location: "westeurope", ...more };
  return record(() => new ContainerRegistry("registry", args));
}

describe("ContainerRegistry", () => {
  for (const sku of ["Basic", "Standard", "Premium"] as const) {
    it(`lets nobody in without an identity: ${sku}`, async () => {
      const recording = await declare({ sku });
      const { inputs } = only(recording, REGISTRY);
      assert.equal(inputs.adminUserEnabled, false);
      assert.equal(inputs.anonymousPullEnabled, false);
      const keys = recording.resources.flatMap((resource) => keysIn(resource.inputs));
      for (const secret of ["password", "userName", "customRegistries", "secret"]) {
        assert.ok(!keys.includes(secret), secret);
      }
    });
  }

  it("refuses to be deleted, and so does its resource group", async () => {
    const recording = await declare();
    assert.equal(only(recording, REGISTRY).protect, true);
    assert.equal(only(recording, GROUP).protect, true);
    const loose = await declare({ protect: false });
    assert.equal(only(loose, REGISTRY).protect, false);
    assert.equal(only(loose, GROUP).protect, false);
  });

  it("makes the resource group under the name that is given", async () => {
    const recording = await declare({ tags: { owner: "platform" } });
    assert.deepEqual(only(recording, GROUP).inputs, {
      resourceGroupName: "rg-wheelhouse",
      location: "westeurope",
      tags: { owner: "platform" },
    });
    assert.deepEqual(only(recording, REGISTRY).inputs.tags, { owner: "platform" });
    assert.deepEqual(only(recording, TASK).inputs.tags, { owner: "platform" });
  });

  it("goes into an existing resource group without touching it", async () => {
    const recording = await declare({ createResourceGroup: false });
    assert.ok(recording.resources.every(({ type }) => type !== GROUP));
    assert.equal(only(recording, REGISTRY).inputs.resourceGroupName, "rg-wheelhouse");
  });

  it("removes untagged manifests by its own policy where the tier has one", async () => {
    const recording = await declare({ sku: "Premium", untaggedRetentionDays: 3 });
    assert.deepEqual(only(recording, REGISTRY).inputs.policies, {
      retentionPolicy: { days: 3, status: "enabled" },
    });
    assert.ok(recording.resources.every(({ type }) => type !== TASK));
  });

  for (const sku of ["Basic", "Standard"] as const) {
    it(`removes untagged manifests, and no tag, by a nightly task: ${sku}`, async () => {
      const recording = await declare({ sku, untaggedRetentionDays: 3 });
      assert.equal("policies" in only(recording, REGISTRY).inputs, false);
      const { inputs } = only(recording, TASK);
      const step = inputs.step as { type: string; encodedTaskContent: string };
      assert.equal(step.type, "EncodedTask");
      const task = parse(Buffer.from(step.encodedTaskContent, "base64").toString()) as { steps: { cmd: string }[] };
      assert.equal(task.steps.length, 1);
      assert.match(task.steps[0]!.cmd, /^acr purge .*--untagged --ago 3d$/);
      const filter = /--filter '\.\*:([^']+)'/.exec(task.steps[0]!.cmd)![1]!;
      for (const tag of ["latest", "2026-11-21", "a", "v1.0"]) {
        assert.doesNotMatch(tag, new RegExp(filter));
      }
      assert.deepEqual(inputs.trigger, {
        timerTriggers: [{ name: "nightly", schedule: "17 2 * * *", status: "Enabled" }],
      });
      assert.equal(inputs.registryName, "contoso");
    });
  }

  it("is reached from everywhere by default, and only from the networks that are given", async () => {
    assert.equal("networkRuleSet" in only(await declare({ sku: "Premium" }), REGISTRY).inputs, false);
    const closed = await declare({ sku: "Premium", allowedNetworks: ["192.0.2.0/24"] });
    assert.deepEqual(only(closed, REGISTRY).inputs.networkRuleSet, {
      defaultAction: "Deny",
      ipRules: [{ action: "Allow", iPAddressOrRange: "192.0.2.0/24" }],
    });
  });

  it("refuses networks for a tier that would ignore them", async () => {
    await assert.rejects(
      declare({ sku: "Standard", allowedNetworks: ["192.0.2.0/24"] }),
      /allowedNetworks needs sku Premium, not Standard/,
    );
  });

  it("puts out where images go", async () => {
    const outputs = (await declare()).outputs.get("wheelhouse:index:ContainerRegistry registry")!;
    assert.equal(outputs.loginServer, "contoso.example.net");
    assert.equal(outputs.registryName, "contoso");
    assert.equal(outputs.resourceGroupName, "rg-wheelhouse");
    assert.match(String(outputs.registryId), /^\/subscriptions\//);
  });
});
