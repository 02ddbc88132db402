import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";

import { readCatalogue } from "../../../../sandbox/agent/page/images/catalogue";
import type { Catalogue } from "../../../../sandbox/agent/page/images/model";
import { RegistryReader } from "../../../../sandbox/agent/page/images/registry-reader";
import { ask } from "./http";
import { layer, MadeRegistry } from "./registry";
import { layers, pushSamples, Stand } from "./stand";

describe("what the registry holds", () => {
  let registry: MadeRegistry;

  beforeEach(async () => {
    registry = await new MadeRegistry().start();
  });
  afterEach(() => registry.stop());

  const read = (): Promise<Catalogue> => readCatalogue(new RegistryReader(registry.access));
  const origins = ({ repositories }: Catalogue, repository: string): string[] =>
    repositories.get(repository)![0]!.platforms[0]!.layers.map(({ origin }) => origin);

  it("is known layer by layer: whose each is, what made it, and who else has it", async () => {
    pushSamples(registry);
    const catalogue = await read();
    deepStrictEqual(origins(catalogue, "orders-api"), ["upstream", "upstream", "base", "base", "packages", "source"]);
    deepStrictEqual(origins(catalogue, "orders-runtime"), ["upstream", "upstream", "base", "base", "packages"]);
    deepStrictEqual(origins(catalogue, "orders-deps"), ["packages"]);
    deepStrictEqual(origins(catalogue, "python-web"), ["upstream", "upstream", "base", "base"]);
    deepStrictEqual(origins(catalogue, "python-web-builder"), ["upstream", "upstream", "base", "base"]);
    deepStrictEqual(origins(catalogue, "python"), ["upstream", "upstream"]);
    const own = catalogue.repositories.get("orders-api")![0]!.platforms[0]!;
    strictEqual(
      own.size,
      own.layers.reduce((sum, { size }) => sum + size, 0),
    );
    strictEqual(own.layers[5]!.command, layers.source.command);
    const sharing = (digest: string) =>
      catalogue.sharing
        .get(digest)!
        .map(({ repository }) => repository)
        .sort();
    deepStrictEqual(sharing(layers.orders.digest), ["orders-api", "orders-deps", "orders-runtime"]);
    deepStrictEqual(sharing(layers.source.digest), ["orders-api"]);
  });

  it("has a role each: what teams run, what that is made of, and what is no image", async () => {
    pushSamples(registry);
    const { repositories } = await read();
    deepStrictEqual(
      [...repositories].map(([name, [first]]) => `${name}: ${first!.role}`),
      [
        "orders-api: application",
        "orders-cache: cache",
        "orders-deps: packages",
        "orders-runtime: runtime",
        "python: upstream",
        "python-web: base",
        "python-web-builder: builder",
      ],
    );
  });

  it("is known of an image whose base was replaced and has no tag any more", async () => {
    pushSamples(registry);
    const newer = layer("common of tomorrow", 9_500_000, "COPY --link /opt/venv/ /opt/venv/");
    registry.push("python-web", ["latest", "20261121"], { layers: [layers.debian, layers.python, layers.user, newer] });
    registry.push("python-web-builder", ["latest"], { layers: [layers.debian, layers.python, layers.compiler, newer] });
    registry.tag(
      "orders-runtime",
      ["c".repeat(64)],
      registry.push("other-runtime", ["d"], { layers: [newer, layers.orders] }),
    );
    const catalogue = await read();
    deepStrictEqual(origins(catalogue, "orders-api"), ["upstream", "upstream", "base", "base", "packages", "source"]);
  });

  it("calls what an application's own Dockerfile made the application's, as it can be packages and source", async () => {
    const { base } = pushSamples(registry);
    const label = "org.opencontainers.image.base";
    registry.push("legacy", ["latest"], {
      layers: [
        layers.debian,
        layers.python,
        layers.user,
        layers.common,
        layer("legacy", 5_000_000, "RUN pip install ."),
      ],
      labels: { [`${label}.name`]: `${registry.host}/python-web`, [`${label}.digest`]: base },
    });
    deepStrictEqual(origins(await read(), "legacy"), ["upstream", "upstream", "base", "base", "application"]);
  });

  it("has the platforms of an image apart, and says no time that a repeatable build set", async () => {
    registry.pushPlain("a", ["x"], { layers: [layers.source], architecture: "arm64", created: "1980-01-01T00:00:00Z" });
    const [image] = (await read()).repositories.get("a")!;
    deepStrictEqual(
      image!.platforms.map(({ platform }) => platform),
      ["linux/arm64"],
    );
    strictEqual(image!.created, undefined);
  });

  it("puts the image that `latest` names first, then the newest", async () => {
    for (const [tag, day] of [
      ["1", "03"],
      ["2", "05"],
      ["3", "04"],
    ]) {
      registry.pushPlain("a", [tag!], { layers: [layer(tag!, 1, "")], created: `2026-11-${day!}T00:00:00Z` });
    }
    registry.tag(
      "a",
      ["latest"],
      registry.pushPlain("a", ["0"], { layers: [layer("0", 1, "")], created: "2026-11-01T00:00:00Z" }),
    );
    deepStrictEqual(
      (await read()).repositories.get("a")!.map(({ tags }) => tags.join()),
      ["latest,0", "2", "3", "1"],
    );
  });

  it("reads each document once, and what tags name each time", async () => {
    pushSamples(registry);
    const reader = new RegistryReader(registry.access);
    await readCatalogue(reader);
    const documents = () => registry.requests.filter((request) => /^GET .*(sha256:|sha256%3A)/.test(request));
    const first = documents();
    strictEqual(new Set(first).size, first.length);
    registry.requests.length = 0;
    await readCatalogue(reader);
    deepStrictEqual(documents(), []);
    ok(registry.requests.some((request) => request.startsWith("HEAD ")));
    registry.push("orders-api", ["latest"], { layers: [layer("new", 1, "")] });
    strictEqual((await readCatalogue(reader)).repositories.get("orders-api")!.length, 2);
  });

  it("is not held up by labels that lead in a circle, elsewhere, or nowhere", async () => {
    const label = "org.opencontainers.image.base";
    const digest = `sha256:${"0".repeat(64)}`;
    const named = (name: string, of: string) => ({ [`${label}.name`]: name, [`${label}.digest`]: of });
    registry.pushPlain("a", ["1"], { layers: [layers.source], labels: named(`${registry.host}/a`, digest) });
    registry.pushPlain("a", ["2"], { layers: [layers.source], labels: named("elsewhere.example/a", digest) });
    registry.pushPlain("a", ["3"], { layers: [layers.source], labels: named(`${registry.host}/../../b`, digest) });
    registry.pushPlain("a", ["4"], {
      layers: [layers.source],
      labels: named(`${registry.host}/a`, "../../manifests/1"),
    });
    strictEqual((await read()).repositories.get("a")!.length, 4);
    ok(registry.requests.every((request) => !request.includes("..")));
  });
});

