/** Tests what is passed to docker buildx, what is made of its events, and how its failures are told. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { bake, findBuildx, type BakeRequest } from "../../../tools/bake/buildx";
import type { CommandContext } from "../../../tools/context";
import { InterruptedError, OutsideError, UsageError } from "../../../tools/errors";
import { readRecipe } from "../../../tools/recipe";
import { applicationFacts, writeRecipe } from "../recipe";
import { FakeBuildx } from "./fake-programs";

describe("docker buildx bake", () => {
  let folder: string;
  let progress: string[];

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "wheelhouse-test-")));
    progress = [];
    writeRecipe(path.join(folder, "apps/orders"), applicationFacts({ requirements: "requirements.txt" }));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (script: string, more: Partial<BakeRequest> = {}, signal = new AbortController().signal) => {
    const fake = new FakeBuildx(folder, script);
    const context: CommandContext = {
      environment: { PATH: fake.folder, HOME: folder, VERSION: "the machine's", OTHER: "kept" },
      workingFolder: folder,
      signal,
      out: () => undefined,
      progress: (line) => progress.push(line),
      json: () => undefined,
    };
    const request: BakeRequest = {
      recipe: readRecipe(path.join(folder, "apps/orders")),
      targets: ["image-orders"],
      variables: { REGISTRY: "registry.example.com", PUSH: "true" },
      overrides: ["image-orders.output=type=oci"],
      reads: [folder],
      writes: [],
      builder: "ours",
      metadataFile: path.join(folder, "metadata.json"),
      redact: (text) => text.replaceAll("s3cret", "***"),
      ...more,
    };
    return { built: await bake(request, context), calls: fake.calls };
  };
  const images = `fs.writeFileSync(metadata, JSON.stringify({ "image-orders": { "containerimage.digest": "sha256:1", "image.name": "r/orders" }, "buildx.build.warnings": {} }));`;

  it("gets values by its environment alone, and none of the machine's for the bake file's other variables", async () => {
    const { built, calls } = await run(images);
    assert.deepEqual([...built], [["image-orders", { digest: "sha256:1", names: ["r/orders"] }]]);
    const [call] = calls;
    assert.deepEqual(call?.variables, {
      REGISTRY: "registry.example.com",
      PUSH: "true",
      BUILDX_GIT_INFO: "false",
      OTHER: "kept",
    });
    assert.deepEqual(call.args, [
      "bake",
      "--builder",
      "ours",
      "--progress=rawjson",
      `--file=${folder}/apps/orders/docker-bake.json`,
      `--metadata-file=${folder}/metadata.json`,
      `--allow=fs.read=${folder}`,
      "--set=image-orders.output=type=oci",
      "image-orders",
    ]);
  });

  it("is told of in lines: steps that took their time, once for all targets that share them, without flags and scripts", async () => {
    const step = (target: string) =>
      `[${target} install 2/3] RUN --mount=type=secret,id=netrc <<"SCRIPT" set -eu pip s3cret`;
    const times = `started: "2026-01-01T00:00:00Z", completed: "2026-01-01T00:00:03Z"`;
    await run(`
      say({ vertexes: [{ digest: "a", name: ${JSON.stringify(step("image-a"))}, ${times} }] });
      say({ vertexes: [{ digest: "b", name: ${JSON.stringify(step("image-b"))}, ${times} }] });
      say({ vertexes: [{ digest: "c", name: "[internal] cached", cached: true, ${times} }] });
      say({ vertexes: [{ digest: "d", name: "[x 1/1] quick s3cret", started: "2026-01-01T00:00:00Z", completed: "2026-01-01T00:00:00.1Z" }] });
      ${images}`);
    assert.deepEqual(progress, ["  [image-a install 2/3] RUN  3.0 s"]);
  });

  const failing = (error: string, log: string) => `
    say({ vertexes: [{ digest: "a", name: "[install 1/2] RUN pip", started: "2026-01-01T00:00:00Z" }] });
    say({ vertexes: [{ digest: "b", name: "[other 1/2] RUN x", completed: "2026-01-01T00:00:00Z", error: "context canceled" }] });
    say({ logs: [{ vertex: "a", data: Buffer.from(${JSON.stringify(log)}).toString("base64") }] });
    say({ vertexes: [{ digest: "a", started: "2026-01-01T00:00:00Z", completed: "2026-01-01T00:00:01Z", error: ${JSON.stringify(error)} }] });
    console.error("ERROR: failed to solve: " + ${JSON.stringify(error)});
    process.exitCode = 1;`;
  const exitCode = 'process "/bin/sh -c pip" did not complete successfully: exit code: 1';

  const failures: readonly [
    what: string,
    script: string,
    type: typeof UsageError | typeof OutsideError,
    mend: RegExp,
  ][] = [
    [
      "a step that fails",
      failing(exitCode, "first line\nerror: s3cret is no package\n"),
      UsageError,
      /^first line\nerror: \*\*\* is no package\nERROR: failed to solve: process/,
    ],
    [
      "a feed that refuses",
      failing(exitCode, "ERROR: HTTP error 401 while getting x"),
      OutsideError,
      /the feed refused the credentials: the token has expired/,
    ],
    [
      "a registry that refuses",
      failing("failed to push r/orders: 401 Unauthorized", ""),
      OutsideError,
      /log in to it before this step/,
    ],
    [
      "a builder that is not there",
      'console.error("ERROR: no builder ours found"); process.exitCode = 1;',
      OutsideError,
      /no builder ours found/,
    ],
  ];
  for (const [what, script, type, mend] of failures) {
    it(`tells of ${what}: the step, the end of its log and what to do, without the secret`, async () => {
      await assert.rejects(run(script), (error) => {
        assert.ok(error instanceof UsageError || error instanceof OutsideError);
        assert.equal(error.constructor, type);
        assert.match(error.message, /^the build of image-orders failed/);
        if (script.includes("vertexes")) assert.match(error.message, / at \[install 1\/2\] RUN pip$/);
        assert.match(error.mend, mend);
        assert.doesNotMatch(error.message + error.mend, /s3cret/);
        return true;
      });
    });
  }

  it("shows the place in the Dockerfile, but no long script", async () => {
    const excerpt = Array.from(
      { length: 40 },
      (_, line) => `console.error("  ${line + 1} | >>> line ${line + 1}");`,
    ).join("\n");
    await assert.rejects(run(`${excerpt}${failing(exitCode, "")}`), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.mend.match(/>>>/g)?.length, 4);
      return true;
    });
  });

  it("is ended by an interrupt, with its children, before the command ends", async () => {
    const abort = new AbortController();
    const pidFile = path.join(folder, "child.pid");
    const script = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
      fs.writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
      say({ vertexes: [{ digest: "a", name: "[x 1/1] RUN", started: "2026-01-01T00:00:00Z", completed: "2026-01-01T00:00:09Z" }] });
      setInterval(() => {}, 1000);`;
    const started = run(script, {}, abort.signal);
    const waiting = setInterval(() => progress.length > 0 && abort.abort(), 20);
    await assert.rejects(started, InterruptedError);
    clearInterval(waiting);
    const pid = Number(readFileSync(pidFile, "utf8"));
    const deadline = Date.now() + 5000;
    let alive = true;
    while (alive && Date.now() < deadline) {
      try {
        process.kill(pid, 0);
        await new Promise((resolve) => setTimeout(resolve, 20));
      } catch {
        alive = false;
      }
    }
    assert.equal(alive, false, "a process of the build was left");
  });

  it("is docker's plugin where docker has it, else a program of its own, and missing it is said with the mend", () => {
    const program = (file: string) => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
      return file;
    };
    const environment = { PATH: path.join(folder, "bin"), DOCKER_CONFIG: path.join(folder, "config") };
    const alone = program(path.join(folder, "bin/docker-buildx"));
    assert.deepEqual(findBuildx(environment), [alone]);
    const docker = program(path.join(folder, "bin/docker"));
    program(path.join(folder, "config/cli-plugins/docker-buildx"));
    assert.deepEqual(findBuildx(environment), [docker, "buildx"]);
  });
});
