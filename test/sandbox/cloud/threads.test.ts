import assert from "node:assert/strict";
import { getBearerHandler, getPersonalAccessTokenHandler, WebApi } from "azure-devops-node-api";
import type { IGitApi } from "azure-devops-node-api/GitApi";
import { CommentThreadStatus, CommentType } from "azure-devops-node-api/interfaces/GitInterfaces";
import { FeedTokens } from "../../../sandbox/services/feed/tokens";
import { account, refusal, TestCloud, type Properties, type Reply } from "./client";
import { basic, body, Changes } from "./changes";

const jobTokenKey = "key-of-the-job-tokens-of-these-tests";
const personToken = "token-of-a-person-of-these-tests";

/** Texts, and what the service makes of them. */
interface Kept {
  readonly $type: string;
  readonly $value: unknown;
}

describe("threads of pull requests", () => {
  let cloud: TestCloud;
  let changes: Changes;
  let pullRequestId: number;
  const tokens = new FeedTokens(Date.now, jobTokenKey);
  const jobToken = (reach: { project?: string; repositories?: string[] } = { project: changes.projectId }): string =>
    tokens.issue({ role: "reader", seconds: 600, job: reach });

  before(async () => {
    cloud = await TestCloud.start({ jobTokenKey });
    changes = await Changes.start(cloud, "Threads");
    await changes.push("topic", { "topic.txt": "1" });
    pullRequestId = Number((await changes.open("topic")).pullRequestId);
    const person = { displayName: "Robin", mail: "robin@example.com", personalAccessToken: personToken };
    await cloud.make("sandbox:index/person:Person", person);
  });
  after(async () => {
    changes.end();
    await cloud.end();
  });

  const call = (method: string, path: string, sent?: object, token?: string): Promise<Reply> =>
    changes.requests(method, `/${pullRequestId}/threads${path}`, sent, basic(token ?? account.personalAccessToken));
  const open = async (more: object = {}, token?: string): Promise<Properties> =>
    body(await call("POST", "", { comments: [{ content: "first", commentType: 1 }], status: 1, ...more }, token));
  const says = (reply: Reply): string => refusal(reply).says;
  const gitApi = async (token: string, handler = getPersonalAccessTokenHandler): Promise<IGitApi> =>
    new WebApi(`${cloud.address}/devops/acme/`, handler(token)).getGitApi();
  const buildAccount = async (): Promise<string> => {
    const { json } = await cloud.verb("list", "sandbox:index/identity:Identity", {});
    const all = json.entities as { properties: Properties }[];
    const found = all.find(({ properties }) => properties.displayName === "Threads Build Service (acme)");
    return String(found?.properties.descriptor);
  };
  const grant = async (permissions: object, more: object = { repositoryId: changes.repositoryId }): Promise<string> => {
    const inputs = { projectId: changes.projectId, principal: await buildAccount(), permissions, ...more };
    return (await cloud.make("GitPermissions", inputs)).id;
  };

  it("are opened, found again, changed and closed by the service's own client", async () => {
    const api = await gitApi(account.personalAccessToken);
    const repository = changes.repositoryId;
    const made = await api.createThread(
      {
        comments: [{ content: "# Preview", commentType: CommentType.Text, parentCommentId: 0 }],
        status: CommentThreadStatus.Active,
        properties: { "wheelhouse.stack": "production" },
      },
      repository,
      pullRequestId,
      "Threads",
    );
    const found = (await api.getThreads(repository, pullRequestId, "Threads")).find(({ id }) => id === made.id);
    const kept = (found?.properties as Record<string, Kept> | undefined)?.["wheelhouse.stack"];
    assert.deepEqual(kept, { $type: "System.String", $value: "production" });
    assert.equal(found?.status, CommentThreadStatus.Active);
    const [first] = found.comments ?? [];
    assert.deepEqual(
      [first?.id, first?.content, first?.commentType, first?.author?.displayName],
      [1, "# Preview", CommentType.Text, "Sandbox Owner"],
    );
    assert.ok(found.publishedDate instanceof Date);
    const id = Number(made.id);
    await api.updateComment({ content: "# Preview again" }, repository, pullRequestId, id, 1, "Threads");
    await api.updateThread({ status: CommentThreadStatus.Closed }, repository, pullRequestId, id, "Threads");
    const answer = { content: "thank you", parentCommentId: 1, commentType: CommentType.Text };
    assert.equal((await api.createComment(answer, repository, pullRequestId, id, "Threads")).id, 2);
    const now = await api.getPullRequestThread(repository, pullRequestId, id, "Threads");
    assert.deepEqual(
      [now.status, now.comments?.map(({ content }) => content)],
      [CommentThreadStatus.Closed, ["# Preview again", "thank you"]],
    );
    await api.deleteComment(repository, pullRequestId, id, 2, "Threads");
    const [, deleted] = await api.getComments(repository, pullRequestId, id, "Threads");
    assert.deepEqual([deleted?.isDeleted, deleted?.content], [true, undefined]);
    assert.equal((await api.getPullRequestThread(repository, pullRequestId, id, "Threads")).isDeleted, false);
    assert.equal((await api.getComment(repository, pullRequestId, id, 1, "Threads")).content, "# Preview again");
  });

  it("count up, and are gone from the eyes when their last comment is deleted", async () => {
    const [one, other] = [await open(), await open()];
    assert.ok(Number(other.id) > Number(one.id));
    assert.equal((await call("DELETE", `/${String(one.id)}/comments/1`)).status, 200);
    assert.equal(body(await call("GET", `/${String(one.id)}`)).isDeleted, true);
  });

  it("take the names and the numbers of statuses and comment types, and call both unknown where none is said", async () => {
    assert.equal((await open({ status: "byDesign" })).status, "byDesign");
    const silent = await open({ status: undefined, comments: [{ content: "first" }] });
    assert.equal(silent.status, "unknown");
    assert.equal((silent.comments as Properties[])[0]?.commentType, "unknown");
    assert.equal(
      says(await call("POST", "", { comments: [{ content: "x" }], status: "open" })),
      "400 InvalidArgumentValueException",
    );
  });

  it("show properties with their types, keep those that a change does not name, and drop those that it empties", async () => {
    const properties = {
      plain: "text",
      whole: 7,
      half: 0.5,
      yes: true,
      when: "2026-01-02T03:04:05Z",
      n: { $type: "System.Int32", $value: 7 },
    };
    const made = await open({ properties });
    assert.deepEqual(made.properties, {
      plain: { $type: "System.String", $value: "text" },
      whole: { $type: "System.String", $value: "7" },
      half: { $type: "System.Double", $value: 0.5 },
      yes: { $type: "System.String", $value: "True" },
      when: { $type: "System.DateTime", $value: "2026-01-02T03:04:05Z" },
      n: { $type: "System.Int32", $value: 7 },
    });
    const edit = { properties: { plain: null, whole: null, half: null, yes: null, when: null, more: "x" } };
    const changed = body(await call("PATCH", `/${String(made.id)}`, edit));
    assert.deepEqual(Object.keys(changed.properties as object).sort(), ["more", "n"]);
    assert.equal(changed.status, "active");
  });

  it("refuse properties of types that the service does not know, and names that are too long", async () => {
    for (const properties of [
      { bad: { $type: "System.Object", $value: "x" } },
      { bad: { $type: "System.Int32", $value: "x" } },
      { bad: { $type: "System.Int32", $value: 2 ** 40 } },
      { bad: { $value: "x" } },
      { bad: ["x"] },
      { ["b".repeat(401)]: "x" },
    ]) {
      const reply = await call("POST", "", { comments: [{ content: "x" }], properties });
      assert.equal(reply.status, 400, JSON.stringify(properties).slice(0, 60));
    }
  });

  it("refuse a comment of more than 150,000 characters with the service's words, and keep the one before it", async () => {
    const { id } = await open({ comments: [{ content: "c".repeat(150_000) }] });
    for (const reply of [
      await call("POST", "", { comments: [{ content: "c".repeat(150_001) }] }),
      await call("POST", `/${String(id)}/comments`, { content: "c".repeat(150_001) }),
      await call("PATCH", `/${String(id)}/comments/1`, { content: "c".repeat(150_001) }),
    ]) {
      const { says: code, message } = refusal(reply);
      assert.equal(code, "400 ArgumentException");
      assert.match(
        message,
        /^A discussion comment cannot be longer than 150000 characters\.\r\nParameter name: comment\.Content$/,
      );
    }
    assert.equal((body(await call("GET", `/${String(id)}/comments/1`)).content as string).length, 150_000);
  });

  it("refuse bodies with what the service does not take, and what is not there", async () => {
    const { id } = await open();
    const at = `/${String(id)}`;
    for (const [method, path, sent] of [
      ["POST", "", { comments: [] }],
      ["POST", "", {}],
      ["POST", "", { comments: [{ content: " " }] }],
      ["POST", "", { comments: [{ content: "x", author: { id: "somebody" } }] }],
      ["POST", "", { comments: [{ content: "x" }], colour: "red" }],
      ["POST", "", { comments: [{ content: "x" }], threadContext: { filePath: "/topic.txt" } }],
      ["POST", `${at}/comments`, { content: "x", parentCommentId: 9 }],
      ["PATCH", at, { comments: [{ id: 1, content: "x" }] }],
      ["PATCH", at, { id: 100_000, status: 1 }],
      ["PATCH", `${at}/comments/1`, { status: 1 }],
      ["GET", "?$iteration=2", undefined],
    ] as const) {
      assert.equal((await call(method, path, sent)).status, 400, `${method} ${path} ${JSON.stringify(sent)}`);
    }
    for (const path of ["/100000", `${at}/comments/9`, `${at}/likes`, `${at}/comments/1/likes`]) {
      assert.equal((await call("GET", path)).status, 404, path);
    }
    assert.equal((await call("DELETE", at)).status, 405);
    const elsewhere = await changes.requests("GET", "/100000/threads");
    assert.equal(says(elsewhere), "404 GitPullRequestNotFoundException");
    const unversioned = `/devops/acme/Threads/_apis/git/repositories/code/pullRequests/${pullRequestId}/threads`;
    assert.equal((await cloud.call("POST", unversioned, { comments: [{ content: "x" }] })).status, 400);
  });

  it("let people change only what they said themselves, and anybody the status", async () => {
    const { id } = await open({}, personToken);
    const { author } = (body(await call("GET", `/${String(id)}`)).comments as { author: Properties }[])[0] ?? {
      author: {},
    };
    assert.equal(author.uniqueName, "robin@example.com");
    const edit = await call("PATCH", `/${String(id)}/comments/1`, { content: "not mine" });
    assert.equal(says(edit), "403 DiscussionCommentPermissionException");
    assert.equal((await call("DELETE", `/${String(id)}/comments/1`)).status, 403);
    assert.equal(body(await call("PATCH", `/${String(id)}`, { status: "fixed" })).status, "fixed");
  });

  it("outlive a restart", async () => {
    const { id } = await open();
    await cloud.restart({ jobTokenKey });
    assert.equal(body(await call("GET", `/${String(id)}`)).id, id);
  });

  describe("with a job's token", () => {
    const permission = "PullRequestContribute";
    const begin = { comments: [{ content: "from a job", commentType: "text" }], status: "active" };

    it("are read, and refused to whom lacks the permission, as the service words it", async () => {
      assert.equal((await call("GET", "", undefined, jobToken())).status, 200);
      const { says: code, message } = refusal(await call("POST", "", begin, jobToken()));
      assert.equal(code, "403 GitNeedsPermissionException");
      assert.equal(
        message,
        `TF401027: You need the Git 'PullRequestContribute' permission to perform this action. Details: identity 'Build\\${changes.projectId}', scope 'repository'.`,
      );
    });

    it("are not written with the permission to push, or with one on a branch alone", async () => {
      await grant({ GenericContribute: "Allow", [permission]: "NotSet" });
      await grant({ [permission]: "Allow" }, { repositoryId: changes.repositoryId, branchName: "refs/heads/main" });
      assert.equal((await call("POST", "", begin, jobToken())).status, 403);
    });

    it("are written as the project's build account once it may contribute to pull requests", async () => {
      const id = await grant({ [permission]: "Allow" });
      const api = await gitApi(jobToken(), getBearerHandler);
      const made = await api.createThread(
        { comments: [{ content: "from a job" }], status: CommentThreadStatus.Active },
        changes.repositoryId,
        pullRequestId,
        "Threads",
      );
      assert.equal(made.comments?.[0]?.author?.displayName, "Threads Build Service (acme)");
      const edit = { content: "by the owner" };
      assert.equal((await call("PATCH", `/${String(made.id)}/comments/1`, edit)).status, 403);
      assert.equal((await call("PATCH", `/${String(made.id)}/comments/1`, edit, jobToken())).status, 200);
      await cloud.verb("delete", "GitPermissions", { id });
      assert.equal((await call("PATCH", `/${String(made.id)}/comments/1`, edit, jobToken())).status, 403);
    });

    it("take the repository's word before the project's, and a refusal before a permission", async () => {
      const ofProject = await grant({ [permission]: "Allow" }, {});
      assert.equal((await call("POST", "", begin, jobToken())).status, 200);
      const ofRepository = await grant({ [permission]: "Deny" });
      assert.equal((await call("POST", "", begin, jobToken())).status, 403);
      await cloud.verb("delete", "GitPermissions", { id: ofRepository });
      await cloud.verb("delete", "GitPermissions", { id: ofProject });
      assert.equal((await call("POST", "", begin, jobToken())).status, 403);
    });

    it("are written by a build account among the contributors, and refused to the organization's", async () => {
      const contributors = await cloud.invoke("getGroup", { projectId: changes.projectId, name: "Contributors" });
      const group = String(contributors.json.result?.descriptor);
      const { id } = await cloud.make("GroupMembership", { group, members: [await buildAccount()] });
      assert.equal((await call("POST", "", begin, jobToken())).status, 200);
      assert.equal((await call("POST", "", begin, jobToken({}))).status, 403);
      await cloud.verb("delete", "GroupMembership", { id });
    });

    it("are out of reach in other projects and repositories, and with a token that has ended", async () => {
      const other = (await cloud.make("Project", { name: "Elsewhere" })).id;
      const place = `/devops/acme/Threads/_apis/git/repositories/code/pullRequests/${pullRequestId}/threads?api-version=7.1`;
      const asked = async (token: string) =>
        (await cloud.call("GET", place, undefined, { authorization: basic(token) })).status;
      assert.equal(await asked(jobToken({ project: other })), 404);
      assert.equal(await asked(jobToken({ project: changes.projectId, repositories: [] })), 404);
      const token = jobToken();
      assert.equal(await asked(token), 200);
      await cloud.call("POST", "/devops/acme/_sandbox/revoke", { jobToken: token });
      assert.equal(await asked(token), 401);
    });

    it("are all that it writes: no pull request, vote, run, repository, feed or resource", async () => {
      await grant({ [permission]: "Allow" });
      const authorization = basic(jobToken());
      const base = `/devops/acme/Threads/_apis`;
      const version = "?api-version=7.1";
      for (const [method, path] of [
        ["POST", `${base}/git/repositories/code/pullrequests${version}`],
        ["PATCH", `${base}/git/repositories/code/pullrequests/${pullRequestId}${version}`],
        ["POST", `${base}/git/repositories${version}`],
        ["DELETE", `${base}/git/repositories/${changes.repositoryId}${version}`],
        ["POST", `${base}/build/builds${version}`],
        ["PATCH", `/feeds/acme/Threads/_apis/packaging/feeds/python${version}`],
        ["POST", "/devops/acme/_sandbox/create"],
        ["POST", "/devops/acme/_sandbox/update"],
        ["POST", "/devops/acme/_sandbox/delete"],
        ["POST", "/devops/acme/_sandbox/find"],
        ["POST", "/devops/acme/_sandbox/list"],
        ["POST", "/devops/acme/_sandbox/revoke"],
        ["POST", "/devops/acme/_sandbox/fault"],
      ] as const) {
        const sent = { token: "azuredevops:index/git:Git", inputs: {}, id: "1", jobToken: "x", status: 500 };
        const reply = await cloud.call(method, path, sent, { authorization });
        assert.equal(says(reply), "403 AccessCheckException", path);
        assert.match(refusal(reply).message, /"Threads Build Service \(acme\)"/);
      }
      assert.equal(
        (await cloud.call("GET", `${base}/git/repositories${version}`)).status,
        200,
        "no fault was injected",
      );
    });
  });

  it("let a job read what its project has, and no other project", async () => {
    const other = (await cloud.make("Project", { name: "Hidden" })).id;
    const authorization = basic(jobToken());
    const get = (path: string) => cloud.call("GET", path, undefined, { authorization });
    const projects = body(await get("/devops/acme/_apis/projects?api-version=7.1")).value as Properties[];
    assert.deepEqual(
      projects.map(({ name }) => name),
      ["Threads"],
    );
    for (const path of ["git/repositories", "build/definitions", "build/builds"]) {
      assert.equal((await get(`/devops/acme/Threads/_apis/${path}?api-version=7.1`)).status, 200, path);
      assert.equal((await get(`/devops/acme/Hidden/_apis/${path}?api-version=7.1`)).status, 404, path);
    }
    const across = body(await get("/devops/acme/_apis/git/repositories?api-version=7.1")).value as Properties[];
    assert.deepEqual(across.map(({ name }) => name).sort(), ["Threads", "code"]);
    const verb = (name: string, sent: object) =>
      cloud.call("POST", `/devops/acme/_sandbox/${name}`, sent, { authorization });
    const invoke = (name: string, args: object) => verb("invoke", { token: `azuredevops:index/${name}:${name}`, args });
    assert.equal((await invoke("getProject", { name: "Threads" })).status, 200);
    assert.equal((await invoke("getProject", { name: "Hidden" })).status, 404);
    assert.equal((await invoke("getClientConfig", {})).status, 200);
    assert.equal(
      (await invoke("getAgentQueue", { projectId: changes.projectId, name: "Azure Pipelines" })).status,
      200,
    );
    assert.equal((await invoke("getAgentQueue", { projectId: other, name: "Azure Pipelines" })).status, 404);
    assert.equal((await invoke("getGitRepository", { projectId: other, name: "Hidden" })).status, 404);
    const read = { token: "azuredevops:index/git:Git", id: changes.repositoryId };
    assert.equal((await verb("read", read)).status, 200);
    assert.equal((await verb("read", { token: "azuredevops:index/project:Project", id: other })).status, 404);
  });

  it("let a job see a feed that its account has a role at, and no other", async () => {
    const own = await cloud.make("Feed", { name: "own", projectId: changes.projectId });
    const shared = await cloud.make("Feed", { name: "shared" });
    const authorization = basic(jobToken());
    const get = (path: string) =>
      cloud.call("GET", `/feeds/acme/${path}?api-version=7.1`, undefined, { authorization });
    assert.equal((await get(`Threads/_apis/packaging/feeds/${own.id}`)).status, 200);
    assert.equal((await get(`_apis/packaging/feeds/${shared.id}`)).status, 404);
    const all = body(await get("_apis/packaging/feeds")).value as Properties[];
    assert.deepEqual(
      all.map(({ name }) => name),
      ["own"],
    );
    const person = await cloud.call("GET", "/feeds/acme/_apis/packaging/feeds", undefined, {
      authorization: basic(personToken),
    });
    assert.equal(person.status, 401);
  });
});
