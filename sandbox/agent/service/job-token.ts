/** What the token of a job may do: at the feed by the role of the build account, with git by the pipeline's settings. */
import type { FeedPlace } from "../../services/feed/address";
import type { FeedRole, IssueOptions } from "../../services/types";
import { isOfProjectOnly, namedRepositories, reachesNamedOnly, same } from "./checks";
import type { Plan } from "./plan";
import type { World } from "./world";

/** The service's job tokens are good for an hour beyond the job's time at most; here for no longer than an hour in all. */
const mostSeconds = 3600;

const feedRoles: Readonly<Record<string, FeedRole>> = {
  reader: "reader",
  collaborator: "collaborator",
  contributor: "contributor",
  administrator: "contributor",
};

/** The account that jobs of a pipeline act as: its project's, or the organization's. */
function buildAccount({ definition, project }: Plan, world: World): string | undefined {
  const of = isOfProjectOnly(definition, world) ? project.name : "Project Collection";
  const name = `${of} Build Service (${world.organization})`;
  return world.identities.find(({ displayName }) => same(displayName, name))?.descriptor;
}

/** The role of a job at the feed that the services serve; undefined where it has none. */
export function feedRole(plan: Plan, world: World, served: FeedPlace): FeedRole | undefined {
  const project = world.projects.find(({ name }) => served.project !== undefined && same(name, served.project));
  const feed = world.feeds.find(({ name, projectId }) => same(name, served.name) && projectId === project?.id);
  const account = buildAccount(plan, world);
  const role = feed?.permissions.find(({ descriptor }) => descriptor === account)?.role;
  return role === undefined ? undefined : feedRoles[role];
}

/** @param minutes Time limit of the job; 0 means none. */
export function tokenOptions(plan: Plan, world: World, served: FeedPlace, minutes: number): IssueOptions {
  const { definition, pipeline, repository } = plan;
  const named = namedRepositories(pipeline, definition, world).flatMap((each) => each.repository?.id ?? []);
  const seconds = minutes === 0 ? mostSeconds : Math.min(minutes * 60 + 300, mostSeconds);
  return {
    // Git needs no role at the feed, and `feedIndex` refuses who has none.
    role: feedRole(plan, world, served) ?? "reader",
    seconds,
    job: {
      ...(isOfProjectOnly(definition, world) ? { project: definition.projectId } : {}),
      ...(reachesNamedOnly(definition, world) ? { repositories: [...new Set([repository.id, ...named])] } : {}),
    },
  };
}
