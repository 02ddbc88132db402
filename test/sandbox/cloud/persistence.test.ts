import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FolderLockedError, startCloud, StateError } from "../../../sandbox/cloud";
import { State } from "../../../sandbox/cloud/state";
import { account, azureTokens, TestCloud } from "./client";

describe("what the stand-in cloud keeps", () => {
  const folders: string[] = [];
  const clouds: TestCloud[] = [];
  async function start(): Promise<TestCloud> {
    const cloud = await TestCloud.start();
    clouds.push(cloud);
    return cloud;
  }
  function temporary(): string {
    const folder = mkdtempSync(join(tmpdir(), "cloud-state-"));
    folders.push(folder);
    return folder;
  }
  afterEach(async () => {
    await Promise.all(clouds.splice(0).map((cloud) => cloud.end()));
    folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true }));
  });

  it("is all there after a restart: resources, files, soft deletions, upstream sources and numbers", async () => {
    const cloud = await start();
    const { id: projectId } = await cloud.make("Project", { name: "Lasting" });
    const main = "refs/heads/main";
    const inputs = { projectId, name: "code", defaultBranch: main, initialization: { initType: "Clean" } };
    const { id: repositoryId } = await cloud.make("Git", inputs);
    const file = await cloud.make("GitRepositoryFile", {
      repositoryId,
      file: "a",
      content: "b",
      branch: main,
      overwriteOnCreate: true,
    });
    const environment = await cloud.make("Environment", { projectId, name: "e" });
    const feed = await cloud.make("Feed", { name: "f", projectId });
    const source = { name: "PyPI", protocol: "pypi", location: "https://index.example/", upstreamSourceType: "public" };
    const path = `/feeds/acme/${projectId}/_apis/packaging/feeds/f`;
    await cloud.call("PATCH", `${path}?api-version=7.1`, { upstreamSources: [source] });
    const deleted = await cloud.make("Feed", { name: "deleted", projectId });
    await cloud.verb("delete", "Feed", { id: deleted.id });
    const group = await cloud.make(azureTokens.group, { resourceGroupName: "rg", location: "westeurope" });
    const before = [await cloud.read("Project", projectId), await cloud.read("GitRepositoryFile", file.id)];
    const upstreams = (await cloud.call("GET", path)).json;

    await cloud.restart();

    assert.deepEqual([await cloud.read("Project", projectId), await cloud.read("GitRepositoryFile", file.id)], before);
    assert.equal((await cloud.read("GitRepositoryFile", file.id))?.overwriteOnCreate, true);
    assert.deepEqual((await cloud.call("GET", path)).json, upstreams);
    assert.equal((await cloud.refused("Feed", { name: "deleted", projectId })).says, "409 FeedNameAlreadyExists");
    assert.equal((await cloud.refused("Feed", { name: "f", projectId })).says, "409 FeedNameAlreadyExists");
    assert.ok(feed.id.length > 0);
    assert.notEqual(await cloud.read(azureTokens.group, group.id), undefined);
    assert.ok(Number((await cloud.make("Environment", { projectId, name: "next" })).id) > Number(environment.id));
  });

  it("is at the same port after a restart, and at another one where that is taken", async () => {
    const cloud = await start();
    const { port } = cloud;
    await cloud.restart();
    assert.equal(cloud.port, port);
    const folder = temporary();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const taken = (other.address() as { port: number }).port;
    writeFileSync(join(folder, "server.json"), JSON.stringify({ pid: 1, port: taken, startedAt: "" }));
    const running = await startCloud({ ...account, folder });
    assert.notEqual(running.port, taken);
    const described = JSON.parse(readFileSync(join(folder, "server.json"), "utf8")) as Record<string, unknown>;
    assert.deepEqual([described.pid, described.port], [process.pid, running.port]);
    await running.close();
    await new Promise((resolve) => other.close(resolve));
  });

  it("fails where a port that was asked for is taken", async () => {
    const cloud = await start();
    await assert.rejects(startCloud({ ...account, folder: temporary(), port: cloud.port }), /EADDRINUSE/);
  });

  it("is readable by its user only", async () => {
    const cloud = await start();
    await cloud.make("Project", { name: "Private" });
    const others = 0o077;
    const walk = (path: string): string[] =>
      readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? walk(join(path, entry.name)) : [join(path, entry.name)],
      );
    assert.equal(statSync(cloud.folder).mode & others, 0);
    for (const file of walk(join(cloud.folder, "entities"))) {
      assert.equal(statSync(file).mode & others, 0, file);
    }
  });

  it("is served by one at a time", async () => {
    const cloud = await start();
    await assert.rejects(startCloud({ ...account, folder: cloud.folder }), FolderLockedError);
  });

  const stale: [string, object][] = [
    ["a process that is gone", { pid: 2 ** 22 - 7, started: "1", nonce: "x" }],
    ["an earlier process with the id of a living one", { pid: process.pid, started: "1", nonce: "x" }],
  ];
  for (const [whose, holder] of stale) {
    it(`is taken over from ${whose}`, async () => {
      const folder = temporary();
      writeFileSync(join(folder, "lock.json"), JSON.stringify(holder));
      const running = await startCloud({ ...account, folder });
      await running.close();
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith("lock")),
        [],
      );
    });
  }

  it("is taken over from a lock that cannot be read", async () => {
    const folder = temporary();
    writeFileSync(join(folder, "lock.json"), "");
    await (await startCloud({ ...account, folder })).close();
  });

  it("names the file that somebody broke, and how to mend it", async () => {
    const folder = temporary();
    const entities = join(folder, "entities", "x");
    mkdirSync(entities, { recursive: true });
    const file = join(entities, "broken.json");
    for (const text of ["{", "[]", '{"token":"t"}']) {
      writeFileSync(file, text);
      await assert.rejects(startCloud({ ...account, folder }), (error) => {
        assert.ok(error instanceof StateError && error.message.includes(file) && error.message.includes("remove"));
        return true;
      });
    }
    rmSync(file);
    await (await startCloud({ ...account, folder })).close();
  });

  it("forgets writes that were interrupted, and what belongs to something that is gone", () => {
    const folder = temporary();
    const state = State.load(folder);
    const parent = { token: "t:Parent", id: "p" };
    state.put({ ...parent, key: "p", within: [], properties: {} });
    state.put({ token: "t:Child", id: "c", key: "c", within: [parent], properties: {} });
    state.put({ token: "t:Grandchild", id: "g", key: "g", within: [{ token: "t:Child", id: "c" }], properties: {} });
    const directory = join(folder, "entities", "t-Parent");
    const [file = ""] = readdirSync(directory);
    writeFileSync(join(directory, `${file}.123456`), '{"half":');
    rmSync(join(directory, file));
    const loaded = State.load(folder);
    assert.deepEqual([loaded.list("t:Parent"), loaded.list("t:Child"), loaded.list("t:Grandchild")], [[], [], []]);
    assert.deepEqual(readdirSync(directory), []);
    assert.deepEqual(State.load(folder).list("t:Child"), []);
  });

  it("tells entities apart whose ids differ in what a file's name cannot hold", () => {
    const folder = temporary();
    const state = State.load(folder);
    for (const id of ["a/b", "a\\b", "a:b", "a b", "A/B", "x".repeat(300)]) {
      state.put({ token: "t:T", id, key: id, within: [], properties: { id } });
    }
    assert.equal(State.load(folder).list("t:T").length, 6);
  });

  it("ends the creation of a project that was interrupted", async () => {
    const cloud = await start();
    const { id: projectId } = await cloud.make("Project", { name: "Half" });
    const entities = join(cloud.folder, "entities");
    for (const kind of readdirSync(entities).filter((name) => /-(Team|Queue|Git|Group)$/.test(name))) {
      const directory = join(entities, kind);
      const own = readdirSync(directory).filter((file) =>
        readFileSync(join(directory, file), "utf8").includes(projectId),
      );
      own.forEach((file) => rmSync(join(directory, file)));
    }
    const directory = join(entities, "azuredevops-index-project-Project");
    const file = join(directory, readdirSync(directory)[0]!);
    const project = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...project, hidden: {} }));
    await cloud.restart();
    assert.equal((await cloud.invoke("getTeam", { projectId, name: "Half Team" })).status, 200);
    assert.equal((await cloud.invoke("getGroup", { projectId, name: "Contributors" })).status, 200);
    assert.equal((await cloud.invoke("getGitRepository", { projectId, name: "Half" })).status, 200);
  });

  it("can be changed after a git process was killed while it moved a branch", async () => {
    const cloud = await start();
    const { id: projectId } = await cloud.make("Project", { name: "Locked" });
    const branch = "refs/heads/main";
    const inputs = { projectId, name: "code", defaultBranch: branch, initialization: { initType: "Clean" } };
    const { id: repositoryId } = await cloud.make("Git", inputs);
    const repository = join(cloud.folder, "repositories", `${repositoryId}.git`);
    writeFileSync(join(repository, "refs", "heads", "main.lock"), "");
    writeFileSync(join(repository, "HEAD.lock"), "");
    const file = { repositoryId, file: "a", content: "b", branch };
    assert.equal((await cloud.refused("GitRepositoryFile", file)).says, "409 GitReferenceStale");
    await cloud.restart();
    await cloud.make("GitRepositoryFile", file);
  });

  it("does not bring back what a user deleted from a project", async () => {
    const cloud = await start();
    const { id: projectId } = await cloud.make("Project", { name: "Tidy" });
    const { id } = (await cloud.invoke("getGitRepository", { projectId, name: "Tidy" })).json.result as { id: string };
    await cloud.verb("delete", "Git", { id });
    await cloud.restart();
    assert.equal((await cloud.invoke("getGitRepository", { projectId, name: "Tidy" })).status, 404);
  });
});
