import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { HostileLayer } from "../../../sandbox/containers/errors";
import { resolveIn } from "../../../sandbox/containers/rooted-path";
import { applyLayer, type UnpackOptions, type Unpacked } from "../../../sandbox/containers/unpack";
import { tarOf, type Made } from "./made-image";

describe("unpacking a layer", () => {
  let folder: string;
  let root: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-unpack-"));
    root = join(folder, "root");
    mkdirSync(root);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const apply = async (members: readonly Made[], options?: UnpackOptions): Promise<Unpacked> =>
    applyLayer(Readable.from([await tarOf(members)]), root, options);
  const read = (name: string): string => readFileSync(join(root, name), "utf8");

  it("writes files, folders and links as the layer has them", async () => {
    const time = new Date("2001-02-03T04:05:06Z");
    const unpacked = await apply([
      { name: "./etc/", type: "directory", mode: 0o750, mtime: time },
      { name: "./etc/file", content: "text", mode: 0o640, mtime: time },
      { name: "/absolute", content: "inside" },
      { name: "etc/link", type: "symlink", linkname: "file" },
      { name: "etc/hard", type: "link", linkname: "etc/file" },
    ]);
    deepStrictEqual(unpacked, { members: 5, bytes: 10, skipped: 0 });
    strictEqual(read("etc/link"), "text");
    strictEqual(read("absolute"), "inside");
    strictEqual(readlinkSync(join(root, "etc/link")), "file");
    strictEqual(statSync(join(root, "etc/hard")).ino, statSync(join(root, "etc/file")).ino);
    strictEqual(statSync(join(root, "etc/file")).mode & 0o7777, 0o640);
    strictEqual(statSync(join(root, "etc")).mode & 0o7777, 0o750);
    strictEqual(statSync(join(root, "etc/file")).mtimeMs, time.getTime());
    strictEqual(statSync(join(root, "etc")).mtimeMs, time.getTime(), "though files were written into it");
  });

  it("gives files to their owners, and keeps the bits that this takes off", async function () {
    if (process.getuid?.() !== 0) this.skip();
    await apply([
      { name: "file", content: "x", uid: 12, gid: 34, mode: 0o4755 },
      { name: "link", type: "symlink", linkname: "file", uid: 56, gid: 78 },
      { name: "folder", type: "directory", uid: 9, gid: 9, mode: 0o2770 },
    ]);
    const { uid, gid, mode } = lstatSync(join(root, "file"));
    deepStrictEqual([uid, gid, mode & 0o7777], [12, 34, 0o4755]);
    strictEqual(lstatSync(join(root, "link")).uid, 56);
    strictEqual(lstatSync(join(root, "folder")).mode & 0o7777, 0o2770);
  });

  it("follows links of the image within the image, wherever they point", async () => {
    await apply([
      { name: "usr/lib", type: "directory" },
      { name: "lib", type: "symlink", linkname: "usr/lib" },
      { name: "abs", type: "symlink", linkname: "/usr/lib" },
      { name: "up", type: "symlink", linkname: "../../../../usr/lib" },
    ]);
    await apply([
      { name: "lib/a", content: "a" },
      { name: "abs/b", content: "b" },
      { name: "up/c", content: "c" },
    ]);
    deepStrictEqual(readdirSync(join(root, "usr/lib")).sort(), ["a", "b", "c"]);
  });

  it("never writes outside, whatever members and links are named", async () => {
    const outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "victim"), "whole");
    const attempts: Made[][] = [
      [{ name: "../outside/victim", content: "hit" }],
      [{ name: "a/../../outside/victim", content: "hit" }],
      [
        { name: "out", type: "symlink", linkname: outside },
        { name: "out/victim", content: "hit" },
      ],
      [
        { name: "out2", type: "symlink", linkname: "../outside" },
        { name: "out2/victim", content: "hit" },
      ],
      [
        { name: "victim", type: "symlink", linkname: join(outside, "victim") },
        { name: "victim", content: "hit" },
      ],
      [
        { name: "step", type: "symlink", linkname: "." },
        { name: "step/out3", type: "symlink", linkname: outside },
        { name: "step/out3/victim", content: "hit" },
      ],
      [{ name: "hard", type: "link", linkname: "../outside/victim" }],
      [{ name: "hard", type: "link", linkname: join(outside, "victim") }],
      [
        { name: "out4", type: "symlink", linkname: outside },
        { name: "hard4", type: "link", linkname: "out4/victim" },
      ],
      [{ name: "out5", type: "symlink", linkname: outside }, { name: "out5/.wh.victim" }],
      [{ name: "out6", type: "symlink", linkname: outside }, { name: "out6/.wh..wh..opq" }],
      [{ name: ".wh..." }, { name: ".wh.." }],
    ];
    for (const members of attempts) {
      await apply(members).catch((error: unknown) => ok(error instanceof HostileLayer, String(error)));
      strictEqual(readFileSync(join(outside, "victim"), "utf8"), "whole", JSON.stringify(members));
      deepStrictEqual(readdirSync(outside), ["victim"]);
      deepStrictEqual(readdirSync(folder).sort(), ["outside", "root"]);
    }
  });

  it("refuses names that lead out, links to nothing, and whiteouts of a folder itself", async () => {
    for (const member of [
      { name: "../x", content: "" },
      { name: "a/../b", content: "" },
      { name: "x", type: "link", linkname: "missing" },
      { name: "x", type: "link", linkname: "." },
      { name: "a/.wh." },
      { name: "a/.wh..." },
    ] as Made[]) {
      await rejects(apply([member]), HostileLayer, JSON.stringify(member));
    }
  });

  it("ends links that lead in a circle with an error", async () => {
    const members: Made[] = [
      { name: "one", type: "symlink", linkname: "two" },
      { name: "two", type: "symlink", linkname: "one" },
      { name: "one/file", content: "x" },
    ];
    await rejects(apply(members), /more than 40 links/);
  });

  it("refuses more members and more bytes than it is allowed", async () => {
    const two: Made[] = [
      { name: "a", content: "12345" },
      { name: "b", content: "12345" },
    ];
    await rejects(apply(two, { mostMembers: 1 }), HostileLayer);
    await rejects(apply(two, { mostBytes: 9 }), HostileLayer);
    strictEqual((await apply(two, { mostMembers: 2, mostBytes: 10 })).bytes, 10);
  });

  it("makes no devices or pipes", async () => {
    const unpacked = await apply([
      { name: "dev/null", type: "character-device", devmajor: 1, devminor: 3 },
      { name: "dev/disk", type: "block-device", devmajor: 8, devminor: 0 },
      { name: "pipe", type: "fifo" },
    ]);
    strictEqual(unpacked.skipped, 3);
    ok(!existsSync(join(root, "dev/null")) && !existsSync(join(root, "pipe")));
  });

  it("leaves no half of a layer that is cut off unnoticed", async () => {
    const tar = await tarOf([{ name: "file", content: "x".repeat(5000) }]);
    await rejects(applyLayer(Readable.from([tar.subarray(0, 2000)]), root), /end of data|closed|premature/i);
  });
});

