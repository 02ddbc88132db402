import assert from "node:assert/strict";
import { refusal, TestCloud } from "./client";

describe("projects", () => {
  let cloud: TestCloud;
  let projectId: string;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Platform" })).id;
  });
  after(() => cloud.end());

  const refused: [string, string, string][] = [
    ["an empty name", "", "400 TF200012"],
    ["a name of 65 characters", "x".repeat(65), "400 TF200012"],
    ["a slash in the name", "a/b", "400 TF200012"],
    ["a plus in the name", "a+b", "400 TF200012"],
    ["a leading underscore", "_a", "400 TF200012"],
    ["a leading period", ".a", "400 TF200012"],
    ["a trailing period", "a.", "400 TF200012"],
    ["a control character", "a\u0007b", "400 TF200012"],
    ["a character beyond the basic plane", "a\u{1f600}", "400 TF200012"],
    ["a name that the system keeps for itself", "COM1", "400 TF200012"],
    ["a name that the web server keeps for itself", "App_Data", "400 TF200012"],
    ["a name that exists, in another case", "PLATFORM", "409 TF200019"],
  ];
  for (const [what, name, says] of refused) {
    it(`are refused with ${what}`, async () => {
      const answer = await cloud.refused("Project", { name });
      assert.equal(answer.says.replace("ProjectAlreadyExists", "TF200019"), says);
    });
  }

  it("are refused with an unknown process, visibility or feature", async () => {
    for (const workItemTemplate of ["Waterfall", "constructor"]) {
      assert.equal((await cloud.refused("Project", { name: "x", workItemTemplate })).says, "400 ProcessNotFound");
    }
    assert.equal((await cloud.refused("Project", { name: "x", visibility: "secret" })).says, "400 InvalidArgument");
    assert.equal(
      (await cloud.refused("Project", { name: "x", features: { wiki: "enabled" } })).says,
      "400 FeatureInvalid",
    );
  });

  it("may have spaces and letters of every language in their names", async () => {
    const { id } = await cloud.make("Project", { name: "Größe und Maß" });
    assert.equal((await cloud.invoke("getProject", { name: "größe und maß" })).json.result?.id, id);
  });

  it("come with groups, a team, a build account, queues and a repository of their name", async () => {
    for (const name of ["Contributors", "Readers", "Project Administrators", "Platform Team"]) {
      assert.equal((await cloud.invoke("getGroup", { projectId, name })).status, 200, name);
    }
    assert.equal((await cloud.invoke("getTeam", { projectId, name: "Platform Team" })).status, 200);
    assert.equal((await cloud.invoke("getAgentQueue", { projectId, name: "Azure Pipelines" })).status, 200);
    const repository = await cloud.invoke("getGitRepository", { projectId, name: "Platform" });
    assert.equal(repository.json.result?.defaultBranch, "");
  });

  it("take the features that are named and have the others as they are by default", async () => {
    const made = await cloud.make("Project", { name: "boardless", features: { boards: "disabled" } });
    const { features } = (await cloud.invoke("getProject", { name: "boardless" })).json.result ?? {};
    assert.deepEqual((features as Record<string, string>).boards, "disabled", made.id);
    assert.deepEqual((features as Record<string, string>).pipelines, "enabled", made.id);
  });

  it("show features and process, and are found by name and by id", async () => {
    const byName = (await cloud.invoke("getProject", { name: "platform" })).json.result;
    assert.deepEqual((await cloud.invoke("getProject", { projectId })).json.result, byName);
    assert.equal(byName?.name, "Platform");
    assert.match(String(byName.processTemplateId), /^[0-9a-f-]{36}$/);
    assert.equal(refusal(await cloud.invoke("getProject", { name: "absent" })).says, "404 ProjectDoesNotExist");
    assert.equal(refusal(await cloud.invoke("getProject", {})).says, "400 InvalidArgument");
  });

  it("keep their kind of version control", async () => {
    const news = { name: "Platform", versionControl: "Tfvc" };
    const reply = await cloud.verb("update", "Project", { id: projectId, olds: {}, news });
    assert.equal(refusal(reply).says, "400 ProjectUpdateInvalid");
  });

  it("take with them all that is in them", async () => {
    const { id } = await cloud.make("Project", { name: "Passing" });
    const environment = await cloud.make("Environment", { projectId: id, name: "e" });
    const repository = await cloud.make("Git", { projectId: id, name: "r", initialization: { initType: "Clean" } });
    await cloud.verb("delete", "Project", { id });
    assert.equal(await cloud.read("Environment", environment.id), undefined);
    assert.equal(await cloud.read("Git", repository.id), undefined);
    assert.equal((await cloud.make("Project", { name: "Passing" })).id === id, false);
  });

  it("have settings and features that can be set again and again", async () => {
    const settings = { projectId, enforceJobScope: true };
    const first = await cloud.make("ProjectPipelineSettings", settings);
    const second = await cloud.make("ProjectPipelineSettings", { ...settings, enforceJobScope: false });
    assert.equal(second.id, first.id);
    assert.equal((await cloud.read("ProjectPipelineSettings", first.id))?.enforceJobScope, false);
    await cloud.make("ProjectFeatures", { projectId, features: { boards: "disabled" } });
    const features = { projectId, features: { boards: "off" } };
    assert.equal((await cloud.refused("ProjectFeatures", features)).says, "400 FeatureInvalid");
    const absent = { projectId: "none", features: {} };
    assert.equal((await cloud.refused("ProjectFeatures", absent)).says, "404 ProjectDoesNotExist");
  });
});
