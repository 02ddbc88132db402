import assert from "node:assert/strict";
import { refusal, TestCloud, type Reply } from "./client";

const main = "refs/heads/main";

describe("repositories and their files", () => {
  let cloud: TestCloud;
  let projectId: string;
  let repositoryId: string;
  let number = 0;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Code" })).id;
    repositoryId = await clean();
  });
  after(() => cloud.end());

  async function clean(): Promise<string> {
    number += 1;
    const inputs = { projectId, name: `repo-${number}`, defaultBranch: main, initialization: { initType: "Clean" } };
    return (await cloud.make("Git", inputs)).id;
  }

  function file(path: string, content: string, more: object = {}): object {
    return { repositoryId, file: path, content, branch: main, ...more };
  }

  function update(id: string, news: object): Promise<Reply> {
    return cloud.verb("update", "GitRepositoryFile", { id, olds: {}, news });
  }

  describe("repositories", () => {
    it("are made and deleted over REST, by id and not by name", async () => {
      const address = `/devops/acme/${projectId}/_apis/git/repositories`;
      const version = "?api-version=7.1";
      const made = await cloud.call("POST", `${address}${version}`, { name: "by hand" });
      assert.equal(made.status, 201);
      const { id, name } = made.json as { id: string; name: string };
      assert.equal(name, "by hand");
      assert.equal((await cloud.call("POST", `${address}${version}`, { name: "by hand" })).status, 409);
      assert.equal((await cloud.call("POST", `${address}${version}`, { name: "other", size: 1 })).status, 400);
      assert.equal((await cloud.call("DELETE", `${address}/by%20hand${version}`)).status, 400);
      assert.equal((await cloud.call("DELETE", `${address}/${id}${version}`)).status, 204);
      assert.equal((await cloud.call("GET", `${address}/${id}${version}`)).status, 404);
    });

    it("are refused with names that the service refuses, or that are taken", async () => {
      const initialization = { initType: "Uninitialized" };
      for (const name of ["", "a/b", "a~b", "a;b", "_a", ".a", "a.", "x".repeat(65)]) {
        assert.equal((await cloud.refused("Git", { projectId, name, initialization })).says, "400 TF401025", name);
      }
      const taken = { projectId, name: "CODE", initialization };
      assert.equal((await cloud.refused("Git", taken)).says, "409 GitRepositoryNameAlreadyExists");
      const nowhere = { projectId: "none", name: "x", initialization };
      assert.equal((await cloud.refused("Git", nowhere)).says, "404 ProjectDoesNotExist");
    });

    it("are refused with a default branch where they have no commit, or one that git refuses", async () => {
      const bare = { projectId, name: "x", defaultBranch: main, initialization: { initType: "Uninitialized" } };
      assert.equal((await cloud.refused("Git", bare)).says, "400 GitDefaultBranchInvalid");
      for (const defaultBranch of [
        "refs/heads/a..b",
        "refs/heads/a b",
        "refs/heads/-x",
        "refs/tags/x",
        "refs/heads/x.lock",
      ]) {
        const inputs = { projectId, name: "x", defaultBranch, initialization: { initType: "Clean" } };
        assert.equal((await cloud.refused("Git", inputs)).says, "400 InvalidGitRefName", defaultBranch);
      }
    });

    it("begin with a readme on the default branch, master where none is named", async () => {
      const { id, properties } = await cloud.make("Git", {
        projectId,
        name: "usual",
        initialization: { initType: "Clean" },
      });
      assert.equal(properties.defaultBranch, "refs/heads/master");
      assert.equal((await cloud.read("GitRepositoryFile", `${id}/README.md:master`))?.content, "Code");
    });

    it("show addresses at which they can be reached", async () => {
      const shown = (await cloud.read("Git", repositoryId)) ?? {};
      assert.equal(shown.remoteUrl, `${cloud.address}/devops/acme/Code/_git/repo-1`);
      assert.equal((await cloud.call("GET", new URL(String(shown.url)).pathname)).json.id, repositoryId);
    });

    it("can be renamed, to a free name", async () => {
      const id = await clean();
      const news = { projectId, name: "Code", initialization: { initType: "Clean" } };
      assert.equal(
        refusal(await cloud.verb("update", "Git", { id, olds: {}, news })).says,
        "409 GitRepositoryNameAlreadyExists",
      );
      const reply = await cloud.verb("update", "Git", { id, olds: {}, news: { ...news, name: "renamed" } });
      assert.equal(reply.json.properties?.name, "renamed");
      assert.equal((await cloud.invoke("getGitRepository", { projectId, name: "RENAMED" })).json.result?.id, id);
    });

    it("take only an existing branch as the default", async () => {
      const id = await clean();
      const news = {
        projectId,
        name: "absent branch",
        defaultBranch: "refs/heads/absent",
        initialization: { initType: "Clean" },
      };
      assert.equal(refusal(await cloud.verb("update", "Git", { id, olds: {}, news })).says, "404 GitReferenceNotFound");
    });

    it("refuse everything while they are disabled, but to be enabled", async () => {
      const id = await clean();
      const news = { projectId, name: "sleeping", initialization: { initType: "Clean" } };
      await cloud.verb("update", "Git", { id, olds: {}, news: { ...news, disabled: true } });
      assert.equal(refusal(await cloud.verb("delete", "Git", { id })).says, "403 GitRepositoryDisabled");
      const inputs = { repositoryId: id, file: "a", content: "b", branch: main };
      assert.equal((await cloud.refused("GitRepositoryFile", inputs)).says, "403 GitRepositoryDisabled");
      assert.equal(
        (await cloud.verb("update", "Git", { id, olds: {}, news: { ...news, disabled: false } })).status,
        200,
      );
      assert.equal((await cloud.verb("delete", "Git", { id })).status, 200);
    });

    it("are forks with all that the parent has, of a parent that exists", async () => {
      await cloud.make("GitRepositoryFile", file("in-the-parent.txt", "yes"));
      const fork = { projectId, name: "fork", initialization: { initType: "Fork" }, defaultBranch: main };
      const { id, properties } = await cloud.make("Git", { ...fork, parentRepositoryId: repositoryId });
      assert.equal(properties.isFork, true);
      assert.equal((await cloud.read("GitRepositoryFile", `${id}/in-the-parent.txt:main`))?.content, "yes");
      const orphan = { ...fork, name: "orphan", parentRepositoryId: "none" };
      assert.equal((await cloud.refused("Git", orphan)).says, "404 GitRepositoryNotFound");
    });

    it("are imported from an address on this machine, and keep no password", async () => {
      const sourceUrl = `${cloud.address}/devops/acme/Code/_git/repo-1`;
      const initialization = {
        initType: "Import",
        sourceType: "Git",
        sourceUrl,
        username: "u",
        password: "token-of-the-tests",
      };
      const { id, properties } = await cloud.make("Git", {
        projectId,
        name: "imported",
        defaultBranch: main,
        initialization,
      });
      assert.equal(JSON.stringify(properties).includes("token-of-the-tests"), false);
      assert.equal((await cloud.read("GitRepositoryFile", `${id}/README.md:main`))?.content, "Code");
      const far = { ...initialization, sourceUrl: "https://git.example/x.git" };
      assert.equal(
        (await cloud.refused("Git", { projectId, name: "far", initialization: far })).says,
        "400 GitImportForbidden",
      );
    });
  });

  describe("files", () => {
    it("are committed and read back with their commit", async () => {
      const more = { commitMessage: "Say hello", authorName: "Ann", authorEmail: "ann@example.com" };
      const { id, properties } = await cloud.make("GitRepositoryFile", file("docs/hello.txt", "hello\n", more));
      assert.equal(id, `${repositoryId}/docs/hello.txt:main`);
      assert.deepEqual(
        [properties.content, properties.commitMessage, properties.authorName, properties.committerEmail],
        ["hello\n", "Say hello", "Ann", "ann@example.com"],
      );
    });

    it("keep every character, and the lack of a last line break", async () => {
      for (const content of ["", "no line break", "ünïcödé \u{1f600}\r\n\ttab\n\n", "M 100644 inline x\ndata 3\n"]) {
        const { properties } = await cloud.make("GitRepositoryFile", file(`text-${content.length}.txt`, content));
        assert.equal(properties.content, content);
      }
    });

    it("that exist are not overwritten unless asked", async () => {
      await cloud.make("GitRepositoryFile", file("once.txt", "1"));
      const { says, message } = await cloud.refused("GitRepositoryFile", file("once.txt", "2"));
      assert.equal(says, "409 GitItemExists");
      assert.match(message, /overwriteOnCreate/);
      const { properties } = await cloud.make("GitRepositoryFile", file("once.txt", "2", { overwriteOnCreate: true }));
      assert.equal(properties.content, "2");
    });

    it("need a repository, a branch and a path that can be", async () => {
      const elsewhere = { ...file("a", "b"), repositoryId: "none" };
      assert.equal((await cloud.refused("GitRepositoryFile", elsewhere)).says, "404 GitRepositoryNotFound");
      for (const branch of ["refs/heads/absent", "refs/heads/main~0", "refs/heads/main^{commit}"]) {
        assert.equal(
          (await cloud.refused("GitRepositoryFile", file("a", "b", { branch }))).says,
          "404 GitBranchNotFound",
          branch,
        );
      }
      for (const path of ["", "/", "../a", "a//b", "a/./b", ".git/config", "a\nb", 'a"b', "a\\b"]) {
        assert.equal((await cloud.refused("GitRepositoryFile", file(path, "b"))).says, "400 InvalidPath", path);
      }
    });

    it("cannot be where a file is a folder, nor the other way round", async () => {
      await cloud.make("GitRepositoryFile", file("folder/inside.txt", "1"));
      await cloud.make("GitRepositoryFile", file("plain", "1"));
      assert.equal((await cloud.refused("GitRepositoryFile", file("folder", "2"))).says, "409 GitItemExists");
      assert.equal((await cloud.refused("GitRepositoryFile", file("plain/inside.txt", "2"))).says, "409 GitItemExists");
    });

    it("say in an update's commit that it is one, unless they have a message of their own", async () => {
      const { id } = await cloud.make("GitRepositoryFile", file("message.txt", "1"));
      assert.equal((await update(id, file("message.txt", "2"))).json.properties?.commitMessage, "Update message.txt");
      const own = await update(id, file("message.txt", "3", { commitMessage: "Third" }));
      assert.equal(own.json.properties?.commitMessage, "Third");
    });

    it("show the message of the last commit that touched them, whoever made it", async () => {
      const { id } = await cloud.make("GitRepositoryFile", file("drift.txt", "1", { commitMessage: "First" }));
      await cloud.make(
        "GitRepositoryFile",
        file("drift.txt", "2", { commitMessage: "Foreign", overwriteOnCreate: true }),
      );
      await cloud.make("GitRepositoryFile", file("unrelated.txt", "x", { commitMessage: "Unrelated" }));
      const shown = await cloud.read("GitRepositoryFile", id);
      assert.deepEqual([shown?.content, shown?.commitMessage], ["2", "Foreign"]);
    });

    it("are gone from the branch when they are deleted, and cannot be changed any more", async () => {
      const { id } = await cloud.make("GitRepositoryFile", file("short-lived.txt", "1"));
      assert.equal((await cloud.verb("delete", "GitRepositoryFile", { id })).status, 200);
      assert.equal(await cloud.read("GitRepositoryFile", id), undefined);
      assert.equal(refusal(await update(id, file("short-lived.txt", "2"))).says, "404 GitItemNotFound");
      assert.equal(refusal(await cloud.verb("delete", "GitRepositoryFile", { id })).says, "404 GitItemNotFound");
    });

    it("are all there when twenty are pushed at once", async () => {
      const id = await clean();
      const names = Array.from({ length: 20 }, (_, index) => `f-${index}.txt`);
      const made = names.map((name) =>
        cloud.make("GitRepositoryFile", { repositoryId: id, file: name, content: name, branch: main }),
      );
      await Promise.all(made);
      const list = await cloud.call("GET", `/devops/acme/_apis/git/repositories/${id}/items?recursionLevel=Full`);
      const paths = list.json.value?.map(({ path }) => path) ?? [];
      assert.deepEqual(paths.toSorted(), ["/README.md", ...names.map((name) => `/${name}`)].toSorted());
      const commits = await cloud.call("GET", `/devops/acme/_apis/git/repositories/${id}/commits`);
      assert.equal(commits.json.value?.length, 21);
    }).timeout(60_000);
  });

  describe("over REST", () => {
    const base = (): string => `/devops/acme/Code/_apis/git/repositories/repo-1`;

    it("are listed and shown by name or id, read only", async () => {
      const list = await cloud.call("GET", "/devops/acme/Code/_apis/git/repositories?api-version=7.1");
      assert.ok(list.json.value?.some(({ id }) => id === repositoryId));
      assert.equal((await cloud.call("GET", base())).json.id, repositoryId);
      assert.equal(refusal(await cloud.call("POST", `${base()}?api-version=7.1`, {})).says, "405 MethodNotAllowed");
      assert.equal(refusal(await cloud.call("GET", `${base()}x`)).says, "404 GitRepositoryNotFound");
    });

    it("show a file as it is, or with its commit as JSON", async () => {
      await cloud.make("GitRepositoryFile", file("rest/file.txt", "content\n"));
      const plain = await cloud.call(
        "GET",
        `${base()}/items?path=/rest/file.txt&versionDescriptor.version=main`,
        undefined,
        {
          accept: "text/plain",
        },
      );
      assert.equal(plain.text, "content\n");
      const json = await cloud.call("GET", `${base()}/items?path=rest/file.txt&includeContent=true&$format=json`);
      assert.deepEqual([json.json.path, json.json.content], ["/rest/file.txt", "content\n"]);
      assert.equal(refusal(await cloud.call("GET", `${base()}/items?path=/absent`)).says, "404 GitItemNotFound");
      const absent = `${base()}/items?path=/rest/file.txt&versionDescriptor.version=absent`;
      assert.equal(refusal(await cloud.call("GET", absent)).says, "404 GitUnresolvableToCommit");
      const trick = `${base()}/items?path=/rest/file.txt&versionDescriptor.version=main~1`;
      assert.equal(refusal(await cloud.call("GET", trick)).says, "400 InvalidVersion");
    });

    it("list commits of a file, branches, and pushes with what they moved", async () => {
      await cloud.make("GitRepositoryFile", file("rest/commits.txt", "1", { commitMessage: "Listed" }));
      const commits = await cloud.call("GET", `${base()}/commits?searchCriteria.itemPath=/rest/commits.txt`);
      assert.deepEqual(
        commits.json.value?.map(({ comment }) => comment),
        ["Listed"],
      );
      const tip = commits.json.value[0]?.commitId;
      const refs = await cloud.call("GET", `${base()}/refs?filter=heads/`);
      assert.deepEqual(refs.json.value, [{ name: main, objectId: tip }]);
      const pushes = await cloud.call("GET", `${base()}/pushes?searchCriteria.includeRefUpdates=true&$top=1`);
      const newest = pushes.json.value?.[0] as { pushId: number; refUpdates: { newObjectId: string }[] };
      assert.equal(newest.refUpdates[0]?.newObjectId, tip);
      assert.equal((await cloud.call("GET", `${base()}/pushes/${newest.pushId}`)).status, 200);
      assert.equal(refusal(await cloud.call("GET", `${base()}/pushes/99999`)).says, "404 GitPushNotFound");
    });
  });
});
