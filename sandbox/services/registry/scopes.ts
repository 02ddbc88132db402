/** What a request to a registry needs, and what a role may do: the words of the registry's token protocol, without any network. */
import type { RegistryRole } from "../types";

export type Action = "pull" | "push" | "delete";

/** Actions on one repository. */
export interface Access {
  readonly repository: string;
  readonly actions: readonly Action[];
}

/** What a path of the registry's API names, and what it takes to be served. */
export interface Need {
  /** Absent for what belongs to no repository. */
  readonly access: readonly Access[];
  /** Whether the bodies are manifests or blobs, whose bytes are counted. */
  readonly carriesContent: boolean;
}

const actionsOf: Readonly<Record<RegistryRole, readonly Action[]>> = {
  pull: ["pull"],
  push: ["pull", "push"],
  delete: ["pull", "push", "delete"],
};

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const repositoryName = new RegExp(`^${component}(?:/${component})*$`);
/** Longest name of a repository that Azure's registries take. */
const mostNameLength = 256;

/** Reads `repository:<name>:<actions>`, where actions that nobody here knows are left out. */
export function parseScope(scope: string): Access | undefined {
  const match = /^repository:(.+):([a-z,*_]+)$/.exec(scope);
  const [, repository = "", list = ""] = match ?? [];
  if (!isRepository(repository)) return undefined;
  const asked = new Set(list.split(",").flatMap((action) => (action === "*" ? ["pull", "push", "delete"] : [action])));
  const actions = (["pull", "push", "delete"] as const).filter((action) => asked.has(action));
  return { repository, actions };
}

function isRepository(name: string): boolean {
  return name.length <= mostNameLength && repositoryName.test(name);
}

/** The part of what was asked for that the role may do. */
export function grant(asked: readonly Access[], role: RegistryRole): Access[] {
  return asked.map(({ repository, actions }) => ({
    repository,
    actions: actions.filter((action) => actionsOf[role].includes(action)),
  }));
}

export function covers(granted: readonly Access[], needed: readonly Access[]): boolean {
  return needed.every(({ repository, actions }) =>
    actions.every((action) =>
      granted.some((access) => access.repository === repository && access.actions.includes(action)),
    ),
  );
}

/** As it stands in a challenge. */
export function describeScope(access: readonly Access[]): string {
  return access.map(({ repository, actions }) => `repository:${repository}:${actions.join(",")}`).join(" ");
}

/** What a request needs; nothing when there is nothing at such a path. */
export function neededFor(method: string, path: string, query: URLSearchParams): Need | undefined {
  if (path === "/v2/" || path === "/v2") return { access: [], carriesContent: false };
  const match = /^\/v2\/(.+)\/(manifests\/[^/]+|blobs\/uploads\/[^/]*|blobs\/[^/]+|tags\/list|referrers\/[^/]+)$/.exec(
    path,
  );
  const [, repository = "", rest = ""] = match ?? [];
  if (!isRepository(repository)) return undefined;
  const carriesContent = /^(manifests|blobs)\//.test(rest);
  const upload = rest.startsWith("blobs/uploads/");
  if (method === "GET" || method === "HEAD") {
    return { access: [{ repository, actions: [upload ? "push" : "pull"] }], carriesContent };
  }
  if (method === "DELETE") {
    return { access: [{ repository, actions: [upload ? "push" : "delete"] }], carriesContent: false };
  }
  // A blob that is mounted from another repository has to be one that the caller may read there.
  const from = query.get("from");
  const mounted =
    from !== null && query.has("mount") && isRepository(from) ? [{ repository: from, actions: ["pull"] as const }] : [];
  return { access: [{ repository, actions: ["pull", "push"] }, ...mounted], carriesContent };
}
