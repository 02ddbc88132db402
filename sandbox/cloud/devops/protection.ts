/** Which branches refuse a direct push: those that an enabled, blocking policy covers, unless the pusher may pass policies by. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { fullName } from "../git/repositories";
import { text } from "../kind";
import type { Entity } from "../state";
import { requireOwner } from "./identities";
import { tokens } from "./tokens";

const policy = z.looseObject({
  enabled: z.boolean(),
  blocking: z.boolean(),
  settings: z.looseObject({
    scopes: z.array(
      z.looseObject({
        repositoryId: z.string().optional(),
        repositoryRef: z.string().optional(),
        matchType: z.string().optional(),
      }),
    ),
  }),
});

/** Those of the branches (full names) that refuse a direct push. */
export function protectedBranches(cloud: Cloud, repository: Entity, branches: readonly string[]): string[] {
  const scopes = [tokens.branchPolicyBuildValidation, tokens.branchPolicyMinReviewers]
    .flatMap((token) => cloud.state.list(token))
    .filter((entity) => text(entity, "projectId") === text(repository, "projectId"))
    .map((entity) => policy.parse(entity.properties))
    .filter(({ enabled, blocking }) => enabled && blocking)
    .flatMap(({ settings }) => settings.scopes)
    .filter(({ repositoryId }) => repositoryId === undefined || repositoryId === "" || repositoryId === repository.id);
  const covered = branches.filter((branch) =>
    scopes.some(({ repositoryRef, matchType }) =>
      covers(repositoryRef ?? "", matchType ?? "Exact", branch, repository),
    ),
  );
  return covered.filter((branch) => !mayPass(cloud, repository, branch));
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

/** Whether the owner's groups, or the owner, are allowed to pass policies by when pushing. */
function mayPass(cloud: Cloud, repository: Entity, branch: string): boolean {
  const principals = principalsOfOwner(cloud);
  return cloud.state.list(tokens.gitPermissions).some((entity) => {
    const { principal, projectId, repositoryId, branchName, permissions } = entity.properties;
    return (
      principals.has(String(principal)) &&
      projectId === text(repository, "projectId") &&
      (repositoryId === undefined || repositoryId === repository.id) &&
      (branchName === undefined || (typeof branchName === "string" && fullName(branchName) === branch)) &&
      z.record(z.string(), z.string()).catch({}).parse(permissions).PolicyExempt?.toLowerCase() === "allow"
    );
  });
}

function principalsOfOwner(cloud: Cloud): Set<string> {
  const principals = new Set([text(requireOwner(cloud), "descriptor")]);
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
