import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix, resolve } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { FeedsService } from "../components/feeds-service";
import { valid } from "../provider/arguments";
import { Monitor } from "../provider/monitor";
import { Plugin } from "../provider/plugin";
import { Installed } from "./installed";

const root = resolve(__dirname, "../..");
const run = promisify(execFile);

/** Bytes of the archive at most. It has 1.6 million, two thirds of them source maps with their sources. */
const largest = 2_000_000;

interface Told {
  readonly declared: readonly string[];
  readonly tool: string;
  readonly operations: string;
  readonly feedUrl: string;
  readonly isIndex: boolean;
  readonly refused: string;
  readonly wrong: boolean;
  readonly rendered: readonly string[];
}

/** The declarations that a file of nothing but one `export *` hands on; else the file. */
function followed(file: string): string {
  if (!existsSync(file)) return file;
  const [, target] = /^(?:\/\*\*.*\*\/\n)?export \* from "(.+)";\n$/.exec(readFileSync(file, "utf8")) ?? [];
  return target === undefined ? file : join(dirname(file), `${target}.d.ts`);
}

describe("the package", function () {
  this.timeout(240_000);

  let installed: Installed;

  before(async () => {
    installed = await Installed.make();
  });
  after(() => installed.remove());

  const files = (pattern: RegExp): string[] =>
    installed.files.map(({ path }) => path).filter((path) => pattern.test(path));

  it("holds compiled code with its declarations and maps, what starts it, the schemas, and nothing else", () => {
    assert.deepEqual(files(/^(?!dist\/)/).sort(), [
      "LICENSE",
      "PulumiPlugin.yaml",
      "README.md",
      "package.json",
      "policy/PulumiPolicy.yaml",
      "policy/main.cjs",
      "policy/main.d.cts",
      "policy/package.json",
      "provider/plugin.cjs",
      "schemas/app.json",
      "schemas/base-image.json",
      "schemas/stack.json",
      "tools/dist/wheelhouse.cjs",
      "tools/launch.cjs",
    ]);
    const rooms = "components|pipelines|policy|recipes|sdks/azuredevops|spec";
    const compiled = new RegExp(
      `^dist/(?:(?:${rooms})/.+\\.(?:js|js\\.map|d\\.ts)|(?:provider|tools)/.+\\.(?:js|js\\.map)|provider/schema\\.json` +
        "|package\\.json|sdks/azuredevops/package\\.json)$",
    );
    assert.deepEqual(
      files(/^dist\//).filter((path) => !compiled.test(path)),
      [],
    );
    for (const file of files(/^dist\/.*\.js$/)) assert.ok(existsSync(join(installed.place, `${file}.map`)), file);
    assert.ok(installed.size < largest, `the archive has ${installed.size} bytes`);
  });

  it("is built whenever it is packed", () => {
    assert.equal(installed.manifest.scripts.prepack, installed.manifest.scripts.build);
    assert.match(installed.manifest.scripts.build!, /bootstrap\.mjs build$/);
  });

  it("says nothing of this machine, and nothing of the checkout's own packages", () => {
    for (const file of files(/^(?!dist\/.*\.map$)/)) {
      const text = installed.read(file);
      assert.ok(!text.includes(root), `${file} names a folder of this machine`);
      if (file.startsWith("dist/")) assert.doesNotMatch(text, /["']@pulumi\/azuredevops["'](?!,$)/m, file);
    }
  });

  it("exports what is there", () => {
    const { exports, main, types, bin } = installed.manifest;
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === "string" ? target : Object.values(target),
    );
    for (const target of [...targets, main, types, ...Object.values(bin)]) {
      assert.ok(target.includes("*") || existsSync(join(installed.place, target)), target);
    }
  });

  it("imports nothing but its own files, node's modules and what it depends on", () => {
    const known = new Set([...builtinModules, ...Object.keys(installed.manifest.dependencies)]);
    const strays = new Set<string>();
    for (const file of files(/^dist\/.*\.(?:js|d\.ts)$/)) {
      const declarations = file.endsWith(".d.ts");
      const pattern = declarations ? /(?:from |import\()"([^"]+)"/g : /\brequire\("([^"]+)"\)/g;
      for (const [, specifier = ""] of installed.read(file).matchAll(pattern)) {
        if (specifier.startsWith(".")) {
          const target = posix.join(posix.dirname(file), specifier);
          const ends = declarations ? [".d.ts", "/index.d.ts"] : ["", ".js", "/index.js"];
          if (!ends.some((end) => existsSync(join(installed.place, `${target}${end}`))))
            strays.add(`${file}: ${specifier}`);
        } else {
          const name = /^(?:node:)?((?:@[^/]+\/)?[^/]+)/.exec(specifier)?.[1] ?? "";
          if (!known.has(name)) strays.add(`${file}: ${specifier}`);
        }
      }
    }
    assert.deepEqual([...strays], []);
  });

  it("has types that keep what they promise, in a strict program", async () => {
    for (const file of ["program.ts", "use.ts"]) installed.addProgram(file);
    const file = join(installed.folder, "tsconfig.json");
    const way = { module: "node16", moduleResolution: "node16" };
    const compilerOptions = { ...way, strict: true, noEmit: true, skipLibCheck: true, target: "es2022", types: [] };
    writeFileSync(file, JSON.stringify({ compilerOptions, files: ["program.ts"] }));
    await run(process.execPath, [require.resolve("typescript/bin/tsc"), "--project", file]).catch((error: unknown) => {
      assert.fail(String(Reflect.get(error as Error, "stdout")));
    });
  });

  interface Way {
    readonly moduleResolution: ts.ModuleResolutionKind;
    readonly mode?: ts.ResolutionMode;
  }
  const ways: Readonly<Record<string, Way>> = {
    "node16 from CommonJS": { moduleResolution: ts.ModuleResolutionKind.Node16, mode: ts.ModuleKind.CommonJS },
    "node16 from modules": { moduleResolution: ts.ModuleResolutionKind.Node16, mode: ts.ModuleKind.ESNext },
    "as bundlers do": { moduleResolution: ts.ModuleResolutionKind.Bundler },
    // What older projects of Pulumi have: it knows nothing of `exports`.
    node10: { moduleResolution: ts.ModuleResolutionKind.Node10 },
  };
  for (const [name, { moduleResolution, mode }] of Object.entries(ways)) {
    it(`has the same types for compilers that look for packages otherwise: ${name}`, () => {
      const rooms = Object.entries(installed.manifest.exports).filter(([, target]) => typeof target !== "string");
      assert.equal(rooms.length, 5);
      for (const [path, target] of rooms) {
        const specifier = posix.join("wheelhouse", path);
        const options = { moduleResolution, module: ts.ModuleKind.Node16 };
        const from = join(installed.folder, "program.ts");
        const { resolvedModule } = ts.resolveModuleName(specifier, from, options, ts.sys, undefined, undefined, mode);
        const types = join(installed.place, typeof target === "string" ? target : target.types);
        // The folder of the policy pack has a manifest of its own, which node10 reads; its declarations lead to the same.
        const declared = followed(resolvedModule?.resolvedFileName ?? "");
        assert.equal(declared, types, `${specifier} leads to ${resolvedModule?.resolvedFileName ?? "nothing"}`);
      }
    });
  }

  describe("in a program of plain JavaScript", () => {
    let told: Told;

    before(async () => {
      installed.addProgram("run.mjs");
      const args = ["--enable-source-maps", "run.mjs", join(root, "base-images"), join(root, "apps"), "told.json"];
      await run(process.execPath, args, { cwd: installed.folder });
      told = JSON.parse(readFileSync(join(installed.folder, "told.json"), "utf8")) as Told;
    });

    it("declares a whole platform", () => {
      const components = told.declared.filter((each) => each.startsWith("wheelhouse:index:")).sort();
      assert.ok(components.includes("wheelhouse:index:Platform wheelhouse"));
      assert.ok(components.includes("wheelhouse:index:AppImagePipeline wheelhouse-app-orders"));
      assert.ok(told.declared.includes("azuredevops:index/feed:Feed wheelhouse-feed"));
      assert.equal(told.feedUrl, "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/");
      assert.deepEqual([told.isIndex, told.wrong], [true, true]);
      assert.ok(
        told.rendered.includes("azure-pipelines.yml") && told.rendered.some((path) => path.endsWith("/Dockerfile")),
      );
    });

    it("brings the command line that pipelines run, as it was packed", () => {
      const [program, ...packed] = installed.read("tools/dist/wheelhouse.cjs").split("\n");
      const [first, label, ...rest] = told.tool.split("\n");
      assert.deepEqual([first, rest.join("\n")], [program, packed.join("\n")]);
      assert.match(label!, new RegExp(`^// wheelhouse ${installed.manifest.version}, sha256 [0-9a-f]{64} `));
    });

    it("shows where it failed in its sources, line for line", () => {
      const [, file = "", line = ""] = /\(?([^()\s]*components\/artifacts-feed\.ts):(\d+):\d+/.exec(told.refused) ?? [];
      assert.ok(file !== "", told.refused);
      const source = readFileSync(join(root, "components/artifacts-feed.ts"), "utf8").split("\n");
      assert.match(source[Number(line) - 1]!, /throw new Error\("ArtifactsFeed: indexUrl holds credentials/);
    });

    it("runs the operations of its own resources without a TypeScript compiler", async () => {
      const service = await FeedsService.remembering();
      try {
        assert.match(told.operations, /node_modules\/wheelhouse\/dist\/components\/feed-upstreams-provider\.js/);
        assert.doesNotMatch(told.operations, /tsx/);
        const inputs = { feedsUrl: service.url, feed: "python", upstreams: [] };
        const script = `${told.operations}\nvoid exports.handler().create(${JSON.stringify(inputs)}).then(({ id }) => console.log(id));`;
        writeFileSync(join(installed.folder, "operations.cjs"), script);
        const { stdout } = await run(process.execPath, ["operations.cjs"], {
          cwd: installed.folder,
          env: { PATH: process.env.PATH, AZDO_PERSONAL_ACCESS_TOKEN: "pat-4f9c2d81e6b7a350" },
        });
        assert.equal(stdout.trim(), "python");
      } finally {
        await service.stop();
      }
    });
  });

  it("brings its maps the sources that they speak of", () => {
    for (const file of files(/^dist\/(?:components|spec|recipes|pipelines)\/.*\.js\.map$/)) {
      const map = JSON.parse(installed.read(file)) as { sources: string[]; sourcesContent?: string[] };
      const source = posix.join(posix.dirname(file), map.sources[0]!);
      assert.equal(map.sourcesContent?.[0], readFileSync(join(root, source), "utf8"), file);
    }
  });

  it("has the command line for people", async () => {
    const bin = join(installed.place, installed.manifest.bin.wheelhouse!);
    const { stdout } = await run(process.execPath, [bin, "--version"], { cwd: installed.folder });
    assert.equal(stdout.trim(), installed.manifest.version);
    const checked = await run(process.execPath, [bin, "check", "--json"], { cwd: root });
    assert.equal(typeof JSON.parse(checked.stdout), "object");
    const help = await run(process.execPath, [bin, "--help"], { cwd: installed.folder });
    for (const command of ["new", "check", "lint", "bake"])
      assert.match(help.stdout, new RegExp(`^ +${command}\\b`, "m"));
  });

  it("has the policy pack where a preview looks for it", async () => {
    const pack = join(installed.place, "policy");
    const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const monitor = await Monitor.start();
    try {
      const started = await Plugin.start(monitor, [runner], { cwd: pack, last: ["."] });
      await started.stop();
    } finally {
      monitor.stop();
    }
  });

  describe("as a plugin", () => {
    let monitor: Monitor;

    before(async () => (monitor = await Monitor.start()));
    after(() => monitor.stop());

    const runner = require.resolve("@pulumi/pulumi/cmd/run-plugin");
    const places = { "the package": () => installed.place, "a checkout": () => root };
    for (const [way, place] of Object.entries(places)) {
      it(`declares components for programs in other languages, started by Pulumi's own runner from ${way}`, async () => {
        monitor.registered.length = 0;
        const plugin = await Plugin.start(monitor, [runner, place()], { cwd: installed.folder });
        try {
          const { state } = await plugin.construct("TemplateRepository", "templates", valid.TemplateRepository!);
          assert.equal(state.branch, "refs/heads/main");
          const tool = monitor.registered.find(({ name }) => name === "templates-wheelhouse.cjs");
          assert.match(String(tool?.inputs.content), /^#!\/usr\/bin\/env node\n\/\/ wheelhouse /);
        } finally {
          await plugin.stop();
        }
      });
    }
  });

  it("is no program: what Pulumi runs in a checkout is told by its project file", () => {
    assert.match(readFileSync(join(root, "Pulumi.yaml"), "utf8"), /^main: index\.ts$/m);
  });
});
