/** The bare repositories of the stand-in cloud: making, reading and changing them without a work tree. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { conflict, missing } from "../errors";
import { git } from "./process";

export interface Signature {
  readonly name: string;
  readonly email: string;
}

/** A change of one file, as one commit. */
export interface FileChange {
  /** Full name, such as `refs/heads/main`. */
  readonly branch: string;
  /** Path from the root, without a leading slash. */
  readonly path: string;
  /** The whole new text; undefined removes the file. */
  readonly content: string | undefined;
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

/** A file at the tip of a branch, with the last commit that touched it. */
export interface CommittedFile {
  readonly content: string;
  readonly commit: Commit;
}

export interface Commit {
  readonly id: string;
  readonly author: Signature;
  readonly committer: Signature;
  /** ISO 8601, of the committer. */
  readonly date: string;
  readonly message: string;
}

const commitFormat = "--format=%H%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B%x1e";
const attempts = 12;

/** One folder of bare repositories, each named by its id. */
export class RepositoryStore {
  private readonly turns = new Map<string, Promise<void>>();

  public constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Removes what an interrupted creation or deletion left, and the locks of git processes that were killed. Before any other use. */
  public sweep(known: ReadonlySet<string>): void {
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      if (name.endsWith(".git") && known.has(name.slice(0, -".git".length))) {
        removeLocks(path);
      } else {
        rmSync(path, { recursive: true, force: true });
      }
    }
  }

  /** Runs actions on one repository one after another; an action must not ask for a turn of its own. */
  public async inTurn<T>(id: string, action: () => Promise<T>): Promise<T> {
    const before = this.turns.get(id) ?? Promise.resolve();
    const turn = before.then(action);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.turns.set(id, settled);
    try {
      return await turn;
    } finally {
      if (this.turns.get(id) === settled) {
        this.turns.delete(id);
      }
    }
  }

  public path(id: string): string {
    return join(this.folder, `${id}.git`);
  }

  public exists(id: string): boolean {
    return existsSync(this.path(id));
  }

  /** Makes an empty repository; it appears whole or not at all. */
  public async create(id: string, defaultBranch: string): Promise<void> {
    const making = join(this.folder, `${id}.making`);
    await git(["init", "--bare", "--quiet", "--template=", `--initial-branch=${shortName(defaultBranch)}`, making]);
    renameSync(making, this.path(id));
  }

  public remove(id: string): void {
    rmSync(this.path(id), { recursive: true, force: true });
  }

  /** Copies every branch and tag from an address or a folder. `authorization` is the value of that header. */
  public async copyFrom(id: string, source: string, authorization: string | undefined): Promise<void> {
    await git(["fetch", "--quiet", "--no-auto-gc", source, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"], {
      repository: this.path(id),
      configuration: authorization === undefined ? {} : { "http.extraHeader": `Authorization: ${authorization}` },
    });
  }

  public async setDefaultBranch(id: string, branch: string): Promise<void> {
    await git(["symbolic-ref", "HEAD", branch], { repository: this.path(id) });
  }

