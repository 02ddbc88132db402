import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../../recipes";
import type { RenderedFile } from "../../../spec";
import { labelNames } from "../../../tools/compare/compare";
import type { CompareReport } from "../../../tools/compare/command";
import { runProgram } from "../../../tools/program";
import { application, baseImage } from "../../recipes/specs";
import { StrictRegistry } from "../registry/strict-registry";

const indexType = "application/vnd.oci.image.index.v1+json";
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const lock = "gunicorn==23.0.0 --hash=sha256:00\n";
const lockHash = createHash("sha256").update(lock).digest("hex");
const recipe = "base-images/python-web";

describe("wheelhouse compare", () => {
  let folder: string;
  let registry: StrictRegistry;
  let upstreamDigest: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-compare-"));
    registry = await StrictRegistry.start({ signIn: "basic", user: "reader", password: "let me in" });
    mkdirSync(join(folder, "docker"));
    const auth = Buffer.from("reader:let me in").toString("base64");
    writeFileSync(join(folder, "docker/config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    upstreamDigest = registry.addManifest("upstream/python", "3.13-slim", indexType, Buffer.from('{"manifests":[]}'));
    lay(renderBaseImageRecipe(baseImage()));
    withRecipeHash("c".repeat(64));
    writeLocks("base-image", "python-web");
  });

  afterEach(async () => {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function lay(files: readonly RenderedFile[]): void {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }

  /** The recipe, with this hash on its images; `undefined`: with none. */
  function withRecipeHash(hash: string | undefined): void {
    const file = join(folder, recipe, "docker-bake.json");
    const bake = JSON.parse(readFileSync(file, "utf8")) as { target: { runtime: { labels: Record<string, unknown> } } };
    bake.target.runtime.labels[labelNames.recipe] = hash;
    writeFileSync(file, JSON.stringify(bake));
  }

  function writeLocks(kind: string, name: string): void {
    mkdirSync(join(folder, "locks"), { recursive: true });
    writeFileSync(join(folder, "locks/requirements.txt"), lock);
    const set = { folder: "", suffix: "", extras: [], sha256: lockHash, packages: 1 };
    writeFileSync(join(folder, "locks/locks.json"), JSON.stringify({ schema: 1, recipe: { kind, name }, sets: [set] }));
  }

  /** An image for linux/amd64 with attestations, and its builder, as a run leaves them. */
  function publish(change: Readonly<Record<string, string>> = {}, tags = { image: "latest", builder: true }): string {
    const labels = {
      [labelNames.upstream]: `${registry.host}/upstream/python:3.13-slim`,
      [labelNames.upstreamDigest]: upstreamDigest,
      [labelNames.lock]: lockHash,
      [labelNames.recipe]: "c".repeat(64),
      [labelNames.created]: new Date().toISOString(),
      ...change,
    };
    const config = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64", config: { Labels: labels } }));
    const described = { mediaType: "application/json", digest: registry.addBlob(config), size: config.length };
    const manifest = Buffer.from(JSON.stringify({ mediaType: manifestType, config: described, layers: [] }));
    const entry = (platform: object) => ({
      mediaType: manifestType,
      digest: registry.addManifest("python-web", "unused", manifestType, manifest),
      size: manifest.length,
      platform,
    });
    const manifests = [
      entry({ os: "linux", architecture: "amd64" }),
      { ...entry({ os: "unknown", architecture: "unknown" }), digest: `sha256:${"0".repeat(64)}` },
    ];
    const index = Buffer.from(JSON.stringify({ mediaType: indexType, manifests }));
    const digest = registry.addManifest("python-web", tags.image, indexType, index);
    if (tags.builder) registry.addManifest("python-web-builder", digest.replace("sha256:", "for-"), indexType, index);
    return digest;
  }

  async function compare(...more: string[]): Promise<{ code: number; output: string; errors: string }> {
    let output = "";
    let errors = "";
    const code = await runProgram(
      [
        ...["compare", "--recipe", recipe, "--locks", "locks", "--registry", registry.host],
        ...["--upstream", `${registry.host}/upstream/python:3.13-slim`, ...more],
      ],
      {
        environment: { DOCKER_CONFIG: join(folder, "docker"), HOME: folder },
        workingFolder: folder,
        signal: AbortSignal.timeout(20_000),
      },
      { writeOutput: (text) => void (output += text), writeErrors: (text) => void (errors += text) },
    );
    return { code, output, errors };
  }

  async function report(...more: string[]): Promise<CompareReport> {
    const { code, output, errors } = await compare("--json", ...more);
    assert.equal(code, 0, errors);
    return JSON.parse(output) as CompareReport;
  }

  it("says that nothing is new where the labels are those of the next image, and fetches no layer", async () => {
    const digest = publish();
    assert.deepEqual(await report(), {
      schema: 1,
      name: "python-web",
      changed: false,
      changes: [],
      published: { reference: `${registry.host}/python-web:latest`, digest },
      upstream: { reference: `${registry.host}/upstream/python:3.13-slim`, digest: upstreamDigest },
      lock: lockHash,
      recipe: "c".repeat(64),
    });
    assert.equal(registry.seen.filter(({ path }) => path.includes("/blobs/")).length, 1);
    assert.match((await compare()).output, /^python-web {2}nothing new since sha256:/);
  });

  it("says why a base image has to be built, and writes it for later steps", async () => {
    publish({ [labelNames.lock]: "f".repeat(64) });
    const { code, output } = await compare("--output", "compare.json");
    assert.equal(code, 0);
    assert.match(output, /^python-web {2}to be built\n {2}lock {2}the lock: was ffffffffffff, is [0-9a-f]{12}\n$/);
    const written = JSON.parse(readFileSync(join(folder, "compare.json"), "utf8")) as CompareReport;
    assert.equal(written.changed, true);
    assert.deepEqual(
      written.changes.map(({ what }) => what),
      ["lock"],
    );
  });

  it("has the first image built", async () => {
    const { changed, published } = await report();
    assert.equal(changed, true);
    assert.equal(published, undefined);
  });

  it("finds a new upstream image, a changed recipe and a lost builder", async () => {
    publish({}, { image: "latest", builder: false });
    registry.addManifest("upstream/python", "3.13-slim", indexType, Buffer.from('{"manifests": []}'));
    withRecipeHash("e".repeat(64));
    assert.deepEqual(
      (await report()).changes.map(({ what }) => what),
      ["upstream", "recipe", "builder"],
    );
  });

  it("takes a recipe that does not tell its hash for a changed one", async () => {
    publish();
    withRecipeHash(undefined);
    assert.deepEqual(
      (await report()).changes.map(({ what }) => what),
      ["recipe"],
    );
  });

  it("asks for the age of images with system packages only", async () => {
    publish({ [labelNames.created]: "2020-01-01T00:00:00Z" });
    assert.equal((await report("--system-packages-days", "7")).changed, false);
    lay(renderBaseImageRecipe(baseImage({ systemPackages: "libpq5\n" })));
    withRecipeHash("c".repeat(64));
    assert.equal((await report()).changed, false);
    assert.deepEqual(
      (await report("--system-packages-days", "7")).changes.map(({ what }) => what),
      ["age"],
    );
  });

  it("does not take a registry that fails for one without the image", async () => {
    publish();
    rmSync(join(folder, "docker/config.json"));
    const { code, output, errors } = await compare("--output", "compare.json");
    assert.equal(code, 3, errors);
    assert.equal(output, "");
    assert.ok(!existsSync(join(folder, "compare.json")));
  });

  it("says where the upstream image is not, and what to do", async () => {
    registry.manifests.delete("upstream/python:3.13-slim");
    const { code, errors } = await compare();
    assert.equal(code, 3);
    assert.match(errors, /no image \S+\/upstream\/python:3\.13-slim\n {2}is its name right\?/);
  });

  it("refuses an application, locks of another image, and days that are none", async () => {
    writeLocks("base-image", "python-data");
    assert.equal((await compare()).code, 2);
    assert.equal((await compare("--system-packages-days", "0")).code, 2);
    lay(renderApplicationRecipe(application(), baseImage()));
    const { code, errors } = await compare("--recipe", "apps/orders");
    assert.equal(code, 2);
    assert.match(errors, /orders is an application/);
  });
});
