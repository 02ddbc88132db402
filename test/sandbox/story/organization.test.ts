import { equal, notEqual, ok, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Organization } from "../../../sandbox/story";
import { signIn, TestCloud } from "../cloud/client";

describe("what the story does in the organization", () => {
  let cloud: TestCloud;
  let folder: string;
  let organization: Organization;

  before(async () => {
    cloud = await TestCloud.start();
    await cloud.make("Project", { name: "Platform" });
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-organization-"));
    organization = new Organization({
      address: `${cloud.address}/devops/acme`,
      project: "Platform",
      authorization: signIn.devops,
      temporary: folder,
    });
  });
  after(async () => {
    await cloud.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (text: string) => (target: string) => writeFileSync(join(target, "file"), text);

  it("makes a repository once, and pushes only what changed", async () => {
    equal(await organization.hasRepository("platform-team"), false);
    await organization.makeRepository("platform-team", "One", write("1"));
    equal(await organization.hasRepository("platform-team"), true);
    await rejects(organization.makeRepository("platform-team", "Two", write("2")), /^OrganizationRefused: POST git/);
    const change = { from: "main", to: "branch", message: "Three" };
    ok(await organization.commit("platform-team", change, write("3")));
    equal(await organization.commit("platform-team", { ...change, from: "branch" }, write("3")), undefined);
    const read = async (branch: string): Promise<string> => {
      await organization.clone("platform-team", branch, join(folder, branch));
      return readFileSync(join(folder, branch, "file"), "utf8");
    };
    equal(await read("main"), "1");
    equal(await read("branch"), "3");
  });

  it("opens a pull request once for a branch, and goes on with the one that an earlier start left", async () => {
    await organization.makeRepository("left-alone", "One", write("1"));
    const change = { from: "main", to: "branch", message: "Two" };
    await organization.commit("left-alone", change, write("2"));
    const opened = await organization.openPullRequest("left-alone", "branch", "Two");
    const again = await organization.commit("left-alone", change, write("3"));
    const found = await organization.openPullRequest("left-alone", "branch", "Three");
    equal(found.pullRequestId, opened.pullRequestId);
    equal(found.lastMergeSourceCommit.commitId, again);
    await organization.complete("left-alone", found);
    await organization.commit("left-alone", change, write("4"));
    const next = await organization.openPullRequest("left-alone", "branch", "Four");
    notEqual(next.pullRequestId, opened.pullRequestId);
  });

  it("leaves no repository behind whose files cannot be made", async () => {
    const broken = organization.makeRepository("broken", "One", () => Promise.reject(new Error("no space")));
    await rejects(broken, /no space/);
    equal(await organization.hasRepository("broken"), false);
  });

  it("says what was refused, with the service's own words", async () => {
    await organization.makeRepository("empty-handed", "One", write("1"));
    await rejects(
      organization.pullRequest("empty-handed", 99),
      /^OrganizationRefused: GET .*\/99 is refused \(404\): /,
    );
  });
});
