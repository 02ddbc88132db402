/** Who may write to pull requests: the permission "Contribute to pull requests" on a repository. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { forbidden } from "../errors";
import { text } from "../kind";
import type { Entity } from "../state";
import { organizationId } from "./identities";
import { principalsOf } from "./protection";
import { tokens } from "./tokens";

const permission = "PullRequestContribute";

/** Groups of a project that the service gives the permission to when it makes the project. */
const byDefault = ["Contributors", "Project Administrators"];

const permissions = z.record(z.string(), z.string()).catch({});

/**
 * Whether an account has the permission. What is said of the repository counts before what is said of the whole project, and on one
 * level a refusal before a permission. Where nothing is said, people have it, as contributors; a build account has it only as a
 * member of a group that has it.
 */
function mayContribute(cloud: Cloud, repository: Entity, caller: Entity): boolean {
  const projectId = text(repository, "projectId");
  const principals = principalsOf(cloud, caller);
  const said = cloud.state.list(tokens.gitPermissions).filter((entity) => {
    const { principal, branchName } = entity.properties;
    return text(entity, "projectId") === projectId && branchName === undefined && principals.has(String(principal));
  });
  for (const repositoryId of [repository.id, undefined]) {
    const states = said
      .filter(({ properties }) => properties.repositoryId === repositoryId)
      .map(({ properties }) => permissions.parse(properties.permissions)[permission]?.toLowerCase());
    if (states.includes("deny")) return false;
    if (states.includes("allow")) return true;
  }
  if (text(caller, "subjectKind") === "user") return true;
  return cloud.state
    .list(tokens.group)
    .some(
      (group) =>
        text(group, "scope") === projectId &&
        byDefault.includes(text(group, "displayName")) &&
        principals.has(text(group, "descriptor")),
    );
}

/** @throws ServiceError as the service refuses it */
export function requirePullRequestContribution(cloud: Cloud, repository: Entity, caller: Entity): void {
  if (mayContribute(cloud, repository, caller)) return;
  // The service calls build accounts by the id of what they build for.
  const [owner] = caller.within;
  const name =
    text(caller, "subjectKind") === "serviceIdentity"
      ? `Build\\${owner?.id ?? organizationId(cloud)}`
      : text(caller, "displayName");
  throw forbidden(
    "GitNeedsPermissionException",
    `TF401027: You need the Git '${permission}' permission to perform this action. Details: identity '${name}', scope 'repository'.`,
  );
}
