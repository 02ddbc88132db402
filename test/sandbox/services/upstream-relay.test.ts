import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { machineIndex, NoPublicIndex, readIndex } from "../../../sandbox/services/feed/machine-index";
import { jsonType, readPage } from "../../../sandbox/services/feed/simple-page";
import { openUpstreamRelay, relayedIndex, type UpstreamRelay } from "../../../sandbox/services/feed/upstream-relay";
import { Machine } from "../toolchain/machine";

const content = Buffer.from("a wheel's bytes");
const sha256 = createHash("sha256").update(content).digest("hex");

describe("the way to the public index", () => {
  let folder: string;
  let upstream: Server;
  let relay: UpstreamRelay;
  let asked: string[];
  let headers: NodeJS.Dict<string | string[]>[];
  let pages: Record<string, { type: string; text: string }>;
  let served: Buffer;
  let failures: unknown[];

  async function open(credentials = ""): Promise<void> {
    mkdirSync(join(folder, "store"), { recursive: true });
    const { port } = upstream.address() as AddressInfo;
    const index = readIndex(`http://${credentials}127.0.0.1:${port}/simple`, {})!;
    relay = await openUpstreamRelay(index, join(folder, "store"), (error) => failures.push(error));
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-relay-"));
    [asked, headers, failures, served] = [[], [], [], content];
    const html = `<a href="../../files/a-1.0-py3-none-any.whl#sha256=${sha256}" data-core-metadata="true">a-1.0-py3-none-any.whl</a>
      <a href="/files/a-2.0.tar.gz">a-2.0.tar.gz</a>`;
    pages = { "/simple/a/": { type: "text/html", text: html } };
    upstream = createServer((received, response) => {
      const path = received.url ?? "";
      asked.push(path);
      headers.push(received.headers);
      const page = pages[path];
      if (page !== undefined) response.writeHead(200, { "content-type": page.type }).end(page.text);
      else if (path === "/simple/moved/") response.writeHead(302, { location: "/simple/a/" }).end();
      else if (path === "/simple/round/") response.writeHead(302, { location: "/simple/round/" }).end();
      else if (path.endsWith(".metadata")) response.end("Name: a\n");
      else if (path.startsWith("/files/")) response.end(served);
      else response.writeHead(404).end();
    });
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    await open();
  });
  afterEach(async () => {
    await relay.close();
    upstream.closeAllConnections();
    upstream.close();
    rmSync(folder, { recursive: true });
  });

  /** Asks as through a proxy: with a whole address. */
  async function ask(address: string): Promise<{ status: number; type: string; text: string }> {
    const sent = request(relay.proxy, { path: address, agent: false });
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return { status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text };
  }

  async function links(name = "a"): Promise<string[]> {
    const { type, text } = await ask(`${relayedIndex}${name}/`);
    return readPage(type, text).map(({ url }) => url);
  }

  it("gives the page with links that lead back here", async () => {
    const { status, type, text } = await ask(`${relayedIndex}a/`);
    deepStrictEqual([status, type], [200, jsonType]);
    for (const { url, filename } of readPage(type, text)) {
      ok(url.startsWith("http://upstream.invalid/files/"));
      ok(url.endsWith(`/${filename}`));
    }
  });

  it("fetches a file once, and has it for later runs", async () => {
    const [wheel] = await links();
    for (let round = 0; round < 2; round++) strictEqual((await ask(wheel!)).text, content.toString());
    await relay.close();
    await open();
    strictEqual((await ask(wheel!)).text, content.toString());
    deepStrictEqual(asked, ["/simple/a/", "/files/a-1.0-py3-none-any.whl"]);
    strictEqual(relay.requests(), 1);
  });

  it("keeps no file that is another one than its page says", async () => {
    served = Buffer.from("something else.");
    const [wheel] = await links();
    await rejects(ask(wheel!));
    for (let round = 0; failures.length === 0 && round < 200; round++) await sleep(10);
    match(String(failures[0]), new RegExp(`its page says ${sha256}`));
    served = content;
    strictEqual((await ask(wheel!)).text, content.toString());
  });

  it("keeps no file that has no hash", async () => {
    const [, archive] = await links();
    for (let round = 0; round < 2; round++) await ask(archive!);
    strictEqual(asked.filter((path) => path === "/files/a-2.0.tar.gz").length, 2);
    deepStrictEqual(readdirSync(join(folder, "store"), { recursive: true }), []);
  });

  it("has a file's metadata, and knows of which files the upstream has it", async () => {
    const [wheel] = await links();
    deepStrictEqual(
      ["a-1.0-py3-none-any.whl", "a-2.0.tar.gz"].map((name) => relay.offersMetadata(name)),
      [true, false],
    );
    strictEqual((await ask(`${wheel!}.metadata`)).text, "Name: a\n");
  });

  it("follows redirects, a few", async () => {
    strictEqual((await links("moved")).length, 2);
    strictEqual((await ask(`${relayedIndex}round/`)).status, 502);
  });

  it("passes on that there is no such package", async () => {
    strictEqual((await ask(`${relayedIndex}nothing/`)).status, 404);
  });

  it("asks for nothing but packages", async () => {
    for (const address of ["http://other.invalid/simple/a/", "/simple/a/", "http://upstream.invalid:81/simple/a/"]) {
      strictEqual((await ask(address)).status, 403, address);
    }
    for (const path of ["simple/", "simple/a/b/", "files/x", "other/a/"]) {
      strictEqual((await ask(`http://upstream.invalid/${path}`)).status, 404, path);
    }
    deepStrictEqual(asked, []);
  });

  it("gives the index the credentials that the machine has for it", async () => {
    await relay.close();
    await open("me:p%40ss@");
    await links();
    strictEqual(headers[0]?.authorization, `Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });
});

describe("the machine's public index", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  it("is WHEELHOUSE_PUBLIC_INDEX, else pip's setting, else pip's own", async () => {
    const address = async (more: NodeJS.ProcessEnv = {}): Promise<string> =>
      (await machineIndex({ ...machine.environment, ...more })).address;
    machine.script("python3", 'case "$*" in *PyPI*) echo http://127.0.0.1:1/own ;; *) exit 1 ;; esac');
    strictEqual(await address(), "http://127.0.0.1:1/own/");
    machine.script(
      "python3",
      'case "$*" in *PyPI*) echo http://127.0.0.1:1/own ;; *) echo http://127.0.0.1:2/set/ ;; esac',
    );
    strictEqual(await address(), "http://127.0.0.1:2/set/");
    strictEqual(await address({ PIP_INDEX_URL: "http://127.0.0.1:3/x" }), "http://127.0.0.1:3/x/");
    const both = { PIP_INDEX_URL: "http://127.0.0.1:3/x", WHEELHOUSE_PUBLIC_INDEX: "http://u:p@127.0.0.1:4/y/?q#f" };
    strictEqual(await address(both), "http://127.0.0.1:4/y/");
  });

  it("that is not to be found is asked for", async () => {
    await rejects(machineIndex(machine.environment), (error: unknown) => {
      ok(error instanceof NoPublicIndex);
      match(error.message, /Set WHEELHOUSE_PUBLIC_INDEX/);
      return true;
    });
  });
});
