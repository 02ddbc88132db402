/** What a new organization has before anybody makes anything, and what an interrupted process left unfinished. */
import type { Cloud } from "../cloud";
import { text } from "../kind";
import { putBuiltInPools } from "./agents";
import { addMembers, putBuiltInGroup } from "./groups";
import { putBuildService, requireOwner } from "./identities";
import { freshenPullRequests } from "./merges";
import { furnish } from "./projects";
import { recordPushes } from "./pushes";
import { followDefaultBranch } from "./repositories";
import { tokens } from "./tokens";

/** Brings the state to what a running organization has. It may be repeated. */
export async function seed(cloud: Cloud): Promise<void> {
  putBuiltInPools(cloud);
  const administrators = putBuiltInGroup(cloud, "Project Collection Administrators");
  addMembers(cloud, administrators.id, [text(requireOwner(cloud), "descriptor")]);
  const accounts = putBuiltInGroup(cloud, "Project Collection Build Service Accounts");
  addMembers(cloud, accounts.id, [text(putBuildService(cloud), "descriptor")]);
  const everyone = putBuiltInGroup(cloud, "Project Collection Valid Users");
  addMembers(cloud, everyone.id, [administrators.id, accounts.id]);
  cloud.repositories.sweep(new Set(cloud.state.list(tokens.git).map(({ id }) => id)));
  for (const { id } of cloud.state.list(tokens.project)) {
    await furnish(cloud, id);
  }
  for (const { id } of cloud.state.list(tokens.git).filter((repository) => cloud.repositories.exists(repository.id))) {
    await followDefaultBranch(cloud, id);
    await recordPushes(cloud, id);
    await freshenPullRequests(cloud, id);
  }
}
