/** Writes a proposal's files: all of them or none, and none over work that is not committed. */
import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { relativePath } from "../../spec/paths";
import type { CommandContext } from "../context";
import { UsageError } from "../errors";
import type { FileChange, Place } from "./proposal";
import { askGit } from "./repository";

/** Absolute folders of the repositories that are written to. */
export type Folders = Partial<Record<Place, string>>;

/** One file that is to be written or removed. */
interface Target {
  readonly change: FileChange;
  readonly file: string;
  /** Mode of the file that is there. */
  readonly mode: number;
}

/**
 * Files of repositories without a folder are left out, and so are those that have their new text already.
 * @returns absolute paths of what was written or removed.
 * @throws UsageError before anything is changed, or after everything was put back.
 */
export async function applyChanges(
  changes: readonly FileChange[],
  folders: Folders,
  context: CommandContext,
): Promise<string[]> {
  const targets = changes.flatMap((change) => {
    const folder = folders[change.place];
    const target = folder === undefined ? undefined : targetOf(change, folder);
    return target === undefined ? [] : [target];
  });
  if (folders.team !== undefined) {
    const files = targets.filter(({ change }) => change.place === "team").map(({ change }) => change.file);
    await refuseUncommitted(folders.team, files, context);
  }
  replaceAll(targets);
  return targets.map(({ file }) => file);
}

/** `undefined` where nothing is to be done. */
function targetOf(change: FileChange, folder: string): Target | undefined {
  const refusal = relativePath(change.file);
  if (refusal !== undefined) throw new UsageError(refusal.message, refusal.mend);
  const file = path.join(folder, change.file);
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    throw new UsageError(
      `${file} is ${found.isSymbolicLink() ? "a symbolic link" : "no file"}`,
      "Put a plain file there, or move it away.",
    );
  }
  const text = found === undefined ? undefined : readFileSync(file, "utf8");
  if (text === change.after) return undefined;
  if (text !== change.before) {
    throw new UsageError(
      `${file} ${change.before === undefined ? "is there already, with another text" : "has changed meanwhile"}`,
      change.place === "platform" ? "Choose another name with --name, or remove it first." : "Run the command again.",
    );
  }
  return { change, file, mode: found === undefined ? 0o644 : found.mode & 0o777 };
}

async function refuseUncommitted(folder: string, files: readonly string[], context: CommandContext): Promise<void> {
  if (files.length === 0) return;
  const status = await askGit(
    folder,
    ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignored=matching", "--", ...files],
    context,
  );
  if (status === undefined) {
    throw new UsageError(
      `${folder} is no git repository, so that nothing could be taken back`,
      "Run git init, git add and git commit there first; or take the changes over by hand.",
    );
  }
  const changed = status.split("\0").filter((entry) => entry !== "");
  if (changed.length === 0) return;
  const names = changed.map((entry) => entry.slice(3)).sort();
  throw new UsageError(
    `${names.join(", ")} ${names.length === 1 ? "has" : "have"} changes that are not committed`,
    "Commit or stash them first; nothing was written.",
  );
}

/** Everything is written beside its place first; what then fails is undone. */
function replaceAll(targets: readonly Target[]): void {
  const made: { readonly target: Target; readonly part: string }[] = [];
  const done: Target[] = [];
  const folders: string[] = [];
  try {
    for (const target of targets) {
      if (target.change.after === undefined) continue;
      const created = mkdirSync(path.dirname(target.file), { recursive: true });
      if (created !== undefined) folders.push(created);
      const part = path.join(
        path.dirname(target.file),
        `.${path.basename(target.file)}.${randomBytes(6).toString("hex")}`,
      );
      made.push({ target, part });
      writeFileSync(part, target.change.after, { flag: "wx", mode: target.mode });
      chmodSync(part, target.mode);
    }
    for (const { target, part } of made) {
      renameSync(part, target.file);
      done.push(target);
    }
    for (const target of targets.filter(({ change }) => change.after === undefined)) {
      rmSync(target.file);
      done.push(target);
    }
  } catch (error) {
    for (const { part } of made) rmSync(part, { force: true });
    for (const target of done) putBack(target);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(`the files cannot be written: ${code}`, "Nothing was changed.", { cause: error });
  }
}

function putBack({ change, file, mode }: Target): void {
  if (change.before === undefined) rmSync(file, { force: true });
  else writeFileSync(file, change.before, { mode });
}
