import assert from "node:assert/strict";
import { refusal, TestCloud } from "./client";

describe("groups, teams and identities", () => {
  let cloud: TestCloud;
  let projectId: string;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "People" })).id;
  });
  after(() => cloud.end());

  it("are refused with names that the service refuses, or that are taken in the same place", async () => {
    assert.equal((await cloud.refused("Group", { displayName: "a,b" })).says, "400 GroupNameInvalid");
    assert.equal((await cloud.refused("Group", { displayName: "a." })).says, "400 GroupNameInvalid");
    assert.equal((await cloud.refused("Group", {})).says, "400 GroupNameInvalid");
    const taken = { scope: projectId, displayName: "contributors" };
    assert.equal((await cloud.refused("Group", taken)).says, "409 GroupCreationException");
    await cloud.make("Group", { displayName: "Contributors" });
    assert.equal((await cloud.refused("Team", { projectId, name: "people team" })).says, "409 TeamAlreadyExists");
    assert.equal((await cloud.refused("Team", { projectId, name: "a..b" })).says, "400 TF200013");
  });

  it("need a project and members that exist", async () => {
    assert.equal((await cloud.refused("Group", { scope: "none", displayName: "x" })).says, "404 ProjectNotFound");
    assert.equal((await cloud.refused("Team", { projectId: "none", name: "x" })).says, "404 ProjectDoesNotExist");
    const members = { displayName: "x", members: ["vssgp.unknown"] };
    assert.equal((await cloud.refused("Group", members)).says, "404 GraphSubjectNotFound");
  });

  it("have a principal name with the place that they are in", async () => {
    const { id, properties } = await cloud.make("Group", { scope: projectId, displayName: "Owners" });
    assert.equal(properties.principalName, "[People]\\Owners");
    assert.equal(properties.descriptor, id);
    assert.equal(
      (await cloud.make("Group", { displayName: "Everywhere" })).properties.principalName,
      "[acme]\\Everywhere",
    );
  });

  it("stay where they are the service's own", async () => {
    const { json } = await cloud.invoke("getGroup", { projectId, name: "Readers" });
    const reply = await cloud.verb("delete", "Group", { id: json.result?.descriptor });
    assert.equal(refusal(reply).says, "409 GroupDeletionException");
    const team = await cloud.invoke("getTeam", { projectId, name: "People Team" });
    assert.equal(
      refusal(await cloud.verb("delete", "Team", { id: team.json.result?.id })).says,
      "409 DefaultTeamCannotBeDeleted",
    );
  });

  it("get members by a membership, and lose them with it", async () => {
    const group = await cloud.make("Group", { displayName: "Reviewers" });
    const [one, two] = [
      await cloud.make("Group", { displayName: "one" }),
      await cloud.make("Group", { displayName: "two" }),
    ];
    const added = await cloud.make("GroupMembership", { group: group.id, members: [one.id] });
    assert.deepEqual((await cloud.read("Group", group.id))?.members, [one.id]);
    await cloud.make("GroupMembership", { group: group.id, members: [two.id], mode: "overwrite" });
    assert.deepEqual((await cloud.read("Group", group.id))?.members, [two.id]);
    await cloud.verb("update", "GroupMembership", {
      id: added.id,
      olds: {},
      news: { group: group.id, members: [one.id, two.id] },
    });
    assert.deepEqual(new Set((await cloud.read("Group", group.id))?.members as string[]), new Set([one.id, two.id]));
    await cloud.verb("delete", "GroupMembership", { id: added.id });
    assert.deepEqual((await cloud.read("Group", group.id))?.members, []);
  });

  it("refuse memberships of what does not exist", async () => {
    const { id } = await cloud.make("Group", { displayName: "Lonely" });
    assert.equal(
      (await cloud.refused("GroupMembership", { group: "none", members: [id] })).says,
      "404 GraphSubjectNotFound",
    );
    assert.equal(
      (await cloud.refused("GroupMembership", { group: id, members: ["none"] })).says,
      "404 GraphSubjectNotFound",
    );
  });

  it("do not show a build account as a group, and say that it is none", async () => {
    const { says, message } = refusal(
      await cloud.invoke("getGroup", { projectId, name: "People Build Service (acme)" }),
    );
    assert.equal(says, "404 GroupNotFound");
    assert.match(message, /accounts are no groups/);
  });

  it("know the build account by the descriptor that programs make from the ids", async () => {
    const { json } = await cloud.invoke("getClientConfig", {});
    const identityDescriptor = `svc.${Buffer.from(`${String(json.result?.id)}:Build:${projectId}`).toString("base64url")}`;
    const feed = await cloud.make("Feed", { name: "shared" });
    const { properties } = await cloud.make("FeedPermission", {
      feedId: feed.id,
      identityDescriptor,
      role: "collaborator",
    });
    assert.equal(properties.displayName, "People Build Service (acme)");
  });

  it("take permissions on Git by known names for known principals", async () => {
    const principal = (await cloud.invoke("getGroup", { projectId, name: "Readers" })).json.result?.descriptor;
    const repositoryId = (await cloud.invoke("getGitRepository", { projectId, name: "People" })).json.result?.id;
    const right = { projectId, repositoryId, principal, permissions: { GenericContribute: "Deny" } };
    assert.match((await cloud.make("GitPermissions", right)).id, /^repoV2\//);
    const wrong: [object, string][] = [
      [{ principal: "vssgp.none" }, "404 GraphSubjectNotFound"],
      [{ repositoryId: "none" }, "404 GitRepositoryNotFound"],
      [{ permissions: { Fly: "Allow" } }, "400 SecurityActionInvalid"],
      [{ permissions: { GenericRead: "Maybe" } }, "400 SecurityActionInvalid"],
      [{ repositoryId: undefined, branchName: "main" }, "400 SecurityTokenInvalid"],
    ];
    for (const [part, says] of wrong) {
      assert.equal((await cloud.refused("GitPermissions", { ...right, ...part })).says, says);
    }
  });
});