  /** Full names of branches and tags, with the object that each points to. */
  public async references(id: string): Promise<Map<string, string>> {
    const { output } = await git(["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags"], {
      repository: this.path(id),
    });
    const lines = output.split("\n").filter((line) => line !== "");
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]));
  }

  /** The object that a branch or tag (full name) or a commit's id stands for, or undefined where there is none. */
  public async tip(id: string, revision: string): Promise<string | undefined> {
    // Only a name is looked up, so that text like main~1 is no branch.
    const lookUp = revision.startsWith("refs/")
      ? ["show-ref", "--verify", "--hash", revision]
      : ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`];
    const { code, output } = await git(lookUp, { repository: this.path(id), allowFailure: true });
    return code === 0 ? output.trim() : undefined;
  }

  /** The file at a branch or commit, or undefined where it is not there or is a folder. */
  public async file(id: string, revision: string, path: string): Promise<CommittedFile | undefined> {
    const repository = this.path(id);
    const [blob, log] = await Promise.all([
      git(["cat-file", "blob", `${revision}:${path}`], { repository, allowFailure: true }),
      git(["log", "-1", commitFormat, revision, "--", path], { repository, allowFailure: true }),
    ]);
    const commit = log.code === 0 ? commits(log.output)[0] : undefined;
    return blob.code === 0 && commit !== undefined ? { content: blob.output, commit } : undefined;
  }

  /** What is at a path of a branch or commit: the file, a folder, or a file where one of the path's folders would be. */
  public async at(id: string, revision: string, path: string): Promise<"file" | "folder" | "blocked" | "nothing"> {
    const parts = path.split("/");
    const ways = parts.map((_part, index) => parts.slice(0, index + 1).join("/"));
    const { output } = await git(["ls-tree", "-z", revision, ...ways], { repository: this.path(id) });
    const entries = output
      .split("\0")
      .map((line) => ({ kind: line.split(" ")[1], path: line.slice(line.indexOf("\t") + 1) }));
    const own = entries.find((entry) => entry.path === path)?.kind;
    if (own !== undefined) {
      return own === "tree" ? "folder" : "file";
    }
    return entries.some((entry) => entry.kind === "blob" && ways.includes(entry.path)) ? "blocked" : "nothing";
  }

  /** Paths of all files, with their blob ids. */
  public async tree(id: string, revision: string): Promise<{ path: string; blob: string }[]> {
    const { output } = await git(["ls-tree", "-r", "-z", revision], { repository: this.path(id) });
    return output
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => ({
        path: line.slice(line.indexOf("\t") + 1),
        blob: (line.split("\t")[0] ?? "").split(" ")[2] ?? "",
      }));
  }

  /** Newest first. */
  public async log(id: string, revision: string, path: string | undefined, most: number): Promise<Commit[]> {
    const { output } = await git(
      ["log", `-${most}`, commitFormat, revision, ...(path === undefined ? [] : ["--", path])],
      { repository: this.path(id) },
    );
    return commits(output);
  }

  /** Starts a branch with a first commit. Refuses where the branch exists. */
  public async begin(id: string, change: FileChange): Promise<void> {
    const { code, errors } = await this.import(id, change, undefined);
    if (code !== 0) {
      throw conflict("GitReferenceUpdate", `${change.branch} could not be started: ${errors.trim()}`);
    }
  }

  /**
   * Commits a change on top of the branch's tip. Where somebody else was faster the branch is read anew and the change tried again,
   * twelve times at most. `check` runs before each try with the tip it is made on, and refuses by throwing. Changes come one after
   * another, so that only pushes by git can be faster.
   */
  public async commit(id: string, change: FileChange, check: (tip: string) => Promise<void>): Promise<void> {
    await this.inTurn(id, () => this.commitOnTip(id, change, check));
  }

  private async commitOnTip(id: string, change: FileChange, check: (tip: string) => Promise<void>): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const tip = await this.tip(id, change.branch);
      if (tip === undefined) {
        throw missing(
          "GitBranchNotFound",
          `branch not found: the repository has no branch ${change.branch}; create it first`,
        );
      }
      await check(tip);
      const { code } = await this.import(id, change, tip);
      if (code === 0) {
        return;
      }
      await sleep(attempt * 10 * (1 + Math.random()));
    }
    throw conflict(
      "GitReferenceStale",
      `TF401028: ${change.branch} of the repository ${id} was changed by others at each of ${attempts} tries; try again`,
    );
  }

  /** git moves the branch only from the commit that the change is made on, so a push in between makes this fail. */
  private async import(
    id: string,
    change: FileChange,
    tip: string | undefined,
  ): Promise<{ code: number; errors: string }> {
    const now = `${Math.floor(Date.now() / 1000)} +0000`;
    const person = ({ name, email }: Signature): string => `${clean(name)} <${clean(email)}> ${now}`;
    const edit =
      change.content === undefined ? `D ${change.path}\n` : `M 100644 inline ${change.path}\n${data(change.content)}`;
    const input = [
      `commit ${change.branch}\n`,
      `author ${person(change.author)}\n`,
      `committer ${person(change.committer)}\n`,
      data(change.message),
      tip === undefined ? "" : `from ${tip}\n`,
      edit,
      "done\n",
    ].join("");
    return git(["fast-import", "--quiet", "--done"], { repository: this.path(id), input, allowFailure: true });
  }
}

/** git never breaks the lock of a process that is gone, so a branch that was being moved would stay as it is for ever. */
function removeLocks(repository: string): void {
  const top = readdirSync(repository).filter((name) => name.endsWith(".lock"));
  const below = readdirSync(join(repository, "refs"), { recursive: true, encoding: "utf8" });
  const references = below.filter((name) => name.endsWith(".lock")).map((name) => join("refs", name));
  [...top, ...references].forEach((name) => rmSync(join(repository, name), { force: true }));
}

/** Whether git takes a text as the full name of a branch, by the rules of git-check-ref-format. */
export function isBranchName(name: string): boolean {
  const parts = name.split("/");
  return (
    name.startsWith("refs/heads/") &&
    !/[\p{Cc} ~^:?*[\\]|\.\.|@\{/u.test(name) &&
    !name.endsWith(".") &&
    parts.every((part) => part !== "" && !part.startsWith(".") && !part.startsWith("-") && !part.endsWith(".lock"))
  );
}

/** `refs/heads/main` as `main`. */
export function shortName(branch: string): string {
  return branch.replace(/^refs\/heads\//, "");
}

/** `main` as `refs/heads/main`. */
export function fullName(branch: string): string {
  return branch.startsWith("refs/") ? branch : `refs/heads/${branch}`;
}

function data(content: string): string {
  return `data ${Buffer.byteLength(content)}\n${content}\n`;
}

/** Names and addresses may not hold what ends them in a commit object. */
function clean(part: string): string {
  return part.replace(/[<>\n\0]/g, "");
}

function commits(output: string): Commit[] {
  return output
    .split("\x1e")
    .map((record) => record.replace(/^\n/, "").split("\0"))
    .flatMap(([id, authorName, authorEmail, name, email, date, message]) =>
      id === undefined || message === undefined
        ? []
        : [
            {
              id,
              author: { name: authorName ?? "", email: authorEmail ?? "" },
              committer: { name: name ?? "", email: email ?? "" },
              date: date ?? "",
              message: message.replace(/\n+$/, ""),
            },
          ],
    );
}
