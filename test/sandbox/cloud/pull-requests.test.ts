import assert from "node:assert/strict";
import { join } from "node:path";
import { refusal, TestCloud, type Properties } from "./client";
import { basic, body, Changes, main } from "./changes";

describe("pull requests", () => {
  let cloud: TestCloud;
  let changes: Changes;
  before(async () => {
    cloud = await TestCloud.start();
    changes = await Changes.start(cloud, "Requests");
  });
  after(async () => {
    changes.end();
    await cloud.end();
  });

  const commitOf = (one: Properties, name: string): string => (one[name] as { commitId: string }).commitId;

  it("are merged by the service when they are opened, and again whenever a branch of theirs moves", async () => {
    const source = await changes.push("topic", { "topic.txt": "1" });
    const target = await changes.tip(main);
    const one = await changes.open("topic");
    assert.deepEqual(
      [one.status, one.mergeStatus, one.isDraft, one.title],
      ["active", "succeeded", false, "Take topic"],
    );
    assert.deepEqual(
      [commitOf(one, "lastMergeSourceCommit"), commitOf(one, "lastMergeTargetCommit")],
      [source, target],
    );
    const name = `refs/pull/${String(one.pullRequestId)}/merge`;
    const first = await changes.tip(name);
    assert.equal(first, commitOf(one, "lastMergeCommit"));
    assert.deepEqual(await changes.parents(name), [target, source]);
    const next = await changes.push("topic", { "topic.txt": "2" });
    assert.equal(await changes.show(name, "topic.txt"), "2");
    assert.deepEqual(await changes.parents(name), [target, next]);
    const moved = await changes.push("main", { "main.txt": "1" });
    assert.deepEqual(await changes.parents(name), [moved, next]);
    assert.equal(await changes.show(name, "main.txt"), "1");
    await cloud.make("GitRepositoryFile", {
      repositoryId: changes.repositoryId,
      file: "resource.txt",
      content: "1",
      branch: main,
    });
    assert.equal(await changes.show(name, "resource.txt"), "1");
    assert.equal(commitOf(await changes.read(one.pullRequestId), "lastMergeCommit"), await changes.tip(name));
  });

  it("keep their merge as it is while nothing of theirs moves", async () => {
    await changes.push("still", { "still.txt": "1" });
    const { pullRequestId } = await changes.open("still");
    const before = await changes.tip(`refs/pull/${String(pullRequestId)}/merge`);
    await changes.push("elsewhere", { "elsewhere.txt": "1" });
    assert.equal(await changes.tip(`refs/pull/${String(pullRequestId)}/merge`), before);
  });

  it("say where both sides changed the same, have no merge then, and stay active when completed", async () => {
    await changes.push("main", { "both.txt": "ours" });
    await changes.push("clash", { "both.txt": "theirs" }, undefined, "origin/main~1");
    const one = await changes.open("clash");
    assert.equal(one.mergeStatus, "conflicts");
    assert.match(String(one.mergeFailureMessage), /both\.txt/);
    assert.equal("lastMergeCommit" in one, false);
    const name = `refs/pull/${String(one.pullRequestId)}/merge`;
    assert.equal(await changes.tip(name), undefined);
    const before = await changes.tip(main);
    const tried = body(await changes.complete(one.pullRequestId));
    assert.deepEqual([tried.status, tried.mergeStatus, await changes.tip(main)], ["active", "conflicts", before]);
    await changes.push("clash", { "both.txt": "ours" });
    const mended = await changes.read(one.pullRequestId);
    assert.deepEqual([mended.mergeStatus, mended.mergeFailureMessage], ["succeeded", undefined]);
    await changes.push("main", { "both.txt": "other" });
    await changes.push("clash", { "both.txt": "yet other" });
    assert.equal((await changes.read(one.pullRequestId)).mergeStatus, "conflicts");
    assert.equal(await changes.tip(name), undefined);
  });

  it("are completed with a merge commit, which is a push to the target and the end of it", async () => {
    const source = await changes.push("merged", { "merged.txt": "1" });
    const target = await changes.tip(main);
    const { pullRequestId } = await changes.open("merged", { description: "Because." });
    const done = body(await changes.complete(pullRequestId));
    assert.deepEqual([done.status, done.mergeStatus], ["completed", "succeeded"]);
    assert.ok(typeof done.closedDate === "string");
    assert.equal(await changes.tip(main), commitOf(done, "lastMergeCommit"));
    assert.deepEqual(await changes.parents(main), [target, source]);
    await changes.git(["fetch", "--quiet", "origin", main]);
    assert.equal(
      await changes.git(["log", "-1", "--format=%B", "FETCH_HEAD"]),
      `Merged PR ${String(pullRequestId)}: Take merged\n\nBecause.\n\n`,
    );
    const path = `/devops/acme/_apis/git/repositories/${changes.repositoryId}/pushes?searchCriteria.includeRefUpdates=true`;
    const [newest] = (await cloud.call("GET", path)).json.value as { refUpdates: object[]; pushedBy: Properties }[];
    assert.deepEqual(newest?.refUpdates, [
      { name: main, oldObjectId: target, newObjectId: commitOf(done, "lastMergeCommit") },
    ]);
    assert.equal(newest.pushedBy.displayName, "Sandbox Owner");
    for (const status of ["completed", "active", "abandoned"]) {
      const again = await changes.requests("PATCH", `/${String(pullRequestId)}`, {
        status,
        lastMergeSourceCommit: { commitId: source },
      });
      assert.equal(refusal(again).says, "400 GitPullRequestNotEditableException", status);
    }
    await changes.push("merged", { "merged.txt": "2" });
    assert.equal((await changes.read(pullRequestId)).status, "completed");
  });

  it("are squashed to one commit, and take their source branch with them, where asked", async () => {
    await changes.push("squashed", { "squashed.txt": "1" });
    await changes.push("squashed", { "squashed.txt": "2" });
    const target = await changes.tip(main);
    const { pullRequestId } = await changes.open("squashed");
    const options = { mergeStrategy: "squash", deleteSourceBranch: true, mergeCommitMessage: "All of it" };
    body(await changes.complete(pullRequestId, options));
    assert.deepEqual(await changes.parents(main), [target]);
    assert.equal(await changes.show(main, "squashed.txt"), "2");
    assert.equal(await changes.git(["log", "-1", "--format=%B", "FETCH_HEAD"]), "All of it\n\n");
    assert.equal(await changes.tip("refs/heads/squashed"), undefined);
  });

  it("are completed only with the source that they have by now, which has to be named", async () => {
    const old = await changes.push("hasty", { "hasty.txt": "1" });
    const { pullRequestId } = await changes.open("hasty");
    await changes.push("hasty", { "hasty.txt": "not looked at" });
    const before = await changes.tip(main);
    const path = `/${String(pullRequestId)}`;
    const stale = { status: "completed", lastMergeSourceCommit: { commitId: old } };
    const { says, message } = refusal(await changes.requests("PATCH", path, stale));
    assert.equal(says, "409 GitPullRequestStaleException");
    assert.match(message, /TF401192/);
    assert.equal(
      refusal(await changes.requests("PATCH", path, { status: "completed" })).says,
      "400 ArgumentNullException",
    );
    assert.equal(await changes.tip(main), before);
  });

  it("are refused for branches that are none, a second time, and with what is not served", async () => {
    await changes.push("twice", { "twice.txt": "1" });
    const right = { sourceRefName: "refs/heads/twice", targetRefName: main, title: "Twice" };
    body(await changes.requests("POST", "", right));
    for (const [wrong, says] of [
      [right, "409 GitPullRequestExistsException"],
      [{ ...right, sourceRefName: "refs/heads/absent" }, "400 GitPullRequestCannotBeActivated"],
      [{ ...right, targetRefName: "refs/heads/absent" }, "400 GitPullRequestCannotBeActivated"],
      [{ ...right, sourceRefName: "twice" }, "400 GitPullRequestCannotBeActivated"],
      [{ ...right, sourceRefName: "refs/heads/../heads/twice" }, "400 GitPullRequestCannotBeActivated"],
      [{ ...right, sourceRefName: main }, "400 GitPullRequestInvalidParametersException"],
      [{ ...right, title: " " }, "400 InvalidArgumentValueException"],
      [{ ...right, description: "x".repeat(4001) }, "400 InvalidArgumentValueException"],
      [{ ...right, labels: [] }, "400 InvalidArgumentValueException"],
      [{ ...right, reviewers: [{ id: "nobody" }] }, "404 GitIdentityNotFoundException"],
    ] as const) {
      assert.equal(refusal(await changes.requests("POST", "", wrong)).says, says, JSON.stringify(wrong));
    }
    assert.equal(refusal(await changes.requests("GET", "/99999")).says, "404 GitPullRequestNotFoundException");
  });

  it("are changed in their words, abandoned, and taken up again", async () => {
    await changes.push("changing", { "changing.txt": "1" });
    const { pullRequestId: id } = await changes.open("changing", { isDraft: true });
    const patch = (wanted: object) => changes.requests("PATCH", `/${String(id)}`, wanted);
    assert.equal(refusal(await changes.complete(id)).says, "400 InvalidArgumentValueException");
    const changed = body(await patch({ title: "Better", description: "Words.", isDraft: false }));
    assert.deepEqual([changed.title, changed.description, changed.isDraft], ["Better", "Words.", false]);
    for (const [wrong, named] of [
      [{ targetRefName: "refs/heads/other" }, /targetRefName/],
      [{ autoCompleteSetBy: { id: "x" } }, /autoCompleteSetBy/],
      [{ status: "merged" }, /status/],
      [{ status: "abandoned", title: "x" }, /status in a request of its own/],
      [{ completionOptions: { mergeStrategy: "octopus" } }, /mergeStrategy/],
    ] as const) {
      assert.match(refusal(await patch(wrong)).message, named);
    }
    assert.match(refusal(await changes.complete(id, { mergeStrategy: "rebase" })).message, /rebase is not served/);
    assert.equal(body(await patch({ status: 2 })).status, "abandoned");
    assert.equal(refusal(await patch({ title: "late" })).says, "400 GitPullRequestNotEditableException");
    assert.equal(refusal(await changes.complete(id)).says, "400 GitPullRequestNotEditableException");
    await changes.push("changing", { "changing.txt": "meanwhile" });
    const again = body(await patch({ status: "active" }));
    assert.deepEqual([again.status, again.closedDate], ["active", undefined]);
    assert.equal(await changes.show(`refs/pull/${String(id)}/merge`, "changing.txt"), "meanwhile");
    body(await patch({ status: "abandoned" }));
    await changes.git(["push", "--quiet", "origin", ":refs/heads/changing"]);
    assert.equal(refusal(await patch({ status: "active" })).says, "400 GitPullRequestCannotBeActivated");
  });

  it("are listed by status, branch and creator, of a repository, of a project, and one by one", async () => {
    const own = await Changes.start(cloud, "Listed");
    try {
      const ids: unknown[] = [];
      for (const branch of ["a", "b", "c"]) {
        await own.push(branch, { [`${branch}.txt`]: "1" });
        ids.push((await own.open(branch)).pullRequestId);
      }
      body(await own.complete(ids[0]));
      body(await own.requests("PATCH", `/${String(ids[1])}`, { status: "abandoned" }));
      const found = async (query: string): Promise<number[]> => {
        const { value } = (await own.requests("GET", `?${query}`)).json;
        return (value ?? []).map(({ pullRequestId }) => ids.indexOf(pullRequestId));
      };
      assert.deepEqual(await found(""), [2]);
      assert.deepEqual(await found("searchCriteria.status=all"), [2, 1, 0]);
      assert.deepEqual(await found("searchCriteria.status=3"), [0]);
      assert.deepEqual(await found("searchCriteria.status=abandoned"), [1]);
      assert.deepEqual(await found("searchCriteria.status=all&$top=1&$skip=1"), [1]);
      assert.deepEqual(await found("searchCriteria.status=all&searchCriteria.sourceRefName=refs/heads/a"), [0]);
      assert.deepEqual(await found("searchCriteria.targetRefName=refs/heads/other"), []);
      assert.match(refusal(await own.requests("GET", "?searchCriteria.title=x")).message, /searchCriteria\.title/);
      const across = (await cloud.call("GET", "/devops/acme/Listed/_apis/git/pullrequests")).json;
      assert.deepEqual(
        across.value?.map(({ pullRequestId }) => pullRequestId),
        [ids[2]],
      );
      const alone = (await cloud.call("GET", `/devops/acme/_apis/git/pullrequests/${String(ids[0])}`)).json;
      assert.equal(alone.status, "completed");
      const listed = (await cloud.verb("list", "sandbox:index/pullRequest:PullRequest", {})).json
        .entities as Properties[];
      assert.ok(listed.some(({ id }) => id === String(ids[1])));
    } finally {
      own.end();
    }
  });

  it("have merges that nobody pushes to, and that are built like a branch", async () => {
    const source = await changes.push("built", { "built.txt": "1" });
    const { pullRequestId, lastMergeCommit } = await changes.open("built");
    const name = `refs/pull/${String(pullRequestId)}/merge`;
    await assert.rejects(changes.git(["push", "origin", `HEAD:${name}`]), /hidden ref|rejected/);
    await assert.rejects(changes.git(["push", "origin", `:${name}`]), /hidden ref|rejected|unable to delete/);
    assert.equal(await changes.tip(name), (lastMergeCommit as { commitId: string }).commitId);
    const repository = { repoId: changes.repositoryId, repoType: "TfsGit", ymlPath: "azure-pipelines.yml" };
    const inputs = { projectId: changes.projectId, name: "merges", repository };
    const definition = (await cloud.make("BuildDefinition", inputs)).id;
    const address = `/devops/acme/Requests/_apis/pipelines/${definition}/runs?api-version=7.1`;
    const resources = { repositories: { self: { refName: name } } };
    const { id } = body(await cloud.call("POST", address, { resources }));
    const run = await cloud.read("sandbox:index/run:Run", String(id));
    assert.deepEqual(
      [run?.branch, run?.commit, run?.pullRequest, run?.sourceCommit],
      [name, (lastMergeCommit as { commitId: string }).commitId, pullRequestId, source],
    );
    const build = (await cloud.call("GET", `/devops/acme/Requests/_apis/build/builds/${String(id)}`)).json;
    assert.deepEqual(build.triggerInfo, {
      "pr.number": String(pullRequestId),
      "pr.sourceSha": source,
      "pr.isFork": "False",
    });
  });

  it("are completed once when many complete them at once, and lose no push that comes meanwhile", async () => {
    await changes.push("contested", { "contested.txt": "1" });
    const { pullRequestId } = await changes.open("contested");
    const shown = await changes.read(pullRequestId);
    const wanted = { status: "completed", lastMergeSourceCommit: shown.lastMergeSourceCommit };
    const file = { repositoryId: changes.repositoryId, file: "meanwhile.txt", content: "1", branch: main };
    const [, ...replies] = await Promise.all([
      cloud.make("GitRepositoryFile", file),
      ...Array.from({ length: 5 }, () => changes.requests("PATCH", `/${String(pullRequestId)}`, wanted)),
    ]);
    const statuses = replies.map(({ status }) => status).sort();
    assert.ok(statuses.filter((status) => status === 200).length <= 1, statuses.join());
    if ((await changes.read(pullRequestId)).status !== "completed") {
      body(await changes.complete(pullRequestId));
    }
    assert.equal(await changes.show(main, "meanwhile.txt"), "1");
    assert.equal(await changes.show(main, "contested.txt"), "1");
  });

  it("outlive a restart, follow what a killed process left, and go with their repository", async () => {
    const own = await TestCloud.start();
    const mine = await Changes.start(own, "Kept");
    try {
      await mine.push("kept", { "kept.txt": "1" });
      const { pullRequestId } = await mine.open("kept");
      // A push whose process was killed before it was written down.
      const bare = join(own.folder, "repositories", `${mine.repositoryId}.git`);
      const earlier = await mine.push("other", { "other.txt": "1" });
      await mine.git([`--git-dir=${bare}`, "update-ref", "refs/heads/kept", earlier]);
      await own.restart();
      const { json } = await own.call("GET", `/devops/acme/_apis/git/pullrequests/${String(pullRequestId)}`);
      assert.deepEqual([json.status, json.mergeStatus], ["active", "succeeded"]);
      assert.equal(commitOf(json, "lastMergeSourceCommit"), earlier);
      await own.verb("delete", "Git", { id: mine.repositoryId });
      const gone = await own.call("GET", `/devops/acme/_apis/git/pullrequests/${String(pullRequestId)}`);
      assert.equal(refusal(gone).says, "404 GitPullRequestNotFoundException");
    } finally {
      mine.end();
      await own.end();
    }
  });

  it("are no business of a job's token, nor the sandbox's own verbs one of other people", async () => {
    const personalAccessToken = "token-of-somebody-else";
    const person = { displayName: "Ann", mail: "ann@example.com", personalAccessToken };
    const made = await cloud.make("sandbox:index/person:Person", person);
    assert.equal("personalAccessToken" in made.properties, false);
    const headers = { authorization: basic(personalAccessToken) };
    assert.equal((await cloud.call("GET", "/devops/acme/_apis/projects", undefined, headers)).status, 200);
    const verb = await cloud.call("POST", "/devops/acme/_sandbox/list", { token: "x" }, headers);
    assert.equal(refusal(verb).says, "403 OwnerOnly");
    assert.equal(
      refusal(
        await cloud.call("GET", "/devops/acme/_apis/projects", undefined, {
          authorization: basic(`${personalAccessToken}x`),
        }),
      ).says,
      "401 Unauthorized",
    );
    const twin = { ...person, mail: "twin@example.com" };
    assert.equal((await cloud.refused("sandbox:index/person:Person", twin)).says, "400 InvalidArgument");
  });
});
