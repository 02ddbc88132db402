import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { IncomingMessage } from "node:http";
import { openFeedGateway, type FeedGateway } from "../../../sandbox/services/feed/gateway";
import { HoldBacks } from "../../../sandbox/services/feed/hold-backs";
import { Holdings } from "../../../sandbox/services/feed/holdings";
import { FeedTokens } from "../../../sandbox/services/feed/tokens";
import { refusal, signIn, TestCloud } from "./client";

const file = { filename: "a-1.0-py3-none-any.whl", url: "/a", hashes: {} };

describe("packages of a feed", () => {
  let folder: string;
  let tokens: FeedTokens;
  let gateway: FeedGateway;
  let cloud: TestCloud;
  let projectId: string;
  let published: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloud-packages-"));
    tokens = new FeedTokens();
    const place = { organization: "acme", project: "Platform", name: "python" };
    gateway = await openFeedGateway({
      place,
      tokens,
      holdings: new Holdings(join(folder, "holdings.json")),
      heldBack: new HoldBacks(),
      packages: {
        files: (index, name) => Promise.resolve(index === "private" && name === "a" ? [file] : undefined),
        privateNames: () => Promise.resolve(["a"]),
        open: () => {
          const answer = Object.assign(Readable.from(["a wheel"]), { statusCode: 200, headers: {} });
          return Promise.resolve(answer as unknown as IncomingMessage);
        },
        publish: async (_headers, form) => {
          const chunks: Buffer[] = [];
          for await (const chunk of form) chunks.push(chunk as Buffer);
          published = Buffer.concat(chunks).toString();
          return { status: 200, text: "" };
        },
      },
      log: () => undefined,
    });
    // The organization's own name at the gateway need not be the cloud's.
    const packageIndex = { ...place, address: `http://127.0.0.1:${gateway.port}` };
    cloud = await TestCloud.start({ packageIndex });
    projectId = (await cloud.make("Project", { name: "Platform" })).id;
    await cloud.make("Feed", { name: "python", projectId });
    await cloud.make("Feed", { name: "other", projectId });
  });
  after(async () => {
    await cloud.end();
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  const job = (): Record<string, string> => {
    const token = tokens.issue({ role: "contributor", seconds: 60 });
    return { authorization: `Basic ${Buffer.from(`build:${token}`).toString("base64")}` };
  };
  const base = "/packages/acme/Platform/_packaging/python/pypi/";

  it("come from the package index, at the addresses of the cloud", async () => {
    const { status, text } = await cloud.call("GET", `${base}simple/a/`, undefined, job());
    assert.equal(status, 200);
    const link = /href="([^"#]+)"/.exec(text)?.[1] ?? "";
    const { pathname } = new URL(link, `${cloud.address}${base}simple/a/`);
    assert.equal(pathname, `${base}download/a/1.0/a-1.0-py3-none-any.whl`);
    assert.equal((await cloud.call("GET", pathname, undefined, job())).text, "a wheel");
  });

  it("are found by the ids of project and feed, too", async () => {
    const byId = `/packages/acme/${projectId}/_packaging/python/pypi/simple/a/`;
    assert.equal((await cloud.call("GET", byId, undefined, job())).status, 200);
  });

  it("are published through it", async () => {
    const headers = { ...job(), "content-type": "multipart/form-data; boundary=x" };
    assert.equal((await cloud.call("POST", `${base}upload/`, "the form", headers)).status, 200);
    assert.equal(published, "the form");
  });

  it("are refused without credentials by the cloud, and with other tokens by the package index", async () => {
    const anonymous = await fetch(`${cloud.address}${base}simple/a/`);
    assert.equal(anonymous.status, 401);
    await anonymous.body?.cancel();
    const { requests } = gateway.counters();
    assert.equal((await cloud.call("GET", `${base}simple/a/`)).status, 401);
    assert.equal(gateway.counters().requests, requests + 1);
  });

  it("say nothing of other feeds to those with a token for this one", async () => {
    for (const feed of ["other", "nothing"]) {
      const path = `/packages/acme/Platform/_packaging/${feed}/pypi/simple/`;
      assert.equal(refusal(await cloud.call("GET", path, undefined, job())).says, "401 Unauthorized");
    }
    const other = "/packages/acme/Platform/_packaging/other/pypi/simple/";
    const reply = await cloud.call("GET", other, undefined, { authorization: signIn.devops });
    assert.equal(reply.status, 200);
    assert.equal(reply.text.includes("<a"), false);
  });

  it("cannot be had when the package index is gone, and the cloud says so", async () => {
    const lost = await TestCloud.start({
      packageIndex: { organization: "acme", name: "python", address: "http://127.0.0.1:9" },
    });
    try {
      await lost.make("Feed", { name: "python" });
      const path = "/packages/acme/_packaging/python/pypi/simple/a/";
      assert.equal(refusal(await lost.call("GET", path, undefined, job())).says, "503 PackageIndexUnavailable");
    } finally {
      await lost.end();
    }
  });
});
