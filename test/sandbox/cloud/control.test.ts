import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { account, refusal, TestCloud, token } from "./client";

describe("the control API", () => {
  let cloud: TestCloud;
  let projectId: string;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Control" })).id;
  });
  after(() => cloud.end());

  it("refuses tokens, functions and verbs that it does not know, and lists those that it does", async () => {
    const kind = refusal(await cloud.verb("create", "Nonsense", { inputs: {} }));
    assert.equal(kind.says, "400 UnknownToken");
    assert.ok(kind.message.includes(token("Project")));
    assert.equal(refusal(await cloud.invoke("getNonsense", {})).says, "400 UnknownToken");
    assert.equal(refusal(await cloud.verb("rename", "Project", {})).says, "404 UnknownVerb");
  });

  it("keeps the kinds of the two clouds apart", async () => {
    const body = { token: "azure-native:resources:ResourceGroup", inputs: {} };
    assert.equal((await cloud.call("POST", "/devops/acme/_sandbox/create", body)).json.code, "UnknownToken");
  });

  it("refuses bodies that are no JSON object, have another type, or lack a part", async () => {
    const path = "/devops/acme/_sandbox/create";
    assert.equal(refusal(await cloud.call("POST", path, "{")).says, "400 InvalidJson");
    assert.equal(refusal(await cloud.call("POST", path, "[]")).says, "400 InvalidJson");
    assert.equal(
      refusal(await cloud.call("POST", path, "{}", { "content-type": "text/plain" })).says,
      "415 UnsupportedMediaType",
    );
    assert.equal(refusal(await cloud.call("POST", path, {})).says, "400 InvalidArgument");
    assert.equal(refusal(await cloud.call("GET", path)).says, "405 MethodNotAllowed");
  });

  it("says which input has the wrong form", async () => {
    const { says, message } = await cloud.refused("Environment", { projectId, name: 5 });
    assert.equal(says, "400 InvalidArgument");
    assert.match(message, /environment: name: /);
  });

  it("answers 404 for what does not exist, whatever the verb", async () => {
    for (const [verb, rest] of [
      ["read", { id: "77" }],
      ["delete", { id: "77" }],
      ["update", { id: "77", olds: {}, news: { projectId, name: "x" } }],
      ["find", { inputs: { projectId, name: "absent" } }],
    ] as const) {
      assert.equal((await cloud.verb(verb, "Environment", rest)).status, 404, verb);
    }
  });

  it("lists all of a kind as it shows each, without what is hidden", async () => {
    const variables = [{ name: "key", secretValue: "hidden-secret-value", isSecret: true }];
    const { id, properties } = await cloud.make("VariableGroup", { projectId, name: "listed", variables });
    const { status, json, text } = await cloud.verb("list", "VariableGroup", {});
    assert.equal(status, 200);
    const entities = json.entities as { id: string; token: string; properties: object }[];
    assert.deepEqual(
      entities.find((entity) => entity.id === id),
      { id, token: token("VariableGroup"), properties },
    );
    assert.ok(!text.includes("hidden-secret-value"));
    assert.equal(refusal(await cloud.verb("list", "Nonsense", {})).says, "400 UnknownToken");
    assert.deepEqual((await cloud.verb("list", "azure-native:resources:ResourceGroup", {})).json, { entities: [] });
  });

  it("lists pushes, which nobody makes by a verb", async () => {
    const push = "sandbox:index/push:Push";
    const made = await cloud.make("Git", {
      projectId,
      name: "with a push",
      defaultBranch: "refs/heads/main",
      initialization: { initType: "Clean" },
    });
    const { json } = await cloud.verb("list", push, {});
    const own = (json.entities as { properties: { repositoryId: string; refUpdates: object[] } }[])
      .map(({ properties }) => properties)
      .filter(({ repositoryId }) => repositoryId === made.id);
    const tip = (await cloud.call("GET", `/devops/acme/_apis/git/repositories/${made.id}/refs`)).json.value?.[0];
    const refUpdates = [{ name: "refs/heads/main", oldObjectId: "0".repeat(40), newObjectId: String(tip?.objectId) }];
    assert.deepEqual(
      own.map((one) => one.refUpdates),
      [refUpdates],
    );
    assert.equal((await cloud.refused(push, {})).says, "400 UnknownToken");
  });

  it("numbers its changes upwards, also those of git and across a restart, and nothing else", async () => {
    const own = await TestCloud.start();
    const revision = async (): Promise<number> => Number((await own.verb("revision", "x", {})).json.revision);
    try {
      const seen = [await revision()];
      assert.equal(await revision(), seen[0]);
      const { id } = await own.make("Project", { name: "Counted" });
      seen.push(await revision());
      await own.read("Project", id);
      await own.refused("Project", { name: "Counted" });
      assert.equal(await revision(), seen[1]);
      await own.verb("delete", "Project", { id });
      seen.push(await revision());
      await own.restart();
      seen.push(await revision());
      assert.deepEqual(
        seen.map((number, index) => index === 0 || number > (seen[index - 1] ?? Infinity)),
        [true, true, true, true],
      );
    } finally {
      await own.end();
    }
  });

  it("finds by its natural key what a creation would clash with", async () => {
    const { id } = await cloud.make("Environment", { projectId, name: "Production" });
    const found = await cloud.verb("find", "Environment", { inputs: { projectId, name: "PRODUCTION" } });
    assert.deepEqual([found.status, found.json], [200, { id }]);
  });

  it("shows inputs with the service's defaults, and takes an id as a number too", async () => {
    const { id, properties } = await cloud.make("Environment", { projectId, name: "defaults" });
    assert.deepEqual(properties, { projectId, name: "defaults", description: "" });
    assert.deepEqual((await cloud.verb("read", "Environment", { id: Number(id) })).json, { id, properties });
  });

  it("finds what an import names with its project", async () => {
    const { id } = await cloud.make("Environment", { projectId, name: "imported" });
    assert.equal((await cloud.read("Environment", `${projectId}/${id}`))?.name, "imported");
  });

  it("changes and removes what it made", async () => {
    const { id, properties } = await cloud.make("Environment", { projectId, name: "changing" });
    const news = { ...properties, description: "now described" };
    const changed = await cloud.verb("update", "Environment", { id, olds: properties, news });
    assert.equal(changed.json.properties?.description, "now described");
    assert.deepEqual((await cloud.verb("delete", "Environment", { id })).json, {});
    assert.equal(await cloud.read("Environment", id), undefined);
  });

  it("makes one of twenty that want the same name at once", async () => {
    const wanted = Array.from({ length: 20 }, () => cloud.verb("create", "Git", { inputs: repository("contested") }));
    const statuses = (await Promise.all(wanted)).map(({ status }) => status);
    assert.deepEqual(
      [statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 409).length],
      [1, 19],
    );
  });

  it("gives twenty that are made at once different numbers", async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) => cloud.make("Environment", { projectId, name: `parallel-${index}` })),
    );
    assert.equal(new Set(made.map(({ id }) => id)).size, 20);
  });

  function repository(name: string): object {
    return { projectId, name, initialization: { initType: "Uninitialized" } };
  }

  it("fails as often as it is told to, before or after doing what was asked", async () => {
    cloud.injectFault({ status: 429, count: 2, path: "/_sandbox/create" });
    const inputs = { projectId, name: "unlucky" };
    const replies = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      replies.push(await cloud.verb("create", "Environment", { inputs }));
    }
    assert.deepEqual(
      replies.map(({ status }) => status),
      [429, 429, 200],
    );
    assert.equal(replies[0]!.headers.get("retry-after"), "1");
    await cloud.call("POST", "/devops/acme/_sandbox/fault", { status: 500, after: true });
    const lost = await cloud.verb("create", "Environment", { inputs: { projectId, name: "lost answer" } });
    assert.equal(lost.status, 500);
    assert.equal((await cloud.verb("find", "Environment", { inputs: { projectId, name: "lost answer" } })).status, 200);
  });

  it("logs method, path, status and time, and nothing that is secret", async () => {
    await cloud.make("VariableGroup", {
      projectId,
      name: "logged",
      variables: [{ name: "key", secretValue: "very-secret-value", isSecret: true }],
    });
    await cloud.call("GET", `/devops/acme/_apis/projects?token=${account.personalAccessToken}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const log = readFileSync(join(cloud.folder, "cloud.log"), "utf8");
    assert.match(log, /POST \/devops\/acme\/_sandbox\/create 200 \d+ms/);
    for (const secret of [account.personalAccessToken, account.clientSecret, "very-secret-value", "Basic "]) {
      assert.ok(!log.includes(secret), secret);
    }
  });
});
