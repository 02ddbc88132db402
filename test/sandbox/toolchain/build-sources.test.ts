import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { toolEnvironment } from "../../../sandbox/toolchain/index.mjs";
import { ensureTool, locateTool } from "../../../sandbox/toolchain/make.mjs";
import type { Source } from "../../../sandbox/toolchain/tools.mjs";
import { goScript, goSource, Machine, toolFrom } from "./machine";

describe("where a tool for builds comes from", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.link("ln");
  });
  afterEach(() => machine.remove());

  describe("a Python package", () => {
    const source: Source = { kind: "wheel", package: "example", version: "1.2.3", folder: "bin" };
    const install =
      'while [ "$1" != --target ]; do shift; done; mkdir -p $2/bin; printf "#!/bin/sh\\n" > $2/bin/example; chmod 755 $2/bin/example';

    it("is installed after Debian's pip, where Python comes without pip", async () => {
      const pip = join(machine.folder, "pip");
      machine.script("python3", `[ -e ${pip} ] || exit 1; [ "$3" = --version ] && exit; ${install}`);
      machine.script("apt-get", `case "$*" in *install*) echo "$*" >> ${machine.folder}/notes; touch ${pip} ;; esac`);
      machine.script("apt-cache", 'echo " python3-pip | 23.0.1+dfsg-1 | mirror bookworm/main amd64 Packages"');
      strictEqual((await ensureTool(toolFrom(source), machine.context)).from, "installed");
      ok(machine.notes().some((note) => note.endsWith("-t bookworm python3-pip")));
    });

    it("is refused where pip cannot be had", async () => {
      machine.script("python3", "exit 1");
      await rejects(ensureTool(toolFrom(source), machine.context), /has no pip: there is no apt-get/);
      machine.script("apt-get", "exit 0");
      machine.script("apt-cache", 'echo " python3-pip | 23.0.1+dfsg-1 | mirror bookworm/main amd64 Packages"');
      await rejects(ensureTool(toolFrom(source), machine.context), /not even with Debian's package python3-pip/);
    });
  });

  describe("locked Python packages", () => {
    const source: Source = { kind: "locked", lock: "devpi.lock" };

    /** A uv that makes environments of scripts, and notes how it was called. */
    function withUv(index = "exit 1"): string {
      const interpreter = join(machine.folder, "python3.11");
      machine.script("python3.11", "exit 0", machine.folder);
      machine.script(
        "python3",
        `case "$*" in --version) echo Python 3.11.2 ;; *config*) ${index} ;; *) echo ${interpreter} ;; esac`,
      );
      machine.script(
        "uv",
        `echo "uv $* index $UV_DEFAULT_INDEX" >> ${machine.folder}/notes
case "$1" in
  --version) echo uv 0.13.9 ;;
  venv) shift 4; mkdir -p $2/bin; ln -s $1 $2/bin/python ;;
  pip) bin=\${5%/python}; for name in example other; do printf '#!/bin/sh\\necho 1.2.3\\n' > $bin/$name; chmod 755 $bin/$name; done ;;
esac`,
      );
      return interpreter;
    }

    it("are installed by hash, without compilers, and only the tool's own programs are for PATH", async () => {
      withUv();
      const located = await ensureTool(toolFrom(source), machine.context);
      strictEqual(located.from, "installed");
      deepStrictEqual(readdirSync(located.folder), ["example"]);
      const pip = machine.notes().find((note) => note.startsWith("uv pip install")) ?? "";
      match(pip, /--require-hashes --no-deps --only-binary :all: --requirement \S+devpi\.lock/);
      strictEqual(execFileSync(join(located.folder, "example"), { encoding: "utf8" }), "1.2.3\n");
    });

    it("are made anew when the machine's Python is another one", async () => {
      const interpreter = withUv();
      await ensureTool(toolFrom(source), machine.context);
      rmSync(interpreter);
      strictEqual("refused" in (await locateTool(toolFrom(source), machine.context)), true);
      withUv();
      strictEqual((await ensureTool(toolFrom(source), machine.context)).from, "installed");
    });

    it("come from the index that pip is set to, whose password is in no argument", async () => {
      withUv("echo http://me:secret@127.0.0.1:1/simple/");
      await ensureTool(toolFrom(source), machine.context);
      const pip = machine.notes().find((note) => note.startsWith("uv pip install")) ?? "";
      match(pip, / index http:\/\/me:secret@127\.0\.0\.1:1\/simple\/$/);
      strictEqual(pip.split(" index ")[0]?.includes("secret"), false);
    });

    it("need Python and uv, and the error says so", async () => {
      await rejects(
        ensureTool(toolFrom(source), machine.context),
        /python is needed:[^]*Install Python 3\.10 or later/,
      );
    });
  });

  describe("the files of a Debian package", () => {
    const source: Source = { kind: "debian-files", package: "example", folder: "usr/bin" };

    /** apt that downloads a package, and dpkg-deb that unpacks it. */
    function downloading(known: string): void {
      machine.script(
        "apt-get",
        `echo "apt-get $*" >> ${machine.folder}/notes
case "$*" in *update*) touch ${machine.folder}/updated ;; *download*) echo > example_1.3.0_amd64.deb ;; esac`,
      );
      machine.script("apt-cache", known);
      machine.script(
        "dpkg-deb",
        `mkdir -p $3/usr/bin; printf '#!/bin/sh\\necho 1.3.0\\n' > $3/usr/bin/example; chmod 755 $3/usr/bin/example`,
      );
    }
    const offer = 'echo " example | 1.3.0-1 | mirror bookworm/main amd64 Packages"';

    it("are taken without installing it, and without being root", async () => {
      downloading(offer);
      const located = await ensureTool(toolFrom(source), { ...machine.context, isRoot: false });
      deepStrictEqual([located.from, located.version], ["downloaded", "1.3.0"]);
      deepStrictEqual(
        machine.notes().filter((note) => /update|install/.test(note)),
        [],
      );
      deepStrictEqual(machine.toolFiles("example"), ["1.2.3"]);
    });

    it("are found after the list of packages was renewed, where it was empty", async () => {
      downloading(`[ -e ${machine.folder}/updated ] && ${offer}`);
      strictEqual((await ensureTool(toolFrom(source), machine.context)).from, "downloaded");
    });

    it("make way for the next source where Debian's version does not fit", async () => {
      downloading('echo " example | 1.1.0-1 | mirror bookworm/main amd64 Packages"');
      machine.script("go", goScript(machine, "1.25.0"));
      strictEqual((await ensureTool(toolFrom(source, goSource), machine.context)).from, "built");
    });
  });

  describe("a program that the machine has", () => {
    it("is found where it is by custom, too, and put on PATH", async () => {
      const folder = join(machine.folder, "plugins");
      machine.script("example", "echo 1.4.0", folder);
      const tool = toolFrom();
      const located = await ensureTool(
        { ...tool, onPath: { ...tool.onPath, folders: () => [folder] } },
        machine.context,
      );
      deepStrictEqual([located.from, located.folder], ["PATH", folder]);
      strictEqual(toolEnvironment([located], machine.environment).PATH, `${folder}:${machine.bin}`);
    });

    it("does not do without the files that it needs", async () => {
      machine.script("example", "echo 1.4.0");
      const tool = toolFrom();
      const needing = { ...tool, onPath: { ...tool.onPath, files: [join(machine.folder, "keys")] } };
      await rejects(ensureTool(needing, machine.context), /is there without .*keys/);
      writeFileSync(join(machine.folder, "keys"), "");
      strictEqual((await ensureTool(needing, machine.context)).from, "PATH");
    });
  });
});
