/** Which policies cover a branch, and which branches so refuse a direct push, unless the pusher may pass policies by. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { fullName } from "../git/repositories";
import { text } from "../kind";
import type { Entity } from "../state";
import { requireOwner } from "./identities";
import { tokens } from "./tokens";

const scope = z.looseObject({
  repositoryId: z.string().optional(),
  repositoryRef: z.string().optional(),
  matchType: z.string().optional(),
});

const policy = z.looseObject({
  enabled: z.boolean(),
  blocking: z.boolean(),
  settings: z.looseObject({ scopes: z.array(scope) }),
});

/** A policy that covers a branch. */
export interface Covering {
  readonly entity: Entity;
  readonly blocking: boolean;
}

/** The policies that are switched on and cover a branch (full name). */
export function policiesOn(cloud: Cloud, repository: Entity, branch: string): Covering[] {
  return [tokens.branchPolicyBuildValidation, tokens.branchPolicyMinReviewers]
    .flatMap((token) => cloud.state.list(token))
    .filter((entity) => text(entity, "projectId") === text(repository, "projectId"))
    .map((entity) => ({ entity, ...policy.parse(entity.properties) }))
    .filter(
      ({ enabled, settings }) => enabled && settings.scopes.some((scope) => isCovered(scope, branch, repository)),
    );
}

function isCovered(
  { repositoryId = "", repositoryRef = "", matchType = "Exact" }: z.infer<typeof scope>,
  branch: string,
  repository: Entity,
): boolean {
  return (
    (repositoryId === "" || repositoryId === repository.id) && covers(repositoryRef, matchType, branch, repository)
  );
}

/** Those of the branches (full names) that refuse a direct push. `person` pushes; absent, the owner does. */
export function protectedBranches(
  cloud: Cloud,
  repository: Entity,
  branches: readonly string[],
  person?: Entity,
): string[] {
  return branches.filter(
    (branch) =>
      policiesOn(cloud, repository, branch).some(({ blocking }) => blocking) &&
      !mayPass(cloud, repository, branch, "PolicyExempt", person),
  );
}

function covers(reference: string, matchType: string, branch: string, repository: Entity): boolean {
  switch (matchType.toLowerCase()) {
    case "defaultbranch":
      return branch === text(repository, "defaultBranch");
    case "prefix":
      return branch === reference || branch.startsWith(reference.endsWith("/") ? reference : `${reference}/`);
    default:
      return branch === reference;
  }
}

/** Whether somebody, or a group of theirs, is allowed to pass policies by: when pushing, or when completing a pull request. */
export function mayPass(
  cloud: Cloud,
  repository: Entity,
  branch: string,
  permission: "PolicyExempt" | "PullRequestBypassPolicy",
  person?: Entity,
): boolean {
  const principals = principalsOf(cloud, person ?? requireOwner(cloud));
  return cloud.state.list(tokens.gitPermissions).some((entity) => {
    const { principal, projectId, repositoryId, branchName, permissions } = entity.properties;
    return (
      principals.has(String(principal)) &&
      projectId === text(repository, "projectId") &&
      (repositoryId === undefined || repositoryId === repository.id) &&
      (branchName === undefined || (typeof branchName === "string" && fullName(branchName) === branch)) &&
      z.record(z.string(), z.string()).catch({}).parse(permissions)[permission]?.toLowerCase() === "allow"
    );
  });
}

/** Descriptors of an identity and of every group and team that it is in. */
export function principalsOf(cloud: Cloud, identity: Entity): Set<string> {
  const principals = new Set([text(identity, "descriptor")]);
  for (let before = -1; before !== principals.size;) {
    before = principals.size;
    for (const entity of [...cloud.state.list(tokens.group), ...cloud.state.list(tokens.team)]) {
      const members = z.array(z.string()).catch([]).parse(entity.properties.members);
      if (members.some((member) => principals.has(member))) {
        principals.add(text(entity, "descriptor"));
      }
    }
  }
  return principals;
}
