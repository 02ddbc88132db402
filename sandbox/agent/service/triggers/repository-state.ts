/** What pushes say of a repository: where its branches are, and which pipelines were there before. */
import type { Memory } from "../memory";
import type { Definition, Push, World } from "../world";

const none = /^0+$/;

/** The branches of a repository (full names) with their commits, told from all pushes to it. */
export function branchTips(world: World, repositoryId: string): ReadonlyMap<string, string> {
  const tips = new Map<string, string>();
  for (const push of world.pushes) {
    if (push.repositoryId !== repositoryId) continue;
    for (const { name, after } of push.updates) {
      if (!name.startsWith("refs/heads/")) continue;
      if (none.test(after)) tips.delete(name);
      else tips.set(name, after);
    }
  }
  return tips;
}

/** The branch that a pipeline runs for when nothing names one. */
export function defaultBranch(definition: Definition, world: World): string {
  if (definition.branch !== "") return definition.branch;
  return world.repositories.find(({ id }) => id === definition.repositoryId)?.defaultBranch ?? "";
}

/** The updates of a push that leave a branch behind. */
export function branchUpdates(push: Push): Push["updates"] {
  return push.updates.filter(({ name, after }) => name.startsWith("refs/heads/") && !none.test(after));
}

export function isNewBranch({ before }: { readonly before: string }): boolean {
  return none.test(before);
}

/**
 * Whether a pipeline was there when something happened; what happened before it was made does not start it. Where the clouds do not say
 * when it was made, it was there if an earlier look has seen it.
 */
export function wasThere(definition: Definition, when: string, memory: Memory): boolean {
  if (definition.createdAt !== undefined) return Date.parse(definition.createdAt) <= Date.parse(when);
  return memory.definitions.includes(definition.id);
}

/** `refs/heads/main` as `main`. */
export function shortName(branch: string): string {
  return branch.replace(/^refs\/(heads|tags)\//, "");
}
