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
        tool: "#!/usr/bin/env node\n",
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
    const file = only(await declare(), FILE, "templates-application.yml");
    assert.equal(file.inputs.file, "templates/application.yml");
    assert.equal(file.inputs.content, "steps: []\n");
    assert.equal(file.inputs.branch, "refs/heads/main");
    assert.equal(file.inputs.overwriteOnCreate, true);
  });

  it("holds the command line, of which a preview tells that it changes and not how", async () => {
    const file = only(await declare(), FILE, "templates-wheelhouse.cjs");
    assert.equal(file.inputs.file, "tools/wheelhouse.cjs");
    assert.equal((file.inputs.content as { readonly value: string }).value, "#!/usr/bin/env node\n");
    assert.equal(file.inputs.overwriteOnCreate, true);
    assert.deepEqual(file.secretOutputs, ["content"]);
    assert.deepEqual(only(await declare(), FILE, "templates-application.yml").secretOutputs, []);
  });

  it("does not take the commit message of somebody's last commit for a change", async () => {
    for (const name of ["templates-application.yml", "templates-wheelhouse.cjs"]) {
      assert.deepEqual(only(await declare(), FILE, name).ignoreChanges, ["commitMessage"]);
    }
  });

  it("may be checked out by every pipeline of the project", async () => {
    assert.deepEqual(only(await declare(), AUTHORIZATION).inputs, {
      projectId: "project",
      resourceId: "id-of-templates",
      type: "repository",
    });
  });
});
