/** A machine for a test: a private PATH with scripts in place of programs, and folders that are removed afterwards. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { endProcesses, processesWith } from "../../../sandbox/process-table.mjs";
import type { ToolContext } from "../../../sandbox/toolchain/make.mjs";
import type { Source, Tool } from "../../../sandbox/toolchain/tools.mjs";

/** What the scripts themselves use. */
const basics = ["sh", "cat", "cp", "mkdir", "sleep", "chmod", "echo", "tar", "gzip", "dirname", "touch"];

export class Machine {
  public readonly folder = mkdtempSync(join(tmpdir(), "wheelhouse-machine-"));
  public readonly bin = join(this.folder, "bin");
  public readonly tools = join(this.folder, "tools");
  public readonly said: string[] = [];

  public constructor() {
    mkdirSync(this.bin);
    for (const name of basics) this.link(name);
  }

  /** Makes one of the test machine's own programs available. */
  public link(name: string): void {
    const path = execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    if (path.startsWith("/")) symlinkSync(path, join(this.bin, name));
  }

  public script(name: string, text: string, folder = this.bin): void {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  }

  public get environment(): NodeJS.ProcessEnv {
    return { PATH: this.bin, HOME: this.folder, WHEELHOUSE_TEST_MACHINE: this.folder };
  }

  public get context(): ToolContext {
    return {
      folder: this.tools,
      environment: this.environment,
      write: (line) => this.said.push(line),
      progressSeconds: 0.1,
      goFolders: [],
      isRoot: true,
    };
  }

  /** What the scripts noted down with `note`. */
  public notes(): string[] {
    try {
      return readFileSync(join(this.folder, "notes"), "utf8").trim().split("\n");
    } catch {
      return [];
    }
  }

  /** Names below the tools folder, without what is inside a finished version. */
  public toolFiles(name: string): string[] {
    try {
      return readdirSync(join(this.tools, name)).sort();
    } catch {
      return [];
    }
  }

  /** Ends what still runs with this machine's environment, and removes its files. */
  public async remove(): Promise<void> {
    await endProcesses(() => processesWith("WHEELHOUSE_TEST_MACHINE", this.folder), { graceSeconds: 0 });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * A Go that builds scripts. It notes each of its runs; while a file `hold` is there, a build does not end.
 */
export function goScript(machine: Machine, version: string, toolchain = "local"): string {
  const { folder } = machine;
  return `
echo "go $1" >> ${folder}/notes
case "$1" in
  version) echo "go version go${version} linux/amd64" ;;
  env) echo ${toolchain} ;;
  get) echo "go: downloading example.test/one v1.0.0" >&2 ;;
  build)
    while [ -e ${folder}/hold ]; do echo "still compiling"; sleep 0.05; done
    while [ $# -gt 0 ]; do [ "$1" = -o ] && output=$2; [ "$1" = -ldflags ] && flags=$2; shift; done
    echo "$flags" >> ${folder}/notes
    printf '#!/bin/sh\\necho 1.2.3\\n' > "$output" && chmod 755 "$output"
    ;;
  mod) echo '{"Dir": "${folder}/module"}' ;;
esac`;
}

/** A tool of these sources that a script can be. */
export function toolFrom(...sources: Source[]): Tool {
  return {
    name: "example",
    group: "builds",
    version: "1.2.3",
    programs: ["example"],
    onPath: { arguments: ["version"], version: /^(\d+\.\d+\.\d+)/m, range: { from: "1.2.0" } },
    sources,
    install: "example 1.2 or later",
  };
}

export const goSource: Source = {
  kind: "go",
  minimum: "1.23.11",
  parts: [
    { kind: "program", program: "example", package: "example.test/cmd", version: "1.2.3", versionVariable: "v.V" },
  ],
};
