import { deepStrictEqual, doesNotThrow, match, ok, rejects, strictEqual, throws } from "node:assert/strict";

import {
  ensureTools,
  requireLinux,
  surveyTools,
  toolEnvironment,
  UnfitMachine,
} from "../../../sandbox/toolchain/index.mjs";
import { go, tools } from "../../../sandbox/toolchain/tools.mjs";
import { isWithin } from "../../../sandbox/toolchain/versions.mjs";
import { Machine } from "./machine";

describe("the table of tools", () => {
  for (const tool of [...tools, go]) {
    it(`fetches a version of ${tool.name} that it would itself call fitting`, () => {
      ok(isWithin(tool.version, tool.onPath.range));
      ok(tool.sources.length > 0 && tool.programs.length > 0 && tool.install !== "");
    });
  }

  it("recognises what the programs really print", () => {
    const version = (name: string, text: string): string | undefined =>
      [...tools, go].find((tool) => tool.name === name)?.onPath.version.exec(text)?.[1];
    strictEqual(version("git", "git version 2.39.5\n"), "2.39.5");
    strictEqual(version("git", "git version 2.47.0.windows.1\n"), "2.47.0");
    strictEqual(version("pulumi", "v3.200.0\n"), "3.200.0");
    strictEqual(version("pulumi", "3.200.0\n"), "3.200.0");
    strictEqual(version("pulumi", "v3.201.0-alpha.x1a2b3c\n"), "3.201.0");
    strictEqual(version("buildkit", "buildkitd github.com/moby/buildkit v0.26.3 \n"), "0.26.3");
    strictEqual(version("buildkit", "buildkitd github.com/moby/buildkit 0.12.5+ds1 \n"), "0.12.5");
    strictEqual(version("buildx", "github.com/docker/buildx v0.33.0 \n"), "0.33.0");
    strictEqual(version("buildx", "github.com/docker/buildx 0.26.1+ds1 \n"), "0.26.1");
    strictEqual(version("runc", "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\n"), "1.1.5");
    strictEqual(version("registry", "docker-registry github.com/docker/distribution 2.8.2+ds1\n"), "2.8.2");
    strictEqual(version("registry", "x github.com/distribution/distribution/v3 v3.0.0\n"), "3.0.0");
    strictEqual(version("pigz", "pigz 2.6\n"), "2.6");
    strictEqual(version("pigz", "pigz 2.3.4\n"), "2.3.4");
    strictEqual(version("zstd", "*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***\n"), "1.5.4");
    strictEqual(version("zstd", "*** zstd command line interface 64-bits v1.4.8, by Yann Collet ***\n"), "1.4.8");
    strictEqual(version("debootstrap", "debootstrap 1.0.128+nmu2+deb12u2\n"), "1.0.128");
    strictEqual(version("uv", "uv 0.13.8 (abcdef123 2026-10-01)\n"), "0.13.8");
    strictEqual(version("devpi", "6.20.3\n"), "6.20.3");
    strictEqual(version("python", "Python 3.11.7\n"), "3.11.7");
    strictEqual(version("chromium", "Chromium 156.0.8078.79 built on Debian GNU/Linux 12\n"), "156.0.8078.79");
    strictEqual(version("go", "go version go1.26.8 linux/amd64\n"), "1.26.8");
    strictEqual(version("go", "go version go1.27rc1 linux/amd64\n"), "1.27");
  });

  it("lists each tool that is missing with the reason, and makes none", async () => {
    const machine = new Machine();
    try {
      const survey = await surveyTools(machine.context);
      strictEqual(survey.length, tools.length);
      for (const [index, found] of survey.entries()) {
        // Where a program is by custom is looked at on this machine, whatever a test's PATH says.
        if (tools[index]?.onPath.folders !== undefined) continue;
        match("refused" in found ? found.refused : "", /not on PATH/, found.name);
      }
      strictEqual(machine.said.length, 0);
    } finally {
      await machine.remove();
    }
  });

  it("makes only the groups that are asked for: a start needs none of those that build images", () => {
    const inGroup = (wanted: string): string[] => tools.filter(({ group }) => group === wanted).map(({ name }) => name);
    deepStrictEqual(inGroup("engine"), ["git", "pulumi"]);
    deepStrictEqual(inGroup("browser"), ["chromium"]);
    strictEqual(inGroup("builds").length, tools.length - 3);
  });

  it("takes those of the group engine when no other is asked for", async () => {
    const machine = new Machine();
    try {
      machine.script("git", "echo git version 2.40.0");
      for (const name of [
        "pulumi",
        "pulumi-language-nodejs",
        "pulumi-resource-pulumi-nodejs",
        "pulumi-analyzer-policy",
      ]) {
        machine.script(name, "echo v3.200.0");
      }
      const located = await ensureTools(machine.context);
      deepStrictEqual(
        located.map(({ name, group }) => [name, group]),
        [
          ["git", "engine"],
          ["pulumi", "engine"],
        ],
      );
      await rejects(ensureTools({ ...machine.context, groups: ["builds"] }), /python is needed/);
    } finally {
      await machine.remove();
    }
  });

  it("goes on without a browser where none can be had, and says what that means, but not without another tool", async () => {
    const machine = new Machine();
    try {
      // Ubuntu: there is no such package.
      machine.script("apt-get", "exit 0");
      machine.script("apt-cache", "exit 0");
      deepStrictEqual(await ensureTools({ ...machine.context, groups: ["browser"] }), []);
      const said = machine.said.join("\n");
      match(
        said,
        /the tests in a browser are skipped: chromium is needed:\n[^]*offers chromium none[^]*Install Chromium/,
      );
      deepStrictEqual(
        tools.filter(({ without }) => without !== undefined).map(({ name }) => name),
        ["pigz", "zstd", "chromium"],
      );
    } finally {
      await machine.remove();
    }
  });

  it("puts what was made before everything else on PATH, and leaves out what is there already", () => {
    const environment = toolEnvironment(
      [
        { name: "git", group: "engine", version: "2.39", from: "PATH", folder: "/usr/bin" },
        { name: "pulumi", group: "engine", version: "3.200.0", from: "built", folder: "/cache/pulumi" },
      ],
      { PATH: "/usr/bin:/bin", OTHER: "kept" },
    );
    strictEqual(environment.PATH, "/cache/pulumi:/usr/bin:/bin");
    strictEqual(environment.OTHER, "kept");
  });
});

describe("a machine that is not Linux", () => {
  it("is told at once what is needed", () => {
    throws(
      () => requireLinux("darwin"),
      (error: unknown) => {
        ok(error instanceof UnfitMachine);
        match(error.message, /runs on Linux, and this is darwin/);
        match(error.message, /Node\.js 20\.19 or later/);
        return true;
      },
    );
    doesNotThrow(() => requireLinux("linux"));
  });
});
