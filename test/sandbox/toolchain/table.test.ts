import { doesNotThrow, match, ok, strictEqual, throws } from "node:assert/strict";

import { requireLinux, surveyTools, toolEnvironment, UnfitMachine } from "../../../sandbox/toolchain/index.mjs";
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
    strictEqual(version("go", "go version go1.26.8 linux/amd64\n"), "1.26.8");
    strictEqual(version("go", "go version go1.27rc1 linux/amd64\n"), "1.27");
  });

  it("lists each tool that is missing with the reason, and makes none", async () => {
    const machine = new Machine();
    try {
      const survey = await surveyTools(machine.context);
      strictEqual(survey.length, tools.length);
      for (const found of survey) match("refused" in found ? found.refused : "", /not on PATH/);
      strictEqual(machine.said.length, 0);
    } finally {
      await machine.remove();
    }
  });

  it("puts what was made before everything else on PATH, and leaves out what is there already", () => {
    const environment = toolEnvironment(
      [
        { name: "git", version: "2.39", from: "PATH", folder: "/usr/bin" },
        { name: "pulumi", version: "3.200.0", from: "built", folder: "/cache/pulumi" },
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
