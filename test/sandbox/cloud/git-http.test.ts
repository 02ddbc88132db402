import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { FeedTokens } from "../../../sandbox/services/feed/tokens";
import type { JobReach } from "../../../sandbox/services/types";
import { call, refusal, signIn, TestCloud } from "./client";

const run = promisify(execFile);
const main = "refs/heads/main";
const jobTokenKey = "key-of-the-job-tokens-of-the-tests";

describe("git over HTTP", () => {
  let cloud: TestCloud;
  let projectId: string;
  let folder: string;
  before(async () => {
    cloud = await TestCloud.start({ jobTokenKey });
    folder = mkdtempSync(join(tmpdir(), "cloud-git-"));
    projectId = (await cloud.make("Project", { name: "Two words" })).id;
  });
  after(async () => {
    await cloud.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The real git, without the settings of whoever runs the tests. The token is in the environment, not among the arguments. */
  async function git(directory: string, args: string[], authorization = signIn.devops): Promise<string> {
    const settings = {
      "http.extraHeader": `Authorization: ${authorization}`,
      "user.name": "T",
      "user.email": "t@example.com",
    };
    const environment: NodeJS.ProcessEnv = {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    };
    Object.entries(settings).forEach(([key, value], index) => {
      environment[`GIT_CONFIG_KEY_${index}`] = key;
      environment[`GIT_CONFIG_VALUE_${index}`] = value;
    });
    const { stdout, stderr } = await run("git", args, { cwd: directory, env: environment, timeout: 30_000 });
    return stdout + stderr;
  }

  async function repository(name: string, initType = "Clean"): Promise<{ id: string; url: string; clone: string }> {
    const branch = initType === "Clean" ? { defaultBranch: main } : {};
    const { id, properties } = await cloud.make("Git", { projectId, name, ...branch, initialization: { initType } });
    return { id, url: String(properties.remoteUrl), clone: join(folder, name) };
  }

  async function commit(clone: string, path: string, content: string): Promise<void> {
    writeFileSync(join(clone, path), content);
    await git(clone, ["add", path]);
    await git(clone, ["commit", "--quiet", "-m", `Change ${path}`]);
  }

  it("is cloned at the address that the repository shows, with what resources wrote", async () => {
    const { id, url, clone } = await repository("cloned");
    await cloud.make("GitRepositoryFile", {
      repositoryId: id,
      file: "a.txt",
      content: "from a resource\n",
      branch: main,
    });
    await git(folder, ["clone", "--quiet", url, clone]);
    assert.equal(readFileSync(join(clone, "a.txt"), "utf8"), "from a resource\n");
    assert.equal((await git(clone, ["rev-parse", "--abbrev-ref", "HEAD"])).trim(), "main");
  });

  it("takes a push, which resources and REST then see", async () => {
    const { id, url, clone } = await repository("pushed");
    await git(folder, ["clone", "--quiet", url, clone]);
    await commit(clone, "b.txt", "from git\n");
    await git(clone, ["push", "--quiet", "origin", "main"]);
    const shown = await cloud.read("GitRepositoryFile", `${id}/b.txt:main`);
    assert.deepEqual([shown?.content, shown?.commitMessage, shown?.authorName], ["from git\n", "Change b.txt", "T"]);
    const pushes = await cloud.call("GET", `/devops/acme/_apis/git/repositories/${id}/pushes`);
    assert.equal(pushes.json.value?.length, 2);
  });

  it("takes a push of many megabytes, and gives them back", async () => {
    const { url, clone } = await repository("large");
    await git(folder, ["clone", "--quiet", url, clone]);
    const content = Array.from({ length: 300_000 }, () => Math.random().toString(36)).join("\n");
    await commit(clone, "large.txt", content);
    await git(clone, ["push", "--quiet", "origin", "main"]);
    await git(folder, ["clone", "--quiet", url, `${clone}-again`]);
    assert.equal(readFileSync(join(`${clone}-again`, "large.txt"), "utf8"), content);
  }).timeout(60_000);

  it("makes the first branch that is pushed to an empty repository its default", async () => {
    const { id, url, clone } = await repository("empty", "Uninitialized");
    await git(folder, ["clone", "--quiet", url, clone]);
    await git(clone, ["checkout", "--quiet", "-b", "trunk"]);
    await commit(clone, "first.txt", "1");
    await git(clone, ["push", "--quiet", "origin", "trunk"]);
    assert.equal((await cloud.read("Git", id))?.defaultBranch, "refs/heads/trunk");
    await git(folder, ["clone", "--quiet", url, `${clone}-again`]);
    assert.equal(readFileSync(join(`${clone}-again`, "first.txt"), "utf8"), "1");
  });

  it("refuses a push that is not on top of what others pushed meanwhile", async () => {
    const { id, url, clone } = await repository("behind");
    await git(folder, ["clone", "--quiet", url, clone]);
    await cloud.make("GitRepositoryFile", { repositoryId: id, file: "other.txt", content: "1", branch: main });
    await commit(clone, "mine.txt", "1");
    await assert.rejects(git(clone, ["push", "origin", "main"]), /rejected/);
    await git(clone, ["pull", "--quiet", "--rebase", "origin", "main"]);
    await git(clone, ["push", "--quiet", "origin", "main"]);
  });

  it("lets resources and git push at once, and loses nothing", async () => {
    const { id, url, clone } = await repository("busy");
    await git(folder, ["clone", "--quiet", url, clone]);
    await commit(clone, "from-git.txt", "1");
    const resources = Array.from({ length: 5 }, (_, index) =>
      cloud.make("GitRepositoryFile", { repositoryId: id, file: `r-${index}.txt`, content: "1", branch: main }),
    );
    const pushed = (async () => {
      for (let attempt = 0; attempt < 20; attempt += 1) {
        try {
          await git(clone, ["pull", "--quiet", "--rebase", "origin", "main"]);
          await git(clone, ["push", "--quiet", "origin", "main"]);
          return;
        } catch {
          // Somebody was faster.
        }
      }
      throw new Error("the push was refused twenty times");
    })();
    await Promise.all([...resources, pushed]);
    const items = await cloud.call("GET", `/devops/acme/_apis/git/repositories/${id}/items`);
    assert.equal(items.json.value?.length, 7);
  }).timeout(60_000);

  it("refuses pushes to a protected branch and its deletion, and takes those to others", async () => {
    const { id, url, clone } = await repository("protected");
    await git(folder, ["clone", "--quiet", url, clone]);
    const settings = { reviewerCount: 1, scopes: [{ repositoryId: id, repositoryRef: main, matchType: "Exact" }] };
    const policy = await cloud.make("BranchPolicyMinReviewers", { projectId, settings });
    await commit(clone, "c.txt", "1");
    await assert.rejects(git(clone, ["push", "origin", "main"]), /TF402455/);
    await assert.rejects(git(clone, ["push", "origin", ":main"]), /TF402455/);
    await git(clone, ["push", "--quiet", "origin", "main:topic"]);
    assert.equal(await cloud.read("GitRepositoryFile", `${id}/c.txt:main`), undefined);
    await cloud.verb("delete", "BranchPolicyMinReviewers", { id: policy.id });
    await git(clone, ["push", "--quiet", "origin", "main"]);
  });

  it("refuses to clone and push with a wrong token", async () => {
    const { url, clone } = await repository("closed");
    const wrong = `Basic ${Buffer.from("x:wrong").toString("base64")}`;
    await assert.rejects(git(folder, ["clone", url, clone], wrong));
    await git(folder, ["clone", "--quiet", url, clone]);
    await commit(clone, "d.txt", "1");
    await assert.rejects(git(clone, ["push", "origin", "main"], wrong));
  });

  describe("for a pipeline's job", () => {
    const issuer = new FeedTokens(Date.now, jobTokenKey);
    const basic = (token: string): string => `Basic ${Buffer.from(`anybody:${token}`).toString("base64")}`;
    const issue = (job?: JobReach, tokens = issuer): string =>
      tokens.issue({ role: "collaborator", seconds: 600, ...(job === undefined ? {} : { job }) });

    it("fetches with its token, by Basic or as a bearer, and never pushes", async () => {
      const { id, url, clone } = await repository("for-a-job");
      const token = issue({ project: projectId });
      await git(folder, ["clone", "--quiet", url, clone], basic(token));
      await git(clone, ["fetch", "--quiet", "origin"], `bearer ${token}`);
      await commit(clone, "e.txt", "1");
      const before = (await cloud.verb("revision", "x", {})).json.revision;
      for (const authorization of [basic(token), `bearer ${token}`]) {
        await assert.rejects(git(clone, ["push", "origin", "main"], authorization), /403/);
      }
      const push = `/devops/acme/Two%20words/_git/for-a-job/git-receive-pack`;
      const posted = await call(cloud.address, "POST", push, undefined, { authorization: basic(token) });
      assert.equal(refusal(posted).says, "403 GitNeedsPermission");
      assert.equal((await cloud.verb("revision", "x", {})).json.revision, before);
      assert.equal(await cloud.read("GitRepositoryFile", `${id}/e.txt:main`), undefined);
    });

    it("sees no other project, and only the repositories that it was given", async () => {
      const [given, other] = [await repository("given"), await repository("not given")];
      const elsewhere = (await cloud.make("Project", { name: "Elsewhere" })).id;
      const sees = async (job: JobReach): Promise<boolean[]> =>
        Promise.all(
          [given, other].map(({ url }) =>
            git(folder, ["ls-remote", url], basic(issue(job))).then(
              () => true,
              () => false,
            ),
          ),
        );
      assert.deepEqual(await sees({}), [true, true]);
      assert.deepEqual(await sees({ project: projectId }), [true, true]);
      assert.deepEqual(await sees({ project: elsewhere }), [false, false]);
      assert.deepEqual(await sees({ repositories: [given.id] }), [true, false]);
      assert.deepEqual(await sees({ project: elsewhere, repositories: [given.id] }), [false, false]);
      assert.deepEqual(await sees({ repositories: [] }), [false, false]);
    });

    it("is refused with a token that is for the feed alone, of another key, changed, expired or revoked", async () => {
      const { url } = await repository("closed to jobs");
      const right = issue({});
      const late = new FeedTokens(() => Date.now() - 700_000, jobTokenKey);
      const wrong = [issue(), issue({}, new FeedTokens(Date.now, `${jobTokenKey}x`)), `${right}x`, issue({}, late), ""];
      for (const token of wrong) {
        await assert.rejects(git(folder, ["ls-remote", url], basic(token)), /Authentication failed|could not read/);
      }
      await git(folder, ["ls-remote", url], basic(right));
      assert.equal((await cloud.verb("revoke", "x", { jobToken: right })).status, 200);
      await assert.rejects(git(folder, ["ls-remote", url], basic(right)), /Authentication failed|could not read/);
    });

    it("changes nothing with its token, whatever the address", async () => {
      const headers = { authorization: basic(issue({})) };
      for (const [path, says] of [
        ["/devops/acme/_apis/git/repositories", "403 AccessCheckException"],
        ["/devops/acme/_sandbox/list", "403 AccessCheckException"],
        ["/devops/acme/_sandbox/list/_git", "403 AccessCheckException"],
        ["/feeds/acme/_apis/packaging/feeds", "403 AccessCheckException"],
        ["/azure/_sandbox/list", "401 Unauthorized"],
      ] as const) {
        const body = { token: "sandbox:index/push:Push" };
        assert.equal(refusal(await call(cloud.address, "POST", path, body, headers)).says, says, path);
      }
    });
  });

  it("knows no other repository, project, protocol or file", async () => {
    const base = "/devops/acme/Two%20words/_git";
    const service = "info/refs?service=git-upload-pack";
    assert.equal(refusal(await cloud.call("GET", `${base}/absent/${service}`)).says, "404 GitRepositoryNotFound");
    assert.equal(
      refusal(await cloud.call("GET", `/devops/acme/absent/_git/x/${service}`)).says,
      "404 GitRepositoryNotFound",
    );
    assert.equal(refusal(await cloud.call("GET", `${base}/closed/info/refs`)).says, "403 GitProtocolUnsupported");
    assert.equal(refusal(await cloud.call("GET", `${base}/closed/config`)).says, "403 GitProtocolUnsupported");
    assert.equal(
      refusal(await cloud.call("GET", `${base}/closed/..%2F..%2Fsecret`)).says,
      "403 GitProtocolUnsupported",
    );
    assert.equal(refusal(await cloud.call("GET", `${base}/closed/git-upload-pack`)).says, "405 MethodNotAllowed");
  });

  it("refuses a repository that is disabled", async () => {
    const { id, url } = await repository("asleep");
    const news = { projectId, name: "asleep", disabled: true, initialization: { initType: "Clean" } };
    await cloud.verb("update", "Git", { id, olds: {}, news });
    await assert.rejects(git(folder, ["ls-remote", url]));
  });

  it("serves by the short address where project and repository have one name", async () => {
    const address = `${cloud.address}/devops/acme/_git/Two%20words`;
    assert.equal((await git(folder, ["ls-remote", address])).trim(), "");
  });
});
