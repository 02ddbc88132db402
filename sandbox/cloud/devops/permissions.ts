/** Permissions on repositories and branches, for groups, teams and identities. */
import { z } from "zod";
import { invalid } from "../errors";
import { recordKind, type Kind } from "../kind";
import { requireProject, requireSubject } from "./identities";
import { requireRepository } from "./repositories";
import { tokens } from "./tokens";

/** Actions of the service's security namespace for Git repositories. */
const actions = [
  "Administer",
  "GenericRead",
  "GenericContribute",
  "ForcePush",
  "CreateBranch",
  "CreateTag",
  "ManageNote",
  "PolicyExempt",
  "CreateRepository",
  "DeleteRepository",
  "RenameRepository",
  "EditPolicies",
  "RemoveOthersLocks",
  "ManagePermissions",
  "PullRequestContribute",
  "PullRequestBypassPolicy",
  "ViewAdvSecAlerts",
  "DismissAdvSecAlerts",
  "ManageAdvSecScanning",
];

const inputs = z.looseObject({
  projectId: z.string(),
  repositoryId: z.string().optional(),
  branchName: z.string().optional(),
  principal: z.string(),
  permissions: z.record(z.string(), z.string()),
  replace: z.boolean().default(true),
});

type Permissions = z.infer<typeof inputs>;

/** The service's own name of what the permissions are on; a branch is written part by part in hexadecimal UTF-16. */
function securedPath({ projectId, repositoryId, branchName }: Permissions): string {
  const branch = (branchName ?? "").split("/").map((part) => Buffer.from(part, "utf16le").toString("hex"));
  const place = repositoryId === undefined ? `repoV2/${projectId}` : `repoV2/${projectId}/${repositoryId}`;
  return branchName === undefined ? place : `${place}/refs/heads/${branch.join("/")}`;
}

/** Permissions of one principal on one project's, repository's or branch's git. */
export const gitPermissions: Kind = recordKind<Permissions>({
  token: tokens.gitPermissions,
  called: "set of Git permissions",
  inputs,
  overwrites: true,
  key: (permissions) => `${securedPath(permissions)}/${permissions.principal}`,
  newId: (permissions) => `${securedPath(permissions)}/${permissions.principal}`,
  idOf: (id) => id,
  within: ({ projectId, repositoryId }) => [
    repositoryId === undefined ? { token: tokens.project, id: projectId } : { token: tokens.git, id: repositoryId },
  ],
  check({ projectId, repositoryId, branchName, principal, permissions }, cloud) {
    requireProject(cloud, projectId);
    requireSubject(cloud, principal, "the principal");
    if (repositoryId !== undefined) {
      requireRepository(cloud, repositoryId);
    }
    if (branchName !== undefined && repositoryId === undefined) {
      throw invalid("SecurityTokenInvalid", "permissions on a branch need the repository's id too");
    }
    for (const [action, state] of Object.entries(permissions)) {
      if (!actions.includes(action)) {
        throw invalid(
          "SecurityActionInvalid",
          `"${action}" is no permission on Git repositories; there are ${actions.join(", ")}`,
        );
      }
      if (!["allow", "deny", "notset"].includes(state.toLowerCase())) {
        throw invalid("SecurityActionInvalid", `${action} is Allow, Deny or NotSet, and not "${state}"`);
      }
    }
  },
});
