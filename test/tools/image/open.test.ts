import * as assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BrokenImageError, openImage, readDocument, readFileFromImage, type ImageSource } from "../../../tools/image";
import { UsageError } from "../../../tools/errors";
import { StrictRegistry } from "../registry/strict-registry";
import { ImageBuilder, archiveOf, dockerArchive, layerOf, tarOf, writeFiles, type Packing } from "./images";

const lock = "requests==2.32.3 --hash=sha256:00\n";

describe("an image", () => {
  let folder: string;
  let registry: StrictRegistry;
  const sources: ImageSource[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-test-"));
    registry = await StrictRegistry.start();
  });

  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.close()));
    await registry.close();
    await rm(folder, { recursive: true });
  });

  async function opened(text: string): Promise<ImageSource> {
    const source = await openImage(text, {
      environment: { HOME: folder },
      workingFolder: folder,
      temporaryFolder: folder,
    });
    sources.push(source);
    return source;
  }

  async function twoLayers(packing: Packing) {
    const base = layerOf(await tarOf([{ name: "etc/os-release", content: "Debian" }]), packing);
    const top = layerOf(await tarOf([{ name: "opt/wheelhouse/requirements.txt", content: lock }]), packing);
    return [base, top];
  }

  async function forms(packing: Packing): Promise<[string, () => Promise<string>][]> {
    const builder = new ImageBuilder();
    const layers = await twoLayers(packing);
    const image = builder.image(layers);
    const layout = builder.layout([image]);
    const write = async (name: string, body: Buffer) => {
      await writeFile(join(folder, name), body);
      return name;
    };
    return [
      ["a registry", () => Promise.resolve(builder.push(registry, "orders", "1", image))],
      ["an OCI layout", async () => (await writeFiles(join(folder, "layout"), layout), "./layout")],
      ["an OCI archive", async () => write("oci.tar", await archiveOf(layout))],
      ["a packed OCI archive", async () => write("oci.tar.gz", gzipSync(await archiveOf(layout)))],
      ["a docker archive", async () => write("docker.tar", await archiveOf(dockerArchive(layers)))],
      ["a packed docker archive", async () => write("docker.tgz", gzipSync(await archiveOf(dockerArchive(layers))))],
    ];
  }

  for (const packing of ["plain", "gzip", "zstd"] as const) {
    it(`gives a file out of every form, with ${packing} layers`, async () => {
      for (const [form, make] of await forms(packing)) {
        const source = await opened(await make());
        assert.equal((await readFileFromImage(source, "/opt/wheelhouse/requirements.txt"))?.toString(), lock, form);
        assert.equal((await readFileFromImage(source, "etc/os-release"))?.toString(), "Debian", form);
        assert.equal(await readFileFromImage(source, "etc/passwd"), undefined, form);
      }
    });
  }

  it("gives a file of the last layer without fetching another one", async () => {
    const builder = new ImageBuilder();
    const layers = await twoLayers("gzip");
    const source = await opened(builder.push(registry, "orders", "1", builder.image(layers)));
    await readFileFromImage(source, "opt/wheelhouse/requirements.txt");
    assert.equal(registry.seen.filter(({ path }) => path.includes("/blobs/")).length, 1);
  });

  it("leaves no unpacked archive behind when it is closed", async () => {
    const builder = new ImageBuilder();
    const image = builder.image(await twoLayers("gzip"));
    await writeFile(join(folder, "image.tar.gz"), gzipSync(await archiveOf(builder.layout([image]))));
    const source = await opened("image.tar.gz");
    assert.equal((await readdir(folder)).filter((name) => name.startsWith("wheelhouse-image-")).length, 1);
    await source.close();
    sources.pop();
    assert.deepEqual(await readdir(folder), ["image.tar.gz"]);
    await writeFile(join(folder, "cut.tar.gz"), gzipSync(await archiveOf(builder.layout([image]))).subarray(0, 500));
    await assert.rejects(opened("cut.tar.gz"), BrokenImageError);
    assert.deepEqual((await readdir(folder)).toSorted(), ["cut.tar.gz", "image.tar.gz"]);
  });

  const hidings: [string, Parameters<typeof tarOf>[0], string | undefined][] = [
    ["a whiteout of it", [{ name: "a/b/.wh.file", content: "" }], undefined],
    ["a whiteout of a folder above", [{ name: "a/.wh.b", content: "" }], undefined],
    ["an opaque folder above", [{ name: "a/b/.wh..wh..opq", content: "" }], undefined],
    ["a file in place of a folder above", [{ name: "a/b", content: "now a file" }], undefined],
    ["a newer one", [{ name: "./a/b/file", content: "new" }], "new"],
    [
      "an opaque folder and a newer one",
      [
        { name: "a/.wh..wh..opq", content: "" },
        { name: "a/b/file", content: "new" },
      ],
      "new",
    ],
    [
      "nothing that matters",
      [
        { name: "a/b/.wh.other", content: "" },
        { name: "a", type: "directory" },
      ],
      "old",
    ],
  ];
  for (const [what, members, expected] of hidings) {
    it(`shows a file as a container sees it after ${what}`, async () => {
      const builder = new ImageBuilder();
      const below = layerOf(await tarOf([{ name: "a/b/file", content: "old" }]));
      const source = await opened(
        builder.push(registry, "x", "1", builder.image([below, layerOf(await tarOf(members))])),
      );
      assert.equal((await readFileFromImage(source, "a/b/file"))?.toString(), expected);
    });
  }

  it("of several platforms wants one to be named", async () => {
    const builder = new ImageBuilder();
    const images = [];
    for (const architecture of ["amd64", "arm64"]) {
      const layer = layerOf(await tarOf([{ name: "which", content: architecture }]));
      images.push(builder.image([layer], { platform: { os: "linux", architecture } }));
    }
    const source = await opened(builder.push(registry, "x", "1", builder.index(images)));
    await assert.rejects(readFileFromImage(source, "which"), /has several images: linux\/amd64, linux\/arm64/);
    assert.equal((await readFileFromImage(source, "which", "linux/arm64"))?.toString(), "arm64");
    await assert.rejects(readFileFromImage(source, "which", "linux/s390x"), /no image for linux\/s390x/);
  });

  it("whose blob was changed fails when it is read to the end", async () => {
    const builder = new ImageBuilder();
    const blob = builder.add("application/octet-stream", Buffer.from("right"));
    const root = builder.image([]);
    builder.push(registry, "x", "1", root);
    const source = await opened(`${registry.host}/x:1`);
    for (const [body, message] of [
      ["wrong", /is not what its digest says/],
      ["rig", /ends after 3 of 5 bytes/],
      ["right and more", /more than the 5 bytes/],
    ] as const) {
      registry.blobs.set(blob.digest, Buffer.from(body));
      await assert.rejects(readDocument(await source.blob(blob), "blob"), message);
    }
  });

  it("follows the links by which an old docker shares layers", async () => {
    const layer = layerOf(await tarOf([{ name: "shared", content: "yes" }]), "plain");
    const files = dockerArchive([layer], { names: ["second/layer.tar"] });
    files.delete("second/layer.tar");
    const members = [
      ...[...files].map(([name, content]) => ({ name, content })),
      { name: "first/layer.tar", content: layer.body },
      { name: "second/layer.tar", type: "symlink" as const, linkname: "../first/layer.tar" },
    ];
    await writeFile(join(folder, "linked.tar"), await tarOf(members));
    assert.equal((await readFileFromImage(await opened("linked.tar"), "shared"))?.toString(), "yes");
  });

  it("is refused with what to do when a path is none of an image", async () => {
    await writeFile(join(folder, "files.tar"), await tarOf([{ name: "a", content: "b" }]));
    await writeFile(join(folder, "text"), "not a tar archive");
    const wrong: [string, RegExp][] = [
      ["./missing", /there is no \.\/missing/],
      [".", /no OCI layout/],
      ["files.tar", /neither index\.json nor manifest\.json/],
    ];
    for (const [path, message] of wrong) {
      await assert.rejects(opened(path), (error: UsageError) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        return error.mend !== "";
      });
    }
    await assert.rejects(opened("text"), BrokenImageError);
  });
});
