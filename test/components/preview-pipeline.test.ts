import assert from "node:assert/strict";
import { PreviewPipeline } from "../../components";
import { buildServiceDescriptor } from "../../components/naming";
import type { PreviewSettings } from "../../spec";
import { only, ORGANIZATION, record } from "./recording";

describe("PreviewPipeline", () => {
  const declare = (preview?: PreviewSettings) =>
    record(
      () =>
        new PreviewPipeline("preview", {
          projectId: "project",
          repositoryName: "platform",
          pipelineName: "wheelhouse-preview",
          folder: "\\wheelhouse",
          pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
          preview,
        }),
    );
  const preview: PreviewSettings = {
    backend: "azblob://state?storage_account=contoso",
    stacks: ["production", "contoso/wheelhouse/test"],
    connection: "wheelhouse-preview",
    variableGroup: 7,
  };
  const authorization = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";

  it("runs the file that the existing repository brings along", async () => {
    const recording = await declare();
    const { inputs } = only(recording, "azuredevops:index/buildDefinition:BuildDefinition");
    assert.deepEqual(inputs.repository, {
      repoType: "TfsGit",
      repoId: "existing-platform",
      branchName: "refs/heads/main",
      ymlPath: "azure-pipelines.yml",
      reportBuildStatus: true,
    });
    assert.deepEqual(recording.resources.map(({ type }) => type).sort(), [
      "azuredevops:index/branchPolicyBuildValidation:BranchPolicyBuildValidation",
      "azuredevops:index/buildDefinition:BuildDefinition",
      "wheelhouse:index:PreviewPipeline",
    ]);
  });

  it("runs for each pull request into the main branch", async () => {
    const policy = only(await declare(), "azuredevops:index/branchPolicyBuildValidation:BranchPolicyBuildValidation");
    assert.deepEqual((policy.inputs.settings as { scopes: unknown }).scopes, [
      { repositoryId: "existing-platform", repositoryRef: "refs/heads/main", matchType: "Exact" },
    ]);
  });

  it("declares stacks and state as variables that no queued run changes, and the group of its secret", async () => {
    const { inputs } = only(await declare(preview), "azuredevops:index/buildDefinition:BuildDefinition");
    assert.deepEqual(inputs.variables, [
      { name: "PULUMI_BACKEND_URL", value: preview.backend, allowOverride: false },
      { name: "PULUMI_STACK", value: "production contoso/wheelhouse/test", allowOverride: false },
    ]);
    assert.deepEqual(inputs.variableGroups, [7]);
    const { inputs: plain } = only(await declare(), "azuredevops:index/buildDefinition:BuildDefinition");
    assert.deepEqual([plain.variables, plain.variableGroups], [undefined, undefined]);
  });

  it("lets this pipeline alone use the connection and the variable group", async () => {
    const { resources } = await declare(preview);
    const found = resources.filter(({ type }) => type === authorization).map(({ name, inputs }) => [name, inputs]);
    const shared = { projectId: "project", pipelineId: 42 };
    assert.deepEqual(found.sort(), [
      ["preview-connection", { ...shared, resourceId: "endpoint-wheelhouse-preview", type: "endpoint" }],
      ["preview-variables", { ...shared, resourceId: "7", type: "variablegroup" }],
    ]);
  });

  it("authorizes no variable group where a key of the cloud encrypts the state", async () => {
    const recording = await declare({ ...preview, variableGroup: undefined });
    assert.equal(only(recording, authorization).inputs.type, "endpoint");
    const { inputs } = only(recording, "azuredevops:index/buildDefinition:BuildDefinition");
    assert.equal(inputs.variableGroups, undefined);
  });

  it("lets the project's build identity comment, on this repository, and takes nothing else from it", async () => {
    const { inputs } = only(await declare(preview), "azuredevops:index/gitPermissions:GitPermissions");
    assert.deepEqual(inputs, {
      projectId: "project",
      repositoryId: "existing-platform",
      principal: buildServiceDescriptor(ORGANIZATION, "project"),
      permissions: { PullRequestContribute: "Allow" },
      replace: false,
    });
  });

  it("has no run started for a pull request before it is allowed what it needs", async () => {
    const policy = only(
      await declare(preview),
      "azuredevops:index/branchPolicyBuildValidation:BranchPolicyBuildValidation",
    );
    for (const name of ["preview-connection", "preview-variables", "preview-comments"]) {
      assert.ok(
        policy.dependsOn.some((each) => each.endsWith(` ${name}`)),
        `${name} is not among ${policy.dependsOn.join(", ")}`,
      );
    }
  });
});
