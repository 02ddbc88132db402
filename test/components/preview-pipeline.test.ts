import assert from "node:assert/strict";
import { PreviewPipeline } from "../../components";
import { only, record } from "./recording";

describe("PreviewPipeline", () => {
  const declare = () =>
    record(
      () =>
        new PreviewPipeline("preview", {
          projectId: "project",
          repositoryName: "platform",
          pipelineName: "wheelhouse-preview",
          folder: "\\wheelhouse",
          pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
        }),
    );

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
});
