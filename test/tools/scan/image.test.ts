import * as assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { BrokenImageError, openImage } from "../../../tools/image";
import {
  UnfinishedScanError,
  hashOf,
  scanImage,
  type LayerPlace,
  type ScanOptions,
  type ScanReport,
} from "../../../tools/scan";
import {
  ImageBuilder,
  archiveOf,
  dockerArchive,
  layerOf,
  tarOf,
  types,
  writeFiles,
  zstdOf,
  type Layer,
  type Member,
} from "../image/images";
import { StrictRegistry } from "../registry/strict-registry";

const token = "s3cr3t-Feed-T0ken/77+x";
const secrets = [{ value: token, source: "variable FEED_TOKEN" }];

describe("a scan of an image", () => {
  let folder: string;
  let registry: StrictRegistry;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-test-"));
    registry = await StrictRegistry.start();
  });

  afterEach(async () => {
    await registry.close();
    await rm(folder, { recursive: true });
  });

  async function scan(text: string, options: Partial<ScanOptions> = {}): Promise<ScanReport> {
    const image = await openImage(text, {
      environment: { HOME: folder },
      workingFolder: folder,
      temporaryFolder: folder,
    });
    try {
      return await scanImage(image, { secrets, ...options });
    } finally {
      await image.close();
    }
  }

  async function scanLayout(
    builder: ImageBuilder,
    root: Parameters<ImageBuilder["layout"]>[0][number],
    options: Partial<ScanOptions> = {},
  ) {
    await writeFiles(join(folder, "layout"), builder.layout([root]));
    return await scan("./layout", options);
  }

  async function scanLayers(layers: readonly Layer[], options: Partial<ScanOptions> = {}) {
    const builder = new ImageBuilder();
    return await scanLayout(builder, builder.image(layers), options);
  }

  const members = (...list: (Member | string)[]) =>
    tarOf(list.map((one) => (typeof one === "string" ? { name: one, content: "harmless" } : one)));
  const layerPlaces = (report: ScanReport) =>
    report.findings.map(({ where }) => where).filter((where): where is LayerPlace => where.in === "layer");

  it("finds a secret in every form of an image and in every packing of a layer", async () => {
    for (const packing of ["plain", "gzip", "zstd"] as const) {
      const layers = [
        layerOf(await members("etc/a"), packing),
        layerOf(await members("app/b", { name: "app/pip.conf", content: `x ${token} y` }), packing),
      ];
      const builder = new ImageBuilder();
      const image = builder.image(layers);
      const layout = builder.layout([image]);
      await writeFiles(join(folder, packing), layout);
      await writeFile(join(folder, "oci.tar"), await archiveOf(layout));
      await writeFile(join(folder, "oci.tar.gz"), gzipSync(await archiveOf(layout)));
      await writeFile(join(folder, "docker.tar"), await archiveOf(dockerArchive(layers)));
      await writeFile(join(folder, "docker.tgz"), gzipSync(await archiveOf(dockerArchive(layers))));
      for (const form of [
        builder.push(registry, "orders", "1", image),
        `./${packing}`,
        "oci.tar",
        "oci.tar.gz",
        "docker.tar",
        "docker.tgz",
      ]) {
        const report = await scan(form);
        assert.equal(report.findings.length, 1, `${form} ${packing}`);
        const [finding] = report.findings;
        assert.equal(finding!.kind, "literal");
        assert.equal(finding!.source, "variable FEED_TOKEN");
        assert.equal(finding!.secret, hashOf(token));
        const where = finding!.where as LayerPlace;
        assert.equal(where.path, "app/pip.conf");
        assert.equal(where.part, "content");
        assert.deepEqual(
          where.images.map(({ layer, layers: count, command, state, platform }) => ({
            layer,
            count,
            command,
            state,
            platform,
          })),
          [{ layer: 2, count: 2, command: "RUN step 2", state: "present", platform: "linux/amd64" }],
        );
        assert.equal(report.scanned.layers, 2);
      }
    }
  });

  it("reports nothing for an image without secrets, and what it looked at", async () => {
    const report = await scanLayers([layerOf(await members("a", "b"))]);
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.lookedFor, ["variable FEED_TOKEN"]);
    assert.deepEqual(
      { ...report.scanned, seconds: 0 },
      {
        images: 1,
        layers: 1,
        skippedLayers: 0,
        documents: 3,
        files: 1,
        packedBytes: report.scanned.packedBytes,
        bytes: 3072,
        seconds: 0,
      },
    );
  });

  const changes: [string, Member[], string, number | undefined][] = [
    ["deletes it", [{ name: "root/.wh..netrc", content: "" }], "deleted", 3],
    ["deletes a folder above it", [{ name: ".wh.root", content: "" }], "deleted", 3],
    ["makes the folder opaque", [{ name: "root/.wh..wh..opq", content: "" }], "deleted", 3],
    ["writes another one", [{ name: "root/.netrc", content: "new" }], "overwritten", 3],
    ["puts a link in place of the folder", [{ name: "root", type: "symlink", linkname: "home" }], "overwritten", 3],
    [
      "has the folder again",
      [
        { name: "root", type: "directory" },
        { name: "root/other", content: "" },
      ],
      "present",
      undefined,
    ],
    [
      "deletes another one",
      [
        { name: "root/.wh..netrc2", content: "" },
        { name: "roo/.wh..wh..opq", content: "" },
      ],
      "present",
      undefined,
    ],
  ];
  for (const [what, later, state, byLayer] of changes) {
    it(`finds a file although a later layer ${what}`, async () => {
      const report = await scanLayers([
        layerOf(await members("etc/a")),
        layerOf(await members({ name: "root/.netrc", content: `machine h login u password ${token}` })),
        layerOf(await tarOf(later)),
      ]);
      const [place] = layerPlaces(report);
      assert.deepEqual({ state: place!.images[0]!.state, byLayer: place!.images[0]!.byLayer }, { state, byLayer });
    });
  }

  it("tells the state of a shared layer's file for each image of its own", async () => {
    const builder = new ImageBuilder();
    const leaky = layerOf(await members({ name: "f", content: token }));
    const remover = layerOf(await tarOf([{ name: ".wh.f", content: "" }]));
    const own = layerOf(await members("own"));
    const amd = builder.image([own, remover], { platform: { os: "linux", architecture: "amd64" } });
    const arm = builder.image([leaky, remover], { platform: { os: "linux", architecture: "arm64", variant: "v8" } });
    const s390 = builder.image([leaky, own], { platform: { os: "linux", architecture: "s390x" } });
    const report = await scanLayout(builder, builder.index([amd, arm, s390]));
    assert.deepEqual(
      layerPlaces(report)[0]!.images.map(({ platform, state, layer }) => [platform, state, layer]),
      [
        ["linux/arm64/v8", "deleted", 1],
        ["linux/s390x", "present", 1],
      ],
    );
    assert.equal(report.scanned.layers, 3);
  });

  it("names the command of each layer past the steps that made none", async () => {
    const builder = new ImageBuilder();
    const layers = [layerOf(await members("a")), layerOf(await members({ name: "b", content: token }))];
    const history = [
      { created_by: "FROM" },
      { created_by: "ENV A=b", empty_layer: true },
      { created_by: `RUN |1 FEED_TOKEN=${token} /bin/sh -c make b` },
      { created_by: "CMD", empty_layer: true },
    ];
    const report = await scanLayout(builder, builder.image(layers, { history }));
    const place = layerPlaces(report)[0]!;
    assert.equal(place.images[0]!.command, "RUN |1 FEED_TOKEN=*** /bin/sh -c make b");
    const history2 = report.findings.find(({ where }) => where.in === "document")!.where;
    assert.ok(history2.in === "document");
    assert.equal(history2.pointer, "history[2].created_by");
    assert.doesNotMatch(JSON.stringify(report), /s3cr3t-Feed/);
  });

  it("finds a secret in configuration, labels, annotations and an index, and says where in them", async () => {
    const builder = new ImageBuilder();
    const layers = [layerOf(await members("a"))];
    const config = {
      Env: ["PATH=/bin", `PIP_INDEX_URL=https://ci:Zk3vP9-xQ7m@feed.contoso.com/`],
      Labels: { [`x-${token}`]: "name", y: token },
    };
    const image = builder.image(layers, { config, annotations: { note: `is ${token}` } });
    const report = await scanLayout(
      builder,
      builder.index([image], { annotations: { deep: { list: ["", Buffer.from(token).toString("base64")] } } }),
    );
    const places = report.findings.map(({ kind, where }) =>
      where.in === "document" ? `${kind} ${where.document} ${where.pointer ?? "?"}` : where.in,
    );
    assert.deepEqual(
      places.toSorted(),
      [
        "index-url config config.Env[1]",
        "literal config config.Labels.y",
        "literal config config.Labels",
        "literal index annotations.deep.list[1]",
        "literal manifest annotations.note",
      ].toSorted(),
    );
  });

  it("finds a secret between the texts of a document, such as in a name that comes twice", async () => {
    const builder = new ImageBuilder();
    const body = Buffer.from(`{"os":"linux","architecture":"amd64","author":"${token}","author":"nobody"}`);
    const config = builder.add(types.config, body);
    const manifest = builder.addJson(types.manifest, {
      schemaVersion: 2,
      mediaType: types.manifest,
      config,
      layers: [],
    });
    const report = await scanLayout(builder, manifest);
    assert.equal(report.findings.length, 1);
  });

  it("looks into attestations, also where they carry a file in base64", async () => {
    const builder = new ImageBuilder();
    const image = builder.image([layerOf(await members("a"))]);
    const dockerfile = `FROM x\nARG URL=https://ci:Zk3vP9-xQ7m@feed.contoso.com/simple\nENV T=${token}\n`;
    const statement = {
      predicate: { source: [{ data: Buffer.from(dockerfile).toString("base64") }], env: { html: "a<b>&" } },
    };
    const attestation = builder.addJson(types.manifest, {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: builder.addJson(types.config, { architecture: "unknown", os: "unknown" }),
      layers: [builder.addJson("application/vnd.in-toto+json", statement)],
    });
    const described = {
      ...attestation,
      platform: { os: "unknown", architecture: "unknown" },
      annotations: { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.digest },
    };
    const report = await scanLayout(builder, builder.index([image, described]));
    const found = report.findings.map(({ kind, encoding, where }) => [
      kind,
      encoding,
      where.in === "document" ? `${where.document} ${where.pointer ?? ""}` : "",
    ]);
    assert.deepEqual(found.toSorted(), [
      ["index-url", "base64", "attestation predicate.source[0].data"],
      ["literal", "base64", "attestation predicate.source[0].data"],
    ]);
    assert.equal(report.scanned.images, 1);
  });

  it("looks into the blobs of a build cache, whichever manifest holds them", async () => {
    for (const asImage of [true, false]) {
      const builder = new ImageBuilder();
      const layer = layerOf(await members({ name: "root/.netrc", content: token }));
      const blob = builder.add(layer.mediaType, layer.body);
      const cache = builder.addJson("application/vnd.buildkit.cacheconfig.v0", {
        layers: [{ blob: blob.digest, parent: -1 }],
        records: [{ digest: "sha256:00", inputs: [`PIP=${token}`] }],
      });
      const root = asImage
        ? builder.addJson(types.manifest, {
            schemaVersion: 2,
            mediaType: types.manifest,
            config: cache,
            layers: [blob],
          })
        : builder.index([blob, cache]);
      const report = await scan(builder.push(registry, "cache", asImage ? "manifest" : "index", root));
      const places = report.findings.map(({ where }) =>
        where.in === "layer" ? where.path : where.in === "document" ? `${where.document} ${where.pointer ?? ""}` : "",
      );
      assert.deepEqual(places.toSorted(), ["cache records[0].inputs[0]", "root/.netrc"]);
    }
  });

  it("finds a secret in a file's name, in a link, in a long name's own header and beside all files", async () => {
    const long = `${"folder/".repeat(30)}${token.replace("/", "_")}`;
    const linked = { name: "link", type: "symlink" as const, linkname: `/x/${token}` };
    const tar = await tarOf([{ name: "a", content: "1" }, linked, { name: long, content: "1" }]);
    const trailing = Buffer.concat([tar, Buffer.alloc(512), Buffer.from(`after ${token}`), Buffer.alloc(490)]);
    const report = await scanLayers([layerOf(trailing)], {
      secrets: [...secrets, { value: token.replace("/", "_"), source: "variable OTHER" }],
    });
    assert.deepEqual(
      layerPlaces(report).map(({ path, part }) => [path.replace(/^(folder\/)+/, "long/"), part]),
      [
        ["link", "header"],
        ["long/***", "header"],
        ["", "trailer"],
      ],
    );
  });

  it("finds any secret in any file, whatever the files around it and however they are packed", async () => {
    const text = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 8,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.array(fc.nat(3000), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.constantFrom("plain" as const, "gzip" as const, "zstd" as const),
        async (value, sizes, which, packing) => {
          const place = which % sizes.length;
          const files = sizes.map((size, index) => ({
            name: `d/${index}`,
            content: Buffer.concat([
              Buffer.alloc(size, 0x20),
              Buffer.from(index === place ? value : ""),
              Buffer.alloc(size % 7, 0x20),
            ]),
          }));
          const report = await scanLayers([layerOf(await tarOf(files), packing)], {
            secrets: [{ value, source: "any" }],
            patterns: false,
          });
          assert.deepEqual(
            layerPlaces(report).map(({ path }) => path),
            [`d/${place}`],
          );
          await rm(join(folder, "layout"), { recursive: true });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps each pattern within its own file", async () => {
    const half = "machine feed.contoso.com login ci ";
    // Content that fills its block to the last byte is followed by the next file's header at once.
    const report = await scanLayers([
      layerOf(
        await members(
          { name: "a", content: half.padStart(512) },
          { name: "password Zk3vP9-xQ7m", content: "password Zk3vP9-xQ7m" },
        ),
      ),
    ]);
    assert.deepEqual(report.findings, []);
  });

  it("leaves out layers that are named, and counts them", async () => {
    const base = layerOf(await members({ name: "base", content: token }));
    const own = layerOf(await members("own"));
    const builder = new ImageBuilder();
    const digest = builder.add(base.mediaType, base.body).digest;
    const report = await scanLayers([base, own], { skipLayers: new Set([digest]) });
    assert.deepEqual(report.findings, []);
    assert.equal(report.scanned.skippedLayers, 1);
    assert.equal(report.scanned.layers, 1);
  });

  it("looks at what a layout has besides its images", async () => {
    const builder = new ImageBuilder();
    builder.add("x", Buffer.from(`orphan ${token}`));
    builder.add("x", gzipSync(await members({ name: "inner", content: token })));
    const report = await scanLayout(builder, builder.image([]));
    const paths = report.findings.map(({ where }) =>
      where.in === "file" ? where.path.replace(/[0-9a-f]{64}/, "*") : "",
    );
    assert.deepEqual(paths.toSorted(), ["blobs/sha256/*", "blobs/sha256/*/inner"]);
  });

  it("notes a platform that an archive names and does not have", async () => {
    const builder = new ImageBuilder();
    const image = builder.image([layerOf(await members("a"))]);
    const other = new ImageBuilder().image([], { platform: { os: "linux", architecture: "arm64" } });
    const report = await scanLayout(builder, builder.index([image, other]));
    assert.match(report.notes[0] ?? "", /linux\/arm64 is named in an index .* was not looked at/);
  });

  const broken: [string, (tar: Buffer) => Buffer, RegExp][] = [
    ["gzip that is cut off", (tar) => gzipSync(tar).subarray(0, -20), /unexpected end of file/],
    [
      "gzip that is damaged",
      (tar) => Buffer.concat([gzipSync(tar).subarray(0, 60), Buffer.alloc(40, 0xee)]),
      /gzip content cannot be unpacked/,
    ],
    [
      "gzip with something behind it",
      (tar) => Buffer.concat([gzipSync(tar), Buffer.from("more")]),
      /incorrect header check/,
    ],
    [
      "gzip with much behind it",
      (tar) => Buffer.concat([gzipSync(tar), Buffer.alloc(2_000_000)]),
      /after the packed content there is more/,
    ],
    ["zstd that is cut off", (tar) => zstdOf(tar).subarray(0, -20), /zstd content cannot be unpacked/],
    [
      "zstd with something behind it",
      (tar) => Buffer.concat([zstdOf(tar), Buffer.from("more bytes")]),
      /after the packed content there is more/,
    ],
    [
      "zstd that asks for much memory",
      () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0]),
      /a window of \d+ MiB/,
    ],
    ["a tar that is cut off", (tar) => tar.subarray(0, 700), /ends in the middle of a member/],
    ["a tar whose header is damaged", (tar) => Buffer.concat([Buffer.from("X"), tar.subarray(1)]), /no tar header/],
    ["no tar", () => Buffer.from("this is text"), /ends in the middle|no tar header/],
    ["a tar with an absurd size", (tar) => withSize(tar, "77777777777"), /ends in the middle of a member/],
    [
      "a tar with a negative size",
      (tar) => withSize(tar, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
      /impossible size/,
    ],
    [
      "a tar with a size beyond all numbers",
      (tar) => withSize(tar, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
      /impossible size/,
    ],
    ["a tar with a huge extended header", (tar) => withType(withSize(tar, "00100000000"), "x"), /extended header of/],
    ["a tar with an extended header that is none", (tar) => withType(tar, "x"), /extended header that cannot be read/],
    ["xz", () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]), /packed with xz/],
  ];
  for (const [what, breakIt, message] of broken) {
    it(`fails for a layer of ${what}, never silently`, async () => {
      const tar = await members({ name: "a", content: "x".repeat(600) });
      const layer = { ...layerOf(tar), body: breakIt(tar) };
      const failure = await scanLayers([layer]).catch((error: unknown) => error);
      assert.ok(failure instanceof UnfinishedScanError, String(failure));
      assert.match(failure.message, message);
      assert.ok(failure.cause instanceof BrokenImageError);
      assert.notEqual(failure.mend, "");
      assert.equal(failure.exitCode, 3);
    });
  }

  it("shows what it found before it could not go on", async () => {
    const good = layerOf(await members({ name: "a", content: token }));
    const bad = { ...good, body: good.body.subarray(0, 40) };
    const failure = await scanLayers([good, bad]).catch((error: unknown) => error);
    assert.ok(failure instanceof UnfinishedScanError);
    assert.equal(failure.report.findings.length, 1);
  });

  it("fails for a blob that is not what its digest says, and for one that is missing", async () => {
    const builder = new ImageBuilder();
    const layer = layerOf(await members("a"));
    const text = builder.push(registry, "x", "1", builder.image([layer]));
    const digest = builder.add(layer.mediaType, layer.body).digest;
    registry.blobs.set(digest, layerOf(await members("b")).body);
    await assert.rejects(scan(text), /is not what its digest says|bytes/);
    registry.blobs.delete(digest);
    await assert.rejects(scan(text), /answered 404/);
  });

  it("fails for layers that it cannot look into", async () => {
    const layer = layerOf(await members("a"));
    await assert.rejects(scanLayers([{ ...layer, mediaType: `${layer.mediaType}+encrypted` }]), /encrypted/);
  });

  it("refuses a layer beyond the limit", async () => {
    const layer = layerOf(await members({ name: "zeros", content: Buffer.alloc(3_000_000) }));
    assert.ok(layer.body.length < 5000);
    await assert.rejects(scanLayers([layer], { layerLimit: 1 << 20 }), /more than 1 MiB unpacked/);
  });

  it("reads sparse files, long names, several gzip members and skippable zstd frames", async () => {
    const tar = await members({ name: "a".repeat(300), content: token });
    const several = Buffer.concat(
      [0, 100, 1000, 1500].map((start, index, starts) => gzipSync(tar.subarray(start, starts[index + 1]))),
    );
    const skippable = Buffer.concat([
      Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]),
      zstdOf(tar.subarray(0, 1024)),
      zstdOf(tar.subarray(1024), 100),
    ]);
    for (const body of [several, skippable]) {
      const report = await scanLayers([{ ...layerOf(tar), body }]);
      assert.deepEqual(
        layerPlaces(report).map(({ path }) => path.length),
        [300],
      );
      await rm(join(folder, "layout"), { recursive: true });
    }
    const header = (await tarOf([{ name: "sparse", content: token }])).subarray(0, 512);
    const sparse = Buffer.concat([
      withExtendedSparse(header),
      Buffer.alloc(512),
      Buffer.from(token.padEnd(512, "\0")),
      await members("after"),
    ]);
    const report = await scanLayers([layerOf(sparse)]);
    assert.deepEqual(
      layerPlaces(report).map(({ path, part }) => [path, part]),
      [["sparse", "content"]],
    );
  });

  it("looks into what a gzip header itself carries", async () => {
    const packed = gzipSync(await members("a"));
    const comment = Buffer.from(`${token}\0`);
    const withComment = Buffer.concat([
      packed.subarray(0, 3),
      Buffer.from([0x10]),
      packed.subarray(4, 10),
      comment,
      packed.subarray(10),
    ]);
    const report = await scanLayers([{ ...layerOf(await members("a")), body: withComment }]);
    assert.deepEqual(
      layerPlaces(report).map(({ part }) => part),
      ["packed"],
    );
  });

  it("lets a published example pass by rule, a team's own by its list, and a given secret never", async () => {
    const url = (password: string) => `https://ci:${password}@feed.contoso.com/`;
    const layers = [
      layerOf(
        await members(
          { name: "opt/lib/python3.13/site-packages/x/tests/a.py", content: url("Zk3vP9-xQ7m") },
          { name: "app/known.txt", content: url("Known-value-1") },
          { name: "app/doc.txt", content: url("your-password") },
          { name: "app/tests/own.txt", content: token },
          { name: "app/new.txt", content: url("Other-value-2") },
        ),
      ),
    ];
    const allow = [
      { path: "app/known.*", secret: hashOf("Known-value-1"), reason: "published" },
      { path: "app/**", kind: "literal", reason: "never" },
    ];
    const report = await scanLayers(layers, { allow });
    assert.deepEqual(
      layerPlaces(report).map(({ path }) => path),
      ["app/tests/own.txt", "app/new.txt"],
    );
    assert.deepEqual(report.excludedCount, { "test-data": 1, "allowed: published": 1, placeholder: 1 });
    assert.equal(report.excluded.length, 3);
  });

  it("keeps its list short where there is no end of findings", async () => {
    const files = Array.from({ length: 1100 }, (_, index) => ({ name: `f${index}`, content: `${token} ${token}` }));
    const report = await scanLayers([layerOf(await tarOf(files))]);
    assert.equal(report.findings.length, 1000);
    assert.equal(report.findings[0]!.count, 2);
    assert.ok(report.unlisted >= 100);
  });

  it("stops when it is told to", async () => {
    const layer = layerOf(await members("a"));
    await assert.rejects(scanLayers([layer], { signal: AbortSignal.abort() }), /interrupted/);
  });
});

function withChecksum(header: Buffer): Buffer {
  header.fill(0x20, 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

function withSize(tar: Buffer, size: string): Buffer {
  const changed = Buffer.from(tar);
  changed.fill(0, 124, 136);
  changed.write(size, 124, "latin1");
  return Buffer.concat([withChecksum(changed.subarray(0, 512)), changed.subarray(512)]);
}

function withType(tar: Buffer, type: string): Buffer {
  const changed = Buffer.from(tar);
  changed.write(type, 156, "latin1");
  return Buffer.concat([withChecksum(changed.subarray(0, 512)), changed.subarray(512)]);
}

function withExtendedSparse(header: Buffer): Buffer {
  const changed = Buffer.from(header);
  changed.write("S", 156, "latin1");
  changed.write("ustar  \0", 257, "latin1");
  changed[482] = 1;
  return withChecksum(changed);
}
