import { deepStrictEqual, doesNotMatch, match, ok, strictEqual, throws } from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { openFeedGateway, type FeedGateway } from "../../../sandbox/services/feed/gateway";
import { HoldBacks } from "../../../sandbox/services/feed/hold-backs";
import { Holdings } from "../../../sandbox/services/feed/holdings";
import { jsonType, readPage, type PackageFile } from "../../../sandbox/services/feed/simple-page";
import { FeedTokens } from "../../../sandbox/services/feed/tokens";
import type { FeedRole } from "../../../sandbox/services";

const place = { organization: "acme", project: "Platform", name: "python" };
const base = "/acme/Platform/_packaging/python/pypi/";

function wheel(name: string, version: string, index: string): PackageFile {
  const filename = `${name}-${version}-py3-none-any.whl`;
  return { filename, url: `/root/${index}/+f/${filename}`, hashes: { sha256: "ab".repeat(32) }, metadata: {} };
}

/** Stands for the package server: notes each question. */
class Packages {
  readonly asked: string[] = [];
  readonly private = new Map<string, PackageFile[]>();
  readonly upstream = new Map<string, PackageFile[]>();
  upstreamAnswers = true;

  files(index: "private" | "upstream", name: string): Promise<PackageFile[] | undefined> {
    this.asked.push(`${index} ${name}`);
    if (index === "upstream" && !this.upstreamAnswers) return Promise.reject(new Error("the upstream is out of reach"));
    return Promise.resolve(this[index].get(name));
  }

  privateNames(): Promise<string[]> {
    return Promise.resolve([...this.private.keys()]);
  }

  open(path: string): Promise<IncomingMessage> {
    this.asked.push(`open ${path}`);
    const body = Buffer.from(`content of ${path}`);
    const answer = Object.assign(Readable.from([body]), {
      statusCode: 200,
      headers: { "content-length": String(body.length) },
    });
    return Promise.resolve(answer as unknown as IncomingMessage);
  }

  async publish(headers: Readonly<Record<string, string>>, form: Readable): Promise<{ status: number; text: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of form) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    this.asked.push(`publish ${headers["content-type"] ?? ""} ${text}`);
    return text.includes("again") ? { status: 409, text: "it is there already" } : { status: 200, text: "" };
  }

  fromUpstream(): string[] {
    return this.asked.filter((question) => question.includes("upstream"));
  }
}

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

