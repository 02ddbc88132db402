/** Package indexes beside the feed: who gets their credentials in a run, and how they become secret files. */
import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import { PipelineError, renderApplicationPipeline, renderApplicationTemplate } from "../../pipelines";
import { renderApplicationRecipe } from "../../recipes";
import type { PackageIndex } from "../../spec";
import { application, baseImage, platform } from "../recipes/specs";
import { expanded, type Main, type Parameter, type Step } from "./expand";
import { scriptOf } from "./run-scripts";
import { settings } from "./settings";
import { Shell } from "./shell";

const { indexes } = platform;
const nexus = indexes[0]!;
const more: PackageIndex = { name: "cave", url: "https://cave.example.com/pypi/simple/", connection: "Cave" };
const stepsFor = (asked: readonly string[] | undefined, known: readonly PackageIndex[] = [...indexes, more]) =>
  expanded(renderApplicationTemplate(settings({ indexes: known })).content, "IndividualCI", {
    app: "prices",
    ...(asked === undefined ? {} : { indexes: asked }),
  }).jobs[0]!.steps;
const connections = (steps: readonly Step[]) =>
  steps.flatMap(({ inputs }) => inputs?.pythonDownloadServiceConnections ?? []);

describe("credentials of further indexes", () => {
  it("are no part of a template where the platform has no such index", () => {
    const { content } = renderApplicationTemplate(settings());
    assert.doesNotMatch(content, /pythonDownloadServiceConnections|parameters\.indexes|Check the indexes/);
    const { parameters } = parse(content) as { parameters: Parameter[] };
    assert.ok(parameters.every(({ name }) => name !== "indexes"));
  });

  it("are in a run only where its pipeline asks for that index, and only where the index wants some", () => {
    assert.deepEqual(connections(stepsFor(undefined)), []);
    assert.deepEqual(connections(stepsFor(["open"])), []);
    assert.deepEqual(connections(stepsFor(["open", "nexus-two"])), ["Nexus (read)"]);
    assert.deepEqual(connections(stepsFor(["cave", "nexus-two"])), ["Nexus (read)", "Cave"]);
    assert.deepEqual(connections(stepsFor(["nexus", "NEXUS-TWO ", "x' || true"])), []);
  });

  it("come one by one after the feed's, each before its own file is written", () => {
    const names = stepsFor(["cave", "nexus-two"]).map(({ displayName }) => displayName);
    const first = names.indexOf("Write the build's secret files");
    assert.deepEqual(names.slice(first, first + 6), [
      "Write the build's secret files",
      "Authenticate to nexus-two",
      "Write the secret file of nexus-two",
      "Authenticate to cave",
      "Write the secret file of cave",
      "Log in to the registry",
    ]);
  });

  it("never make the feed anything but the one main index", () => {
    const tasks = stepsFor(["nexus-two"]).filter(({ task }) => task === "PipAuthenticate@1");
    assert.deepEqual(
      tasks.map(({ inputs }) => inputs),
      [
        { artifactFeeds: "Platform/packages", onlyAddExtraIndex: false },
        { pythonDownloadServiceConnections: "Nexus (read)", onlyAddExtraIndex: true },
      ],
    );
  });

  it("are asked for by the pipeline's file of an application that names the index, and by no other", () => {
    const parameters = (names: readonly string[]) =>
      (parse(renderApplicationPipeline(application({ indexes: names }), settings()).content) as Main).extends
        ?.parameters;
    assert.deepEqual(parameters(["open", "nexus-two"]), { app: "orders", indexes: ["open", "nexus-two"] });
    assert.deepEqual(parameters([]), { app: "orders" });
  });

  it("lie where the recipes of the applications look for them", () => {
    const app = application({ indexes: ["nexus-two"] });
    const recipe = renderApplicationRecipe(app, baseImage(), platform).map(({ content }) => content);
    const { env } = stepsFor(["nexus-two"]).find(({ displayName }) =>
      displayName?.startsWith("Write the secret file"),
    )!;
    assert.deepEqual(env, { INDEX: "nexus-two", INDEX_URL: nexus.url, SECRET: "PIP_EXTRA_URL_NEXUS_TWO" });
    assert.ok(
      recipe.some((content) => content.includes("id=PIP_EXTRA_URL_NEXUS_TWO,src=${SECRETS}/PIP_EXTRA_URL_NEXUS_TWO")),
    );
  });

  it("cannot break out of their place, whatever the settings", () => {
    const sign = fc.constantFrom(
      "'",
      '"',
      "\n",
      "${{",
      "}}",
      "$(",
      ")",
      ",",
      " ",
      "- ",
      ": ",
      "#",
      "a",
      "nexus",
      "||",
      "\\",
    );
    const hostile = fc.array(sign, { maxLength: 8 }).map((parts) => parts.join(""));
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constant("nexus")), hostile, hostile, (name, url, connection) => {
        let steps: readonly Step[];
        try {
          steps = stepsFor([name], [{ name, url, connection }]);
        } catch (error) {
          if (error instanceof PipelineError) return;
          throw error;
        }
        taken++;
        assert.deepEqual(connections(steps), [connection]);
        const written = steps.find(({ env }) => env?.SECRET !== undefined);
        assert.deepEqual([written?.env?.INDEX, written?.env?.INDEX_URL], [name, url]);
        assert.equal(steps.length, stepsFor(["nexus"], [{ name: "nexus", url: "u", connection: "c" }]).length);
      }),
      { numRuns: 300 },
    );
    assert.ok(taken > 10, "hardly any value was rendered");
  });
});

