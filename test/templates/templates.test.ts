import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import manifest from "../../package.json";
import { findCredential, loadApps, loadSpecs } from "../../spec";
import { inspectRepository } from "../../tools/inspect";
import { committedFiles, templates, updateWhereAsked } from "./committed";

interface Prompt {
  readonly description?: string;
  readonly default?: string;
  readonly secret?: boolean;
}

interface Key {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
}

interface Project {
  readonly name: string;
  readonly template: { readonly description: string; readonly config: Readonly<Record<string, Prompt>> };
  readonly config: Readonly<Record<string, Key>>;
}

function text(path: string): string {
  return readFileSync(join(templates, path), "utf8");
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(templates, folder), { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(join(templates, path)).isFile() && !path.includes("__pycache__"))
    .sort();
}

describe("the templates", () => {
  before(updateWhereAsked);

  for (const { path } of committedFiles()) {
    it(`have ${path} as the code decides it (UPDATE_GOLDEN=1 writes it anew)`, () => {
      assert.equal(text(path), committedFiles().find((file) => file.path === path)?.content);
    });
  }

  for (const name of ["platform", "team"]) {
    it(`have what a project needs, and nothing of somebody's machine: ${name}`, () => {
      assert.deepEqual(
        filesBelow(name).filter((path) => !/\/(apps|base-images)\//.test(path)),
        [
          ".gitignore",
          "Pulumi.yaml",
          "README.md",
          "azure-pipelines.yml",
          "index.ts",
          "package.json",
          "policy/PulumiPolicy.yaml",
          "policy/main.cjs",
          "policy/package.json",
          "policy/policy-config.json",
          "tsconfig.json",
        ].map((path) => `${name}/${path}`),
      );
    });

    it(`take the packages of the versions that Wheelhouse itself is made with: ${name}`, () => {
      const { dependencies, devDependencies, engines } = JSON.parse(text(`${name}/package.json`)) as typeof manifest;
      const own: Readonly<Record<string, string>> = { ...manifest.dependencies, ...manifest.devDependencies };
      const { wheelhouse, ...others } = dependencies as Readonly<Record<string, string>>;
      // By its name a registry would answer with somebody else's package.
      assert.equal(wheelhouse, `file:wheelhouse-${manifest.version}.tgz`);
      for (const [wanted, version] of Object.entries({ ...others, ...devDependencies })) {
        assert.equal(version, own[wanted], wanted);
      }
      assert.deepEqual(engines, manifest.engines);
    });

    it(`ask for what has no default and is one text, say what each is, and ask for no secret: ${name}`, () => {
      const { template, config } = parse(text(`${name}/Pulumi.yaml`)) as Project;
      const asked = Object.keys(template.config);
      for (const [key, prompt] of Object.entries(template.config)) {
        assert.ok((prompt.description ?? "").length > 20, key);
        assert.ok(prompt.secret !== true, `${key}: credentials are never configuration`);
        assert.ok(key.includes(":") || config[key]?.type === "string", `${key} is a key that the program reads`);
      }
      const required = Object.entries(config).filter(([, key]) => key.default === undefined);
      assert.ok(required.length > 0);
      for (const [key, { type }] of required) assert.equal(asked.includes(key), type === "string", key);
      assert.ok(asked.includes("azuredevops:orgServiceUrl"));
    });

    it(`have programs that are read at a glance: ${name}`, () => {
      assert.ok(text(`${name}/index.ts`).split("\n").length < 25);
    });
  }

  it("keep the name that the platform's configuration keys have their namespace from", () => {
    assert.equal((parse(text("platform/Pulumi.yaml")) as Project).name, "wheelhouse");
  });

  it("start from specs without a mistake", () => {
    const { baseImages, apps } = loadSpecs({
      baseImages: join(templates, "platform/base-images"),
      apps: join(templates, "platform/apps"),
    });
    assert.deepEqual([baseImages.length, apps.length], [1, 1]);
    const own = loadApps(join(templates, "team/apps"));
    assert.equal(own.length, 1);
    // The team's starter is to come up on the platform's starter.
    assert.ok(own.every(({ name, baseImage }) => name !== apps[0]?.name && baseImage === baseImages[0]?.name));
  });

  it("name JSON Schemas that the package has", () => {
    for (const path of [...filesBelow("platform"), ...filesBelow("team")].filter((file) => file.endsWith(".yaml"))) {
      const schema = /\$schema=(\S+)/.exec(text(path))?.[1];
      if (schema === undefined) continue;
      const inPackage = join(path, "..", schema).split("node_modules/wheelhouse/")[1];
      assert.ok(inPackage !== undefined && existsSync(join(templates, "..", inPackage)), `${path}: ${schema}`);
    }
  });

  it("name the archive of the package as npm pack names it", () => {
    const named = ["platform", "team"]
      .flatMap(filesBelow)
      .flatMap((path) => text(path).match(/wheelhouse-\d[\w.-]*\.tgz/g) ?? []);
    assert.ok(named.length >= 4);
    assert.deepEqual([...new Set(named)], [`wheelhouse-${manifest.version}.tgz`]);
  });

  it("hold no credential, and no placeholder that pulumi new does not fill in", () => {
    for (const path of ["platform", "team", "application"].flatMap(filesBelow)) {
      for (const line of text(path).split("\n")) assert.equal(findCredential(line), undefined, `${path}: ${line}`);
      if (path.startsWith("application/")) assert.doesNotMatch(text(path), /\$\{(PROJECT|DESCRIPTION)\}/);
    }
  });
});

describe("the starter of an application", () => {
  const folder = join(templates, "application");

  it("passes its own tests", () => {
    const ended = spawnSync("python3", ["-m", "unittest", "-v"], {
      cwd: folder,
      env: { PATH: process.env.PATH, PYTHONPATH: "src", PYTHONDONTWRITEBYTECODE: "1" },
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.equal(ended.status, 0, ended.stderr);
    assert.match(ended.stderr, /test_refuses_a_name_that_cannot_be_said .* ok/);
  });

  it("is what the platform's starter says of it", async () => {
    const [app] = loadApps(join(templates, "platform/apps"));
    const found = await inspectRepository(folder);
    assert.equal(found.name, app!.name);
    assert.equal(found.description, app!.description);
    assert.equal(found.requirements, app!.requirements);
    assert.deepEqual(found.scripts, app!.scripts);
    assert.deepEqual(found.pipelines, ["azure-pipelines.yml"]);
    assert.deepEqual(found.notes, []);
  });

  it("runs in the team's starter, too", () => {
    const [app] = loadApps(join(templates, "team/apps"));
    assert.deepEqual(app!.scripts, ["hello"]);
  });

  it("has a pipeline file of some ten lines", () => {
    assert.ok(text("application/azure-pipelines.yml").trim().split("\n").length <= 14);
  });
});
