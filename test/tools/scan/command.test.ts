import * as assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type CommandError } from "../../../tools/errors";
import { addScanCommand, hashOf, type ScanReport } from "../../../tools/scan";
import { ImageBuilder, archiveOf, layerOf, tarOf, writeFiles } from "../image/images";

const token = "s3cr3t-Feed-T0ken";
const goldenFile = join(__dirname, "golden", "report.txt");

describe("wheelhouse scan", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-test-"));
    await writeFile(join(folder, "netrc"), `machine feed.contoso.com login ci password ${token}\n`);
  });

  afterEach(() => rm(folder, { recursive: true }));

  interface Run {
    readonly out: string;
    readonly progress: string;
    readonly reports: readonly ScanReport[];
    readonly error: CommandError | undefined;
  }

  async function run(...args: string[]): Promise<Run> {
    const program = new Command().exitOverride();
    const seen = { out: "", progress: "", reports: [] as readonly ScanReport[] };
    addScanCommand(program, {
      environment: { HOME: folder, FEED_TOKEN: token },
      workingFolder: folder,
      signal: new AbortController().signal,
      out: (text) => (seen.out += `${text}\n`),
      progress: (line) => (seen.progress += `${line}\n`),
      json: (document) => (seen.reports = (document as { reports: readonly ScanReport[] }).reports),
    });
    const error = await program.parseAsync(["scan", ...args], { from: "user" }).then(
      () => undefined,
      (failure: unknown) => failure as CommandError,
    );
    return { ...seen, error };
  }

  async function image(name: string): Promise<void> {
    const builder = new ImageBuilder();
    const mtime = new Date(0);
    const base = layerOf(await tarOf([{ name: "etc/os-release", content: "Debian", mtime }]), "plain");
    const leaky = layerOf(
      await tarOf([
        { name: "root/.netrc", content: `machine feed.contoso.com login ci password ${token}\n`, mtime },
        { name: "app/config.json", content: `{"auth": "${Buffer.from(`ci:${token}`).toString("base64")}"}`, mtime },
      ]),
      "plain",
    );
    const cleaner = layerOf(await tarOf([{ name: "root/.wh..netrc", content: "", mtime }]), "plain");
    const history = [
      { created_by: "FROM base" },
      {
        created_by: `RUN |1 PIP_EXTRA_INDEX_URL=https://ci:${token}@feed.contoso.com/simple/ /bin/sh -c pip install orders`,
      },
      { created_by: "RUN /bin/sh -c rm ~/.netrc" },
    ];
    await writeFiles(join(folder, name), builder.layout([builder.image([base, leaky, cleaner], { history })]));
  }

  it("shows each leak with its place, its command and what became of the file, and never the secret", async () => {
    await image("image");
    const { out, error } = await run("image", "--netrc", "netrc");
    assert.equal(error?.exitCode, 1);
    assert.match(error.mend, /give out new credentials/);
    const shown = out.replace(/\d+\.\d s/, "0.0 s");
    if (process.env.UPDATE_GOLDEN === "1" && process.env.CI === undefined) {
      await mkdir(join(__dirname, "golden"), { recursive: true });
      await writeFile(goldenFile, shown);
    }
    assert.equal(shown, await readFile(goldenFile, "utf8"));
    assert.ok(!out.includes(token));
  });

  it("gives one JSON document, without the secret", async () => {
    await image("image");
    const { reports } = await run("image", "--netrc", "netrc", "--secret-env", "FEED_TOKEN");
    assert.equal(reports.length, 1);
    assert.deepEqual(reports[0]!.lookedFor, ["file netrc: password of feed.contoso.com"]);
    assert.ok(reports[0]!.findings.every(({ secret }) => secret === hashOf(token)));
    const text = JSON.stringify(reports);
    for (const form of [token, Buffer.from(token).toString("base64"), Buffer.from(`ci:${token}`).toString("base64")]) {
      assert.ok(!text.includes(form));
    }
  });

  it("ends well for an image without leaks, and says what it looked at", async () => {
    const builder = new ImageBuilder();
    const layer = layerOf(await tarOf([{ name: "a", content: "b" }]));
    await writeFile(join(folder, "clean.tar"), await archiveOf(builder.layout([builder.image([layer])])));
    const { out, error } = await run("--netrc", "netrc", "clean.tar", "--secret-env", "FEED_TOKEN");
    assert.equal(error, undefined);
    assert.match(out, /^clean\.tar: no leaks; looked for 1 secret and credentials of any kind in 1 layer, 3 documents/);
  });

  it("leaves out the layers of another image", async () => {
    await image("image");
    const builder = new ImageBuilder();
    const { reports } = await run("image", "--netrc", "netrc");
    const layers = new Set(reports[0]!.findings.flatMap(({ where }) => (where.in === "layer" ? [where.digest] : [])));
    const mtime = new Date(0);
    const own = layerOf(await tarOf([{ name: "own", content: "harmless", mtime }]));
    await writeFiles(join(folder, "clean"), builder.layout([builder.image([own])]));
    assert.equal((await run("image", "--skip-layers-of", "image", "--netrc", "netrc")).reports[0]!.scanned.layers, 0);
    assert.equal((await run("image", "--skip-layers-of", "clean", "--netrc", "netrc")).reports[0]!.scanned.layers, 3);
    const skipped = await run(
      "image",
      ...[...layers].flatMap((digest) => ["--skip-layer", digest]),
      "--netrc",
      "netrc",
    );
    assert.ok(skipped.reports[0]!.findings.every(({ where }) => where.in === "document"));
  });

  it("looks at names, links and contents of a folder's files, and does not leave the folder", async () => {
    await mkdir(join(folder, "files", "deep"), { recursive: true });
    await writeFile(join(folder, "outside"), token);
    await writeFile(join(folder, "files", "deep", "plain.txt"), token);
    await writeFile(
      join(folder, "files", "large.bin"),
      Buffer.concat([Buffer.alloc(600_000, 1), Buffer.from(token), Buffer.alloc(600_000)]),
    );
    await writeFile(join(folder, "files", `x-${token}`), "");
    await symlink(`/srv/${token}`, join(folder, "files", "link"));
    await symlink("../outside", join(folder, "files", "out"));
    const { reports, error } = await run("--folder", "files", "--secret-env", "FEED_TOKEN");
    assert.equal(error?.exitCode, 1);
    const places = reports[0]!.findings.map(({ where }) => (where.in === "file" ? `${where.part} ${where.path}` : ""));
    assert.deepEqual(places.toSorted(), ["content deep/plain.txt", "content large.bin", "name link", "name x-***"]);
    assert.equal(reports[0]!.scanned.files, 3);
  });

  it("takes several of everything that it looks for and at, wherever they stand", async () => {
    for (const name of ["one", "two"]) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, "file"), "first-secret-value second-secret-value third-secret-value");
    }
    await writeFile(join(folder, "first"), "first-secret-value");
    await writeFile(join(folder, "second"), "second-secret-value");
    await writeFile(join(folder, "third"), "machine h login u password third-secret-value");
    const secrets = ["--secret-file", "first", "--secret-file", "second", "--netrc", "third", "--netrc", "netrc"];
    const { reports } = await run("--folder", "one", ...secrets, "--folder", "two");
    assert.deepEqual(
      reports.map(({ findings }) => findings.length),
      [3, 3],
    );
    assert.equal(reports[0]!.lookedFor.length, 4);
  });

  it("lets pass what the allow list names", async () => {
    await mkdir(join(folder, "files"));
    await writeFile(join(folder, "files", "a"), "https://ci:Zk3vP9-xQ7m@feed.contoso.com/");
    assert.equal((await run("--folder", "files")).error?.exitCode, 1);
    await writeFile(
      join(folder, "allow.yaml"),
      `allow: [{ path: a, secret: ${hashOf("Zk3vP9-xQ7m")}, reason: the feed's public reader }]`,
    );
    const { out, error } = await run("--folder", "files", "--allow", "allow.yaml", "--excluded");
    assert.equal(error, undefined);
    assert.match(out, /counts as no secret: 1 allowed: the feed's public reader/);
    assert.match(out, /allowed: the feed's public reader: URL with credentials/);
  });

  it("shows what it found before it could not go on, and ends as one that could not", async () => {
    await image("image");
    const blobs = join(folder, "image", "blobs", "sha256");
    const { reports } = await run("image", "--netrc", "netrc");
    const [place] = reports[0]!.findings.flatMap(({ where }) => (where.in === "layer" ? where.images : []));
    assert.ok(place !== undefined);
    const manifest = JSON.parse(await readFile(join(blobs, place.manifest.slice(7)), "utf8")) as {
      layers: { digest: string }[];
    };
    await writeFile(join(blobs, manifest.layers[2]!.digest.slice(7)), Buffer.alloc(512, 1));
    const { out, error } = await run("image", "--netrc", "netrc");
    assert.match(out, /LEAK/);
    assert.equal(error?.exitCode, 3);
  });

  const wrong: [string, string[], RegExp][] = [
    ["nothing to scan", [], /nothing to scan/],
    ["nothing to look for", ["x", "--no-patterns"], /nothing to look for/],
    ["a secret that is not there", ["x", "--secret-env", "NO_SUCH"], /NO_SUCH is not set/],
    ["a digest that is none", ["x", "--skip-layer", "sha256:12"], /not a digest/],
    ["a limit that is none", ["x", "--layer-limit", "much"], /not a number of MiB/],
    ["an image that is not there", ["./nothing.tar"], /there is no \.\/nothing\.tar/],
    ["a folder that is not there", ["--folder", "nothing"], /is no folder/],
    ["a reference that is none", ["No/Reference"], /not an image reference|is not a part/],
  ];
  for (const [what, args, message] of wrong) {
    it(`refuses ${what}, with what to do`, async () => {
      const { error } = await run(...args);
      assert.equal(error?.exitCode, 2);
      assert.match(error.message, message);
      assert.notEqual(error.mend, "");
    });
  }
});