describe("the feed's gateway", () => {
  let folder: string;
  let now: number;
  let tokens: FeedTokens;
  let packages: Packages;
  let gateway: FeedGateway;
  let heldBack: HoldBacks;
  let log: string[];

  async function start(): Promise<void> {
    const holdings = new Holdings(join(folder, "holdings.json"));
    const parts = { place, tokens, packages, holdings, heldBack, log: (line: string) => log.push(line) };
    gateway = await openFeedGateway(parts);
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-feed-"));
    now = Date.now();
    tokens = new FeedTokens(() => now);
    packages = new Packages();
    packages.upstream.set("flask", [wheel("flask", "3.0", "upstream"), wheel("flask", "3.1", "upstream")]);
    packages.private.set("acme-core", [wheel("acme_core", "1.0", "private")]);
    log = [];
    heldBack = new HoldBacks();
    await start();
  });
  afterEach(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  const as = (role: FeedRole): string => tokens.issue({ role, seconds: 60 });
  const basic = (token: string, user = "anybody"): string =>
    `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;

  async function ask(
    path: string,
    authorization: string | undefined,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Reply> {
    const { method = "GET", headers = {}, body } = options;
    const sent = request({ host: "127.0.0.1", port: gateway.port, path, method, agent: false });
    for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value);
    if (authorization !== undefined) sent.setHeader("authorization", authorization);
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
  }

  const page = (name: string, role: FeedRole): Promise<Reply> => ask(`${base}simple/${name}/`, basic(as(role)));
  const download = (name: string, version: string, role: FeedRole): Promise<Reply> =>
    ask(`${base}download/${name}/${version}/${name.replace("-", "_")}-${version}-py3-none-any.whl`, basic(as(role)));

  describe("without a good token", () => {
    const wrong: [string, () => string | undefined][] = [
      ["no header", () => undefined],
      ["an empty token", () => basic("")],
      ["an empty header", () => "Basic "],
      ["a wrong token", () => basic("not-a-token")],
      [
        "an expired token",
        () => {
          const token = tokens.issue({ role: "contributor", seconds: 5 });
          now += 5000;
          return basic(token);
        },
      ],
      [
        "a revoked token",
        () => {
          const token = as("contributor");
          tokens.revoke(token);
          return basic(token);
        },
      ],
      ["the token as the user", () => `Basic ${Buffer.from(`${as("contributor")}:`).toString("base64")}`],
      ["a token as a bearer's", () => `Bearer ${as("contributor")}`],
    ];
    for (const [what, header] of wrong) {
      it(`refuses ${what} and asks nobody`, async () => {
        const authorization = header();
        for (const path of ["simple/", "simple/flask/", "download/flask/3.1/flask-3.1-py3-none-any.whl", "nothing"]) {
          const reply = await ask(`${base}${path}`, authorization);
          strictEqual(reply.status, 401);
          match(String(reply.headers["www-authenticate"]), /^Basic realm="acme"$/);
        }
        strictEqual((await ask(`${base}upload/`, authorization, { method: "POST" })).status, 401);
        deepStrictEqual(packages.asked, []);
        deepStrictEqual(gateway.counters(), { requests: 5, refused: 5, fetchedBytes: 0 });
      });
    }

    it("refuses credentials in the address, although they are right", async () => {
      const token = as("contributor");
      for (const path of [`${base}simple/flask/?token=${token}`, `/build:${token}@feed${base}simple/flask/`]) {
        strictEqual((await ask(path, undefined)).status, 401);
        strictEqual((await ask(path, basic(token))).status, 400);
      }
      strictEqual((await ask(`http://build:${token}@127.0.0.1${base}simple/flask/`, basic(token))).status, 400);
      deepStrictEqual(packages.asked, []);
      ok(!log.join("\n").includes(token));
    });
  });

  it("takes a token with any user name, from the moment that it is issued until it is rotated", async () => {
    const [first, second] = [as("reader"), as("reader")];
    strictEqual((await ask(`${base}simple/`, basic(first, ""))).status, 200);
    tokens.revoke(first);
    strictEqual((await ask(`${base}simple/`, basic(first))).status, 401);
    strictEqual((await ask(`${base}simple/`, basic(second, "me@example.com"))).status, 200);
  });

  describe("for a reader", () => {
    it("has the feed's own packages, and asks nothing of the upstream", async () => {
      const { status, text } = await page("acme-core", "reader");
      strictEqual(status, 200);
      match(text, /href="..\/..\/download\/acme-core\/1.0\/acme_core-1.0-py3-none-any.whl#sha256=/);
      strictEqual((await download("acme-core", "1.0", "reader")).status, 200);
      deepStrictEqual(packages.fromUpstream(), []);
    });

    it("has no package of the upstream, and cannot make the feed save one", async () => {
      const reply = await page("flask", "reader");
      strictEqual(reply.status, 404);
      match(reply.text, /takes the role collaborator/);
      strictEqual((await download("flask", "3.1", "reader")).status, 404);
      deepStrictEqual(packages.fromUpstream(), []);
    });

    it("has what a collaborator saved, and no more of that package", async () => {
      strictEqual((await download("flask", "3.0", "collaborator")).status, 200);
      packages.asked.length = 0;
      const { text } = await page("flask", "reader");
      deepStrictEqual(
        readPage("text/html", text).map(({ filename }) => filename),
        ["flask-3.0-py3-none-any.whl"],
      );
      strictEqual(
        (await download("flask", "3.0", "reader")).text,
        "content of /root/upstream/+f/flask-3.0-py3-none-any.whl",
      );
      strictEqual((await download("flask", "3.1", "reader")).status, 404);
      deepStrictEqual(packages.fromUpstream(), ["open /root/upstream/+f/flask-3.0-py3-none-any.whl"]);
    });

    it("has that after a restart, too", async () => {
      await download("flask", "3.0", "collaborator");
      await gateway.close();
      await start();
      strictEqual((await page("flask", "reader")).status, 200);
    });

    it("cannot ask the upstream for metadata of what was saved", async () => {
      await download("flask", "3.0", "collaborator");
      packages.asked.length = 0;
      const path = `${base}download/flask/3.0/flask-3.0-py3-none-any.whl.metadata`;
      strictEqual((await ask(path, basic(as("reader")))).status, 404);
      deepStrictEqual(packages.fromUpstream(), []);
      doesNotMatch((await page("flask", "reader")).text, /metadata/);
    });

    it("refuses to publish", async () => {
      const form = { method: "POST", headers: { "content-type": "multipart/form-data; boundary=x" }, body: "x" };
      for (const role of ["reader", "collaborator"] as const) {
        const reply = await ask(`${base}upload/`, basic(as(role)), form);
        strictEqual(reply.status, 403);
        match(reply.text, /takes the role contributor/);
      }
      deepStrictEqual(packages.asked, []);
      strictEqual(gateway.counters().refused, 2);
    });
  });

  describe("for a collaborator", () => {
    it("has the upstream's packages, in links that lead through the gateway", async () => {
      const reply = await ask(`${base}simple/flask/`, basic(as("collaborator")), { headers: { accept: jsonType } });
      strictEqual(reply.headers["content-type"], jsonType);
      deepStrictEqual(
        readPage(jsonType, reply.text).map(({ url }) => url),
        ["3.0", "3.1"].map((version) => `../../download/flask/${version}/flask-${version}-py3-none-any.whl`),
      );
    });

    it("never asks the upstream for a name that the feed holds itself", async () => {
      packages.upstream.set("acme-core", [wheel("acme_core", "99.0", "upstream")]);
      const { text } = await page("acme-core", "collaborator");
      match(text, /acme_core-1\.0/);
      doesNotMatch(text, /99/);
      strictEqual((await download("acme-core", "99.0", "collaborator")).status, 404);
      deepStrictEqual(packages.fromUpstream(), []);
    });

    it("has nothing of the upstream under a name any more once the feed holds it", async () => {
      await page("flask", "collaborator");
      await download("flask", "3.0", "collaborator");
      packages.private.set("flask", [wheel("flask", "1.0", "private")]);
      strictEqual((await download("flask", "3.0", "collaborator")).status, 404);
      doesNotMatch((await page("flask", "collaborator")).text, /3\./);
    });

    it("has what is saved while the upstream is out of reach, and is told so for what is not", async () => {
      await download("flask", "3.0", "collaborator");
      packages.upstreamAnswers = false;
      match((await page("flask", "collaborator")).text, /flask-3\.0/);
      strictEqual((await download("flask", "3.0", "collaborator")).status, 200);
      const reply = await page("django", "collaborator");
      deepStrictEqual([reply.status, reply.text], [502, "the upstream is out of reach\n"]);
    });

    it("counts the bytes of packages", async () => {
      const { text } = await download("flask", "3.0", "collaborator");
      strictEqual(gateway.counters().fetchedBytes, text.length);
    });

    it("has no package of a name that nobody holds", async () => {
      const reply = await page("nothing", "collaborator");
      strictEqual(reply.status, 404);
      match(reply.text, /does not hold nothing, nor does its upstream/);
    });
  });

  describe("where releases are held back", () => {
    const names = (text: string): string[] => readPage("text/html", text).map(({ filename }) => filename);
    const older = "flask-3.0-py3-none-any.whl";
    const newer = "flask-3.1-py3-none-any.whl";

    it("shows and serves the earlier ones only, and all again when they are released", async () => {
      heldBack.add("Flask", "3.1");
      deepStrictEqual(names((await page("flask", "collaborator")).text), [older]);
      strictEqual((await download("flask", "3.0", "collaborator")).status, 200);
      strictEqual((await download("flask", "3.1", "collaborator")).status, 404);
      const metadata = await ask(`${base}download/flask/3.1/${newer}.metadata`, basic(as("collaborator")));
      strictEqual(metadata.status, 404);
      deepStrictEqual(await gateway.versions("flask"), ["3.0"]);
      heldBack.release("FLASK");
      deepStrictEqual(names((await page("flask", "collaborator")).text), [older, newer]);
      strictEqual((await download("flask", "3.1", "collaborator")).status, 200);
    });

    it("hides what was seen and saved before, also from the list, and keeps it", async () => {
      await page("flask", "collaborator");
      await download("flask", "3.1", "collaborator");
      heldBack.add("flask", "3.1");
      strictEqual((await download("flask", "3.1", "collaborator")).status, 404);
      strictEqual((await page("flask", "reader")).status, 404);
      doesNotMatch((await ask(`${base}simple/`, basic(as("reader")))).text, /flask/);
      packages.upstreamAnswers = false;
      heldBack.release("flask");
      deepStrictEqual(names((await page("flask", "reader")).text), [newer]);
      strictEqual((await download("flask", "3.1", "reader")).status, 200);
    });

    it("has no package any more whose every version is held back", async () => {
      heldBack.add("flask", "0.1");
      strictEqual((await page("flask", "collaborator")).status, 404);
      deepStrictEqual(await gateway.versions("flask"), []);
    });

    it("hides nothing that the feed holds by publication, and nothing of another name", async () => {
      heldBack.add("acme-core", "1.0");
      heldBack.add("flas", "1.0");
      strictEqual((await page("acme-core", "reader")).status, 200);
      strictEqual((await download("acme-core", "1.0", "reader")).status, 200);
      deepStrictEqual(await gateway.versions("acme_core"), ["1.0"]);
      deepStrictEqual(await gateway.versions("flask"), ["3.0", "3.1"]);
    });

    it("moves the mark with the last word, and refuses what is none", async () => {
      heldBack.add("flask", "3.0");
      heldBack.add("flask", "3.1");
      deepStrictEqual(await gateway.versions("flask"), ["3.0"]);
      throws(() => heldBack.add("flask", "newest"), RangeError);
      throws(() => heldBack.add("../flask", "1.0"), RangeError);
      deepStrictEqual(await gateway.versions("../flask"), []);
      deepStrictEqual(await gateway.versions("nothing"), []);
    });
  });

  describe("for a contributor", () => {
    const form = (body: string): { method: string; headers: Record<string, string>; body: string } => ({
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x", "content-length": String(body.length) },
      body,
    });

    it("publishes what comes, without the token", async () => {
      strictEqual((await ask(`${base}upload/`, basic(as("contributor")), form("the package"))).status, 200);
      strictEqual((await ask(`${base}upload`, basic(as("contributor")), form("the package"))).status, 200);
      deepStrictEqual(packages.asked, Array(2).fill("publish multipart/form-data; boundary=x the package"));
    });

    it("passes on why a package is refused", async () => {
      const reply = await ask(`${base}upload/`, basic(as("contributor")), form("again"));
      deepStrictEqual([reply.status, reply.text], [409, "it is there already\n"]);
    });

    it("refuses what is no package", async () => {
      const send = (headers: Record<string, string>): Promise<Reply> =>
        ask(`${base}upload/`, basic(as("contributor")), { method: "POST", headers });
      strictEqual((await send({ "content-type": "application/json", "content-length": "0" })).status, 415);
      const multipart = { "content-type": "multipart/form-data; boundary=x" };
      strictEqual((await send({ ...multipart, "transfer-encoding": "chunked" })).status, 411);
      strictEqual((await send({ ...multipart, "content-length": "600000000" })).status, 413);
      strictEqual((await ask(`${base}upload/`, basic(as("contributor")))).status, 405);
      deepStrictEqual(packages.asked, []);
    });
  });

  describe("knows its own addresses only:", () => {
    const reply = (path: string, method = "GET"): Promise<Reply> => ask(path, basic(as("contributor")), { method });

    it("another organization, project or feed is not there", async () => {
      for (const path of [
        "/other/Platform/_packaging/python/pypi/simple/",
        "/acme/Other/_packaging/python/pypi/simple/",
        "/acme/_packaging/python/pypi/simple/",
        "/acme/Platform/_packaging/other/pypi/simple/",
        "/",
        `${base}simple/../../x/`,
        `${base}simple/%2e%2e%2fx/`,
      ]) {
        strictEqual((await reply(path)).status, 404, path);
      }
      deepStrictEqual(packages.asked, []);
    });

    it("names have no case", async () => {
      strictEqual((await reply("/ACME/platform/_packaging/Python/pypi/simple/flask/")).status, 200);
    });

    it("a package has one address", async () => {
      const moved = await reply(`${base}simple/Flask/`);
      deepStrictEqual([moved.status, moved.headers.location], [301, "../flask/"]);
      const slash = await reply(`${base}simple/flask`);
      deepStrictEqual([slash.status, slash.headers.location], [301, "flask/"]);
    });

    it("a file has the version that its name says", async () => {
      strictEqual((await reply(`${base}download/flask/3.2/flask-3.1-py3-none-any.whl`)).status, 404);
      strictEqual((await reply(`${base}download/other/3.1/flask-3.1-py3-none-any.whl`)).status, 404);
    });

    it("packages cannot be changed or deleted", async () => {
      for (const method of ["PUT", "DELETE", "POST", "PATCH"]) {
        strictEqual((await reply(`${base}simple/flask/`, method)).status, 405);
      }
    });

    it("a broken percent sign is refused", async () => {
      strictEqual((await reply(`${base}simple/%zz/`)).status, 400);
    });
  });

  it("lists what the feed holds", async () => {
    await download("flask", "3.0", "collaborator");
    const { text } = await ask(`${base}simple/`, basic(as("reader")));
    match(text, /<a href="acme-core\/">.*\n<a href="flask\/">/);
  });

  it("notes who asked for what, and nothing that a client made up", async () => {
    const token = as("collaborator");
    await ask(`${base}simple/flask/`, basic(token));
    await ask(`${base}simple/${token}/`, basic(token));
    await ask(`/${token}`, basic(token));
    ok(log.includes("GET simple/flask/ 200"));
    strictEqual(log.join("\n").includes(token), false);
  });
});
