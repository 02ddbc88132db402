/** What the scripts of a run do, in a real shell with stand-ins for the programs that they call. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import { instructions } from "../recipes/parse";
import { applications, baseImage, baseImages, platform } from "../recipes/specs";
import { applicationSteps, baseSteps, scriptOf } from "./run-scripts";
import { settings } from "./settings";
import { Shell } from "./shell";

let shell: Shell;

beforeEach(() => {
  shell = new Shell();
});

afterEach(() => shell.remove());

describe("every script", () => {
  const pipelineScripts = [...applicationSteps, ...baseSteps].flatMap(({ script }) => script ?? []);
  const recipeScripts = [
    ...Object.values(applications).flatMap((app) => renderApplicationRecipe(app, baseImage(), platform)),
    ...Object.values(baseImages).flatMap((base) => renderBaseImageRecipe(base)),
  ]
    .filter(({ path }) => path.endsWith("Dockerfile"))
    .flatMap(({ content }) => instructions(content))
    .filter(({ keyword }) => keyword === "RUN")
    .map(({ script }) => script);

  it("is POSIX shell that stops at the first failure and is never traced", () => {
    assert.ok(pipelineScripts.length > 8 && recipeScripts.length > 8);
    for (const script of new Set([...pipelineScripts, ...recipeScripts])) {
      assert.match(script, /^(#!\/bin\/sh\n)?set -eu\n/);
      assert.doesNotMatch(script, /set -[a-z]*x|xtrace/);
      const checked = spawnSync("/bin/sh", ["-n", "-c", script], { encoding: "utf8", timeout: 10_000 });
      assert.equal(checked.status, 0, checked.stderr + script);
    }
  });
});

describe("writing the secret files", () => {
  /** Of the form that job tokens have, and of no use. */
  const token = ['{"typ":"JWT"}', '{"aud":"x"}', "sig\u00fb\u00ff"]
    .map((part) => Buffer.from(part, "latin1").toString("base64url"))
    .join(".");
  const url = `https://build:${token}@packages.example.com/contoso/Platform/_packaging/packages/pypi/simple/`;
  const write = (variables: Record<string, string>) => {
    shell.standIn("rm", 'exec /bin/rm "$@"');
    shell.standIn("mkdir", 'exec /bin/mkdir "$@"');
    return shell.run(
      scriptOf("Write the build's secret files"),
      { INDEX_URL: settings().indexUrl, ...variables },
      true,
    );
  };
  const secret = (name: string) => shell.temp("wheelhouse", "secrets", name);

  it("makes a netrc of the URL's parts that only its owner can read", () => {
    assert.deepEqual(write({ PIP_INDEX_URL: url }), { status: 0, output: "" });
    assert.equal(
      readFileSync(secret("netrc"), "utf8"),
      `machine packages.example.com\nlogin build\npassword ${token}\n`,
    );
    for (const name of ["netrc", "pip.conf", "pip_index_url"]) assert.equal(statSync(secret(name)).mode & 0o777, 0o600);
    assert.equal(statSync(shell.temp("wheelhouse", "secrets")).mode & 0o777, 0o700);
  });

  it("makes a pip.conf and a plain URL for Dockerfiles that teams bring", () => {
    write({ PIP_INDEX_URL: url });
    assert.equal(readFileSync(secret("pip.conf"), "utf8"), `[global]\nindex-url = ${url}\n`);
    assert.equal(readFileSync(secret("pip_index_url"), "utf8"), url);
  });

  it("puts the token into no output and no program's arguments", () => {
    const { output } = write({ PIP_INDEX_URL: url });
    assert.ok(!output.includes(token));
    assert.ok(shell.calls().length > 0);
    assert.ok(!shell.calls().join("\n").includes(token));
  });

  it("tightens files that an earlier attempt left open", () => {
    mkdirSync(shell.temp("wheelhouse", "secrets"), { recursive: true, mode: 0o777 });
    writeFileSync(secret("netrc"), "old", { mode: 0o666 });
    assert.equal(write({ PIP_INDEX_URL: url }).status, 0);
    assert.equal(statSync(secret("netrc")).mode & 0o777, 0o600);
  });

  it("leaves the port out of the machine's name, as pip looks it up without", () => {
    const index = "http://127.0.0.1:8099/packages/simple/";
    const { status } = write({ INDEX_URL: index, PIP_INDEX_URL: index.replace("://", `://build:${token}@`) });
    assert.equal(status, 0);
    assert.match(readFileSync(secret("netrc"), "utf8"), /^machine 127\.0\.0\.1\n/);
  });

  const refused: Readonly<Record<string, string>> = {
    "no URL": "",
    "no credentials": settings().indexUrl,
    "no token": url.replace(token, ""),
    "no user": url.replace("build:", ":"),
    "a user alone": url.replace(`:${token}`, ""),
    "a token that is percent-encoded": url.replace(token, "a%2Fb"),
    "a token with a blank": url.replace(token, "a b"),
    "a token with a line end": url.replace(token, "a\nmachine evil login x password y"),
    "a token with a quote": url.replace(token, 'a"b'),
    "another protocol": url.replace("https:", "ftp:"),
    "a protocol that sends tokens in the open": url.replace("https:", "http:"),
    "another host": url.replace("packages.example.com", "packages.example.org"),
    "a host in brackets": url.replace("packages.example.com", "[::1]"),
  };
  for (const [what, value] of Object.entries(refused)) {
    it(`refuses ${what}, says so, and writes nothing`, () => {
      const { status, output } = write({ PIP_INDEX_URL: value });
      assert.equal(status, 1);
      assert.match(output, /^##vso\[task\.logissue type=error\]\S.+\n$/);
      assert.ok(!output.includes(token));
      assert.ok(!existsSync(secret("netrc")));
    });
  }

  it("refuses to go on where PipAuthenticate set no variable at all", () => {
    assert.equal(write({}).status, 1);
  });
});

