import assert from "node:assert/strict";
import { refusal, TestCloud } from "./client";

const main = "refs/heads/main";

describe("branch policies", () => {
  let cloud: TestCloud;
  let projectId: string;
  let repositoryId: string;
  let definitionId: number;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Policies" })).id;
    const inputs = { projectId, name: "code", defaultBranch: main, initialization: { initType: "Clean" } };
    repositoryId = (await cloud.make("Git", inputs)).id;
    const repository = { repoId: repositoryId, repoType: "TfsGit", ymlPath: "azure-pipelines.yml" };
    definitionId = Number((await cloud.make("BuildDefinition", { projectId, name: "build", repository })).id);
  });
  after(() => cloud.end());

  const validation = (settings: object = {}, more: object = {}): object => ({
    projectId,
    settings: {
      buildDefinitionId: definitionId,
      displayName: "build",
      scopes: [{ repositoryId, repositoryRef: "refs/heads/release", matchType: "Exact" }],
      ...settings,
    },
    ...more,
  });

  it("are refused with settings that the service refuses", async () => {
    const scope = { repositoryId, repositoryRef: main };
    for (const [settings, says] of [
      [{ buildDefinitionId: 99999 }, "404 DefinitionNotFound"],
      [{ displayName: " " }, "400 PolicyConfigurationInvalid"],
      [{ validDuration: -1 }, "400 PolicyConfigurationInvalid"],
      [{ scopes: [] }, "400 PolicyConfigurationInvalid"],
      [{ scopes: [{ ...scope, repositoryId: "none" }] }, "404 RepositoryNotFound"],
      [{ scopes: [{ ...scope, repositoryRef: "main" }] }, "400 PolicyConfigurationInvalid"],
      [{ scopes: [{ ...scope, matchType: "Regex" }] }, "400 PolicyConfigurationInvalid"],
      [{ scopes: [{ ...scope, matchType: "DefaultBranch" }] }, "400 PolicyConfigurationInvalid"],
    ] as const) {
      assert.equal((await cloud.refused("BranchPolicyBuildValidation", validation(settings))).says, says);
    }
  });

  it("want at least one reviewer, and one way to reset votes", async () => {
    const scopes = [{ repositoryId, repositoryRef: "refs/heads/reviewed" }];
    const count = { projectId, settings: { reviewerCount: 0, scopes } };
    assert.equal((await cloud.refused("BranchPolicyMinReviewers", count)).says, "400 PolicyConfigurationInvalid");
    const resets = { reviewerCount: 1, scopes, onPushResetAllVotes: true, onPushResetApprovedVotes: true };
    const both = { projectId, settings: resets };
    assert.equal((await cloud.refused("BranchPolicyMinReviewers", both)).says, "400 PolicyConfigurationInvalid");
  });

  it("keep resources from pushing to the branches that they cover, until they are gone", async () => {
    const inputs = { projectId, name: "guarded", defaultBranch: main, initialization: { initType: "Clean" } };
    const { id } = await cloud.make("Git", inputs);
    const file = { repositoryId: id, file: "a.txt", content: "1", branch: main };
    const written = await cloud.make("GitRepositoryFile", file);
    const scopes = [{ repositoryId: id, repositoryRef: main, matchType: "Exact" }];
    const policy = await cloud.make("BranchPolicyBuildValidation", validation({ scopes }));
    const { says, message } = await cloud.refused("GitRepositoryFile", { ...file, file: "b.txt" });
    assert.equal(says, "403 GitRefUpdateRejectedByPolicy");
    assert.match(message, /TF402455/);
    const deletion = await cloud.verb("delete", "GitRepositoryFile", { id: written.id });
    assert.equal(refusal(deletion).says, "403 GitRefUpdateRejectedByPolicy");
    await cloud.verb("delete", "BranchPolicyBuildValidation", { id: policy.id });
    assert.equal((await cloud.verb("delete", "GitRepositoryFile", { id: written.id })).status, 200);
  });

  it("protect by prefix, and the default branch of every repository; and not when they are off", async () => {
    const make = async (name: string): Promise<object> => {
      const inputs = { projectId, name, defaultBranch: main, initialization: { initType: "Clean" } };
      const { id } = await cloud.make("Git", inputs);
      return { repositoryId: id, file: "a.txt", content: "1", branch: main };
    };
    const off = [{ enabled: false }, { blocking: false }];
    const everywhere = { scopes: [{ matchType: "DefaultBranch" }] };
    const prefix = { scopes: [{ repositoryRef: "refs/heads/ma", matchType: "Prefix" }] };
    for (const [index, more] of off.entries()) {
      const policy = await cloud.make("BranchPolicyBuildValidation", validation(everywhere, more));
      await cloud.make("GitRepositoryFile", await make(`open-${index}`));
      await cloud.verb("delete", "BranchPolicyBuildValidation", { id: policy.id });
    }
    const other = await cloud.make("BranchPolicyBuildValidation", validation(prefix));
    await cloud.make("GitRepositoryFile", await make("prefix of another name"));
    await cloud.verb("delete", "BranchPolicyBuildValidation", { id: other.id });
    const policy = await cloud.make("BranchPolicyBuildValidation", validation(everywhere));
    const { says } = await cloud.refused("GitRepositoryFile", await make("closed"));
    assert.equal(says, "403 GitRefUpdateRejectedByPolicy");
    await cloud.verb("delete", "BranchPolicyBuildValidation", { id: policy.id });
  });

  it("are passed by those who are allowed to", async () => {
    const inputs = { projectId, name: "exempt", defaultBranch: main, initialization: { initType: "Clean" } };
    const { id } = await cloud.make("Git", inputs);
    const scopes = [{ repositoryId: id, repositoryRef: main }];
    await cloud.make("BranchPolicyBuildValidation", validation({ scopes }));
    const file = { repositoryId: id, file: "a.txt", content: "1", branch: main };
    assert.equal((await cloud.refused("GitRepositoryFile", file)).says, "403 GitRefUpdateRejectedByPolicy");
    const administrators = await cloud.invoke("getGroup", { projectId, name: "Project Administrators" });
    const principal = administrators.json.result?.descriptor;
    await cloud.make("GitPermissions", {
      projectId,
      repositoryId: id,
      principal,
      permissions: { PolicyExempt: "Allow" },
    });
    await cloud.make("GitRepositoryFile", file);
  });
});
