import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { FeedUpstreams } from "../../components";
import { credentialFrom } from "../../components/azure-devops-credential";
import type { RestOptions } from "../../components/azure-devops-rest";
import { feedUpstreamsProvider } from "../../components/feed-upstreams";
import {
  create,
  diff,
  read,
  remove,
  update,
  type FeedUpstreamsInputs,
  type FeedUpstreamsOutputs,
} from "../../components/feed-upstreams-provider";
import { FeedsService } from "./feeds-service";
import { only, record } from "./recording";

const TOKEN = "pat-4f9c2d81e6b7a350";
const options: RestOptions = { credential: () => credentialFrom({ AZDO_PERSONAL_ACCESS_TOKEN: TOKEN }) };
const root = resolve(__dirname, "../..");

const first = { name: "Public", protocol: "pypi", location: "https://index.example/simple/", kind: "public" } as const;
const second = { name: "Shared", protocol: "pypi", location: "https://other.example/", kind: "internal" } as const;

describe("the upstream sources of a feed", () => {
  let service: FeedsService;

  afterEach(() => service.stop());

  const inputs = (upstreams: FeedUpstreamsInputs["upstreams"] = [first]): FeedUpstreamsInputs => ({
    feedsUrl: service.url,
    project: "My Project",
    feed: "python",
    upstreams,
  });

  it("are written by one PATCH to the project's feed", async () => {
    service = await FeedsService.remembering();
    const { id, outs } = await create(inputs(), options);
    assert.equal(id, "My Project/python");
    assert.deepEqual(outs, { ...inputs(), upstreamEnabled: true });
    assert.equal(service.received.length, 1);
    const { method, path, body, headers } = service.received[0]!;
    assert.equal(method, "PATCH");
    assert.equal(path, "/contoso/My%20Project/_apis/packaging/feeds/python?api-version=7.1-preview.1");
    assert.match(String(headers["content-type"]), /^application\/json/);
    assert.deepEqual(body, {
      upstreamEnabled: true,
      upstreamSources: [
        { name: "Public", protocol: "pypi", location: "https://index.example/simple/", upstreamSourceType: "public" },
      ],
    });
  });

  it("of an organization's feed are addressed without a project", async () => {
    service = await FeedsService.remembering();
    const { id, outs } = await create({ feedsUrl: `${service.url}/`, feed: "python", upstreams: [first] }, options);
    assert.equal(id, "python");
    assert.equal("project" in outs, false);
    assert.equal(service.received[0]!.path, "/contoso/_apis/packaging/feeds/python?api-version=7.1-preview.1");
  });

  it("are switched off by an empty list", async () => {
    service = await FeedsService.remembering([{ ...first, upstreamSourceType: "public" }]);
    const { outs } = await update(inputs([]), options);
    assert.deepEqual(service.received[0]!.body, { upstreamEnabled: false, upstreamSources: [] });
    assert.equal(outs.upstreamEnabled, false);
  });

  it("are replaced as a whole by an update", async () => {
    service = await FeedsService.remembering();
    await create(inputs([first, second]), options);
    const { outs } = await update(inputs([second]), options);
    assert.deepEqual(
      (service.received[1]!.body as { upstreamSources: { name: string }[] }).upstreamSources.map(({ name }) => name),
      ["Shared"],
    );
    assert.deepEqual(outs.upstreams, [second]);
  });

  describe("changed behind Pulumi's back", () => {
    for (const [what, sources, enabled] of [
      ["another address", [{ ...first, location: "https://elsewhere.example/" }], true],
      ["one more", [first, { ...second, name: "Added" }], true],
      ["one more, for another kind of package", [first, { ...second, protocol: "npm" }], true],
      ["none left", [], true],
      ["switched off", [first], false],
    ] as const) {
      it(`are found by a refresh and mended by an update: ${what}`, async () => {
        service = await FeedsService.remembering();
        const { id, outs } = await create(inputs(), options);
        assert.equal(diff(outs, inputs()).changes, false);
        const body = {
          upstreamEnabled: enabled,
          upstreamSources: sources.map(({ kind, ...source }) => ({ ...source, upstreamSourceType: kind })),
        };
        const send = { method: "PATCH", body: JSON.stringify(body) };
        await fetch(`${service.url}/anything`, send);

        const refreshed = (await read(id, outs, options)).props!;
        assert.equal(diff(refreshed, inputs()).changes, true);
        assert.deepEqual(diff(refreshed, inputs()).replaces, []);
        const { outs: mended } = await update(inputs(), options);
        assert.equal(diff(mended, inputs()).changes, false);
        assert.deepEqual((await read(id, mended, options)).props, { ...inputs(), upstreamEnabled: true });
      });
    }
  });

  it("are the same where only a slash at the end differs, or a source is there that was removed", async () => {
    service = await FeedsService.start(() => ({
      body: {
        upstreamEnabled: true,
        upstreamSources: [
          { name: "Public", protocol: "PyPi", location: "https://index.example/simple", upstreamSourceType: "public" },
          { name: "Old", protocol: "pypi", location: "https://old.example", deletedDate: "2026-01-01T00:00:00Z" },
        ],
      },
    }));
    const { props } = await read("x", { ...inputs(), upstreamEnabled: true }, options);
    assert.equal(diff(props!, inputs()).changes, false);
  });

  it("of a feed that is gone are gone", async () => {
    service = await FeedsService.start(() => ({ status: 404 }));
    assert.deepEqual(await read("x", { ...inputs(), upstreamEnabled: true }, options), { id: "" });
    await remove({ ...inputs(), upstreamEnabled: true }, options);
    assert.deepEqual(
      service.received.map(({ method }) => method),
      ["GET", "GET"],
    );
  });

  it("cannot be imported, since nothing says which feed they are of", async () => {
    service = await FeedsService.remembering();
    await assert.rejects(read("x", undefined, options), /cannot be imported: declare them/);
    assert.equal(service.received.length, 0);
  });

  it("are emptied when they are deleted", async () => {
    service = await FeedsService.remembering();
    const { outs } = await create(inputs(), options);
    await remove(outs, options);
    assert.deepEqual(service.received.at(-1)!.body, { upstreamEnabled: false, upstreamSources: [] });
  });

  it("cannot be written to a feed that does not exist", async () => {
    service = await FeedsService.start(() => ({ status: 404 }));
    await assert.rejects(create(inputs(), options), /upstream sources of feed My Project\/python: .*404/);
  });

  it("replace each other when feed or project change, and only then", async () => {
    service = await FeedsService.remembering();
    const state: FeedUpstreamsOutputs = { ...inputs(), upstreamEnabled: true };
    assert.deepEqual(diff(state, { ...inputs(), feed: "other" }).replaces, ["feed"]);
    assert.deepEqual(diff(state, { ...inputs(), project: "Other" }).replaces, ["project"]);
    const moved = diff(state, { ...inputs(), feedsUrl: "https://feeds.example/contoso" });
    assert.deepEqual([moved.changes, moved.replaces], [true, []]);
    assert.equal(diff(state, inputs([second, first])).changes, true);
  });

  describe("as the engine runs them", () => {
    it("are written into the state as a short text, the same every time, without any value of the environment", async () => {
      service = await FeedsService.remembering();
      const before = process.env.AZDO_PERSONAL_ACCESS_TOKEN;
      try {
        process.env.AZDO_PERSONAL_ACCESS_TOKEN = TOKEN;
        const written = await pulumi.runtime.serializeFunction(() => feedUpstreamsProvider);
        process.env.AZDO_PERSONAL_ACCESS_TOKEN = "another";
        const again = await pulumi.runtime.serializeFunction(() => feedUpstreamsProvider);
        assert.equal(written.text, again.text);
        assert.equal(written.containsSecrets, false);
        assert.ok(!written.text.includes(TOKEN));
        assert.ok(!written.text.includes(root), "it holds a path of this machine");
        for (const [name, value] of Object.entries(process.env)) {
          assert.ok((value ?? "").length < 12 || !written.text.includes(value!), `it holds the value of ${name}`);
        }
        assert.ok(written.text.length < 4000, `it is ${String(written.text.length)} characters long`);
      } finally {
        if (before === undefined) {
          delete process.env.AZDO_PERSONAL_ACCESS_TOKEN;
        } else {
          process.env.AZDO_PERSONAL_ACCESS_TOKEN = before;
        }
      }
    });

    it("do their work from that text alone, in a process that knows nothing of TypeScript", async () => {
      service = await FeedsService.remembering();
      const folder = mkdtempSync(join(tmpdir(), "wheelhouse-upstreams-"));
      try {
        const written = await pulumi.runtime.serializeFunction(() => feedUpstreamsProvider);
        const script = join(folder, "engine.cjs");
        writeFileSync(
          script,
          `${written.text}
const provider = exports.handler();
(async () => {
  const inputs = ${JSON.stringify(inputs())};
  const { id, outs } = await provider.create(inputs);
  const unchanged = await provider.diff(id, outs, inputs);
  const { props } = await provider.read(id, outs);
  const { outs: updated } = await provider.update(id, outs, { ...inputs, upstreams: [] });
  await provider.delete(id, updated);
  console.log(JSON.stringify({ id, unchanged, props, updated }));
})();`,
        );
        const { stdout } = await promisify(execFile)(process.execPath, [script], {
          cwd: root,
          env: { PATH: process.env.PATH, AZDO_PERSONAL_ACCESS_TOKEN: TOKEN },
          timeout: 15_000,
        });
        const told = JSON.parse(stdout) as Record<string, unknown>;
        assert.equal(told.id, "My Project/python");
        assert.deepEqual(told.unchanged, { changes: false, replaces: [], deleteBeforeReplace: false });
        assert.deepEqual(told.props, { ...inputs(), upstreamEnabled: true });
        assert.deepEqual(told.updated, { ...inputs([]), upstreamEnabled: false });
        assert.ok(!stdout.includes(TOKEN));
        assert.equal(
          service.received[0]!.headers.authorization,
          `Basic ${Buffer.from(`:${TOKEN}`).toString("base64")}`,
        );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    it("are declared with what the state may hold, and nothing else", async () => {
      service = await FeedsService.remembering();
      const recording = await record(
        () =>
          new FeedUpstreams("feed-upstreams", {
            feedsUrl: service.url,
            project: "project",
            feed: "python",
            upstreams: [{ name: "Public", location: "https://index.example/simple/", kind: "public" }],
          }),
      );
      const declared = only(recording, "pulumi-nodejs:dynamic/wheelhouse:FeedUpstreams");
      assert.deepEqual(Object.keys(declared.inputs).sort(), ["__provider", "feed", "feedsUrl", "project", "upstreams"]);
      assert.deepEqual(declared.inputs.upstreams, [first]);
    });
  });
});
