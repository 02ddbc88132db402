import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

import { processesWith } from "../../../sandbox/process-table.mjs";
import { ensureTool, locateTool } from "../../../sandbox/toolchain/make.mjs";
import type { Tool } from "../../../sandbox/toolchain/tools.mjs";
import { goScript, Machine } from "./machine";

const tool: Tool = {
  name: "example",
  group: "engine",
  version: "1.2.3",
  programs: ["example", "example-host", "example-script"],
  onPath: { arguments: ["version"], version: /^(\d+\.\d+\.\d+)/m, range: { from: "1.2.0", below: "2.0.0" } },
  sources: [
    {
      kind: "go",
      minimum: "1.23.11",
      parts: [
        { kind: "program", program: "example", package: "example.test/cmd", version: "1.2.3", versionVariable: "v.V" },
        {
          kind: "program",
          program: "example-host",
          package: "example.test/host",
          version: "0.9.0",
          versionVariable: "v.V",
        },
        { kind: "files", module: "example.test", version: "1.2.3", files: ["dist/example-script"] },
      ],
    },
  ],
  install: "example 1.2 or later",
};

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await sleep(20);
  }
}

describe("making a tool", () => {
  let machine: Machine;

  beforeEach(() => {
    machine = new Machine();
    machine.script("go", goScript(machine, "1.25.3"));
    mkdirSync(join(machine.folder, "module", "dist"), { recursive: true });
    writeFileSync(join(machine.folder, "module", "dist", "example-script"), "#!/bin/sh\n", { mode: 0o444 });
  });

  afterEach(async () => machine.remove());

  function withAll(version: string): void {
    machine.script("example", `echo ${version}`);
    machine.script("example-host", "");
    machine.script("example-script", "");
  }

  it("is not needed when a fitting one is on PATH", async () => {
    withAll("1.9.0");
    const located = await ensureTool(tool, machine.context);
    deepStrictEqual(located, { name: "example", group: "engine", version: "1.9.0", from: "PATH", folder: machine.bin });
    deepStrictEqual(machine.notes(), []);
  });

  for (const version of ["1.1.9", "2.0.0"]) {
    it(`is done although a program of version ${version} is on PATH`, async () => {
      withAll(version);
      const located = await ensureTool(tool, machine.context);
      strictEqual(located.from, "built");
      strictEqual(located.version, "1.2.3");
    });
  }

  it("is done when the program on PATH lacks one of those that belong to it", async () => {
    machine.script("example", "echo 1.5.0");
    machine.script("example-host", "");
    const found = await locateTool(tool, machine.context);
    match("refused" in found ? found.refused : "", /has no example-script beside it/);
    strictEqual((await ensureTool(tool, machine.context)).from, "built");
  });

  it("is done when the program on PATH does not tell its version", async () => {
    machine.script("example", "exit 3");
    const found = await locateTool(tool, machine.context);
    match("refused" in found ? found.refused : "", /does not tell its version \(exit code 3\)/);
  });

  it("builds each part with its own version, and copies files so that they can be run", async () => {
    const { folder } = await ensureTool(tool, machine.context);
    deepStrictEqual(
      machine.notes().filter((note) => note.startsWith("-s")),
      ["-s -w -X v.V=v1.2.3", "-s -w -X v.V=v0.9.0"],
    );
    for (const program of tool.programs) ok(existsSync(join(folder, program)));
    strictEqual("folder" in (await locateTool(tool, machine.context)), true);
  });

  it("is done once, and later runs take what it made", async () => {
    await ensureTool(tool, machine.context);
    const before = machine.notes().length;
    const again = await ensureTool(tool, machine.context);
    strictEqual(again.from, "built");
    strictEqual(machine.notes().length, before);
  });

  it("is done once by two runs at the same time, and the second says what it waits for", async () => {
    writeFileSync(join(machine.folder, "hold"), "");
    const first = ensureTool(tool, machine.context);
    await until(() => machine.notes().includes("go build"), "the first build");
    const second = ensureTool(tool, machine.context);
    await until(() => machine.said.some((line) => line.includes("waiting for process")), "the second one's wait");
    rmSync(join(machine.folder, "hold"));
    deepStrictEqual(await first, await second);
    strictEqual(machine.notes().filter((note) => note === "go build").length, 2);
  });

  it("leaves nothing half made when it is killed, and the next run ends what it left and makes the tool", async () => {
    writeFileSync(join(machine.folder, "hold"), "");
    const url = pathToFileURL(join(__dirname, "../../../sandbox/toolchain/make.mjs")).href;
    const code = `const { ensureTool } = await import(${JSON.stringify(url)});
      await ensureTool(${JSON.stringify(tool)}, { folder: ${JSON.stringify(machine.tools)}, environment: process.env, write() {} });`;
    const onPath = `{ arguments: ["version"], version: /^(\\d+)/m, range: { from: "1" } }`;
    const script = code.replace(JSON.stringify(tool.onPath), onPath);
    const run = spawn(process.execPath, ["--input-type=module", "--eval", script], { env: machine.environment });
    await until(() => machine.notes().includes("go build"), "the build");
    run.kill("SIGKILL");
    await once(run, "close");
    const orphans = processesWith("WHEELHOUSE_TEST_MACHINE", machine.folder);
    ok(orphans.length > 0, "a killed run cannot end what it started");
    deepStrictEqual(machine.toolFiles("example"), ["1.2.3.lock", "1.2.3.unfinished"]);
    strictEqual("refused" in (await locateTool(tool, machine.context)), true);

    const next = ensureTool(tool, machine.context);
    await until(() => machine.notes().filter((note) => note === "go build").length === 2, "the next build");
    const running = processesWith("WHEELHOUSE_TEST_MACHINE", machine.folder).map(({ pid }) => pid);
    deepStrictEqual(
      orphans.filter(({ pid }) => running.includes(pid)),
      [],
    );
    rmSync(join(machine.folder, "hold"));
    strictEqual((await next).from, "built");
    deepStrictEqual(machine.toolFiles("example"), ["1.2.3"]);
  });

  it("makes a tool anew whose folder lacks a program", async () => {
    const { folder } = await ensureTool(tool, machine.context);
    rmSync(join(folder, "example-host"));
    strictEqual("refused" in (await locateTool(tool, machine.context)), true);
    await ensureTool(tool, machine.context);
    ok(existsSync(join(folder, "example-host")));
  });

  it("says how far a build is while it goes on", async () => {
    writeFileSync(join(machine.folder, "hold"), "");
    const made = ensureTool(tool, machine.context);
    await until(() => machine.said.some((line) => /\d+ packages compiled \(\d+ s\)/.test(line)), "progress");
    rmSync(join(machine.folder, "hold"));
    await made;
    match(machine.said.at(-1) ?? "", /^example 1\.2\.3: built in \d+ s$/);
  });

  it("fails with the compiler's own words, and leaves no folder", async () => {
    machine.script(
      "go",
      'case "$1" in version) echo "go version go1.25.0 linux" ;; env) echo local ;; *) echo "no such module" >&2; exit 1 ;; esac',
    );
    await rejects(ensureTool(tool, machine.context), (error: Error) => {
      match(error.message, /example is needed:\n {2}not on PATH\n {2}building with Go failed: [^]*no such module/);
      match(error.message, /Install example 1\.2 or later, then try again\./);
      return true;
    });
    deepStrictEqual(machine.toolFiles("example"), []);
  });

  it("passes the module proxy and flags of the machine on to Go", async () => {
    machine.script(
      "go",
      `${goScript(machine, "1.25.0")}\necho "proxy $GOPROXY flags $GOFLAGS cgo $CGO_ENABLED" >> ${machine.folder}/notes`,
    );
    const environment = { ...machine.environment, GOPROXY: "file:///somewhere", GOFLAGS: "-mod=mod" };
    await ensureTool(tool, { ...machine.context, environment });
    ok(machine.notes().includes("proxy file:///somewhere flags -mod=mod cgo 0"));
  });

  it("writes down what made it", async () => {
    await ensureTool(tool, machine.context);
    const made: unknown = JSON.parse(readFileSync(join(machine.tools, "example", "1.2.3", "made.json"), "utf8"));
    deepStrictEqual(made, { how: "built", version: "1.2.3", bin: "bin" });
  });
});
