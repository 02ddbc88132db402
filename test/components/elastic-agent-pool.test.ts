import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ElasticAgentPool, type ElasticAgentPoolArgs } from "../../components";
import { only, record, type Recording } from "./recording";

const POOL = "azuredevops:index/elasticPool:ElasticPool";
const QUEUE = "azuredevops:index/queue:Queue";
const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";
const scaleSet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/agents";

function declare(more: Partial<ElasticAgentPoolArgs> = {}): Promise<Recording> {
  return record(
    () =>
      new ElasticAgentPool("agents", {
        poolName: "linux-builders",
        projectId: pulumi.output("project"),
        scaleSetId: scaleSet,
        endpointId: "endpoint",
        ...more,
      }),
  );
}

describe("ElasticAgentPool", () => {
  it("is a pool over the scale set, with sizes for a small team and a new machine for each job", async () => {
    const { inputs, name, deleteBeforeReplace } = only(await declare(), POOL);
    assert.deepEqual(inputs, {
      name: "linux-builders",
      azureResourceId: scaleSet,
      serviceEndpointId: "endpoint",
      serviceEndpointScope: "project",
      maxCapacity: 4,
      desiredIdle: 1,
      timeToLiveMinutes: 30,
      recycleAfterEachUse: true,
      autoProvision: false,
      autoUpdate: true,
    });
    assert.deepEqual([name, deleteBeforeReplace], ["agents", true]);
  });

  it("has the sizes that it is given", async () => {
    const sizes = { maxAgents: 20, idleAgents: 0, idleMinutes: 5, recycle: false };
    const { inputs } = only(await declare(sizes), POOL);
    assert.deepEqual(
      [inputs.maxCapacity, inputs.desiredIdle, inputs.timeToLiveMinutes, inputs.recycleAfterEachUse],
      [20, 0, 5, false],
    );
  });

  it("has a queue in its project alone, in which every pipeline of that may run", async () => {
    const recording = await declare();
    assert.deepEqual(only(recording, QUEUE).inputs, { projectId: "project", agentPoolId: 42 });
    assert.deepEqual(only(recording, AUTHORIZATION).inputs, { projectId: "project", resourceId: "42", type: "queue" });
    assert.equal(recording.resources.length, 4);
  });

  it("puts out the numbers of pool and queue", async () => {
    const { outputs } = await declare();
    assert.deepEqual(outputs.get("wheelhouse:index:ElasticAgentPool agents"), { poolId: 42, queueId: 42 });
  });
});
