/** What the scripts that build ask of the command line, of pip and of docker, in a real shell with stand-ins for them. */
import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { toolPath } from "../../pipelines";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import type { RenderedFile } from "../../spec";
import { runProgram } from "../../tools/program";
import { application, baseImage } from "../recipes/specs";
import { baseSteps, scriptOf } from "./run-scripts";
import { uvVersion } from "../../pipelines/uv";
import { settings } from "./settings";
import { Shell } from "./shell";

const missing = ["git", "tar"].filter((program) => spawnSync(program, ["--version"]).status !== 0);

/** Of the form that job tokens have, and of no use. */
const token = "secret.token-of_this.job";

/** Notes what it is called with, and answers as the command line does where its answer is asked for. */
const standInTool = `
const { appendFileSync, writeFileSync } = require("node:fs");
appendFileSync(process.env.NOTED, JSON.stringify({ words: process.argv.slice(2), env: process.env }) + "\\n");
const { argv } = process;
const after = (option) => argv[argv.indexOf(option) + 1];
if (argv[2] === "compare") writeFileSync(after("--output"), JSON.stringify({ changed: process.env.CHANGED === "yes" }));
if (argv[2] === process.env.FAILS) process.exit(1);
`;

interface Call {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

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
    lay([{ path: toolPath, content: standInTool }]);
    mkdirSync(shell.temp("wheelhouse"), { recursive: true });
    writeFileSync(shell.temp("wheelhouse", "builder"), "wheelhouse-7-1");
  });

  afterEach(() => shell.remove());

  function lay(files: readonly RenderedFile[]): void {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(shell.folder, path)), { recursive: true });
      writeFileSync(join(shell.folder, path), content);
    }
  }

  const run = (displayName: string, env: Readonly<Record<string, string>> = {}, from?: typeof baseSteps) =>
    shell.run(scriptOf(displayName, from), {
      APP: "orders",
      BASE_IMAGE: "python-web",
      REGISTRY: settings().registry,
      INDEX_URL: settings().indexUrl,
      PIP_INDEX_URL: settings().indexUrl.replace("://", `://build:${token}@`),
      BUILD_BUILDNUMBER: "20261121.1",
      BUILD_DEFINITIONNAME: "orders",
      BUILD_REASON: "IndividualCI",
      BUILD_SOURCESDIRECTORY: shell.folder,
      BUILD_SOURCEVERSION: "0123456789abcdef0123456789abcdef01234567",
      BUILD_REPOSITORY_URI: "https://contoso@dev.example.com/contoso/Platform/_git/orders",
      BUILD_SOURCEBRANCH: "refs/heads/release/2026",
      SYSTEM_JOBATTEMPT: "1",
      NOTED: join(shell.folder, "noted"),
      ...env,
    });
  const build = (env: Readonly<Record<string, string>> = {}) => run("Build, scan and publish", env);

  /** What the command line was called with, in order. */
  function noted(): Call[] {
    const file = join(shell.folder, "noted");
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Call);
  }

  /** The words of its one call; paths in the job's temporary folder shown as `WORK`. */
  function words(): string[] {
    const calls = noted();
    assert.equal(calls.length, 1);
    return calls[0]!.words.map((word) => word.replace(shell.temp("wheelhouse"), "WORK"));
  }

  /** The application's repository beside the platform's, with a committed file and one that is not. */
  function layApplication(parts: Parameters<typeof application>[0] = {}, files = ["main.py"]): void {
    lay(renderApplicationRecipe(application(parts), baseImage()));
    const source = join(shell.folder, "application");
    mkdirSync(source);
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", source, "-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
        env: { ...process.env, GIT_COMMITTER_DATE: "2026-11-20T10:00:00Z", GIT_CONFIG_GLOBAL: "/dev/null" },
        stdio: "pipe",
      });
    git("init", "--quiet");
    for (const file of files) writeFileSync(join(source, file), "print()\n");
    git("add", ...files);
    git("commit", "--quiet", "--message", "First");
    writeFileSync(join(source, "left-over"), "");
  }

  const fromFeed = ["--index-url", settings().indexUrl];

  it("takes the agent's own uv where it is the pinned one, and no other", () => {
    shell.standIn("python3", "");
    const versionOf = (text: string): string[] => {
      shell.standIn("uv", `echo '${text}'`);
      const before = shell.calls().length;
      const { status, output } = run("Install uv");
      assert.equal(status, 0, output);
      return shell
        .calls()
        .slice(before)
        .filter((call) => call.startsWith("python3"));
    };
    for (const text of [`uv ${uvVersion}`, `uv ${uvVersion} (x86_64-unknown-linux-gnu)`]) {
      assert.deepEqual(versionOf(text), [], text);
    }
    for (const text of ["uv 0.1.0", `uv ${uvVersion}1`, `uv ${uvVersion}-rc.1`, "", `other ${uvVersion}`]) {
      assert.equal(versionOf(text).length, 1, text);
    }
  });

  it("installs the pinned uv from the feed alone, by its hashes, with the credentials as a file", () => {
    shell.standIn("uv", "exit 127");
    shell.standIn("python3", 'env > "$AGENT_TEMPDIRECTORY/environment"; cp "$AGENT_TEMPDIRECTORY/wheelhouse/uv.txt" .');
    const { status, output } = run("Install uv", { PIP_EXTRA_INDEX_URL: "https://elsewhere.example.com/simple/" });
    assert.equal(status, 0, output);
    const call = shell.calls().find((one) => one.startsWith("python3"));
    assert.match(
      call!,
      new RegExp(`--require-hashes --index-url ${settings().indexUrl} --target \\S+/uv --requirement`),
    );
    for (const word of ["-m pip --isolated", "--no-deps", "--only-binary :all:"]) assert.ok(call!.includes(word), word);
    const environment = readFileSync(shell.temp("environment"), "utf8");
    assert.ok(environment.includes(`NETRC=${shell.temp("wheelhouse", "secrets", "netrc")}\n`));
    assert.doesNotMatch(environment, /^PIP_(EXTRA_)?INDEX_URL=/m);
    assert.match(readFileSync(join(shell.folder, "uv.txt"), "utf8"), /^uv==[\d.]+( --hash=sha256:[0-9a-f]{64}){3}\n$/);
    assert.ok(!`${call!}${output}${environment}`.includes(token));
  });

  it("says what the agent or the template repository lacks before anything is installed", () => {
    shell.standIn("python3", "");
    shell.standIn("node", "case $1 in -e) exit 1 ;; *) echo v18.20.0 ;; esac");
    assert.match(run("Install uv").output, /type=error\]This agent has node v18\.20\.0: wheelhouse needs 20 or newer/);
    const empty = new Shell();
    try {
      const { status, output } = empty.run(scriptOf("Install uv"), { INDEX_URL: settings().indexUrl });
      assert.equal(status, 1);
      assert.match(output, /The template repository has no tools\/wheelhouse\.cjs: run pulumi up/);
    } finally {
      empty.remove();
    }
    assert.ok(!shell.calls().some((call) => call.startsWith("python3")));
  });

  it("says that uv cannot be installed where pip fails", () => {
    shell.standIn("uv", "exit 127");
    shell.standIn("python3", "exit 1");
    const { status, output } = run("Install uv");
    assert.equal(status, 1);
    assert.match(output, /type=error\]uv cannot be installed from https:/);
  });

  it("an application takes its files as they are committed, without git's own", () => {
    layApplication();
    assert.equal(run("Take what is committed").status, 0);
    const { status, output } = run("Take what is committed");
    assert.equal(status, 0);
    assert.doesNotMatch(output, /wheelhouse\.ready/);
    assert.deepEqual(readdirSync(shell.temp("wheelhouse", "source")), ["main.py"]);
  });

  it("an application whose repository holds no source yet waits for it, and fails a pull request", () => {
    layApplication({}, ["README.md", "azure-pipelines.yml"]);
    const { status, output } = run("Take what is committed");
    assert.equal(status, 0);
    assert.match(output, /variable=wheelhouse\.ready\]false/);
    assert.match(output, /type=warning\]The repository of orders holds no source yet/);
    assert.match(output, /task\.complete result=SucceededWithIssues;\]Waits for its source/);
    const request = run("Take what is committed", { BUILD_REASON: "PullRequest" });
    assert.equal(request.status, 1);
    assert.doesNotMatch(request.output, /task\.complete/);
  });

  it("lints only a Dockerfile that the team brings", () => {
    layApplication();
    const { status, output } = run("Lint");
    assert.equal(status, 0, output);
    assert.match(output, /nothing to lint/);
    assert.deepEqual(noted(), []);
  });

  it("lints the Dockerfile that the team brings with what it copies, and stops at a finding", () => {
    layApplication({ dockerfile: "build/Dockerfile" });
    assert.equal(run("Lint").status, 0);
    assert.deepEqual(words(), ["lint", "WORK/source/build/Dockerfile", "--context", "WORK/source"]);
    assert.equal(run("Lint", { FAILS: "lint" }).status, 1);
  });

  it("an application is resolved with the lock of its base image in the registry", () => {
    layApplication();
    assert.equal(run("Resolve").status, 0);
    assert.deepEqual(words(), [
      ...["resolve", "--recipe", "apps/orders", "--source", "WORK/source"],
      ...["--base", `${settings().registry}/python-web:latest`, ...fromFeed],
      ...["--netrc", "WORK/secrets/netrc", "--secrets", "WORK/secrets", "--output", "WORK/report/locks"],
    ]);
  });

  it("a base image is resolved by itself", () => {
    assert.equal(run("Resolve", {}, baseSteps).status, 0);
    assert.deepEqual(words(), [
      ...["resolve", "--recipe", "base-images/python-web", ...fromFeed],
      ...["--netrc", "WORK/secrets/netrc", "--output", "WORK/report/locks"],
    ]);
  });

  const builtWith = (recipe: string, created: string) => [
    ...["bake", "--recipe", recipe, "--locks", "WORK/report/locks", "--secrets", "WORK/secrets"],
    ...["--registry", settings().registry, ...fromFeed, "--builder", "wheelhouse-7-1"],
    ...["--image-version", "20261121.1", "--revision", "0123456789abcdef0123456789abcdef01234567"],
    ...["--created", created, "--source-url", "https://dev.example.com/contoso/Platform/_git/orders"],
    ...["--metadata", "WORK/report/bake.json"],
  ];

  it("an application is published under the run's number and its branch, and says what it is made from", () => {
    layApplication();
    const { status, output } = build();
    assert.equal(status, 0, output);
    assert.deepEqual(words(), [
      ...builtWith("apps/orders", "2026-11-20T10:00:00+00:00"),
      ...["--source", "WORK/source", "--push", "--tag", "20261121.1", "--tag", "release-2026"],
    ]);
  });

  it("an application in a pull request is not pushed and gets no tag", () => {
    layApplication();
    assert.equal(build({ BUILD_REASON: "PullRequest", BUILD_SOURCEBRANCH: "refs/pull/7/merge" }).status, 0);
    assert.deepEqual(words().slice(-2), ["--source", "WORK/source"]);
    assert.ok(!words().some((word) => word === "--push" || word === "--tag"));
  });

  for (const [branch, tag] of Object.entries({
    main: "main",
    "feature/ä b": "feature----b",
    "-x": "_x",
    ".x": "_x",
    ["long/".repeat(40)]: "long-".repeat(26).slice(0, 128),
  })) {
    it(`makes a tag of the branch ${branch.slice(0, 20)}`, () => {
      layApplication();
      assert.equal(build({ BUILD_SOURCEBRANCH: `refs/heads/${branch}` }).status, 0);
      assert.equal(words().at(-1), tag);
      assert.match(tag, /^\w[\w.-]{0,127}$/);
    });
  }

  it("a base image is published under latest and the day", () => {
    const { status, output } = run("Build, scan and publish", {}, baseSteps);
    assert.equal(status, 0, output);
    const created = words()[words().indexOf("--created") + 1]!;
    assert.ok(Math.abs(Date.parse(created) - Date.now()) < 60_000, created);
    assert.deepEqual(words().slice(0, -1), [
      ...builtWith("base-images/python-web", created),
      ...["--push", "--tag", "latest", "--tag"],
    ]);
    assert.match(words().at(-1)!, /^\d{8}$/);
  });

  for (const [answer, value] of [
    ["yes", "true"],
    ["no", "false"],
  ] as const) {
    it(`tells later steps whether a base image has to be built: ${answer}`, () => {
      const { status, output } = run("Compare with what is published", { CHANGED: answer }, baseSteps);
      assert.equal(status, 0, output);
      assert.match(output, new RegExp(`^##vso\\[task\\.setvariable variable=wheelhouse\\.changed\\]${value}$`, "m"));
      assert.deepEqual(words(), [
        ...["compare", "--recipe", "base-images/python-web", "--locks", "WORK/report/locks"],
        ...["--registry", settings().registry, "--system-packages-days", "7", "--output", "WORK/report/compare.json"],
      ]);
    });
  }

  it("sets no variable where the comparison failed", () => {
    const { status, output } = run("Compare with what is published", { FAILS: "compare" }, baseSteps);
    assert.equal(status, 1);
    assert.doesNotMatch(output, /setvariable/);
  });

  it("starts the applications by a build tag", () => {
    assert.match(run("Start the applications", {}, baseSteps).output, /^##vso\[build\.addbuildtag\]published$/m);
  });

  it("uploads summary, locks and reports, each attempt under a name of its own", () => {
    mkdirSync(shell.temp("wheelhouse", "report"));
    const { status, output } = run("Report", { SYSTEM_JOBATTEMPT: "2" });
    assert.equal(status, 0, output);
    const summary = shell.temp("wheelhouse-summary.md");
    assert.deepEqual(words(), [
      ...["summary", "--report", "WORK/report", "--title", "orders 20261121.1", "--output"],
      summary.replace(shell.temp("wheelhouse"), "WORK"),
    ]);
    const report = shell.temp("wheelhouse", "report");
    assert.ok(output.includes(`##vso[task.uploadsummary]${summary}\n`));
    assert.ok(
      output.includes(`##vso[artifact.upload containerfolder=wheelhouse-2;artifactname=wheelhouse-2]${report}\n`),
    );
  });

  it("reports of an application from the template repository beside it", () => {
    mkdirSync(shell.temp("wheelhouse", "report"));
    mkdirSync(join(shell.folder, "platform"));
    renameSync(join(shell.folder, "tools"), join(shell.folder, "platform/tools"));
    assert.equal(run("Report").status, 0);
    assert.equal(noted().length, 1);
  });

  it("reports nothing of a run that came to nothing", () => {
    assert.deepEqual(run("Report"), { status: 0, output: "" });
  });

  it("stops where the platform has no recipe for the application", () => {
    layApplication();
    for (const step of ["Lint", "Look for the base image", "Resolve"]) {
      const { status, output } = run(step, { APP: "billing" });
      assert.equal(status, 1);
      assert.match(output, /add apps\/billing\.yaml/);
    }
    assert.deepEqual(noted(), []);
  });

  /** Runs every step that calls the command line, and gives its calls. */
  function everyCall(): Call[] {
    layApplication({ dockerfile: "Dockerfile" });
    for (const step of ["Lint", "Resolve", "Build, scan and publish", "Report"])
      assert.equal(run(step).status, 0, step);
    for (const step of ["Resolve", "Compare with what is published", "Build, scan and publish"]) {
      assert.equal(run(step, {}, baseSteps).status, 0, step);
    }
    return noted();
  }

  it("gives the command line the token in neither arguments nor environment, and the pinned uv before others", () => {
    const calls = everyCall();
    assert.equal(calls.length, 7);
    for (const { words: given, env } of calls) {
      assert.ok(!JSON.stringify([given, env]).includes(token));
      assert.ok(env.PATH!.startsWith(`${shell.temp("wheelhouse", "uv", "bin")}:`));
      for (const variable of ["UV_CACHE_DIR", "TMPDIR"]) assert.ok(env[variable]!.startsWith(shell.temp("wheelhouse")));
    }
  });

  it("uses commands and options that the command line has", async () => {
    const help = new Map<string, string>();
    for (const { words: given } of everyCall()) {
      const command = given[0]!;
      if (!help.has(command)) {
        let text = "";
        const streams = { writeOutput: (part: string) => void (text += part), writeErrors: () => undefined };
        const surroundings = { environment: {}, workingFolder: shell.folder, signal: new AbortController().signal };
        assert.equal(await runProgram(["help", command], surroundings, streams), 0);
        help.set(command, text);
      }
      for (const option of given.filter((word) => word.startsWith("--"))) {
        assert.match(help.get(command)!, new RegExp(`^\\s+${option} `, "m"), `${command} ${option}`);
      }
    }
    assert.deepEqual([...help.keys()].sort(), ["bake", "compare", "lint", "resolve", "summary"]);
  });

  it("leaves the recipes of base images to be found where it looks for them", () => {
    const [dockerfile] = renderBaseImageRecipe(baseImage());
    assert.equal(dirname(dockerfile!.path), "base-images/python-web");
  });
});
