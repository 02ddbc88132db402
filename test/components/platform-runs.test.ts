import assert from "node:assert/strict";
import { Platform } from "../../components";
import type { App, Settings } from "../../spec";
import { only, PROJECT, record, type Recording } from "./recording";
import { app, baseImage, settings } from "./samples";

const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";
const FIRST_RUN = "pulumi-nodejs:dynamic/wheelhouse:FirstRun";

function declare(apps: readonly App[], more: Partial<Settings> = {}): Promise<Recording> {
  return record(() => {
    new Platform("wheelhouse", {
      settings: { ...settings, ...more },
      baseImages: [baseImage],
      apps,
      tool: "wheelhouse",
    });
  });
}

describe("what a platform's runs need", () => {
  it("lets each base image come into being when all that it needs is there, and its applications wait for it", async () => {
    const other = app("elsewhere", { baseImage: "python-other" });
    const recording = await record(() => {
      new Platform("wheelhouse", {
        settings,
        baseImages: [baseImage, { ...baseImage, name: "python-other" }],
        apps: [app("orders"), other],
        tool: "wheelhouse",
      });
    });
    const { inputs, dependsOn } = only(recording, FIRST_RUN, "wheelhouse-base-python-web");
    assert.equal(inputs.organizationUrl, settings.addresses.organization);
    assert.equal(inputs.project, PROJECT);
    const isOf = (image: string, name: string) => new RegExp(`^wheelhouse-(base|app)-${image}(-|$)`).test(name);
    const needed = recording.resources.filter(
      ({ custom, type, name }) =>
        custom &&
        type !== FIRST_RUN &&
        !/-(folder|purge|retention)$/.test(name) &&
        !isOf("python-other", name) &&
        !isOf("elsewhere", name) &&
        !(isOf("orders", name) && type !== AUTHORIZATION),
    );
    assert.ok(needed.length > 20);
    for (const { type, name } of needed) assert.ok(dependsOn.includes(`${type} ${name}`), `${type} ${name}`);
    assert.ok(dependsOn.every((label) => !/elsewhere|python-other/.test(label)));
  });

  it("makes a pool over a scale set before any pipeline that runs in it, and looks for it nowhere", async () => {
    const elasticPool = {
      name: "Linux builders",
      scaleSet: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/agents",
      connection: "azure",
      maxAgents: 9,
      idleAgents: 0,
      idleMinutes: 15,
      recycle: false,
    };
    const pool = { kind: "named", name: "linux Builders", demands: [] } as const;
    const recording = await declare([app("orders")], { elasticPool, pool, platformRepository: "platform" });
    const { inputs, name } = only(recording, "azuredevops:index/elasticPool:ElasticPool");
    assert.equal(name, "wheelhouse-agents");
    assert.deepEqual(
      [inputs.name, inputs.azureResourceId, inputs.serviceEndpointId, inputs.serviceEndpointScope],
      ["Linux builders", elasticPool.scaleSet, "endpoint-azure", PROJECT],
    );
    assert.deepEqual(
      [inputs.maxCapacity, inputs.desiredIdle, inputs.timeToLiveMinutes, inputs.recycleAfterEachUse],
      [9, 0, 15, false],
    );
    assert.ok(recording.calls.every(({ token }) => !token.includes("getAgentQueue")));
    const queue = "azuredevops:index/queue:Queue wheelhouse-agents";
    const waiting = ["AppImagePipeline", "BaseImagePipeline", "PreviewPipeline"].map((kind) =>
      only(recording, `wheelhouse:index:${kind}`),
    );
    for (const { dependsOn, type } of [...waiting, only(recording, FIRST_RUN)]) {
      assert.ok(dependsOn.includes(queue), `${type} ${dependsOn.join("\n")}`);
    }
    assert.ok((await declare([])).resources.every(({ type }) => !/elasticPool|ElasticAgentPool/.test(type)));
  });

  it("queues no first run where the settings say so", async () => {
    const { resources } = await declare([], { firstRun: "none" });
    assert.ok(resources.every(({ type }) => type !== FIRST_RUN));
    only(await declare([]), FIRST_RUN);
  });
});
