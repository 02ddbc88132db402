/** ArtifactsFeed for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { ArtifactsFeed as Component } from "../components/artifacts-feed";
import { facade } from "./facade";
import type { FeedMember, Upstream } from "./values";

export interface ArtifactsFeedArgs {
  /** Name of the feed. Replaces on change; the old name stays taken until the feed is deleted for good. */
  readonly feedName: pulumi.Input<string>;
  /** GUID of the project that the feed belongs to. Default: none, a feed of the organization. Replaces on change. */
  readonly projectId?: pulumi.Input<string>;
  /** Root of the feeds service for the organization, such as `https://feeds.dev.azure.com/<organization>`. */
  readonly feedsUrl: pulumi.Input<string>;
  /** The feed's simple index, without credentials. */
  readonly indexUrl: string;
  /** Package indexes behind the feed, in order. Default: none. */
  readonly upstreams?: Upstream[];
  /** Versions kept of each package. Default 50. */
  readonly versionsKept?: pulumi.Input<number>;
  /** Days for which a downloaded version is kept in any case. Default 30. */
  readonly daysToKeepDownloaded?: pulumi.Input<number>;
  /** Identities that may save packages from the upstream sources: those that builds run as. Default: none. */
  readonly collaborators?: FeedMember[];
  /** Groups that may install packages. Default: none. */
  readonly readers?: FeedMember[];
  /** Whether Pulumi refuses to delete the feed. Default `true`. */
  readonly protect?: boolean;
}

/**
 * The one index that every image installs from. Deleting it is soft: the packages can be had back for 30 days, and until
 * then the name stays taken. The upstream sources are set with the credential of the environment that runs Pulumi
 * (`AZDO_PERSONAL_ACCESS_TOKEN`, else `SYSTEM_ACCESSTOKEN`), which needs the scope Packaging: read, write and manage.
 */
export class ArtifactsFeed extends facade(Component) {
  /** GUID of the feed. */
  declare readonly feedId: pulumi.Output<string>;
  /** Address of the feed's simple index, without credentials. Known once the feed and its upstream sources are there. */
  declare readonly indexUrl: pulumi.Output<string>;

  constructor(name: string, args: ArtifactsFeedArgs, options?: pulumi.ComponentResourceOptions) {
    const upstreams = args.upstreams?.map(({ name, location, kind = "public" }) => ({ name, location, kind }));
    super(name, { ...args, upstreams }, options);
  }
}
