/** Git repositories of a project. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, forbidden, invalid, missing } from "../errors";
import { fullName, isBranchName } from "../git/repositories";
import { parse, text, without, type Kind, type Shown } from "../kind";
import { newGuid, type Entity } from "../state";
import { owner, requireProject } from "./identities";
import { checkName } from "./names";
import { recordPushes } from "./pushes";
import { tokens } from "./tokens";

const inputs = z.looseObject({
  projectId: z.string(),
  name: z.string(),
  defaultBranch: z.string().optional(),
  disabled: z.boolean().default(false),
  parentRepositoryId: z.string().optional(),
  initialization: z.looseObject({
    initType: z.enum(["Uninitialized", "Clean", "Fork", "Import"]),
    sourceType: z.string().optional(),
    sourceUrl: z.string().optional(),
    serviceConnectionId: z.string().optional(),
    username: z.string().optional(),
    password: z.string().optional(),
  }),
});

type Inputs = z.infer<typeof inputs>;

/** The branch of a repository that is begun without saying which; the provider's own default. */
const firstBranch = "refs/heads/master";

function key(projectId: string, name: string): string {
  return `${projectId}/${name.toLowerCase()}`;
}

/** The repository with this name in a project. */
export function repositoryNamed(cloud: Cloud, projectId: string, name: string): Entity | undefined {
  return cloud.state.byKey(tokens.git, key(projectId, name));
}

/** The repository of a project that has this name or id. */
export function repositoryOf(cloud: Cloud, projectId: string, nameOrId: string): Entity | undefined {
  const entity = repositoryNamed(cloud, projectId, nameOrId) ?? cloud.state.get(tokens.git, nameOrId);
  return entity !== undefined && text(entity, "projectId") === projectId ? entity : undefined;
}

/** The repository with this id, or the service's refusal; disabled ones are refused like missing ones. */
export function requireRepository(cloud: Cloud, id: string): Entity {
  const entity = cloud.state.get(tokens.git, id);
  if (entity === undefined) {
    throw missing(
      "GitRepositoryNotFound",
      `TF401019: there is no Git repository with the id ${id}, or you may not see it`,
    );
  }
  if (entity.properties.disabled === true) {
    throw forbidden(
      "GitRepositoryDisabled",
      `TF401019: the Git repository ${text(entity, "name")} is disabled: enable it first`,
    );
  }
  return entity;
}

/** What the service shows for a repository, with the addresses that it has at present. */
export function showRepository(cloud: Cloud, entity: Entity): Shown {
  const project = encodeURIComponent(text(requireProject(cloud, text(entity, "projectId")), "name"));
  const name = encodeURIComponent(text(entity, "name"));
  const organization = `${cloud.address()}/devops/${cloud.organization}`;
  const properties = {
    ...entity.properties,
    isFork: text(entity, "parentRepositoryId") !== "",
    remoteUrl: `${organization}/${project}/_git/${name}`,
    webUrl: `${organization}/${project}/_git/${name}`,
    sshUrl: `git@ssh.${new URL(organization).host}:v3/${cloud.organization}/${project}/${name}`,
    url: `${organization}/${text(entity, "projectId")}/_apis/git/repositories/${entity.id}`,
  };
  return { id: entity.id, properties };
}

function check(cloud: Cloud, repository: Inputs, current: Entity | undefined): void {
  checkName("repository", repository.name);
  requireProject(cloud, repository.projectId);
  const holder = repositoryNamed(cloud, repository.projectId, repository.name);
  if (holder !== undefined && holder.id !== current?.id) {
    throw conflict(
      "GitRepositoryNameAlreadyExists",
      `TF400948: a Git repository named "${repository.name}" exists already in the project ${repository.projectId}`,
    );
  }
}

/** Makes a repository and, where asked, its first commit. */
export async function createRepository(cloud: Cloud, repository: Inputs): Promise<Entity> {
  check(cloud, repository, undefined);
  const { initType } = repository.initialization;
  if (initType === "Uninitialized" && repository.defaultBranch !== undefined) {
    throw invalid(
      "GitDefaultBranchInvalid",
      "an uninitialized repository has no branches, so defaultBranch cannot be set",
    );
  }
  const id = newGuid();
  const branch = fullName(repository.defaultBranch ?? firstBranch);
  if (!isBranchName(branch)) {
    throw invalid("InvalidGitRefName", `TF401172: "${branch}" is no name that git takes for a branch`);
  }
  await cloud.repositories.create(id, branch);
  try {
    await initialize(cloud, id, repository, branch);
    // Others may have been here while git ran.
    check(cloud, repository, undefined);
  } catch (error) {
    cloud.repositories.remove(id);
    throw error;
  }
  const entity = put(cloud, id, repository, initType === "Uninitialized" ? "" : branch, undefined);
  await recordPushes(cloud, id);
  await followDefaultBranch(cloud, id);
  return cloud.state.get(tokens.git, id) ?? entity;
}

