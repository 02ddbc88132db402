import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

import { compressionOf, decompressed } from "../../../sandbox/containers/decompress";
import { chainNames } from "../../../sandbox/containers/layer-store";
import { findInLayout, machineArchitecture, unpackLayoutArchive } from "../../../sandbox/containers/layout";
import { findInRegistry, parseReference } from "../../../sandbox/containers/registry";
import { makeLayout, sha256, tarOf, type Layout, type Made } from "./made-image";

const layers: Made[][] = [[{ name: "a", content: "a" }], [{ name: "b", content: "b" }]];

describe("finding an image", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-image-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const blob = (digest: string): string => join(folder, "blobs/sha256", digest.slice(7));

  it("reads configuration and layers of an OCI layout", async () => {
    const layout = await makeLayout(folder, layers, { User: "app", Cmd: ["run"] });
    const image = await findInLayout(folder);
    strictEqual(image.digest, layout.manifest);
    deepStrictEqual([image.configuration.config.User, image.configuration.config.Cmd], ["app", ["run"]]);
    const contents = await Promise.all(image.layers.map(async (layer) => buffer(await image.content(layer))));
    deepStrictEqual(contents, await Promise.all(layers.map(tarOf)));
  });

  it("finds it in an archive, gzip'd or not, and takes nothing else out of that", async () => {
    const layout = await makeLayout(folder, layers);
    const files = [
      "index.json",
      "oci-layout",
      ...readdirSync(join(folder, "blobs/sha256")).map((n) => `blobs/sha256/${n}`),
    ];
    const tar = await tarOf([
      ...files.map((name) => ({ name, content: readFileSync(join(folder, name)) })),
      { name: "../escaped", content: "x" },
      { name: "blobs/sha256/short", content: "x" },
      { name: "other", content: "x" },
    ]);
    for (const [name, data] of [
      ["plain.tar", tar],
      ["packed.tar.gz", gzipSync(tar)],
    ] as const) {
      writeFileSync(join(folder, name), data);
      const unpacked = join(folder, `${name}.d`);
      mkdirSync(unpacked);
      await unpackLayoutArchive(join(folder, name), unpacked);
      deepStrictEqual(readdirSync(unpacked).sort(), ["blobs", "index.json", "oci-layout"]);
      strictEqual((await findInLayout(unpacked)).digest, layout.manifest);
    }
  });

  it("takes the image for this machine out of several, and passes over attestations", async () => {
    const layout = await makeLayout(folder, layers);
    const own = { digest: layout.manifest, size: readFileSync(blob(layout.manifest)).length };
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const inner = JSON.stringify({
      manifests: [
        { mediaType, digest: sha256("other"), size: 1, platform: { os: "linux", architecture: "riscv64" } },
        { mediaType, ...own, platform: { os: "linux", architecture: machineArchitecture() } },
        { mediaType, digest: sha256("x"), size: 1, platform: { os: "unknown", architecture: "unknown" } },
      ],
    });
    writeFileSync(blob(sha256(inner)), inner);
    const index = { mediaType: "application/vnd.oci.image.index.v1+json", digest: sha256(inner), size: inner.length };
    writeFileSync(join(folder, "index.json"), JSON.stringify({ manifests: [index] }));
    strictEqual((await findInLayout(folder)).digest, layout.manifest);
    await rejects(findInLayout(folder, { architecture: "s390x" }), /no image for linux\/s390x; it has riscv64/);
  });

  it("asks which one where a layout has several, and takes the one that is named", async () => {
    const one = await makeLayout(folder, layers, { User: "one" });
    const first = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { manifests: object[] };
    const two = await makeLayout(folder, layers, { User: "two" });
    const second = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { manifests: object[] };
    const named = { ...second.manifests[0], annotations: { "org.opencontainers.image.ref.name": "second" } };
    writeFileSync(join(folder, "index.json"), JSON.stringify({ manifests: [...first.manifests, named] }));
    await rejects(findInLayout(folder), /several images/);
    strictEqual((await findInLayout(folder, { digest: one.manifest })).configuration.config.User, "one");
    strictEqual((await findInLayout(folder, { name: "second" })).digest, two.manifest);
  });

  it("refuses what is not what its digest says: documents, layers, and what is in them", async () => {
    let layout: Layout = await makeLayout(folder, layers);
    writeFileSync(blob(layout.layers[0]!), gzipSync("another"));
    const image = await findInLayout(folder);
    await rejects(async () => buffer(await image.content(image.layers[0]!)), /should have the digest/);

    layout = await makeLayout(folder, layers, {}, ({ config }) => {
      config.rootfs = { diff_ids: [sha256("another"), sha256("one")] };
    });
    const wrong = await findInLayout(folder);
    await rejects(async () => buffer(await wrong.content(wrong.layers[0]!)), /uncompressed, should have the digest/);

    writeFileSync(blob(layout.manifest), "{}");
    await rejects(findInLayout(folder), /should have the digest/);
  });

  it("says what a document lacks", async () => {
    await rejects(findInLayout(folder), /has no index\.json/);
    writeFileSync(join(folder, "index.json"), "not JSON");
    await rejects(findInLayout(folder), /is not JSON/);
    await makeLayout(folder, layers, {}, ({ manifest }) => (manifest.layers = "none"));
    await rejects(findInLayout(folder), /manifest is not what the format says: layers/);
    await makeLayout(folder, layers, {}, ({ config }) => (config.rootfs = { diff_ids: [] }));
    await rejects(findInLayout(folder), /2 layers and its configuration 0/);
    await makeLayout(folder, layers, {}, ({ config }) => (config.os = "windows"));
    await rejects(findInLayout(folder), /for windows/);
  });

  it("tells compression by what is there, and not by what is said", async () => {
    strictEqual(compressionOf(gzipSync("x")), "gzip");
    strictEqual(compressionOf(Buffer.from("28b52ffd00", "hex")), "zstd");
    strictEqual(compressionOf(Buffer.from("plain")), "none");
    strictEqual(compressionOf(Buffer.alloc(0)), "none");
    // "hello" as zstd has it: one frame of one raw block.
    const zstd = Buffer.from("28b52ffd200529000068656c6c6f", "hex");
    const bytes = [...zstd].map((byte) => Buffer.from([byte]));
    strictEqual((await buffer(await decompressed(Readable.from(bytes)))).toString(), "hello");
    strictEqual((await buffer(await decompressed(Readable.from([gzipSync("hi")])))).toString(), "hi");
    await rejects(async () => buffer(await decompressed(Readable.from([gzipSync("cut off").subarray(0, 15)]))));
  });

  it("names a layer by those below it", () => {
    const [a, b] = [sha256("a"), sha256("b")];
    const [first, second] = chainNames([a, b]);
    strictEqual(first, a.slice(7, 39));
    strictEqual(second, sha256(`${a} ${b}`).slice(7, 39));
    strictEqual(chainNames([b, a]).includes(second), false);
  });
});

