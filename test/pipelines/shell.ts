/** A shell for the scripts of runs, in a folder of its own, with stand-ins for the programs that they call. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export class Shell {
  /** The folder of all that a test makes. */
  readonly folder = mkdtempSync(join(tmpdir(), "pipeline-scripts-"));

  constructor() {
    mkdirSync(join(this.folder, "bin"));
    mkdirSync(this.temp());
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A path in the job's temporary folder. */
  temp(...parts: string[]): string {
    return join(this.folder, "temp", ...parts);
  }

  /** A program that notes its arguments, then runs `body`. */
  standIn(name: string, body: string): void {
    const path = join(this.folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> "${join(this.folder, "calls")}"\n${body}\n`);
    chmodSync(path, 0o755);
  }

  /** What stand-ins were called with, in order. */
  calls(): string[] {
    const path = join(this.folder, "calls");
    return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  }

  /** Runs a script; `alone`: with no program but the stand-ins. */
  run(script: string, env: Readonly<Record<string, string>>, alone = false): { status: number | null; output: string } {
    const bin = join(this.folder, "bin");
    const result = spawnSync("/bin/sh", ["-c", script], {
      cwd: this.folder,
      env: {
        PATH: alone ? bin : `${bin}${delimiter}${process.env.PATH ?? ""}`,
        AGENT_TEMPDIRECTORY: this.temp(),
        ...env,
      },
      encoding: "utf8",
      timeout: 10_000,
    });
    return { status: result.status, output: result.stdout + result.stderr };
  }
}
