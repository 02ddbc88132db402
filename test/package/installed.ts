/** The package as somebody else gets it: built, packed, and unpacked into a folder with what it depends on. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(__dirname, "../..");
const run = promisify(execFile);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly types: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

/** What a checkout needs of its dependencies, and the package must not. */
const onlyInCheckouts = ["esbuild", "tsx"];

export class Installed {
  private constructor(
    /** The consumer's folder. */
    readonly folder: string,
    /** The package in it. */
    readonly place: string,
    readonly files: readonly PackedFile[],
    /** Bytes of the archive. */
    readonly size: number,
  ) {}

  get manifest(): Manifest {
    return JSON.parse(this.read("package.json")) as Manifest;
  }

  /** What npm does when it packs the checkout, and when it installs the archive, but for the downloads. */
  static async make(): Promise<Installed> {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-package-"));
    await run(process.execPath, [join(root, "provider", "build.mjs")], { cwd: root });
    const packing = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
    const { stdout } = await run("npm", packing, { cwd: root, maxBuffer: 16 * 1024 * 1024 });
    const [packed] = JSON.parse(stdout) as { filename: string; size: number; files: PackedFile[] }[];
    const place = join(folder, "node_modules", "wheelhouse");
    mkdirSync(dirname(place), { recursive: true });
    execFileSync("tar", ["-xzf", join(folder, packed!.filename), "-C", folder]);
    renameSync(join(folder, "package"), place);
    const installed = new Installed(folder, place, packed!.files, packed!.size);
    installed.link(...Object.keys(installed.manifest.dependencies).filter((name) => !onlyInCheckouts.includes(name)));
    return installed;
  }

  /** Puts packages of the checkout beside it. */
  link(...packages: readonly string[]): void {
    for (const name of packages) {
      const target = join(this.folder, "node_modules", name);
      mkdirSync(dirname(target), { recursive: true });
      symlinkSync(join(root, "node_modules", name), target);
    }
  }

  /**
   * Puts a program of `consumer/` there. In the checkout it imports the sources, so that the compiler and the linter read it
   * as they read everything; here it imports the package.
   */
  addProgram(file: string): void {
    let text = readFileSync(join(__dirname, "consumer", file), "utf8");
    for (const [path, target] of Object.entries(this.manifest.exports)) {
      if (typeof target === "string") continue;
      const room = target.default.replace(/^\.\/dist\/|(?:\/index)?\.js$/g, "");
      const specifiers = [room, `${room}.js`, `${room}/index.js`].map((source) => `"../../../${source}"`);
      for (const specifier of specifiers)
        text = text.replaceAll(specifier, `"${posix.join(this.manifest.name, path)}"`);
    }
    writeFileSync(join(this.folder, file), text);
  }

  read(path: string): string {
    return readFileSync(join(this.place, path), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
