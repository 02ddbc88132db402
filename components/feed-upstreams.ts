/** The upstream sources of a feed, for which the azuredevops provider has nothing, as a resource with operations of our own. */
import type * as pulumi from "@pulumi/pulumi";
import type { Upstream } from "../spec";
import { loaderOf } from "./dynamic-code";
import type * as Operations from "./feed-upstreams-provider";
import { OperatedResource } from "./operated-resource";

export interface FeedUpstreamsArgs {
  /** Root of the feeds service for the organization, such as `https://feeds.dev.azure.com/<organization>`. */
  readonly feedsUrl: pulumi.Input<string>;
  /** Name or GUID of the feed's project. Default: none, a feed of the organization. Replaces on change. */
  readonly project?: pulumi.Input<string> | undefined;
  /** Name or GUID of the feed. Replaces on change. */
  readonly feed: pulumi.Input<string>;
  /** The whole list, in the order in which the feed asks them. Empty: upstream sources are switched off. */
  readonly upstreams: readonly Upstream[];
}

const load = loaderOf("feed-upstreams-provider") as () => typeof Operations;

/** Exported for the test that holds its written form. */
export const feedUpstreamsProvider: pulumi.dynamic.ResourceProvider<
  Operations.FeedUpstreamsInputs,
  Operations.FeedUpstreamsOutputs
> = {
  create: (inputs) => load().create(inputs),
  read: (id, state) => load().read(id, state),
  diff: (_id, state, news) => Promise.resolve(load().diff(state, news)),
  update: (_id, _state, news) => load().update(news),
  delete: (_id, state) => load().remove(state),
};

/**
 * The list of upstream sources of one feed, Python packages only. It is one list: what is not declared is removed.
 * A change made behind Pulumi's back is found by a refresh and mended by the next `up`.
 *
 * The credential is read from the environment at the time of each request (`AZDO_PERSONAL_ACCESS_TOKEN`, else
 * `SYSTEM_ACCESSTOKEN`); it needs the scope Packaging: read, write and manage. Neither state nor errors hold it.
 */
export class FeedUpstreams extends OperatedResource {
  /** Whether the feed looks at its upstream sources. */
  declare readonly upstreamEnabled: pulumi.Output<boolean>;

  constructor(name: string, args: FeedUpstreamsArgs, options?: pulumi.CustomResourceOptions) {
    const upstreams = args.upstreams.map((upstream) => ({
      name: upstream.name,
      protocol: "pypi",
      location: upstream.location,
      kind: upstream.kind,
    }));
    super(
      "FeedUpstreams",
      feedUpstreamsProvider,
      name,
      { feedsUrl: args.feedsUrl, project: args.project, feed: args.feed, upstreams, upstreamEnabled: undefined },
      options,
    );
  }
}