async function initialize(cloud: Cloud, id: string, repository: Inputs, branch: string): Promise<void> {
  const { initType, sourceType, sourceUrl, username, password } = repository.initialization;
  switch (initType) {
    case "Uninitialized":
      return;
    case "Clean":
      return cloud.repositories.begin(id, {
        branch,
        path: "README.md",
        content: text(requireProject(cloud, repository.projectId), "name"),
        message: "Initial commit.",
        author: owner,
        committer: owner,
      });
    case "Fork": {
      const parent = requireRepository(cloud, repository.parentRepositoryId ?? "");
      return cloud.repositories.copyFrom(id, cloud.repositories.path(parent.id), undefined);
    }
    case "Import": {
      if (sourceType !== "Git" || sourceUrl === undefined || !isLocal(sourceUrl)) {
        throw invalid(
          "GitImportForbidden",
          "an import needs sourceType Git and a sourceUrl; here only http://127.0.0.1 is reached",
        );
      }
      const pair = Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64");
      return cloud.repositories.copyFrom(id, sourceUrl, password === undefined ? undefined : `Basic ${pair}`);
    }
    default:
      return initType satisfies never;
  }
}

function isLocal(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === "http:" && new URL(address).hostname === "127.0.0.1";
}

function put(cloud: Cloud, id: string, repository: Inputs, defaultBranch: string, current: Entity | undefined): Entity {
  // The password served the import alone.
  const initialization = without(repository.initialization, "password");
  return cloud.state.put({
    token: tokens.git,
    id,
    key: key(repository.projectId, repository.name),
    within: [{ token: tokens.project, id: repository.projectId }],
    properties: {
      ...repository,
      initialization,
      defaultBranch,
      // The service measures a repository only now and then, so its size is no sign of what is in it.
      size: current?.properties.size ?? 0,
    },
  });
}

/** Where a repository has no default branch yet, or has lost it, its first branch becomes it, as on a first push. */
export async function followDefaultBranch(cloud: Cloud, id: string): Promise<void> {
  const entity = cloud.state.get(tokens.git, id);
  if (entity === undefined) {
    return;
  }
  const branches = [...(await cloud.repositories.references(id)).keys()].filter((name) =>
    name.startsWith("refs/heads/"),
  );
  const current = text(entity, "defaultBranch");
  const preferred = ["refs/heads/main", firstBranch].find((name) => branches.includes(name)) ?? branches[0];
  if (branches.includes(current) || preferred === undefined) {
    return;
  }
  await cloud.repositories.setDefaultBranch(id, preferred);
  const latest = cloud.state.get(tokens.git, id);
  if (latest !== undefined) {
    cloud.state.put({ ...latest, properties: { ...latest.properties, defaultBranch: preferred } });
  }
}

function locate(cloud: Cloud, id: string): Entity | undefined {
  const name = id.slice(id.lastIndexOf("/") + 1);
  return (
    cloud.state.get(tokens.git, id) ??
    cloud.state.get(tokens.git, name) ??
    repositoryNamed(cloud, id.slice(0, Math.max(0, id.lastIndexOf("/"))), name)
  );
}

/** Git repositories; the id is a GUID, and `<project id>/<name>` finds one too. */
export const repository: Kind = {
  token: tokens.git,
  async create(cloud, properties) {
    return showRepository(cloud, await createRepository(cloud, parse(inputs, properties, "repository")));
  },
  read(cloud, id) {
    const entity = locate(cloud, id);
    return entity === undefined ? undefined : showRepository(cloud, entity);
  },
  async update(cloud, id, _olds, news) {
    const wanted = parse(inputs, news, "repository");
    const entity = cloud.state.get(tokens.git, id) ?? requireRepository(cloud, id);
    if (entity.properties.disabled === true && wanted.disabled) {
      throw forbidden(
        "GitRepositoryDisabled",
        `TF401019: the Git repository ${text(entity, "name")} is disabled: enable it first`,
      );
    }
    check(cloud, wanted, entity);
    const branch = wanted.defaultBranch === undefined ? text(entity, "defaultBranch") : fullName(wanted.defaultBranch);
    if (branch !== text(entity, "defaultBranch")) {
      if ((await cloud.repositories.tip(entity.id, branch)) === undefined) {
        throw missing(
          "GitReferenceNotFound",
          `TF401175: "${branch}" is no branch of the repository, so it cannot be the default`,
        );
      }
      await cloud.repositories.setDefaultBranch(entity.id, branch);
    }
    return showRepository(cloud, put(cloud, entity.id, wanted, branch, entity));
  },
  delete(cloud, id) {
    const entity = requireRepository(cloud, id);
    cloud.state.remove(tokens.git, entity.id);
    cloud.repositories.remove(entity.id);
  },
  find(cloud, properties) {
    const { projectId, name } = parse(inputs, properties, "repository");
    return repositoryNamed(cloud, projectId, name)?.id;
  },
};
