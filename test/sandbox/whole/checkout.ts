/** A copy of this checkout with a sandbox of its own, on which npm's scripts run as a user runs them. */
import { spawn, type ChildProcess } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { wheelhouseHome } from "../../../sandbox/home.mjs";

const original = path.join(__dirname, "../../..");
/**
 * Whether a copy leaves this out: what is not the product, the packages, which it shares, and what is built, which a new clone has none of
 * and other tests may build at this moment.
 */
function isLeftOut(source: string): boolean {
  return /^(\.git|\.ci|node_modules|coverage|dist(\..*)?|tools\/dist)$/.test(path.relative(original, source));
}

/** What a command said and how it ended. */
export interface Ended {
  /** 128 and more when a signal ended it. */
  readonly code: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** A command that goes on. */
export interface Going {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export class Checkout {
  readonly folder: string;
  private readonly root: string;
  private readonly environment: NodeJS.ProcessEnv;

  /** @param options `material`: whether it shares what is made once on a machine for image builds, a Python image and packages. */
  constructor(options: { readonly material: boolean } = { material: false }) {
    this.root = realpathSync(mkdtempSync(path.join(tmpdir(), "wheelhouse-whole-")));
    this.folder = path.join(this.root, "platform");
    cpSync(original, this.folder, {
      recursive: true,
      filter: (source) => !isLeftOut(source),
    });
    symlinkSync(path.join(original, "node_modules"), path.join(this.folder, "node_modules"));
    // Coverage of a copy would count for nothing, and slow it down.
    this.environment = {
      ...process.env,
      WHEELHOUSE_HOME: this.home,
      TMPDIR: this.temporary,
      NODE_V8_COVERAGE: undefined,
    };
    mkdirSync(this.temporary);
    if (options.material) this.shareMaterial();
  }

  private shareMaterial(): void {
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    for (const name of ["images", "packages-of-the-public-index"]) {
      const shared = path.join(wheelhouseHome(), name);
      mkdirSync(shared, { recursive: true, mode: 0o700 });
      symlinkSync(shared, path.join(this.home, name));
    }
  }

  /** Where the copy's sandbox is kept. */
  get home(): string {
    return path.join(this.root, "home");
  }

  /** The folder for temporary files that the copy's programs are told to use. */
  get temporary(): string {
    return path.join(this.root, "tmp");
  }

  /** The sandbox's folder; there is one at most. */
  get sandbox(): string | undefined {
    const sandboxes = path.join(this.home, "sandboxes");
    const folders = existsSync(sandboxes)
      ? readdirSync(sandboxes, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      : [];
    return folders[0] === undefined ? undefined : path.join(sandboxes, folders[0].name);
  }

  /** Starts `npm run <args>` in a process group of its own. */
  begin(...args: string[]): Going {
    const child = spawn(process.execPath, [path.join(this.folder, "sandbox/bootstrap.mjs"), ...args], {
      cwd: this.folder,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    const ended = new Promise<Ended>((resolve) => {
      child.stdout.on("data", (data: Buffer) => (output += data.toString()));
      child.stderr.on("data", (data: Buffer) => (output += data.toString()));
      child.on("close", (code) => {
        resolve({ code: code ?? 128, output });
      });
    });
    return { child, ended };
  }

  /** Runs `npm run <args>` to its end, or ends it by force after `seconds`. */
  async run(seconds: number, ...args: string[]): Promise<Ended> {
    const { child, ended } = this.begin(...args);
    const timer = setTimeout(() => {
      killGroup(child);
    }, seconds * 1000);
    try {
      return await ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The ids of all processes that belong to this copy: by their command line, folder or environment. */
  processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => ["cmdline", "environ"].some((file) => readProcess(pid, file).includes(this.root)))
      .map(Number);
  }

  /** Command lines of those processes, for what must not stand in them. */
  commandLines(): string[] {
    return this.processes().map((pid) => readProcess(pid.toString(), "cmdline").replaceAll("\0", " "));
  }

  /** Every file below a folder, with its content. */
  files(folder: string): { readonly file: string; readonly content: Buffer }[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => ({ file, content: readFileSync(file) }));
  }

  /** Ends what is still there and removes the copy. */
  async dispose(): Promise<void> {
    await this.run(60, "sandbox", "down");
    for (const pid of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended in the meantime.
      }
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Ends a command and all that it started in its group, with no chance to tidy up. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended in the meantime.
  }
}

function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
