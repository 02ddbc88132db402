import assert from "node:assert/strict";
import { ArtifactsFeed, type ArtifactsFeedArgs } from "../../components";
import { keysIn, only, record, type Recording } from "./recording";

const FEED = "azuredevops:index/feed:Feed";
const UPSTREAMS = "pulumi-nodejs:dynamic/wheelhouse:FeedUpstreams";
const RETENTION = "azuredevops:index/feedRetentionPolicy:FeedRetentionPolicy";
const PERMISSION = "azuredevops:index/feedPermission:FeedPermission";
const INDEX = "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/";

function declare(more: Partial<ArtifactsFeedArgs> = {}): Promise<Recording> {
  const args = {
    feedName: "python",
    projectId: "project",
    feedsUrl: "https://feeds.example",
    indexUrl: INDEX,
    ...more,
  };
  return record(() => new ArtifactsFeed("feed", args));
}

describe("ArtifactsFeed", () => {
  it("makes a feed that refuses to be deleted, and whose deletion can be undone", async () => {
    const feed = only(await declare(), FEED);
    assert.equal(feed.protect, true);
    assert.deepEqual(feed.inputs, {
      name: "python",
      projectId: "project",
      features: [{ permanentDelete: false }],
    });
  });

  it("can be told not to refuse its deletion", async () => {
    assert.equal(only(await declare({ protect: false }), FEED).protect, false);
  });

  it("belongs to the organization where no project is given", async () => {
    const { resources } = await declare({ projectId: undefined, readers: [{ name: "team", descriptor: "d" }] });
    for (const { inputs, type } of resources) {
      assert.ok(!keysIn(inputs).includes("projectId") && !keysIn(inputs).includes("project"), type);
    }
  });

  it("puts only Python indexes behind the feed, in the order that is given", async () => {
    const upstreams = [
      { name: "Shared", location: "https://shared.example/", kind: "internal" },
      { name: "Public", location: "https://index.example/", kind: "public" },
    ] as const;
    const { inputs } = only(await declare({ upstreams }), UPSTREAMS);
    assert.equal(inputs.feed, "id-of-feed");
    assert.deepEqual(
      inputs.upstreams,
      upstreams.map((upstream) => ({ ...upstream, protocol: "pypi" })),
    );
  });

  it("keeps fifty versions, and for thirty days what was downloaded, by default", async () => {
    assert.deepEqual(only(await declare(), RETENTION).inputs, {
      feedId: "id-of-feed",
      projectId: "project",
      countLimit: 50,
      daysToKeepRecentlyDownloadedPackages: 30,
    });
    const other = only(await declare({ versionsKept: 3, daysToKeepDownloaded: 90 }), RETENTION).inputs;
    assert.deepEqual([other.countLimit, other.daysToKeepRecentlyDownloadedPackages], [3, 90]);
  });

  it("lets builds save packages and teams install them", async () => {
    const recording = await declare({
      collaborators: [{ name: "build-service", descriptor: "svc.build" }],
      readers: [{ name: "Shop & Orders", descriptor: "vssgp.shop" }],
    });
    const roles = recording.resources.filter(({ type }) => type === PERMISSION);
    assert.deepEqual(
      roles.map(({ name, inputs }) => [name, inputs]),
      [
        [
          "feed-collaborator-build-service",
          { feedId: "id-of-feed", projectId: "project", identityDescriptor: "svc.build", role: "collaborator" },
        ],
        [
          "feed-reader-shop-orders-a5da8cc4",
          { feedId: "id-of-feed", projectId: "project", identityDescriptor: "vssgp.shop", role: "reader" },
        ],
      ],
    );
  });

  it("gives nobody a role by itself", async () => {
    assert.deepEqual(
      (await declare()).resources.filter(({ type }) => type === PERMISSION),
      [],
    );
  });

  it("puts out the index without credentials", async () => {
    const { outputs } = await declare();
    assert.deepEqual(outputs.get("wheelhouse:index:ArtifactsFeed feed"), { feedId: "id-of-feed", indexUrl: INDEX });
  });

  it("refuses an index with credentials, and does not repeat them", async () => {
    await assert.rejects(
      declare({ indexUrl: "https://build:hunter2@pkgs.dev.azure.com/contoso/" }),
      (error: Error) => error.message.includes("indexUrl holds credentials") && !error.message.includes("hunter2"),
    );
  });

  it("is the parent of all that it declares", async () => {
    const { resources } = await declare({ readers: [{ name: "team", descriptor: "d" }] });
    for (const { parent, custom, name } of resources) {
      assert.equal(parent, custom ? "wheelhouse:index:ArtifactsFeed feed" : undefined, name);
      assert.ok(name.startsWith("feed"));
    }
  });
});