describe("an image's name in a registry", () => {
  it("is taken apart, and told from a file", () => {
    const digest = sha256("x");
    deepStrictEqual(parseReference("contoso.azurecr.io/team/orders:v1"), {
      host: "contoso.azurecr.io",
      repository: "team/orders",
      version: "v1",
    });
    strictEqual(parseReference(`127.0.0.1:5000/orders:v1@${digest}`)?.version, digest);
    strictEqual(parseReference("localhost/orders")?.version, "latest");
    for (const text of ["orders", "./orders/x", "/tmp/x.tar", "orders/x", "contoso.azurecr.io/Orders", "a.b/c:x y"]) {
      strictEqual(parseReference(text), undefined, text);
    }
  });
});

describe("an image in a registry", () => {
  let folder: string;
  let server: Server;
  let asked: string[];
  let host: string;
  let login: "basic" | "bearer";

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-image-"));
    asked = [];
    login = "basic";
    server = createServer((request, response) => {
      const [status, headers, body] = answer(request);
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const basic = `Basic ${Buffer.from("ann:secret").toString("base64")}`;

  /** A registry with one image, for those who log in. */
  function answer(request: IncomingMessage): [number, Record<string, string>, (Buffer | string)?] {
    const { authorization } = request.headers;
    const url = new URL(request.url ?? "/", `http://${host}`);
    asked.push(url.pathname);
    if (url.pathname === "/token") {
      const right = authorization === basic && url.searchParams.get("scope") === "repository:team/orders:pull";
      return right ? [200, { "content-type": "application/json" }, JSON.stringify({ access_token: "t" })] : [401, {}];
    }
    if (authorization !== (login === "basic" ? basic : "Bearer t")) {
      const bearer = `Bearer realm="http://${host}/token",service="registry",scope="repository:team/orders:pull"`;
      return [401, { "www-authenticate": login === "basic" ? 'Basic realm="registry"' : bearer }];
    }
    const [, version = ""] = /^\/v2\/team\/orders\/(?:manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { manifests: { digest: string }[] };
    const digest = version === "v1" ? index.manifests[0]!.digest : version;
    const file = join(folder, "blobs/sha256", digest.slice(7));
    const mediaType = url.pathname.includes("/manifests/")
      ? "application/vnd.oci.image.manifest.v1+json"
      : "application/octet-stream";
    try {
      return [200, { "content-type": mediaType }, readFileSync(file)];
    } catch {
      return [404, {}];
    }
  }

  function credentials(auth: string): string {
    const file = join(folder, "config.json");
    writeFileSync(file, JSON.stringify({ auths: { [host]: { auth } } }));
    return folder;
  }

  it("is read with the credentials that docker has, and a layer only when it is asked for", async () => {
    const layout = await makeLayout(folder, layers);
    const dockerConfig = credentials(basic.slice("Basic ".length));
    for (login of ["basic", "bearer"] as const) {
      asked = [];
      const image = await findInRegistry(parseReference(`${host}/team/orders:v1`)!, { dockerConfig });
      strictEqual(image.digest, layout.manifest);
      const blobs = (): number => asked.filter((place) => layout.layers.some((layer) => place.endsWith(layer))).length;
      strictEqual(blobs(), 0);
      const content = await buffer(await image.content(image.layers[1]!));
      deepStrictEqual(content, await tarOf(layers[1]!));
      strictEqual(blobs(), 1);
      const again = await findInRegistry(parseReference(`${host}/team/orders@${layout.manifest}`)!, { dockerConfig });
      strictEqual(again.digest, layout.manifest);
    }
  });

  it("fails with what to do: without credentials, without the image, without the registry", async () => {
    await makeLayout(folder, layers);
    const reference = parseReference(`${host}/team/orders:v1`)!;
    const none = join(folder, "none");
    for (login of ["basic", "bearer"] as const) {
      await rejects(findInRegistry(reference, { dockerConfig: none }), /answered 401 .*\n.*docker login/);
    }
    login = "basic";
    const dockerConfig = credentials(basic.slice("Basic ".length));
    const missing = { ...reference, version: sha256("missing") };
    await rejects(findInRegistry(missing, { dockerConfig }), /answered 404 .*\n.*Push the image first/);
    await rejects(findInRegistry({ ...reference, host: "127.0.0.1:1" }, { dockerConfig }), /does not answer/);
  });

  it("is refused where the registry gives another one than was asked for", async () => {
    const layout = await makeLayout(folder, layers);
    const dockerConfig = credentials(basic.slice("Basic ".length));
    writeFileSync(join(folder, "blobs/sha256", layout.manifest.slice(7)), JSON.stringify({ other: true }));
    const reference = parseReference(`${host}/team/orders@${layout.manifest}`)!;
    await rejects(findInRegistry(reference, { dockerConfig }), /should have the digest/);
  });
});
