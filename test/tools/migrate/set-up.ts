/** The set-ups of this folder as repositories of their own, in a temporary folder. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

export const setUps = path.join(__dirname, "set-ups");
export const setUpNames = readdirSync(setUps).sort();

/** A temporary folder with repositories, one below the other. */
export class Repositories {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), "wheelhouse-migrate-test-")));

  /** A copy of a set-up, without git. */
  copy(name: string): string {
    const target = path.join(this.folder, name);
    rmSync(target, { recursive: true, force: true });
    cpSync(path.join(setUps, name), target, { recursive: true });
    return target;
  }

  /** A repository with these files, without git. */
  make(name: string, files: Readonly<Record<string, string>>): string {
    const target = path.join(this.folder, name);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const [file, text] of Object.entries(files)) this.write(path.join(target, file), text);
    return target;
  }

  /** A platform's checkout with one base image and one application. */
  platform(files: Readonly<Record<string, string>> = {}): string {
    return this.make("platform", {
      "base-images/python-web/base-image.yaml": 'name: python-web\npython: "3.13"\n',
      "base-images/python-web/requirements.in": "httpx\n",
      "apps/orders.yaml": "name: orders\nbaseImage: python-web\n",
      "Pulumi.production.yaml": "config:\n  wheelhouse:project: Shop\n  wheelhouse:templateRepository: paved-road\n",
      ...files,
    });
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Commits everything, with git's own settings shut out. */
  commit(folder: string, remote?: string): void {
    git(folder, "init", "--quiet", "--initial-branch=main");
    if (remote !== undefined) git(folder, "remote", "add", "origin", remote);
    git(folder, "add", "--all", "--force");
    git(folder, "commit", "--quiet", "--message", "As it was");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function git(folder: string, ...args: readonly string[]): string {
  const who = { GIT_AUTHOR_NAME: "Test", GIT_AUTHOR_EMAIL: "test@example.com" };
  const env = {
    ...process.env,
    ...who,
    GIT_COMMITTER_NAME: "Test",
    GIT_COMMITTER_EMAIL: "test@example.com",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
  return execFileSync("git", ["-C", folder, ...args], { env, encoding: "utf8" });
}

/** Every file of a folder but git's own, with its text. */
export function filesOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  return Object.fromEntries(
    files
      .filter((file) => !file.startsWith(".git/"))
      .sort()
      .map((file) => [file, readFileSync(path.join(folder, file), "utf8")]),
  );
}
