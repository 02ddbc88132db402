import assert from "node:assert/strict";
import { refusal, TestCloud, type Reply } from "./client";

const upstream = { name: "PyPI", protocol: "pypi", location: "https://index.example/", upstreamSourceType: "public" };

describe("feeds", () => {
  let cloud: TestCloud;
  let projectId: string;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Packages" })).id;
  });
  after(() => cloud.end());

  it("are refused with names that the service refuses", async () => {
    for (const name of ["", "a b", "a/b", "a@b", "a%b", "_a", ".a", "a.", "x".repeat(65)]) {
      assert.equal((await cloud.refused("Feed", { name })).says, "400 FeedNameInvalid", name);
    }
  });

  it("need a project that exists, and a name that is free in it", async () => {
    assert.equal((await cloud.refused("Feed", { name: "x", projectId: "none" })).says, "404 ProjectDoesNotExist");
    await cloud.make("Feed", { name: "python", projectId });
    assert.equal((await cloud.refused("Feed", { name: "Python", projectId })).says, "409 FeedNameAlreadyExists");
    await cloud.make("Feed", { name: "python" });
  });

  it("keep their name when they are deleted softly, and come back when asked", async () => {
    const { id } = await cloud.make("Feed", { name: "kept", projectId });
    await cloud.verb("delete", "Feed", { id });
    assert.equal(await cloud.read("Feed", id), undefined);
    const { says, message } = await cloud.refused("Feed", { name: "kept", projectId });
    assert.equal(says, "409 FeedNameAlreadyExists");
    assert.match(message, /can still be restored/);
    assert.equal((await cloud.verb("find", "Feed", { inputs: { name: "kept", projectId } })).status, 404);
    const restored = await cloud.make("Feed", { name: "kept", projectId, features: [{ restore: true }] });
    assert.equal(restored.id, id);
  });

  it("free their name when they are deleted permanently", async () => {
    const inputs = { name: "gone", projectId, features: [{ permanentDelete: true }] };
    const { id } = await cloud.make("Feed", inputs);
    await cloud.verb("delete", "Feed", { id });
    assert.notEqual((await cloud.make("Feed", inputs)).id, id);
  });

  it("keep name and project for good", async () => {
    const { id } = await cloud.make("Feed", { name: "fixed", projectId });
    const reply = await cloud.verb("update", "Feed", { id, olds: {}, news: { name: "other", projectId } });
    assert.equal(refusal(reply).says, "400 FeedUpdateInvalid");
  });

  it("take a retention policy within its bounds", async () => {
    const { id: feedId } = await cloud.make("Feed", { name: "retained", projectId });
    const right = { feedId, projectId, countLimit: 50, daysToKeepRecentlyDownloadedPackages: 30 };
    assert.equal((await cloud.make("FeedRetentionPolicy", right)).id, feedId);
    await cloud.make("FeedRetentionPolicy", right);
    for (const [part, says] of [
      [{ countLimit: 0 }, "400 RetentionPolicyInvalid"],
      [{ countLimit: 5001 }, "400 RetentionPolicyInvalid"],
      [{ daysToKeepRecentlyDownloadedPackages: 0 }, "400 RetentionPolicyInvalid"],
      [{ feedId: "none" }, "404 FeedIdNotFound"],
      [{ projectId: undefined }, "404 FeedIdNotFound"],
    ] as const) {
      assert.equal((await cloud.refused("FeedRetentionPolicy", { ...right, ...part })).says, says);
    }
  });

  it("take permissions with known roles for known identities, once each", async () => {
    const { id: feedId } = await cloud.make("Feed", { name: "guarded", projectId });
    const identityDescriptor = (await cloud.invoke("getGroup", { projectId, name: "Readers" })).json.result?.descriptor;
    const right = { feedId, projectId, identityDescriptor, role: "reader" };
    assert.match((await cloud.make("FeedPermission", right)).id, /^fp-/);
    assert.equal((await cloud.refused("FeedPermission", right)).says, "409 FeedPermissionExists");
    const owner = { ...right, role: "owner" };
    assert.equal((await cloud.refused("FeedPermission", owner)).says, "400 FeedRoleInvalid");
    const nobody = { ...right, identityDescriptor: "vssgp.nobody" };
    assert.equal((await cloud.refused("FeedPermission", nobody)).says, "404 GraphSubjectNotFound");
    const elsewhere = { feedId, identityDescriptor, role: "reader" };
    assert.equal((await cloud.refused("FeedPermission", elsewhere)).says, "404 FeedIdNotFound");
  });

  it("make the project's build account a collaborator by themselves", async () => {
    const { id: feedId } = await cloud.make("Feed", { name: "built", projectId });
    const { json } = await cloud.invoke("getClientConfig", {});
    const identityDescriptor = `svc.${Buffer.from(`${String(json.result?.id)}:Build:${projectId}`).toString("base64url")}`;
    const permission = { feedId, projectId, identityDescriptor, role: "collaborator" };
    assert.equal((await cloud.refused("FeedPermission", permission)).says, "409 FeedPermissionExists");
  });

  it("are looked up by name or id in the right place only", async () => {
    const { id } = await cloud.make("Feed", { name: "placed", projectId });
    assert.equal((await cloud.invoke("getFeed", { name: "PLACED", projectId })).json.result?.feedId, id);
    assert.equal((await cloud.invoke("getFeed", { feedId: id, projectId })).json.result?.name, "placed");
    assert.equal(refusal(await cloud.invoke("getFeed", { name: "placed" })).says, "404 FeedIdNotFound");
    assert.equal(refusal(await cloud.invoke("getFeed", { projectId })).says, "400 InvalidArgument");
  });

  describe("over REST", () => {
    let path: string;
    let id: string;
    beforeEach(async () => {
      ({ id } = await cloud.make("Feed", { name: `rest${Math.random().toString(36).slice(2)}`, projectId }));
      path = `/feeds/acme/${projectId}/_apis/packaging/feeds/${id}`;
    });

    const patch = (body: unknown, query = "?api-version=7.1-preview.1"): Promise<Reply> =>
      cloud.call("PATCH", `${path}${query}`, body);
    const sources = async (): Promise<unknown> => (await cloud.call("GET", path)).json.upstreamSources;

    it("start without upstream sources and keep the whole list that they are given", async () => {
      assert.deepEqual(await sources(), []);
      const reply = await patch({ upstreamEnabled: true, upstreamSources: [upstream] });
      assert.equal(reply.status, 200);
      assert.equal(reply.json.upstreamEnabled, true);
      const [kept] = (await sources()) as Record<string, unknown>[];
      assert.match(String(kept?.id), /^[0-9a-f-]{36}$/);
      assert.deepEqual({ ...kept, id: 0 }, { ...upstream, id: 0, status: "ok", displayLocation: upstream.location });
      const other = { ...upstream, name: "Other", location: "https://other.example/simple/" };
      await patch({ upstreamSources: [other, upstream] });
      const list = (await sources()) as Record<string, unknown>[];
      assert.deepEqual([list.map(({ name }) => name), list[1]?.id], [["Other", "PyPI"], kept?.id]);
      await patch({ upstreamSources: [] });
      assert.deepEqual(await sources(), []);
    });

    it("keep their upstream sources when the resource is updated", async () => {
      await patch({ upstreamSources: [upstream] });
      const { name } = (await cloud.read("Feed", id)) as { name: string };
      await cloud.verb("update", "Feed", {
        id,
        olds: {},
        news: { name, projectId, features: [{ permanentDelete: true }] },
      });
      assert.equal(((await sources()) as unknown[]).length, 1);
    });

    it("do not show upstream sources as properties of the resource", async () => {
      await patch({ upstreamSources: [upstream] });
      assert.deepEqual(Object.keys((await cloud.read("Feed", id)) ?? {}).sort(), ["name", "projectId"]);
    });

    const wrong: [string, object, RegExp][] = [
      ["an unknown key", { upstreams: [] }, /upstreams/],
      ["an unknown key of a source", { upstreamSources: [{ ...upstream, url: "x" }] }, /url/],
      ["a source without a name", { upstreamSources: [{ ...upstream, name: undefined }] }, /upstreamSources\.0\.name/],
      ["an unknown protocol", { upstreamSources: [{ ...upstream, protocol: "pip" }] }, /protocol/],
      [
        "an unknown type of source",
        { upstreamSources: [{ ...upstream, upstreamSourceType: "private" }] },
        /upstreamSourceType/,
      ],
      ["a switch that is no boolean", { upstreamEnabled: "yes" }, /upstreamEnabled/],
      ["a location that is no address", { upstreamSources: [{ ...upstream, location: "index" }] }, /no web address/],
      [
        "credentials in a location",
        { upstreamSources: [{ ...upstream, location: "https://u:p@index.example/" }] },
        /credentials/,
      ],
      [
        "an internal source without its feed",
        { upstreamSources: [{ ...upstream, upstreamSourceType: "internal" }] },
        /azure-feed/,
      ],
      [
        "two sources of one name",
        { upstreamSources: [upstream, { ...upstream, location: "https://b.example/" }] },
        /same name/,
      ],
      ["two sources of one location", { upstreamSources: [upstream, { ...upstream, name: "b" }] }, /same location/],
      ["too many sources", { upstreamSources: Array.from({ length: 21 }, () => upstream) }, /at most 20/],
      ["the id of another feed", { id: "other" }, /speaks of the feed/],
    ];
    for (const [what, body, message] of wrong) {
      it(`are not changed by a body with ${what}`, async () => {
        const reply = await patch(body);
        assert.equal(reply.status, 400);
        assert.match(reply.json.message ?? "", message);
        assert.deepEqual(await sources(), []);
      });
    }

    it("take an internal source by its location", async () => {
      const internal = {
        ...upstream,
        location: "azure-feed://acme/Packages/python@Local",
        upstreamSourceType: "internal",
      };
      assert.equal((await patch({ upstreamSources: [internal] })).status, 200);
    });

    it("want a version of the API for a change, in the address or in the header", async () => {
      const body = { upstreamEnabled: true };
      assert.equal(refusal(await patch(body, "")).says, "400 VssVersionNotSpecifiedException");
      assert.equal(refusal(await patch(body, "?api-version=latest")).says, "400 VssInvalidApiVersionException");
      assert.equal(refusal(await patch(body, "?api-version=9.0")).says, "400 VssVersionOutOfRangeException");
      assert.equal(refusal(await patch(body, "?api-version=7.2")).says, "400 VssInvalidPreviewVersionException");
      const accept = { accept: "application/json; api-version=7.1-preview.1" };
      assert.equal((await cloud.call("PATCH", path, body, accept)).status, 200);
    });

    it("want JSON that is one", async () => {
      assert.equal(refusal(await patch("{")).says, "400 InvalidJson");
      const text = { "content-type": "text/plain" };
      const reply = await cloud.call("PATCH", `${path}?api-version=7.1`, "{}", text);
      assert.equal(refusal(reply).says, "415 UnsupportedMediaType");
    });

    it("of a project are not found without it, nor those of the organization with one", async () => {
      assert.equal(
        refusal(await cloud.call("GET", `/feeds/acme/_apis/packaging/feeds/${id}`)).says,
        "404 FeedIdNotFound",
      );
      const shared = await cloud.make("Feed", { name: `org${id.slice(0, 8)}` });
      const wrongPlace = `/feeds/acme/Packages/_apis/packaging/feeds/${shared.id}`;
      assert.equal(refusal(await cloud.call("GET", wrongPlace)).says, "404 FeedIdNotFound");
      assert.equal((await cloud.call("GET", `/feeds/acme/_apis/packaging/feeds/${shared.id}`)).status, 200);
      const unknown = `/feeds/acme/Unknown/_apis/packaging/feeds/${id}`;
      assert.equal(refusal(await cloud.call("GET", unknown)).says, "404 ProjectDoesNotExist");
    });

    it("are found by the project's name, and listed", async () => {
      const { name } = (await cloud.read("Feed", id)) as { name: string };
      const reply = await cloud.call(
        "GET",
        `/feeds/acme/Packages/_apis/packaging/feeds/${name}?api-version=7.1-preview.1`,
      );
      assert.deepEqual([reply.json.id, (reply.json.project as { name: string }).name], [id, "Packages"]);
      const list = await cloud.call("GET", "/feeds/acme/Packages/_apis/packaging/feeds");
      assert.ok(list.json.value?.some((feed) => feed.id === id));
    });

    it("can be renamed to a free name only", async () => {
      const taken = await cloud.make("Feed", { name: `taken${id.slice(0, 8)}`, projectId });
      assert.equal(refusal(await patch({ name: taken.properties.name })).says, "409 FeedNameAlreadyExists");
      assert.equal((await patch({ name: `free${id.slice(0, 8)}` })).json.name, `free${id.slice(0, 8)}`);
    });

    it("have an index of packages, which is empty", async () => {
      const index = `/packages/acme/Packages/_packaging/${id}/pypi/simple/`;
      const reply = await cloud.call("GET", index);
      assert.deepEqual([reply.status, reply.text.includes("<a")], [200, false]);
      assert.equal(refusal(await cloud.call("GET", `${index}requests/`)).says, "404 PackageNotFound");
      assert.equal(
        refusal(await cloud.call("GET", `/packages/acme/_packaging/${id}/pypi/simple/`)).says,
        "404 FeedIdNotFound",
      );
    });
  });
});