describe("a layer on another one", () => {
  let root: string;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "wheelhouse-unpack-"));
    await apply([
      { name: "keep", content: "keep" },
      { name: "gone", content: "old" },
      { name: "folder/old", content: "old" },
      { name: "folder/deep/old", content: "old" },
      { name: "link", type: "symlink", linkname: "folder" },
    ]);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const apply = async (members: readonly Made[]): Promise<Unpacked> =>
    applyLayer(Readable.from([await tarOf(members)]), root);

  it("removes what a whiteout names, and leaves no trace of the whiteout", async () => {
    await apply([{ name: ".wh.gone" }, { name: "folder/.wh.deep" }, { name: ".wh.never-there" }]);
    deepStrictEqual(readdirSync(root).sort(), ["folder", "keep", "link"]);
    deepStrictEqual(readdirSync(join(root, "folder")), ["old"]);
  });

  it("removes the link that a whiteout names, and not what it points to", async () => {
    await apply([{ name: ".wh.link" }]);
    deepStrictEqual(readdirSync(root).sort(), ["folder", "gone", "keep"]);
    ok(existsSync(join(root, "folder/old")));
  });

  it("hides all that was in an opaque folder, and nothing of its own, in whichever order they come", async () => {
    await apply([
      { name: "folder/deep/new", content: "new" },
      { name: "folder/.wh..wh..opq" },
      { name: "folder/later", content: "new" },
    ]);
    deepStrictEqual(readdirSync(join(root, "folder")).sort(), ["deep", "later"]);
    deepStrictEqual(readdirSync(join(root, "folder/deep")), ["new"]);
  });

  it("keeps what it wrote itself when it hides what was there under that name", async () => {
    await apply([{ name: "gone", content: "new" }, { name: ".wh.gone" }]);
    strictEqual(readFileSync(join(root, "gone"), "utf8"), "new");
  });

  it("puts a file in place of a folder, a folder in place of a link, and a link in place of a file", async () => {
    await apply([
      { name: "folder", content: "file" },
      { name: "link", type: "directory" },
      { name: "keep", type: "symlink", linkname: "gone" },
    ]);
    ok(statSync(join(root, "folder")).isFile());
    ok(lstatSync(join(root, "link")).isDirectory());
    strictEqual(readlinkSync(join(root, "keep")), "gone");
  });

  it("does not write through a link that it replaces, nor change the other name of a file", async () => {
    await apply([{ name: "also", type: "link", linkname: "keep" }]);
    await apply([{ name: "also", content: "changed" }]);
    strictEqual(readFileSync(join(root, "keep"), "utf8"), "keep");
  });

  it("fails where a file stands in the way of a folder", async () => {
    await rejects(apply([{ name: "keep/inside", content: "x" }]), /a folder that is a file/);
  });
});

describe("a path in an image", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "wheelhouse-path-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is found as a process finds it whose root that is", async () => {
    await applyLayer(
      Readable.from([
        await tarOf([
          { name: "a/b/file", content: "x" },
          { name: "a/up", type: "symlink", linkname: ".." },
          { name: "top", type: "symlink", linkname: "/a" },
          { name: "last", type: "symlink", linkname: "/a/b" },
        ]),
      ]),
      root,
    );
    const find = (inside: string, followLast = true): string => resolveIn(root, inside, { followLast });
    strictEqual(find("/a/b/file"), join(root, "a/b/file"));
    strictEqual(find("../../a"), join(root, "a"));
    strictEqual(find("top/up/top/b"), join(root, "a/b"));
    strictEqual(find("last"), join(root, "a/b"));
    strictEqual(find("last", false), join(root, "last"));
    strictEqual(find("last/", false), join(root, "last"));
    strictEqual(find("last/file", false), join(root, "a/b/file"));
    strictEqual(find("not/there/../yet"), join(root, "not/yet"));
  });
});
