/** Files that resources keep in repositories: every change is a push of its own. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, forbidden, invalid, missing } from "../errors";
import { fullName, shortName, type CommittedFile, type Signature } from "../git/repositories";
import { parse, type Kind, type Shown } from "../kind";
import type { Entity } from "../state";
import { owner } from "./identities";
import { protectedBranches } from "./protection";
import { recordPushes } from "./pushes";
import { requireRepository } from "./repositories";
import { tokens } from "./tokens";

const inputs = z.looseObject({
  repositoryId: z.string(),
  file: z.string(),
  content: z.string(),
  branch: z.string().default("refs/heads/master"),
  commitMessage: z.string().optional(),
  authorName: z.string().optional(),
  authorEmail: z.string().optional(),
  committerName: z.string().optional(),
  committerEmail: z.string().optional(),
  overwriteOnCreate: z.boolean().default(false),
});

type Inputs = z.infer<typeof inputs>;

/** Path in the repository: the service takes one with and without a leading slash for the same. */
function pathOf(file: string): string {
  const path = file.replace(/^\/+/, "");
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.toLowerCase() === ".git")) {
    throw invalid("InvalidPath", `TF401021: "${file}" is no path of a file in a repository`);
  }
  if (path.length > 400 || /[\p{Cc}"\\]/u.test(path)) {
    throw invalid(
      "InvalidPath",
      `TF401021: the path "${file}" is too long, or holds a character that a path may not hold`,
    );
  }
  return path;
}

/** The id says repository, path and branch: the file lives in git, and no other record of it is needed to read it. */
function idOf({ repositoryId, file, branch }: Inputs): string {
  return `${repositoryId}/${file}:${shortName(branch)}`;
}

interface Place {
  readonly repositoryId: string;
  readonly file: string;
  readonly branch: string;
}

function placeOf(id: string): Place {
  const slash = id.indexOf("/");
  const colon = id.lastIndexOf(":");
  if (slash < 1 || (colon !== -1 && colon < slash)) {
    throw invalid("InvalidId", `"${id}" is no id of a file: write <repository id>/<path>:<branch>`);
  }
  return {
    repositoryId: id.slice(0, slash),
    file: id.slice(slash + 1, colon === -1 ? undefined : colon),
    branch: fullName(colon === -1 ? "master" : id.slice(colon + 1)),
  };
}

function show(id: string, place: Place, found: CommittedFile, overwriteOnCreate: unknown): Shown {
  const { commit } = found;
  return {
    id,
    properties: {
      repositoryId: place.repositoryId,
      file: place.file,
      branch: place.branch,
      content: found.content,
      commitMessage: commit.message,
      authorName: commit.author.name,
      authorEmail: commit.author.email,
      committerName: commit.committer.name,
      committerEmail: commit.committer.email,
      overwriteOnCreate: overwriteOnCreate ?? false,
    },
  };
}

/** Refuses a push to a branch that a policy protects. */
function refuseProtected(cloud: Cloud, repository: Entity, branch: string): void {
  if (protectedBranches(cloud, repository, [branch]).length > 0) {
    throw forbidden(
      "GitRefUpdateRejectedByPolicy",
      `TF402455: pushes to ${branch} are not permitted, a policy protects it: change it through a pull request`,
    );
  }
}

async function push(
  cloud: Cloud,
  place: Place,
  change: { content: string | undefined; message: string; author: Signature; committer: Signature },
  check: (exists: boolean) => void,
): Promise<void> {
  const repository = requireRepository(cloud, place.repositoryId);
  const path = pathOf(place.file);
  await cloud.repositories.commit(repository.id, { ...change, branch: place.branch, path }, async (tip) => {
    refuseProtected(cloud, repository, place.branch);
    const found = await cloud.repositories.at(repository.id, tip, path);
    if (found === "folder" || found === "blocked") {
      throw conflict(
        "GitItemExists",
        `TF401035: ${path} cannot be a file: there is a folder, or a file where its folder is to be`,
      );
    }
    check(found === "file");
  });
  await recordPushes(cloud, repository.id);
}

function signatures(file: Inputs): { author: Signature; committer: Signature } {
  return {
    author: { name: file.authorName ?? owner.name, email: file.authorEmail ?? owner.email },
    committer: {
      name: file.committerName ?? file.authorName ?? owner.name,
      email: file.committerEmail ?? file.authorEmail ?? owner.email,
    },
  };
}

function gone(place: Place): Error {
  return missing("GitItemNotFound", `TF401174: there is no file ${place.file} in the branch ${place.branch}`);
}

async function read(cloud: Cloud, id: string): Promise<Shown | undefined> {
  const place = placeOf(id);
  if (cloud.state.get(tokens.git, place.repositoryId) === undefined) {
    return undefined;
  }
  const found = await cloud.repositories.file(place.repositoryId, place.branch, pathOf(place.file));
  const record = cloud.state.get(tokens.gitRepositoryFile, id);
  return found === undefined ? undefined : show(id, place, found, record?.properties.overwriteOnCreate);
}

async function readAfterPush(cloud: Cloud, id: string, place: Place): Promise<Shown> {
  const shown = await read(cloud, id);
  if (shown === undefined) {
    throw gone(place);
  }
  return shown;
}

/** What the resource says and git cannot hold. */
function remember(cloud: Cloud, id: string, file: Inputs): void {
  cloud.state.put({
    token: tokens.gitRepositoryFile,
    id,
    key: id,
    within: [{ token: tokens.git, id: file.repositoryId }],
    properties: { overwriteOnCreate: file.overwriteOnCreate },
  });
}

/** Files in repositories; the id is `<repository id>/<path>:<branch>`, as `pulumi import` takes it. */
export const repositoryFile: Kind = {
  token: tokens.gitRepositoryFile,
  async create(cloud, properties) {
    const file = parse(inputs, properties, "repository file");
    const place = { ...file, branch: fullName(file.branch) };
    const message = file.commitMessage ?? `Add ${file.file}`;
    await push(cloud, place, { content: file.content, message, ...signatures(file) }, (exists) => {
      if (exists && !file.overwriteOnCreate) {
        throw conflict(
          "GitItemExists",
          `refusing to overwrite ${file.file}: it exists in ${place.branch}; set overwriteOnCreate, or import it`,
        );
      }
    });
    remember(cloud, idOf(file), file);
    return readAfterPush(cloud, idOf(file), place);
  },
  read,
  async update(cloud, id, _olds, news) {
    const file = parse(inputs, news, "repository file");
    const place = placeOf(id);
    const usual = file.commitMessage === undefined || file.commitMessage === `Add ${file.file}`;
    const message = usual ? `Update ${file.file}` : (file.commitMessage ?? "");
    await push(cloud, place, { content: file.content, message, ...signatures(file) }, (exists) => {
      if (!exists) {
        throw gone(place);
      }
    });
    remember(cloud, id, file);
    return readAfterPush(cloud, id, place);
  },
  async delete(cloud, id) {
    const place = placeOf(id);
    const message = `Delete ${place.file}`;
    await push(cloud, place, { content: undefined, message, author: owner, committer: owner }, (exists) => {
      if (!exists) {
        throw gone(place);
      }
    });
    cloud.state.remove(tokens.gitRepositoryFile, id);
  },
  async find(cloud, properties) {
    const file = parse(inputs, properties, "repository file");
    const id = idOf(file);
    return (await read(cloud, id)) === undefined ? undefined : id;
  },
};
