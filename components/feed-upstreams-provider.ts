/** What the engine's process for dynamic resources does for `FeedUpstreams`: create, read, compare, update, delete. */
import { credentialFrom } from "./azure-devops-credential";
import type { RestOptions } from "./azure-devops-rest";
import {
  readUpstreams,
  sameUpstreams,
  writeUpstreams,
  type FeedAddress,
  type FeedUpstreamsState,
  type UpstreamSource,
} from "./feed-upstreams-client";

/** What a `FeedUpstreams` is declared with. */
export interface FeedUpstreamsInputs extends FeedAddress {
  readonly upstreams: readonly UpstreamSource[];
}

/** What the state remembers of it: the declaration, and what the service last showed. No credential. */
export interface FeedUpstreamsOutputs extends FeedUpstreamsInputs {
  readonly upstreamEnabled: boolean;
}

/** The environment is read at each request: what the engine's process has then, never what the program had. */
const fromEnvironment: RestOptions = { credential: () => credentialFrom(process.env) };

/** Writes the list; the id is the feed's own, since a feed has one list. */
export async function create(
  inputs: FeedUpstreamsInputs,
  options: RestOptions = fromEnvironment,
): Promise<{ id: string; outs: FeedUpstreamsOutputs }> {
  const written = await writeUpstreams(inputs, inputs.upstreams, options);
  return { id: idOf(inputs), outs: outputsOf(inputs, written) };
}

/**
 * What the service shows now. An empty id says that the feed is gone.
 * @throws Error where there is no state to say which feed it is: the list cannot be imported, only declared.
 */
export async function read(
  id: string,
  state: FeedUpstreamsOutputs | undefined,
  options: RestOptions = fromEnvironment,
): Promise<{ id: string; props?: FeedUpstreamsOutputs }> {
  if (state === undefined) {
    throw new Error(
      `the upstream sources of feed ${id} cannot be imported: declare them, the list is written as a whole`,
    );
  }
  const shown = await readUpstreams(state, options);
  return shown === undefined ? { id: "" } : { id, props: outputsOf(state, shown) };
}

/**
 * Compares what the service last showed with what is declared; needs no network. Another feed is another resource;
 * another address of the service is not. How this code looks in the state is no difference.
 */
export function diff(
  state: FeedUpstreamsOutputs,
  news: FeedUpstreamsInputs,
): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean } {
  const replaces = (["project", "feed"] as const).filter((property) => state[property] !== news[property]);
  const upstreams: unknown = news.upstreams;
  // At a preview the list may be unknown, and then is no list.
  const changed =
    !Array.isArray(upstreams) ||
    !sameUpstreams(state.upstreams, news.upstreams) ||
    state.upstreamEnabled !== news.upstreams.length > 0;
  return {
    changes: replaces.length > 0 || changed || state.feedsUrl !== news.feedsUrl,
    replaces,
    deleteBeforeReplace: false,
  };
}

/** Writes the whole list again. */
export async function update(
  news: FeedUpstreamsInputs,
  options: RestOptions = fromEnvironment,
): Promise<{ outs: FeedUpstreamsOutputs }> {
  return { outs: outputsOf(news, await writeUpstreams(news, news.upstreams, options)) };
}

/** Empties the list. A feed that is gone has none, so there is nothing left to do. */
export async function remove(state: FeedUpstreamsOutputs, options: RestOptions = fromEnvironment): Promise<void> {
  if ((await readUpstreams(state, options)) !== undefined) {
    await writeUpstreams(state, [], options);
  }
}

function idOf({ project, feed }: FeedAddress): string {
  return project === undefined ? feed : `${project}/${feed}`;
}

function outputsOf(inputs: FeedUpstreamsInputs, shown: FeedUpstreamsState): FeedUpstreamsOutputs {
  const { feedsUrl, project, feed } = inputs;
  return { feedsUrl, ...(project === undefined ? {} : { project }), feed, ...shown };
}
