/** Tests that a project's wheel is built by the real uv, and what is made of it, with a build backend of the test's own. */
import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { CommandContext } from "../../../tools/context";
import { UsageError } from "../../../tools/errors";
import { packageProject } from "../../../tools/package/build";
import { findProgram } from "../../../tools/process";
import { makeWheel } from "../archive";
import { Feed } from "../feed";
import { environmentWithUv } from "../uv";

/** Hands out a wheel that lies in the source, and leaves traces in the folder that it builds in. */
const backend = (wheel: string) => `
import os, shutil
def build_wheel(directory, config_settings=None, metadata_directory=None):
    os.makedirs("build", exist_ok=True)
    open("build/version", "w").write(os.environ.get("SETUPTOOLS_SCM_PRETEND_VERSION", "") + " " + os.environ.get("PIP_INDEX_URL", "none"))
    assert not os.path.exists(".git")
    shutil.copy("the.whl", os.path.join(directory, "${wheel}"))
    return "${wheel}"
`;

describe("packaging a project", function () {
  this.timeout(60_000);
  let folder: string;
  let feed: Feed;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    environment = await environmentWithUv();
    feed = await Feed.start([], { token: "reader" });
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-test-"));
    for (const name of ["source/.git", "work", "home"]) mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, "netrc"), "machine 127.0.0.1 login a password token");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  after(() => feed.close());

  const pack = async (
    project: { wheel: { name: string; content: Uint8Array }; backend?: string },
    scripts: readonly string[] = ["orders-api"],
    machine: NodeJS.ProcessEnv = { PATH: environment.PATH },
  ) => {
    const source = path.join(folder, "source");
    const system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n';
    writeFileSync(path.join(source, "pyproject.toml"), system);
    writeFileSync(path.join(source, "backend.py"), project.backend ?? backend(project.wheel.name));
    writeFileSync(path.join(source, "the.whl"), project.wheel.content);
    const before = readdirSync(source).sort();
    const context: CommandContext = {
      environment: {
        ...machine,
        HOME: path.join(folder, "home"),
        PIP_INDEX_URL: "http://127.0.0.1:9/simple",
      },
      workingFolder: folder,
      signal: new AbortController().signal,
      out: () => undefined,
      progress: () => undefined,
      json: () => undefined,
    };
    const request = {
      application: "orders",
      source,
      python: "3.13",
      scripts,
      version: "20260102.3",
      packages: { indexUrl: feed.indexUrl, netrcFile: path.join(folder, "netrc"), extraIndexes: [] },
    };
    const packaged = await packageProject(request, context, path.join(folder, "work"));
    assert.deepEqual(readdirSync(source).sort(), before, "the source was written to");
    return packaged;
  };
  const orders = makeWheel({
    name: "orders",
    version: "1.0",
    entryPoints: "[console_scripts]\norders-api = orders:main\n",
  });

  it("lays out a pure wheel, away from the source, with the version that git would have told", async () => {
    const packaged = await pack({ wheel: orders });
    assert.ok(packaged.kind === "laid-out");
    assert.ok(existsSync(path.join(packaged.folder, "opt/venv/bin/orders-api")));
    assert.ok(existsSync(path.join(packaged.folder, "opt/venv/lib/python3.13/site-packages/orders/__init__.py")));
    assert.equal(readFileSync(path.join(folder, "work/source/build/version"), "utf8"), "20260102.3 none");
  });

  it("leaves a wheel for one platform to the builder, and says which", async () => {
    const wheel = makeWheel({
      name: "orders",
      version: "1.0",
      wheel: "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n",
    });
    const packaged = await pack({ wheel });
    assert.ok(packaged.kind === "left-to-builder");
    assert.match(packaged.reason, /orders-1\.0-py3-none-any\.whl is made for one platform/);
  });

  it("leaves a project that this machine has no Python for to the builder", async () => {
    const uv = findProgram("uv", environment) ?? "";
    const packaged = await pack({ wheel: orders }, ["orders-api"], {
      PATH: path.join(folder, "home"),
      WHEELHOUSE_UV: uv,
    });
    assert.ok(packaged.kind === "left-to-builder");
    assert.match(packaged.reason, /no Python that the project can be built with/);
  });

  it("names the console scripts that the wheel has where one of the spec's is missing", async () => {
    await assert.rejects(pack({ wheel: orders }, ["orders-apii"]), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /"orders-apii" is not a console script of orders/);
      assert.equal(error.mend, "pyproject.toml defines: orders-api");
      return true;
    });
  });

  it("shows what the build backend said where it fails, without this machine's folders", async () => {
    const failing = 'def build_wheel(*a, **k):\n    raise SystemExit("the backend broke")\n';
    await assert.rejects(pack({ wheel: orders, backend: failing }), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /the wheel of orders cannot be built/);
      assert.match(error.mend, /the backend broke/);
      assert.doesNotMatch(error.mend, new RegExp(folder));
      return true;
    });
  });
});
