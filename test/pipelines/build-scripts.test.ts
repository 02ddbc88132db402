/** What the building and tagging scripts ask of docker, in a real shell with a stand-in for it. */
import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RenderedFile } from "../../spec";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import { application, baseImage } from "../recipes/specs";
import { baseSteps, scriptOf } from "./run-scripts";
import { settings } from "./settings";
import { Shell } from "./shell";

const digest = (sign: string) => `sha256:${sign.repeat(64)}`;
const missing = ["python3", "git", "tar"].filter((program) => spawnSync(program, ["--version"]).status !== 0);

/** Answers as the registry would, and keeps the environment of the build. */
const docker = `
case "$2 $3" in
  "imagetools inspect")
    case $4 in
      */python-web:latest) echo "$BASE_ANSWER" ;;
      */python-web-builder:latest) echo ${digest("b")} ;;
      python:3.13-slim) echo ${digest("c")} ;;
      *) exit 1 ;;
    esac ;;
  bake*) env > "$AGENT_TEMPDIRECTORY/../environment" ;;
esac`;

describe("building", function () {
  let shell: Shell;

  before(function () {
    if (missing.length > 0) {
      console.log(`      skipped: this machine has no ${missing.join(", ")}, which every agent has`);
      this.skip();
    }
  });

  beforeEach(() => {
    shell = new Shell();
    shell.standIn("docker", docker);
    mkdirSync(shell.temp("wheelhouse"), { recursive: true });
    writeFileSync(shell.temp("wheelhouse", "builder"), "wheelhouse-7-1");
  });

  afterEach(() => shell.remove());

  const run: Readonly<Record<string, string>> = {
    APP: "orders",
    BASE_IMAGE: "python-web",
    BASE_ANSWER: digest("a"),
    REGISTRY: settings().registry,
    INDEX_URL: settings().indexUrl,
    BUILD_BUILDNUMBER: "20261121.1",
    BUILD_SOURCEVERSION: "0123456789abcdef0123456789abcdef01234567",
    BUILD_REPOSITORY_URI: "https://contoso@dev.example.com/contoso/Platform/_git/orders",
    BUILD_SOURCEBRANCH: "refs/heads/release/2026",
  };

  function lay(files: readonly RenderedFile[]): void {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(shell.folder, path)), { recursive: true });
      writeFileSync(join(shell.folder, path), content);
    }
  }

  /** The application's repository beside the platform's, with a committed file and one that is not. */
  function layApplication(): void {
    lay(renderApplicationRecipe(application(), baseImage()));
    const source = join(shell.folder, "application");
    mkdirSync(source);
    const git = (...words: string[]) =>
      execFileSync("git", ["-C", source, "-c", "user.name=x", "-c", "user.email=x@example.com", ...words], {
        env: { ...process.env, GIT_COMMITTER_DATE: "2026-11-20T10:00:00Z", GIT_CONFIG_GLOBAL: "/dev/null" },
        stdio: "pipe",
      });
    git("init", "--quiet");
    writeFileSync(join(source, "main.py"), "print()\n");
    git("add", "main.py");
    git("commit", "--quiet", "--message", "First");
    writeFileSync(join(source, "left-over"), "");
  }

  const buildApplication = (env: Readonly<Record<string, string>>) =>
    shell.run(scriptOf("Build"), { ...run, BUILD_SOURCESDIRECTORY: shell.folder, ...env });

  function environment(): Record<string, string> {
    const lines = readFileSync(join(shell.folder, "environment"), "utf8").split("\n");
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  }

  it("an application pins base and builder, and says what is built", () => {
    layApplication();
    const { status, output } = buildApplication({ BUILD_REASON: "IndividualCI" });
    assert.equal(status, 0, output);
    const expected = {
      BASE_DIGEST: digest("a"),
      BUILDER_DIGEST: digest("b"),
      PUSH: "true",
      VERSION: "20261121.1",
      REVISION: run.BUILD_SOURCEVERSION,
      CREATED: "2026-11-20T10:00:00+00:00",
      SOURCE_URL: "https://dev.example.com/contoso/Platform/_git/orders",
      SECRETS: shell.temp("wheelhouse", "secrets"),
      LOCK: shell.temp("wheelhouse", "lock"),
      SOURCE: shell.temp("wheelhouse", "source"),
    };
    const found = environment();
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]])), expected);
    assert.ok(!shell.calls().some((call) => call.includes("cache-to")));
  });

  it("an application takes its files as they are committed, without git's own", () => {
    layApplication();
    buildApplication({ BUILD_REASON: "IndividualCI" });
    assert.deepEqual(readdirSync(shell.temp("wheelhouse", "source")), ["main.py"]);
  });

  it("an application in a pull request pushes neither image nor cache", () => {
    layApplication();
    const { status, output } = buildApplication({ BUILD_REASON: "PullRequest" });
    assert.equal(status, 0, output);
    assert.equal(environment().PUSH, "false");
    assert.match(shell.calls().at(-1) ?? "", /--set \*\.cache-to=$/);
  });

  it("sets every variable of the bake files that has no default", () => {
    layApplication();
    lay(renderBaseImageRecipe(baseImage()));
    const builds: [string, () => { status: number | null }][] = [
      ["apps/orders", () => buildApplication({ BUILD_REASON: "IndividualCI" })],
      ["base-images/python-web", () => shell.run(scriptOf("Build", baseSteps), run)],
    ];
    for (const [folder, build] of builds) {
      assert.equal(build().status, 0);
      const bake = JSON.parse(readFileSync(join(shell.folder, folder, "docker-bake.json"), "utf8")) as {
        variable: Record<string, { default?: string }>;
      };
      const found = environment();
      for (const [name, { default: otherwise }] of Object.entries(bake.variable)) {
        assert.ok(otherwise !== undefined || (found[name] ?? "") !== "", `${folder}: ${name}`);
      }
    }
  });

  for (const [what, answer] of Object.entries({ "no digest": "", "something else": "latest" })) {
    it(`stops where the registry gives ${what} for the base image`, () => {
      layApplication();
      const { status, output } = buildApplication({ BUILD_REASON: "IndividualCI", BASE_ANSWER: answer });
      assert.notEqual(status, 0);
      assert.match(output, /##vso\[task\.logissue type=error\]The registry gave no digest for .*python-web:latest/);
      assert.ok(!existsSync(join(shell.folder, "environment")));
    });
  }

  it("stops where the platform has no recipe for the application", () => {
    layApplication();
    const { status, output } = buildApplication({ BUILD_REASON: "IndividualCI", APP: "billing" });
    assert.equal(status, 1);
    assert.match(output, /add apps\/billing\.yaml/);
  });

  it("a base image pins its upstream image", () => {
    lay(renderBaseImageRecipe(baseImage()));
    const { status, output } = shell.run(scriptOf("Build", baseSteps), run);
    assert.equal(status, 0, output);
    assert.equal(environment().UPSTREAM, "python:3.13-slim");
    assert.equal(environment().UPSTREAM_DIGEST, digest("c"));
  });

  const metadata = {
    "image-orders": { "image.name": "r.example.com/orders", "containerimage.digest": digest("d") },
    runtime: {},
    "buildx.build.warnings": [],
  };

  it("tags an application's images by digest, with the run's number and its branch", () => {
    writeFileSync(shell.temp("wheelhouse", "metadata.json"), JSON.stringify(metadata));
    const { status, output } = shell.run(scriptOf("Tag the images"), run);
    assert.equal(status, 0, output);
    assert.deepEqual(shell.calls(), [
      `docker buildx imagetools create --tag r.example.com/orders:20261121.1 --tag r.example.com/orders:release-2026 r.example.com/orders@${digest("d")}`,
    ]);
  });

  it("tells applications of a base image only after it is tagged", () => {
    writeFileSync(shell.temp("wheelhouse", "metadata.json"), JSON.stringify(metadata));
    const tagged = shell.run(scriptOf("Tag the images", baseSteps), run);
    assert.match(tagged.output, /^##vso\[build\.addbuildtag\]published$/m);
    assert.match(shell.calls()[0] ?? "", /--tag r\.example\.com\/orders:latest --tag r\.example\.com\/orders:\d{8} /);
    shell.standIn("docker", "exit 1");
    const failed = shell.run(scriptOf("Tag the images", baseSteps), run);
    assert.equal(failed.status, 1);
    assert.doesNotMatch(failed.output, /addbuildtag/);
  });

  it("stops where nothing was pushed", () => {
    writeFileSync(shell.temp("wheelhouse", "metadata.json"), "{}");
    assert.equal(shell.run(scriptOf("Tag the images"), run).status, 1);
  });
});
