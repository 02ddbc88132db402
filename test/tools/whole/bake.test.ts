/** Tests resolve and bake with the real BuildKit, registry, feed and uv: what is built, what is pushed, what is stopped. */
import { strict as assert } from "node:assert";
import { chmodSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { allLayers, openImage } from "../../../tools/image";
import { scanImage } from "../../../tools/scan";
import { Stand } from "./stand";

const pyproject = (dependencies: readonly string[]) => `
[build-system]
requires = ["flit_core>=3.9"]
build-backend = "flit_core.buildapi"
[project]
name = "orders"
version = "1.0"
description = "Takes orders"
dependencies = ${JSON.stringify(dependencies)}
[project.scripts]
orders-api = "orders:main"
orders-worker = "orders:main"
`;
const code = (greeting: string) => `def main():\n    print(${JSON.stringify(greeting)})\n`;

describe("resolve and bake, for real", function () {
  this.timeout(600_000);
  let stand: Stand;
  let upstreamBytes = 0;
  let pushedOfBase = 0;
  let pushedOfFirst = 0;
  const host = () => stand.services.registry.host;
  const layers = async (reference: string) => {
    const image = await openImage(reference, { client: stand.client });
    try {
      return await allLayers(image);
    } finally {
      await image.close();
    }
  };
  const orders = (greeting: string, dependencies: readonly string[] = ["six", "idna"]) =>
    stand.application(
      { scripts: ["orders-api", "orders-worker"] },
      { "pyproject.toml": pyproject(dependencies), "orders/__init__.py": code(greeting) },
    );
  const publish = (tag: string) => stand.bake("apps", "orders", "--locks", "locks/orders", "--push", "--tag", tag);

  /** Of builders, in the folder that all programs of the machine share. */
  const placesOfMounts = () => readdirSync(tmpdir()).filter((name) => name.startsWith("buildkit-mount"));
  let earlier = new Set<string>();

  before(async () => {
    earlier = new Set(placesOfMounts());
    stand = await Stand.start();
    const { reference } = await stand.services.upstreamImage();
    const resolved = await stand.resolve("base-images", "python-web");
    assert.equal(resolved.code, 0, resolved.errors);
    const base = [
      "--locks",
      "locks/python-web",
      "--upstream",
      reference,
      "--push",
      "--tag",
      "latest",
      "--tag",
      "20260102",
    ];
    const upstream = await openImage(reference, { client: stand.client });
    for (const root of await upstream.roots()) {
      const manifest = root.kind === "index" ? await upstream.manifest(root.manifests[0]!) : root;
      if (manifest.kind === "manifest") for (const { size } of manifest.layers) upstreamBytes += size;
    }
    await upstream.close();
    const before = stand.services.registry.counters().pushedBytes;
    const baked = await stand.bake("base-images", "python-web", ...base);
    assert.equal(baked.code, 0, baked.errors);
    pushedOfBase = stand.services.registry.counters().pushedBytes - before;
    orders("hello");
    assert.equal((await stand.resolve("apps", "orders")).code, 0);
    const first = await publish("first");
    pushedOfFirst = stand.services.registry.counters().pushedBytes - before - pushedOfBase;
    assert.equal(first.code, 0, first.errors);
    assert.deepEqual(
      first.report.built.map(({ name }) => name),
      ["orders-deps", "orders-runtime"],
    );
  });

  beforeEach(async () => {
    orders("hello");
    assert.equal((await stand.resolve("apps", "orders")).code, 0);
  });

  afterEach(() => {
    assert.deepEqual(stand.leftovers(), []);
    for (const token of stand.tokens) {
      assert.ok(
        stand.said.every((text) => !text.includes(token)),
        "a command showed a token",
      );
    }
  });

  after(async () => {
    await stand.close();
    const added = placesOfMounts().filter((name) => !earlier.has(name));
    assert.deepEqual(added, [], "a builder that was ended left places of mounts behind");
  });

  it("tags the base image and its builder, which an application finds by the base image", async () => {
    for (const tag of ["latest", "20260102"]) {
      assert.ok(await stand.isThere("python-web", tag));
      assert.ok(await stand.isThere("python-web-builder", tag));
    }
    const base = await stand.client.head({ registry: host(), repository: "python-web", tag: "latest" });
    assert.ok(await stand.isThere("python-web-builder", `for-${base!.digest.slice("sha256:".length)}`));
  });

  it("packs the builder's own layers by zstd, and those that run by gzip", async () => {
    const packings = async (repository: string): Promise<string[]> => {
      const { digest } = (await stand.client.head({ registry: host(), repository, tag: "latest" }))!;
      const index = await stand.client.manifest({ registry: host(), repository, digest });
      const [child] = (JSON.parse(index.body.toString()) as { manifests: { digest: string }[] }).manifests;
      const manifest = await stand.client.manifest({ registry: host(), repository, digest: child!.digest });
      const { layers: all } = JSON.parse(manifest.body.toString()) as { layers: { mediaType: string }[] };
      return all.map(({ mediaType }) => mediaType.replace(/^.*[+.]/, ""));
    };
    assert.deepEqual(new Set(await packings("python-web")), new Set(["gzip"]));
    const builder = await packings("python-web-builder");
    assert.equal(builder.at(-1), "zstd");
    assert.equal(builder[0], "gzip", "the upstream image's layers stay as they are");
  });

  it("takes the base image's layers into an application's repositories without passing them through this machine", () => {
    // What was sent: the base image and its builder, but not once more for each of the application's four repositories.
    assert.ok(pushedOfFirst < 5_000_000, `the first publication pushed ${pushedOfFirst} bytes`);
    assert.ok(pushedOfBase < upstreamBytes, `the base image's publication pushed ${pushedOfBase} bytes`);
  });

  it("leaves no secret in any image, its attestations or the packages' images", async () => {
    const seen = new Set<string>();
    const digests = ["orders-api:first", "orders-worker:first", "python-web:latest", "python-web-builder:latest"];
    for (const name of digests) {
      const image = await openImage(`${host()}/${name}`, { client: stand.client });
      const secrets = stand.tokens.map((value) => ({ value, source: "a token" }));
      const report = await scanImage(image, { secrets, patterns: false, skipLayers: new Set(seen) });
      for (const digest of await allLayers(image)) seen.add(digest);
      await image.close();
      assert.deepEqual(report.findings, [], name);
      assert.ok(report.scanned.documents > 0);
    }
  });

  it("makes the images of all scripts of the same layers, and another one for another source", async () => {
    orders("hello again");
    const changed = await publish("changed");
    assert.equal(changed.code, 0, changed.errors);
    assert.deepEqual(changed.report.built, []);
    const [api, worker] = changed.report.images.map(
      ({ platforms }) => platforms[0]?.layers.map(({ digest }) => digest) ?? [],
    );
    assert.deepEqual(api, worker);
    assert.ok(api !== undefined);
    const first = await layers(`${host()}/orders-api:first`);
    assert.deepEqual(api.slice(0, -1), first.slice(0, api.length - 1));
    assert.ok(!first.includes(api.at(-1) ?? ""));
  });

  it("pushes nothing for a pull request, whose packages are installed all the same", async () => {
    orders("a change", ["six", "idna", "toolz"]);
    assert.equal((await stand.resolve("apps", "orders")).code, 0);
    const { pushedBytes } = stand.services.registry.counters();
    const ran = await stand.bake("apps", "orders", "--locks", "locks/orders");
    assert.equal(ran.code, 0, ran.errors);
    assert.equal(ran.report.pushed, false);
    assert.match(ran.errors, /new packages: installing/);
    assert.equal(stand.services.registry.counters().pushedBytes, pushedBytes);
  });

  it("installs once what is beside a source that others may not read", async () => {
    const name = "letters";
    stand.application(
      { name, scripts: [], extras: {}, requirements: "requirements.txt", systemPackages: "bindep.txt" },
      // Its packages are installed after those of the system, which are for none here.
      { "requirements.txt": "six\n", "bindep.txt": "gcc [compile platform:rpm]\n", "letters.py": "print('hello')\n" },
    );
    for (const file of ["requirements.txt", "bindep.txt", "letters.py"]) {
      chmodSync(path.join(stand.folder, "sources", name, file), 0o600);
    }
    assert.equal((await stand.resolve("apps", name)).code, 0);
    const before = stand.services.feed.counters().requests;
    const ran = await stand.bake("apps", name, "--locks", `locks/${name}`, "--push", "--tag", "first");
    assert.equal(ran.code, 0, ran.errors);
    // For the list of one package, and for its file.
    assert.equal(stand.services.feed.counters().requests - before, 2);
  });

  it("stops at a secret in the source before anything is pushed, and names the file", async () => {
    const pair = Buffer.from(`build:${stand.tokens.at(-1) ?? ""}`).toString("base64");
    stand.write("sources/orders/orders/settings.py", `AUTHORIZATION = "${pair}"\n`);
    const { pushedBytes } = stand.services.registry.counters();
    const ran = await publish("leak");
    assert.equal(ran.code, 1);
    assert.match(ran.errors, /wheelhouse: a leak in orders: nothing was tagged\n.*site-packages\/orders\/settings\.py/);
    assert.equal(ran.report.leaks.length, 1);
    assert.equal(stand.services.registry.counters().pushedBytes, pushedBytes);
    assert.ok(!(await stand.isThere("orders-api", "leak")));
  });

  describe("where the secret is in the image's own words", () => {
    const bake = (environment: NodeJS.ProcessEnv, tag: string) =>
      stand.bakeAs(
        environment,
        ...(["apps", "orders", "--locks", "locks/orders", "--push", "--tag", tag] as const),
        ...["--revision", stand.tokens.at(-1) ?? ""],
      );

    it("removes what was pushed and tags nothing", async () => {
      const ran = await bake(stand.environmentWithDelete, "label");
      assert.equal(ran.code, 1);
      assert.match(ran.errors, /removed what was pushed; nothing was tagged/);
      assert.match(ran.errors, /orders-api: config .*org\.opencontainers\.image\.revision/);
      assert.equal(ran.report.pushed, false);
      assert.ok(!(await stand.isThere("orders-api", "label")));
      assert.ok(await stand.isThere("orders-api", "first"));
    });

    it("tags nothing and says what is left where it may not remove anything", async () => {
      const ran = await bake(stand.environment, "label");
      assert.equal(ran.code, 1);
      const left = /nothing was tagged, but these could not be removed.*\n {2}\S+\/orders-api@(sha256:[0-9a-f]{64}): /;
      const [, digest = ""] = left.exec(ran.errors) ?? [];
      assert.ok(await stand.isThere("orders-api", digest));
      assert.ok(!(await stand.isThere("orders-api", "label")));
    });
  });

  it("stops at a token that has expired by the time that packages are installed", async () => {
    orders("hello", ["six", "idna", "boltons"]);
    assert.equal((await stand.resolve("apps", "orders")).code, 0);
    const { pushedBytes } = stand.services.registry.counters();
    stand.services.feed.revoke(stand.tokens.at(-1) ?? "");
    try {
      // The wheel's own build requirements are refused, or the packages: whichever is first.
      const ran = await publish("expired");
      assert.equal(ran.code, 3, ran.errors);
      assert.match(ran.errors, /refused the (credentials|token)/);
      assert.equal(stand.services.registry.counters().pushedBytes, pushedBytes);
    } finally {
      stand.rotateToken();
    }
  });

  it("finds a secret in a stage of a brought Dockerfile that its image does not even have", async () => {
    stand.application(
      { name: "legacy", dockerfile: "Dockerfile" },
      {
        Dockerfile: [
          "FROM builder AS build",
          "RUN --mount=type=secret,id=netrc,target=/run/netrc cp /run/netrc /root/.netrc; echo made > /made",
          "FROM base",
          "COPY --from=build /made /app/made",
          "",
        ].join("\n"),
      },
    );
    const { pushedBytes } = stand.services.registry.counters();
    const ran = await stand.bake("apps", "legacy", "--push", "--tag", "leak");
    assert.equal(ran.code, 1, ran.errors);
    assert.match(ran.errors, /cache of image-legacy: layer [0-9a-f]{12} \/root\/\.netrc/);
    assert.equal(stand.services.registry.counters().pushedBytes, pushedBytes);
    stand.write("sources/legacy/Dockerfile", "FROM base\nCOPY . /app/\n");
    const mended = await stand.bake("apps", "legacy", "--push", "--tag", "mended");
    assert.equal(mended.code, 0, mended.errors);
    assert.ok(await stand.isThere("legacy", "mended"));
  });

  it("builds nothing new for a new token on an empty builder, and fetches nothing of the base image", async () => {
    const before = await layers(`${host()}/orders-api:first`);
    stand.rotateToken();
    await stand.builder.empty();
    const bytes = stand.services.registry.counters().fetchedBytes;
    assert.equal((await stand.resolve("apps", "orders")).code, 0);
    const again = await publish("again");
    assert.equal(again.code, 0, again.errors);
    assert.deepEqual(again.report.built, []);
    const fetched = stand.services.registry.counters().fetchedBytes - bytes;
    assert.ok(fetched < 1_000_000, `fetched ${fetched} bytes`);
    const [own] = again.report.images;
    assert.ok(own !== undefined);
    assert.deepEqual(
      own.platforms[0]?.layers.map(({ digest }) => digest),
      before.slice(0, own.platforms[0]?.layers.length),
    );
    assert.ok(own.platforms.every(({ size, layers: all }) => size > all.reduce((sum, layer) => sum + layer.size, 0)));
  });
});
