/** Keeps the comment as a thread of a pull request in Azure DevOps, found again by the thread's properties. */
import type { IGitApi } from "azure-devops-node-api/GitApi";
import type { GitPullRequestCommentThread } from "azure-devops-node-api/interfaces/GitInterfaces";
import { readRun, writeRun, type CommentStore, type Entry, type KeptComment } from "./keeping";
import { withRetries, type RetryOptions } from "./retrying";
import type { AzureDevOpsTarget } from "./target";

/**
 * Longest content of a comment: the service refuses more ("A discussion comment cannot be longer than 150000 characters",
 * pulumi/pulumi-az-pipelines-task#181).
 */
export const azureDevOpsLimit = 150_000;

/** Properties of the thread. */
const names = {
  key: "Wheelhouse.Preview",
  run: "Wheelhouse.Preview.Run",
  digest: "Wheelhouse.Preview.Digest",
} as const;

/** Milliseconds that a call may take. */
const callTimeout = 30_000;

/** @param key of the project and stack; threads of other keys are none of its business */
export async function azureDevOpsComments(
  target: AzureDevOpsTarget,
  key: string,
  retries: RetryOptions,
): Promise<CommentStore> {
  const { WebApi, getHandlerFromToken } = await import("azure-devops-node-api");
  const { CommentThreadStatus: status, CommentType } =
    await import("azure-devops-node-api/interfaces/GitInterfaces.js");
  const opened = new Set<number | undefined>([status.Active, status.Pending]);
  const { organization, project, repository, pullRequest, token } = target;
  const connection = new WebApi(organization, getHandlerFromToken(token), { socketTimeout: callTimeout });
  const call = <T>(what: string, work: (git: IGitApi) => Promise<T>) =>
    withRetries(what, async () => work(await git()), retries);
  let api: Promise<IGitApi> | undefined;
  // Where the address of the interface could not be asked for, it is asked for again.
  const git = () =>
    (api ??= connection.getGitApi().catch((error: unknown) => {
      api = undefined;
      throw error;
    }));
  let account: Promise<string | undefined> | undefined;
  const ownId = () =>
    (account ??= withRetries("who this is", () => accountOf(connection), retries).catch(() => undefined));

  return {
    async list() {
      const threads = answered(
        await call("reading threads", (g) => g.getThreads(repository, pullRequest, project)),
        target,
      );
      const known = threads
        .map((thread) => keptOf(thread, opened.has(thread.status)))
        .filter((thread) => thread?.key === key);
      if (known.length === 0) return [];
      // Anybody who may write can give a thread these properties; only an account's own comments can be edited by it.
      const own = await ownId();
      return known
        .filter((thread) => thread !== undefined)
        .filter(({ author }) => own === undefined || author === undefined || author === own)
        .map(({ comment }) => ({ ...comment, url: urlOf(target, comment.id) }));
    },

    async create(entry) {
      const thread: GitPullRequestCommentThread = {
        comments: [{ parentCommentId: 0, content: entry.content, commentType: CommentType.Text }],
        status: entry.open ? status.Active : status.Closed,
        properties: { [names.key]: key, ...propertiesOf(entry) },
      };
      answered(
        await call("making the thread", (g) => g.createThread(thread, repository, pullRequest, project)),
        target,
      );
    },

    async update({ id }, entry, { reopen }) {
      const thread: GitPullRequestCommentThread = {
        properties: propertiesOf(entry),
        ...(reopen ? { status: entry.open ? status.Active : status.Closed } : {}),
      };
      answered(
        await call("editing the thread", (g) => g.updateThread(thread, repository, pullRequest, id, project)),
        target,
      );
      const comment = { content: entry.content };
      answered(
        await call("editing the comment", (g) => g.updateComment(comment, repository, pullRequest, id, 1, project)),
        target,
      );
    },

    async remove({ id }) {
      // The client gives null where the thread is gone, whatever its declarations say.
      const thread = (await call("reading a thread", (g) =>
        g.getPullRequestThread(repository, pullRequest, id, project),
      )) as GitPullRequestCommentThread | null;
      const all = thread?.comments ?? [];
      if (all.some((comment) => comment.id !== 1 && comment.isDeleted !== true)) {
        const left = { status: status.Closed, properties: { [names.key]: `${key} (duplicate)` } };
        await call("closing a second thread", (g) => g.updateThread(left, repository, pullRequest, id, project));
        return;
      }
      await call("removing a second thread", (g) => g.deleteComment(repository, pullRequest, id, 1, project));
    },
  };
}

/** The client gives no error but nothing where the service answers 404, or with a page to sign in. */
function answered<T>(answer: T | null | undefined, { pullRequest, repositoryName }: AzureDevOpsTarget): T {
  if (answer !== null && answer !== undefined) return answer;
  throw Object.assign(new Error(`there is no pull request ${pullRequest} in ${repositoryName} for this token`), {
    statusCode: 404,
  });
}

async function accountOf(connection: { connect(): Promise<unknown> }): Promise<string | undefined> {
  const data = (await connection.connect()) as { readonly authenticatedUser?: { readonly id?: unknown } } | null;
  const id = data?.authenticatedUser?.id;
  return typeof id === "string" ? id : undefined;
}

function propertiesOf(entry: Entry): Readonly<Record<string, string>> {
  return { [names.run]: writeRun(entry.run), [names.digest]: entry.digest };
}

interface KnownThread {
  readonly key: string;
  readonly author: string | undefined;
  readonly comment: KeptComment;
}

function keptOf(thread: GitPullRequestCommentThread, open: boolean): KnownThread | undefined {
  const first = thread.comments?.find(({ id }) => id === 1);
  if (thread.id === undefined || thread.isDeleted === true || first === undefined || first.isDeleted === true) {
    return undefined;
  }
  const key = propertyOf(thread, names.key);
  if (key === undefined) return undefined;
  return {
    key,
    author: first.author?.id,
    comment: {
      id: thread.id,
      content: first.content ?? "",
      run: readRun(propertyOf(thread, names.run) ?? ""),
      digest: propertyOf(thread, names.digest) ?? "",
      open,
    },
  };
}

/** Written as a text, read as an object with the .NET type beside the value. */
function propertyOf({ properties }: GitPullRequestCommentThread, name: string): string | undefined {
  const value: unknown = (properties as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  const plain = typeof value === "object" && value !== null ? (value as { readonly $value?: unknown }).$value : value;
  return typeof plain === "string" ? plain : undefined;
}

function urlOf({ organization, project, repository, pullRequest }: AzureDevOpsTarget, thread: number): string {
  const base = `${organization}${encodeURIComponent(project)}/_git/${encodeURIComponent(repository)}`;
  return `${base}/pullrequest/${pullRequest}?discussionId=${thread}`;
}
