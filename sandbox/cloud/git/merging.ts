/** Merges without a work tree: what two commits give together, and moving a reference only from where it is known to be. */
import { git } from "./process";
import type { Signature } from "./repositories";

export type Merged =
  | { readonly kind: "clean"; readonly tree: string }
  /** Paths that both sides changed in different ways. */
  | { readonly kind: "conflicts"; readonly paths: readonly string[] }
  /** There is no common ancestor, or git cannot merge for another reason. */
  | { readonly kind: "impossible"; readonly reason: string };

/** What a branch at `target` is after a merge of `source`. `repository` is the bare repository's folder. */
export async function merge(repository: string, target: string, source: string): Promise<Merged> {
  const { code, output, errors } = await git(
    ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", target, source],
    { repository, allowFailure: true },
  );
  const [tree = "", ...paths] = output.split("\0").filter((part) => part !== "");
  if (code === 0) {
    return { kind: "clean", tree };
  }
  return code === 1 ? { kind: "conflicts", paths } : { kind: "impossible", reason: errors.trim() };
}

export interface NewCommit {
  readonly tree: string;
  /** The first one is the branch that it is for. */
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
}

/** Writes a commit that no reference leads to yet. @returns its id */
export async function writeCommit(repository: string, { tree, parents, message, author }: NewCommit): Promise<string> {
  const { output } = await git(["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"], {
    repository,
    input: `${message.trimEnd()}\n`,
    configuration: { "user.name": author.name, "user.email": author.email },
  });
  return output.trim();
}

/** The tree of a commit. */
export async function treeOf(repository: string, commit: string): Promise<string> {
  return (await git(["rev-parse", "--verify", `${commit}^{tree}`], { repository })).output.trim();
}

/**
 * Moves a reference, or removes it without `to`.
 * @param from Where it has to be now; undefined: anywhere, or nowhere.
 * @returns whether it was there
 */
export async function moveReference(
  repository: string,
  name: string,
  to: string | undefined,
  from: string | undefined,
): Promise<boolean> {
  const known = from === undefined ? [] : [from];
  const args = to === undefined ? ["update-ref", "-d", name, ...known] : ["update-ref", name, to, ...known];
  return (await git(args, { repository, allowFailure: true })).code === 0;
}

/** Paths that a merge of `source` into `target` changes. */
export async function changedPaths(repository: string, target: string, source: string): Promise<string[]> {
  const { output } = await git(["diff", "--name-only", "--no-renames", "-z", `${target}...${source}`], { repository });
  return output.split("\0").filter((path) => path !== "");
}
