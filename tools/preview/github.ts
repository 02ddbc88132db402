/** Keeps the comment in a pull request on GitHub, found again by a line that nobody sees. */
import { readRun, writeRun, type CommentStore, type Entry, type KeptComment } from "./keeping";
import { withRetries, type RetryOptions } from "./retrying";
import type { GitHubTarget } from "./target";

/** Longest body of a comment: "Body is too long (maximum is 65536 characters)". The first line takes its share. */
const longestBody = 65_536;
/** Room for the first line: a key of 300 characters at most, in base64. */
const markerRoom = 1_024;
export const gitHubLimit = longestBody - markerRoom;

/** Milliseconds that a call may take. */
const callTimeout = 30_000;

interface Marker {
  readonly key: string;
  readonly run: string;
  readonly digest: string;
  readonly open: boolean;
}

const markerForm = /^<!-- wheelhouse-preview ([A-Za-z0-9_-]+) -->\r?\n/;

/** Base64, as a name could hold what ends an HTML comment. */
function markerLine(key: string, { run, digest, open }: Entry): string {
  const marker: Marker = { key, run: writeRun(run), digest, open };
  return `<!-- wheelhouse-preview ${Buffer.from(JSON.stringify(marker)).toString("base64url")} -->\n`;
}

function readMarker(body: string): Marker | undefined {
  const text = markerForm.exec(body)?.[1];
  if (text === undefined) return undefined;
  try {
    const marker = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Partial<Marker> | null;
    if (typeof marker?.key !== "string") return undefined;
    return {
      key: marker.key,
      run: typeof marker.run === "string" ? marker.run : "",
      digest: typeof marker.digest === "string" ? marker.digest : "",
      open: marker.open === true,
    };
  } catch {
    return undefined;
  }
}

/** @param key of the project and stack, at most 300 characters */
export async function gitHubComments(target: GitHubTarget, key: string, retries: RetryOptions): Promise<CommentStore> {
  const { Octokit } = await import("@octokit/rest");
  const { api, owner, repository, pullRequest, token } = target;
  const silent = () => undefined;
  const octokit = new Octokit({
    auth: token,
    baseUrl: api,
    userAgent: "wheelhouse",
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const place = { owner, repo: repository };
  const limits = () => ({ request: { signal: AbortSignal.any([retries.signal, AbortSignal.timeout(callTimeout)]) } });
  let account: Promise<string | undefined> | undefined;
  // The token of a workflow may not ask who it is; its comments are those of a bot.
  const ownLogin = () =>
    (account ??= octokit.rest.users
      .getAuthenticated(limits())
      .then(({ data }) => data.login)
      .catch(() => undefined));

  return {
    async list() {
      const comments = await withRetries(
        "reading comments",
        () =>
          octokit.paginate(octokit.rest.issues.listComments, {
            ...place,
            issue_number: pullRequest,
            per_page: 100,
            ...limits(),
          }),
        retries,
      );
      const known = comments.flatMap(({ id, body, user, html_url }) => {
        const marker = readMarker(body ?? "");
        return marker?.key !== key ? [] : [{ id, body: body ?? "", user, url: html_url, marker }];
      });
      if (known.length === 0) return [];
      // Anybody may copy the first line into a comment of their own; it is not this program's to edit.
      const own = await ownLogin();
      return known
        .filter(({ user }) => (own === undefined ? user?.type === "Bot" : user?.login === own))
        .map(({ id, body, url, marker }): KeptComment => ({
          id,
          url,
          content: body.replace(markerForm, ""),
          run: readRun(marker.run),
          digest: marker.digest,
          open: marker.open,
        }));
    },

    async create(entry) {
      const body = markerLine(key, entry) + entry.content;
      await withRetries(
        "making the comment",
        () => octokit.rest.issues.createComment({ ...place, issue_number: pullRequest, body, ...limits() }),
        retries,
      );
    },

    async update({ id }, entry) {
      const body = markerLine(key, entry) + entry.content;
      await withRetries(
        "editing the comment",
        () => octokit.rest.issues.updateComment({ ...place, comment_id: id, body, ...limits() }),
        retries,
      );
    },

    async remove({ id }) {
      await withRetries(
        "removing a second comment",
        () => octokit.rest.issues.deleteComment({ ...place, comment_id: id, ...limits() }),
        retries,
      );
    },
  };
}
