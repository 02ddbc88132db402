import assert from "node:assert/strict";
import { TemplateRepository } from "../../components";
import { only, record, type Recording } from "./recording";

const GIT = "azuredevops:index/git:Git";
const FILE = "azuredevops:index/gitRepositoryFile:GitRepositoryFile";
const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";

function declare(protect?: boolean): Promise<Recording> {
  return record(
    () =>
      new TemplateRepository("templates", {
        projectId: "project",
        repositoryName: "wheelhouse",
        files: [{ path: "templates/application.yml", content: "steps: []\n" }],
        protect,
      }),
  );
}

describe("TemplateRepository", () => {
  it("is a repository with the branch main that refuses to be deleted", async () => {
    const git = only(await declare(), GIT);
    assert.equal(git.protect, true);
    assert.deepEqual(git.inputs, {
      projectId: "project",
      name: "wheelhouse",
      defaultBranch: "refs/heads/main",
      initialization: { initType: "Clean" },
    });
    assert.equal(only(await declare(false), GIT).protect, false);
  });

  it("holds its files as they are declared, and overrules whoever edits them", async () => {
    const file = only(await declare(), FILE);
    assert.equal(file.inputs.file, "templates/application.yml");
    assert.equal(file.inputs.content, "steps: []\n");
    assert.equal(file.inputs.branch, "refs/heads/main");
    assert.equal(file.inputs.overwriteOnCreate, true);
  });

  it("does not take the commit message of somebody's last commit for a change", async () => {
    assert.deepEqual(only(await declare(), FILE).ignoreChanges, ["commitMessage"]);
  });

  it("may be checked out by every pipeline of the project", async () => {
    assert.deepEqual(only(await declare(), AUTHORIZATION).inputs, {
      projectId: "project",
      resourceId: "id-of-templates",
      type: "repository",
    });
  });
});