describe("checking the application", () => {
  const check = (app: string, definition: string) =>
    shell.run(scriptOf("Check the application"), { NAME: app, BUILD_DEFINITIONNAME: definition }, true).status;

  it("lets a pipeline build the application of its own name only", () => {
    assert.equal(check("orders", "orders"), 0);
    assert.equal(check("billing", "orders"), 1);
  });

  it("lets a pipeline build the base image of its own name only", () => {
    const checkBase = (name: string, definition: string) =>
      shell.run(scriptOf("Check the base image", baseSteps), { NAME: name, BUILD_DEFINITIONNAME: definition }, true)
        .status;
    assert.equal(checkBase("python-web", "python-web"), 0);
    assert.equal(checkBase("python-web", "orders"), 1);
  });

  it("refuses what is no name", () => {
    for (const app of ["", "../orders", "a b", "$(id)", "Orders", "a\nb"]) assert.equal(check(app, app), 1, app);
  });
});

describe("making a builder and cleaning up", () => {
  const run = { BUILD_BUILDID: "7", SYSTEM_JOBATTEMPT: "1" };

  it("removes builder, login and files of this job", () => {
    shell.standIn("docker", "");
    mkdirSync(shell.temp("DockerConfig_1"));
    const env = { ...run, DOCKER_CONFIG: shell.temp("DockerConfig_1") };
    assert.equal(shell.run(scriptOf("Make a builder"), env).status, 0);
    assert.equal(shell.run(scriptOf("Clean up"), env).status, 0);
    assert.deepEqual(shell.calls(), [
      "docker buildx create --name wheelhouse-7-1 --driver docker-container --bootstrap",
      "docker buildx rm --force wheelhouse-7-1",
    ]);
    assert.ok(!existsSync(shell.temp("wheelhouse")) && !existsSync(shell.temp("DockerConfig_1")));
  });

  it("removes a builder that did not start", () => {
    shell.standIn("docker", 'test "$2" != create');
    assert.equal(shell.run(scriptOf("Make a builder"), run).status, 1);
    assert.equal(shell.run(scriptOf("Clean up"), run).status, 0);
    assert.equal(shell.calls().at(-1), "docker buildx rm --force wheelhouse-7-1");
  });

  it("removes the files even when the builder cannot be removed", () => {
    shell.standIn("docker", 'test "$2" != rm');
    mkdirSync(shell.temp("wheelhouse", "secrets"), { recursive: true });
    shell.run(scriptOf("Make a builder"), run);
    const { status, output } = shell.run(scriptOf("Clean up"), run);
    assert.equal(status, 0);
    assert.match(output, /type=warning/);
    assert.ok(!existsSync(shell.temp("wheelhouse")));
  });

  it("works where nothing was made, and leaves a login that is not this job's", () => {
    mkdirSync(join(shell.folder, "home"));
    assert.equal(shell.run(scriptOf("Clean up"), { DOCKER_CONFIG: join(shell.folder, "home") }).status, 0);
    assert.ok(existsSync(join(shell.folder, "home")));
  });
});
