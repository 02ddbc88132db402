import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BaseImagePipeline } from "../../components";
import type { BaseImage } from "../../spec";
import { keysIn, only, record, UNKNOWN, type Recording } from "./recording";
import { baseImage } from "./samples";

const FILE = "azuredevops:index/gitRepositoryFile:GitRepositoryFile";
const DEFINITION = "azuredevops:index/buildDefinition:BuildDefinition";
const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";

const FIRST_RUN = "pulumi-nodejs:dynamic/wheelhouse:FirstRun";

function declare(spec: BaseImage = baseImage, preview = false, queued = false): Promise<Recording> {
  return record(
    () =>
      new BaseImagePipeline("base", {
        ...(queued
          ? {
              firstRun: {
                organizationUrl: "https://dev.azure.com/contoso",
                after: [new pulumi.ComponentResource("test:index:Other", "other")],
              },
            }
          : {}),
        baseImage: spec,
        projectId: "project",
        templateRepositoryId: "templates",
        templateBranch: "refs/heads/main",
        pushEndpointId: "push",
        pipelineSettings: {
          project: "Platform",
          templateRepository: "wheelhouse",
          pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
          folder: "\\wheelhouse",
        },
      }),
    preview,
  );
}

function files(recording: Recording): Map<unknown, Readonly<Record<string, unknown>>> {
  return new Map(recording.resources.filter(({ type }) => type === FILE).map(({ inputs }) => [inputs.file, inputs]));
}

describe("BaseImagePipeline", () => {
  it("writes recipe and pipeline into the template repository", async () => {
    const written = files(await declare());
    assert.deepEqual([...written.keys()].sort(), [
      "base-images/python-web/Dockerfile",
      "base-images/python-web/azure-pipelines.yml",
      "base-images/python-web/docker-bake.json",
      "base-images/python-web/requirements.in",
    ]);
    for (const inputs of written.values()) {
      assert.equal(inputs.repositoryId, "templates");
      assert.equal(inputs.branch, "refs/heads/main");
    }
    assert.equal(written.get("base-images/python-web/requirements.in")!.content, "uvicorn\n");
  });

  it("writes the list of system packages where the base image has one", async () => {
    const written = files(await declare({ ...baseImage, systemPackages: "libpq5\n" }));
    assert.equal(written.get("base-images/python-web/bindep.txt")!.content, "libpq5\n");
  });

  it("has its daily schedule in the pipeline's file and nowhere else", async () => {
    const recording = await declare();
    const pipeline = String(files(recording).get("base-images/python-web/azure-pipelines.yml")!.content);
    assert.match(pipeline, /schedules:/);
    assert.match(pipeline, /always: true/);
    const { inputs } = only(recording, DEFINITION);
    assert.ok(!keysIn(inputs).includes("schedules"));
    assert.equal(inputs.jobAuthorizationScope, "project");
    assert.equal(inputs.path, "\\wheelhouse");
    assert.equal(inputs.name, "python-web");
    assert.equal((inputs.repository as Record<string, unknown>).ymlPath, "base-images/python-web/azure-pipelines.yml");
  });

  it("shows every text at the first preview", async () => {
    const written = files(await declare(baseImage, true));
    assert.ok(written.size > 0);
    for (const [path, { content }] of written) assert.notEqual(content, UNKNOWN, String(path));
  });

  it("is authorized to push, after its pipeline is there", async () => {
    assert.deepEqual(only(await declare(), AUTHORIZATION).inputs, {
      projectId: "project",
      resourceId: "push",
      type: "endpoint",
      pipelineId: 42,
    });
  });

  it("runs in the base image's own pool where it names one", async () => {
    const spec: BaseImage = { ...baseImage, pool: { kind: "named", name: "Builders", demands: [] } };
    assert.equal(only(await declare(spec), DEFINITION).inputs.agentPoolName, "Builders");
  });

  it("is run once by itself where that is asked for, after all that the run needs", async () => {
    const { inputs, dependsOn, urn } = only(await declare(baseImage, false, true), FIRST_RUN);
    const { __provider: provider, ...rest } = inputs;
    assert.equal(typeof provider, "string");
    assert.deepEqual(rest, {
      organizationUrl: "https://dev.azure.com/contoso",
      project: "project",
      pipelineId: 42,
      branch: "refs/heads/main",
    });
    assert.ok(urn.endsWith("wheelhouse:FirstRun::base"));
    for (const needed of [`${AUTHORIZATION} base`, `${DEFINITION} base`, `${FILE} base-Dockerfile`]) {
      assert.ok(dependsOn.includes(needed), dependsOn.join("\n"));
    }
    assert.ok((await declare()).resources.every(({ type }) => type !== FIRST_RUN));
  });

  it("puts out the pipeline's number", async () => {
    assert.deepEqual((await declare()).outputs.get("wheelhouse:index:BaseImagePipeline base"), { pipelineId: 42 });
  });
});