describe("the images page", () => {
  let stand: Stand;

  beforeEach(async () => {
    stand = await new Stand().start();
    pushSamples(stand.registry);
  });
  afterEach(() => stand.stop());

  it("adds up what there is, and what is stored of it", async () => {
    const text = (await stand.text("/images")).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    match(text, /Images 6 All of them added up 355 MB Stored, as they share layers 127 MB/);
    match(text, /orders-api latest 20261121\.3 30 min ago 66 MB 31 kB its own 1 version/);
    match(text, /orders-deps b{12} 13 MB in 2 other images/);
  });

  it("shows an image with its layers and those who share each", async () => {
    const text = await stand.text("/images/orders-api");
    const words = text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    match(
      words,
      /5 Packages 13 MB COPY --link \/dependencies\/ \/ sha256:[0-9a-f]{12} 2 other images orders-deps orders-runtime/,
    );
    match(words, /6 Source 31 kB COPY --link \. \/app\/ sha256:[0-9a-f]{12} In no other image/);
    match(words, /Made on python-web sha256:/);
    match(words, /Ports 8000\/tcp/);
    const link = /href="(\/images\/python-web\?digest=[^"]+)"/.exec(text)![1]!;
    strictEqual((await ask(stand.address, link)).status, 200);
    strictEqual((await ask(stand.address, `/images/python-web?digest=sha256:${"0".repeat(64)}`)).status, 404);
  });

  it("says what made a layer without what BuildKit and shells put around it", async () => {
    const words = (await stand.text("/images/python-web-builder")).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    match(words, / 61 MB RUN a script of the Dockerfile sha256:/);
    match(words, / 29 MB ADD file:3f2 in \/ sha256:/);
    match(words, / 15 MB RUN set -eux; apt-get install python3 sha256:/);
  });

  it("gives the same as data, with who shares each layer", async () => {
    const { images } = JSON.parse(await stand.text("/api/images/orders-api")) as {
      images: { platforms: { layers: { origin: string; sharedWith: string[] }[] }[] }[];
    };
    const found = images[0]!.platforms[0]!.layers;
    deepStrictEqual(
      found.map(({ sharedWith }) => sharedWith.length),
      [4, 4, 2, 3, 2, 0],
    );
    match(found[4]!.sharedWith[0]!, /^orders-deps@sha256:/);
  });

  it("says that the registry is away, what it refuses and what is broken in it, and recovers", async () => {
    stand.registry.fault = (_, response) => response.destroy();
    const away = await ask(stand.address, "/images");
    strictEqual(away.status, 502);
    match(away.body, /the registry at 127\.0\.0\.1:\d+ does not answer[\s\S]*npm run sandbox -- status/);
    stand.registry.fault = undefined;
    stand.registry.password = "rotated";
    match((await ask(stand.address, "/api/images")).body, /answered 401 when asked for/);
    stand.registry.password = "right";
    strictEqual((await ask(stand.address, "/images")).status, 200);
    deepStrictEqual(stand.failures, []);
  });

  it("takes no document for another one, and none that is no document", async () => {
    const digest = stand.registry.pushPlain("bad", ["1"], { layers: [layers.source] });
    stand.registry.falsify("bad", digest, "{}");
    match((await ask(stand.address, "/images")).body, /answered something else than bad@sha256:/);
  });

  it("says that there are no images yet, or no registry, and how to come by them", async () => {
    const empty = await new Stand().start();
    const without = await new Stand(false).start();
    try {
      match(await empty.text("/images"), /holds no image yet[\s\S]*npm start/);
      match(await without.text("/images"), /There is no registry[\s\S]*npm start/);
      strictEqual((await ask(without.address, "/api/images")).status, 404);
    } finally {
      await empty.stop();
      await without.stop();
    }
  });

  it("never shows the password that it reads the registry with", async () => {
    for (const path of ["/images", "/images/orders-api", "/api/images"])
      doesNotMatch(await stand.text(path), /sandbox-pull|"right"/);
  });
});
