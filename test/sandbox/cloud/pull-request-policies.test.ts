import assert from "node:assert/strict";
import { pathMatches } from "../../../sandbox/cloud/devops/path-patterns";
import { basic, body, Changes, main } from "./changes";
import { refusal, TestCloud, type Properties } from "./client";

const run = "sandbox:index/run:Run";

describe("pull requests into a branch with policies", () => {
  let cloud: TestCloud;
  let changes: Changes;
  let definitionId: number;
  const people = new Map<string, { id: string; authorization: string }>();
  before(async () => {
    cloud = await TestCloud.start();
    changes = await Changes.start(cloud, "Guarded");
    const repository = { repoId: changes.repositoryId, repoType: "TfsGit", ymlPath: "azure-pipelines.yml" };
    const inputs = { projectId: changes.projectId, name: "validation", repository };
    definitionId = Number((await cloud.make("BuildDefinition", inputs)).id);
    for (const name of ["ann", "bob"]) {
      const personalAccessToken = `personal-access-token-of-${name}`;
      const person = { displayName: name, mail: `${name}@example.com`, personalAccessToken };
      const { id } = await cloud.make("sandbox:index/person:Person", person);
      people.set(name, { id, authorization: basic(personalAccessToken) });
    }
  });
  after(async () => {
    changes.end();
    await cloud.end();
  });

  /** Protects `main` while an action runs. */
  async function protect(
    kind: string,
    settings: object,
    action: () => Promise<void>,
    more: object = {},
  ): Promise<void> {
    const scopes = [{ repositoryId: changes.repositoryId, repositoryRef: main, matchType: "Exact" }];
    const inputs = { projectId: changes.projectId, settings: { scopes, ...settings }, ...more };
    const { id } = await cloud.make(kind, inputs);
    try {
      await action();
    } finally {
      await cloud.verb("delete", kind, { id });
    }
  }

  const builds = (settings: object, action: () => Promise<void>, more: object = {}): Promise<void> =>
    protect(
      "BranchPolicyBuildValidation",
      { buildDefinitionId: definitionId, displayName: "validation", ...settings },
      action,
      more,
    );
  const votes = (settings: object, action: () => Promise<void>): Promise<void> =>
    protect("BranchPolicyMinReviewers", { reviewerCount: 1, ...settings }, action);

  /** Moves `main` as somebody who may, which is what the completion of another pull request does. */
  async function moveMain(file: string): Promise<void> {
    const groups = await cloud.invoke("getGroup", { projectId: changes.projectId, name: "Project Administrators" });
    const principal = groups.json.result?.descriptor;
    const permissions = { PolicyExempt: "Allow" };
    const allowed = { projectId: changes.projectId, repositoryId: changes.repositoryId, principal, permissions };
    const { id } = await cloud.make("GitPermissions", allowed);
    await changes.push("main", { [file]: "1" });
    await cloud.verb("delete", "GitPermissions", { id });
  }

  async function validate(pullRequest: unknown, result: string, more: object = {}): Promise<string> {
    const { lastMergeCommit } = await changes.read(pullRequest);
    const { id } = await cloud.make(run, {
      definitionId,
      branch: `refs/pull/${String(pullRequest)}/merge`,
      commit: (lastMergeCommit as Properties).commitId,
      reason: "PullRequest",
    });
    if (result !== "queued") {
      const news = result === "running" ? { state: "running" } : { state: "completed", result, ...more };
      body(await cloud.verb("update", run, { id, news }));
    }
    return id;
  }

  const vote = (id: unknown, name: string, value: number, by = name) =>
    changes.requests(
      "PUT",
      `/${String(id)}/reviewers/${people.get(name)!.id}`,
      { vote: value },
      people.get(by)!.authorization,
    );

  async function evaluations(id: unknown): Promise<[unknown, unknown][]> {
    const artifact = `vstfs:///CodeReview/CodeReviewId/${changes.projectId}/${String(id)}`;
    const path = `/devops/acme/${changes.projectId}/_apis/policy/evaluations?artifactId=${artifact}&api-version=7.1-preview.1`;
    const { value } = body(await cloud.call("GET", path)) as { value: { status: string; configuration: Properties }[] };
    return value.map(({ status, configuration }) => [
      (configuration.type as { displayName: string }).displayName,
      status,
    ]);
  }

  async function refused(id: unknown, why: RegExp): Promise<void> {
    const before = await changes.tip(main);
    const { says, message } = refusal(await changes.complete(id));
    assert.equal(says, "403 GitPullRequestUpdateRejectedByPolicyException");
    assert.match(message, why);
    assert.equal((await changes.read(id)).status, "active");
    assert.equal(await changes.tip(main), before);
  }

  async function completed(id: unknown): Promise<void> {
    assert.equal(body(await changes.complete(id)).status, "completed");
  }

  async function opened(branch: string): Promise<unknown> {
    await changes.push(branch, { [`${branch}.txt`]: "1" });
    return (await changes.open(branch)).pullRequestId;
  }

  it("wait for the newest run of the validation, and are pushed by the service where nobody else may push", async () => {
    await builds({}, async () => {
      const id = await opened("validated");
      await assert.rejects(changes.git(["push", "origin", "HEAD:main"]), /TF402455/);
      await refused(id, /"validation" has not run/);
      await validate(id, "queued");
      await refused(id, /waits for an agent/);
      await validate(id, "running");
      await refused(id, /is running/);
      assert.deepEqual(await evaluations(id), [["Build", "running"]]);
      await validate(id, "succeeded");
      await validate(id, "failed");
      await refused(id, /ended as failed/);
      for (const result of ["canceled", "succeededWithIssues"]) {
        await validate(id, result);
        await refused(id, new RegExp(`ended as ${result}`));
      }
      await validate(id, "succeeded");
      assert.deepEqual(await evaluations(id), [["Build", "approved"]]);
      await completed(id);
      assert.equal(await changes.show(main, "validated.txt"), "1");
    });
  });

  it("do not take the run of an earlier commit, of another pull request, pipeline or branch", async () => {
    const repository = { repoId: changes.repositoryId, repoType: "TfsGit", ymlPath: "azure-pipelines.yml" };
    const inputs = { projectId: changes.projectId, name: "another", repository };
    const other = Number((await cloud.make("BuildDefinition", inputs)).id);
    await builds({}, async () => {
      const [id, second] = [await opened("one"), await opened("two")];
      await validate(second, "succeeded");
      await refused(id, /has not run/);
      const merged = (await changes.read(id)).lastMergeCommit as Properties;
      const branch = `refs/pull/${String(id)}/merge`;
      const ended = { state: "completed", result: "succeeded" };
      await cloud.make(run, { definitionId: other, branch, commit: merged.commitId, ...ended });
      await cloud.make(run, { definitionId, branch: main, commit: merged.commitId, ...ended });
      await refused(id, /has not run/);
      await validate(id, "succeeded");
      await changes.push("one", { "one.txt": "not built" });
      await refused(id, /has not run for the newest commit/);
      await validate(id, "succeeded");
      await completed(id);
    });
  });

  it("take a run from before the target moved as long as the policy says", async () => {
    const hourAgo = { endedAt: new Date(Date.now() - 3_600_000).toISOString() };
    for (const [settings, holds] of [
      [{ queueOnSourceUpdateOnly: true, validDuration: 0 }, true],
      [{ queueOnSourceUpdateOnly: true, validDuration: 90 }, true],
      [{ queueOnSourceUpdateOnly: true, validDuration: 30 }, false],
      [{ queueOnSourceUpdateOnly: false, validDuration: 0 }, false],
    ] as const) {
      await builds(settings, async () => {
        const name = `aged-${String(settings.queueOnSourceUpdateOnly)}-${settings.validDuration}`;
        const id = await opened(name);
        await validate(id, "succeeded", hourAgo);
        await moveMain(`${name}-moved.txt`);
        if (holds) {
          await completed(id);
        } else {
          await refused(id, /before the target branch changed/);
          await validate(id, "succeeded", hourAgo);
          await completed(id);
        }
      });
    }
  });

  it("need no run for paths that the policy does not speak of", async () => {
    await builds({ filenamePatterns: ["/apps/*", "!*.md"] }, async () => {
      const id = await opened("paths");
      assert.deepEqual(await evaluations(id), [["Build", "notApplicable"]]);
      await completed(id);
    });
    await builds({ filenamePatterns: ["*.txt"] }, async () => refused(await opened("more-paths"), /has not run/));
  });

  it("are not held up by policies that are off, optional, or for another branch", async () => {
    await builds({}, async () => completed(await opened("off")), { enabled: false });
    await builds({}, async () => completed(await opened("optional")), { blocking: false });
    const scopes = [{ repositoryId: changes.repositoryId, repositoryRef: "refs/heads/release", matchType: "Exact" }];
    await builds({ scopes }, async () => completed(await opened("elsewhere")));
  });

  it("need the votes of others, and are held up by one against them", async () => {
    await votes({ reviewerCount: 2 }, async () => {
      const id = await opened("voted");
      await refused(id, /0 of 2 reviewers/);
      body(await vote(id, "ann", 10));
      await refused(id, /1 of 2 reviewers/);
      body(await vote(id, "bob", -5));
      await refused(id, /1 reviewers reject it or wait/);
      assert.deepEqual(await evaluations(id), [["Minimum number of reviewers", "rejected"]]);
      body(await vote(id, "bob", 5));
      const reviewers = body(await changes.requests("GET", `/${String(id)}/reviewers`)).value as Properties[];
      assert.deepEqual(reviewers.map(({ displayName, vote: given }) => [displayName, given]).sort(), [
        ["ann", 10],
        ["bob", 5],
      ]);
      await completed(id);
      assert.equal(refusal(await vote(id, "ann", 0)).says, "400 GitPullRequestNotEditableException");
    });
    await votes({ allowCompletionWithRejectsOrWaits: true }, async () => {
      const id = await opened("rejected");
      body(await vote(id, "bob", -10));
      body(await vote(id, "ann", 10));
      await completed(id);
    });
  });

  it("take no vote of somebody else's, of a value that is none, on a draft, or by nobody", async () => {
    const id = await opened("strict");
    const address = `/${String(id)}/reviewers/${people.get("ann")!.id}`;
    for (const value of [10, -10]) {
      assert.equal(refusal(await vote(id, "ann", value, "bob")).says, "400 InvalidArgumentValueException");
      assert.equal(
        refusal(await changes.requests("PUT", address, { vote: value })).says,
        "400 InvalidArgumentValueException",
      );
    }
    body(await vote(id, "ann", 10));
    assert.equal(refusal(await vote(id, "ann", 0, "bob")).says, "400 InvalidArgumentValueException");
    assert.match(refusal(await vote(id, "ann", 7)).message, /vote/);
    const nobody = await changes.requests("PUT", `/${String(id)}/reviewers/nobody`, { vote: 0 });
    assert.equal(refusal(nobody).says, "404 GitIdentityNotFoundException");
    body(await changes.requests("PATCH", `/${String(id)}`, { isDraft: true }));
    assert.equal(refusal(await vote(id, "bob", 10)).says, "400 GitPullRequestDraftCannotVoteException");
    body(await changes.requests("PUT", `/${String(id)}/reviewers/${people.get("bob")!.id}`, { vote: 0 }));
  });

  it("count the author's own vote, and the last pusher's, only where the policy does", async () => {
    const asAnn = people.get("ann")!.authorization;
    await votes({}, async () => {
      await changes.push("own", { "own.txt": "1" }, asAnn);
      const { pullRequestId: id, createdBy } = await changes.open("own", {}, asAnn);
      assert.equal((createdBy as Properties).displayName, "ann");
      body(await vote(id, "ann", 10));
      await refused(id, /0 of 1 reviewers.*author's vote does not count/);
    });
    await votes({ submitterCanVote: true }, async () => {
      await changes.push("own", { "own.txt": "2" }, asAnn);
      const [open] = body(await changes.requests("GET", "?searchCriteria.sourceRefName=refs/heads/own"))
        .value as Properties[];
      await completed(open?.pullRequestId);
    });
    await votes({ lastPusherCannotApprove: true }, async () => {
      const id = await opened("pushed-last");
      await changes.push("pushed-last", { "pushed-last.txt": "2" }, asAnn);
      body(await vote(id, "ann", 10));
      await refused(id, /0 of 1 reviewers/);
      body(await vote(id, "bob", 10));
      await completed(id);
    });
  });

  it("lose votes with a push, where the policy takes them back", async () => {
    for (const [settings, left] of [
      [{}, [10, -5]],
      [{ onPushResetApprovedVotes: true }, [0, -5]],
      [{ onPushResetAllVotes: true }, [0, 0]],
    ] as const) {
      await votes(settings, async () => {
        const name = `resets-${Object.keys(settings).join()}`;
        const id = await opened(name);
        body(await vote(id, "ann", 10));
        body(await vote(id, "bob", -5));
        const given = async (): Promise<unknown[]> => {
          const all = (await changes.read(id)).reviewers as Properties[];
          return ["ann", "bob"].map((person) => all.find(({ displayName }) => displayName === person)?.vote);
        };
        await moveMain(`${name}-target.txt`);
        assert.deepEqual(await given(), [10, -5]);
        await changes.push(name, { [`${name}.txt`]: "2" });
        assert.deepEqual(await given(), left);
      });
    }
  });

  it("need an approval of the last changes, or of each, where the policy wants it", async () => {
    await votes({ onLastIterationRequireVote: true }, async () => {
      const id = await opened("last");
      body(await vote(id, "ann", 10));
      await changes.push("last", { "last.txt": "2" });
      await refused(id, /nobody has approved the newest changes/);
      body(await vote(id, "ann", 10));
      await completed(id);
    });
    await votes({ onEachIterationRequireVote: true }, async () => {
      const id = await opened("each");
      body(await vote(id, "ann", 10));
      await changes.push("each", { "each.txt": "2" });
      body(await vote(id, "ann", 10));
      const skipped = await opened("skipped");
      await changes.push("skipped", { "skipped.txt": "2" });
      body(await vote(skipped, "ann", 10));
      await refused(skipped, /some of the pushes/);
      await completed(id);
    });
  });

  it("pass policies by only for those who are allowed to", async () => {
    await builds({}, async () => {
      const id = await opened("bypassed");
      const said = refusal(await changes.complete(id, { bypassPolicy: true }));
      assert.equal(said.says, "403 GitNeedsPermissionException");
      const groups = await cloud.invoke("getGroup", { projectId: changes.projectId, name: "Project Administrators" });
      const principal = groups.json.result?.descriptor;
      const permissions = { PullRequestBypassPolicy: "Allow" };
      await cloud.make("GitPermissions", { projectId: changes.projectId, principal, permissions });
      await refused(id, /has not run/);
      const asAnn = people.get("ann")!.authorization;
      const hers = refusal(await changes.complete(id, { bypassPolicy: true }, asAnn));
      assert.equal(hers.says, "403 GitNeedsPermissionException");
      assert.equal(body(await changes.complete(id, { bypassPolicy: true })).status, "completed");
    });
  });
});

describe("the path filters of a policy", () => {
  it("are read from left to right, with folders, endings and what is left out", () => {
    for (const [patterns, path, included] of [
      [["/apps/*"], "apps/orders.yaml", true],
      [["/apps"], "apps/orders.yaml", true],
      [["apps"], "apps/orders.yaml", true],
      [["/apps"], "apps-of-others/a", false],
      [["/apps/*"], "Apps/orders.yaml", false],
      [["*.py"], "a/b/c.py", true],
      [["*.py"], "a/b/c.pyc", false],
      [["/a.txt"], "b/a.txt", false],
      [["!/docs/*"], "docs/a.md", false],
      [["!/docs/*"], "index.ts", true],
      [["/apps/*", "!*.md"], "apps/README.md", false],
      [["!*.md", "/apps/*"], "apps/README.md", true],
      [["/a+b(c)"], "a+b(c)", true],
    ] as const) {
      assert.equal(pathMatches(patterns, path), included, `${patterns.join()} ${path}`);
    }
  });
});