describe("writing the secret file of an index", () => {
  let shell: Shell;

  beforeEach(() => {
    shell = new Shell();
    mkdirSync(shell.temp("wheelhouse", "secrets"), { recursive: true });
  });

  afterEach(() => shell.remove());

  const token = "p%40ss-word.of~index";
  const url = nexus.url.replace("://", `://reader:${token}@`);
  const script = scriptOf("Write the secret file of nexus-two", stepsFor(["nexus-two"]));
  const write = (address: string, env: Readonly<Record<string, string>> = {}) =>
    shell.run(
      script,
      {
        INDEX: nexus.name,
        INDEX_URL: nexus.url,
        SECRET: "PIP_EXTRA_URL_NEXUS_TWO",
        PIP_EXTRA_INDEX_URL: address,
        ...env,
      },
      true,
    );
  const file = () => shell.temp("wheelhouse", "secrets", "PIP_EXTRA_URL_NEXUS_TWO");

  for (const [what, given] of Object.entries({
    "as it is": url,
    "with no slash at its end": url.slice(0, -1),
    "with a token that has signs": url.replace(token, "a%2Fb!$&*()=;+,'"),
  })) {
    it(`keeps the address ${what} in a file of its owner's alone, and takes it out of later steps`, () => {
      const { status, output } = write(given);
      assert.equal(status, 0, output);
      assert.equal(output, "##vso[task.setvariable variable=PIP_EXTRA_INDEX_URL]\n");
      assert.equal(readFileSync(file(), "utf8"), given);
      assert.equal(statSync(file()).mode & 0o777, 0o600);
      assert.deepEqual(shell.calls(), []);
    });
  }

  for (const [what, given] of Object.entries({
    "no address": "",
    "no credentials": nexus.url,
    "a user alone": nexus.url.replace("://", "://reader@"),
    "no user": nexus.url.replace("://", `://:${token}@`),
    "no token": nexus.url.replace("://", "://reader:@"),
    "two addresses": `${url} ${url}`,
    "a line end": `${url}\n##vso[task.setvariable variable=x]y`,
    "another host": url.replace("packages.example.com", "evil.example.com"),
    "a port of its own": url.replace("packages.example.com", "packages.example.com:8443"),
    "another path": url.replace("/repository/", "/other/"),
    "another protocol": url.replace("https:", "http:"),
    "its token in the path": nexus.url.replace("repository", `repository/reader:${token}@x`),
    "a host alone": `https://reader:${token}@packages.example.com`,
  })) {
    it(`refuses ${what} without showing it, and writes nothing`, () => {
      const { status, output } = write(given);
      assert.equal(status, 1, output);
      assert.match(output, /^##vso\[task\.logissue type=error\]\S.*nexus-two.*\n$/);
      assert.ok(!output.includes(token) && !output.includes("evil"));
      assert.deepEqual(readdirSync(dirname(file())), []);
    });
  }
});

describe("checking the indexes", () => {
  let shell: Shell;

  beforeEach(() => {
    shell = new Shell();
    const app = application({ name: "prices", indexes: ["open", "nexus-two"] });
    for (const { path, content } of renderApplicationRecipe(app, baseImage(), platform)) {
      mkdirSync(dirname(join(shell.folder, path)), { recursive: true });
      writeFileSync(join(shell.folder, path), content);
    }
    mkdirSync(shell.temp("wheelhouse", "secrets"), { recursive: true });
  });

  afterEach(() => shell.remove());

  const check = () => shell.run(scriptOf("Check the indexes", stepsFor([])), { APP: "prices" });

  it("says which the pipeline's file lacks, and what to write into it", () => {
    const { status, output } = check();
    assert.equal(status, 1);
    assert.match(
      output,
      /type=error\]apps\/prices\.yaml takes packages from nexus-two, but .* indexes: \[ nexus-two \]\n$/,
    );
  });

  it("is content where the credentials are there", () => {
    const secret = shell.temp("wheelhouse", "secrets", "PIP_EXTRA_URL_NEXUS_TWO");
    writeFileSync(secret, "x");
    assert.ok(existsSync(secret));
    assert.deepEqual(check(), { status: 0, output: "" });
  });

  it("comes before anything is resolved, and only where there is a base image to build on", () => {
    const steps = stepsFor(["nexus-two"]);
    const names = steps.map(({ displayName }) => displayName);
    assert.equal(names.indexOf("Resolve"), names.indexOf("Check the indexes") + 1);
    assert.match(steps[names.indexOf("Check the indexes")]!.condition ?? "", /wheelhouse\.ready/);
  });
});
