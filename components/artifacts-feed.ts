/** An Azure Artifacts feed for Python: its upstream sources, what it keeps, and who may do what. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import type { Upstream } from "../spec";
import { FeedUpstreams } from "./feed-upstreams";
import { nameFrom } from "./naming";

/** Someone with a role on the feed. */
export interface FeedMember {
  /** Who it is, in words that never change: the resource is named by it. */
  readonly name: string;
  /** Graph descriptor, such as a group's (`vssgp.…`). Replaces on change. */
  readonly descriptor: pulumi.Input<string>;
}

export interface ArtifactsFeedArgs {
  /** Name of the feed. Replaces on change; the old name stays taken until the feed is deleted for good. */
  readonly feedName: pulumi.Input<string>;
  /** GUID of the project that the feed belongs to. Default: none, a feed of the organization. Replaces on change. */
  readonly projectId?: pulumi.Input<string> | undefined;
  /** Root of the feeds service for the organization, such as `https://feeds.dev.azure.com/<organization>`. */
  readonly feedsUrl: pulumi.Input<string>;
  /** The feed's simple index, without credentials; `indexUrl` of the spec computes it from the settings. */
  readonly indexUrl: string;
  /** Package indexes behind the feed, in order. Default: none. */
  readonly upstreams?: readonly Upstream[] | undefined;
  /** Versions kept of each package. Default 50. */
  readonly versionsKept?: pulumi.Input<number> | undefined;
  /** Days for which a downloaded version is kept in any case. Default 30. */
  readonly daysToKeepDownloaded?: pulumi.Input<number> | undefined;
  /**
   * Identities that may save packages from the upstream sources: those that builds run as. Default: none.
   * The provider refuses to declare a role for someone who has one: leave out whom Azure DevOps itself lets in.
   */
  readonly collaborators?: readonly FeedMember[] | undefined;
  /** Groups that may install packages. Default: none. */
  readonly readers?: readonly FeedMember[] | undefined;
  /** Whether Pulumi refuses to delete the feed. Default `true`. */
  readonly protect?: boolean | undefined;
}

/**
 * The one index that every image installs from. Deleting it is soft (`permanentDelete` is off): the packages can be
 * had back for 30 days, and until then the name stays taken.
 */
export class ArtifactsFeed extends pulumi.ComponentResource {
  /** GUID of the feed. */
  readonly feedId: pulumi.Output<string>;
  /** Address of the feed's simple index, without credentials. Known once the feed and its upstream sources are there. */
  readonly indexUrl: pulumi.Output<string>;

  /** @throws Error when `indexUrl` holds credentials. */
  constructor(name: string, args: ArtifactsFeedArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:ArtifactsFeed", name, {}, options);
    refuseCredentials(args.indexUrl);
    const parent = { parent: this };

    const feed = new azuredevops.Feed(
      name,
      {
        name: args.feedName,
        ...ofProject(args.projectId),
        // Not permanent: a feed that was deleted by mistake can be restored.
        features: [{ permanentDelete: false }],
      },
      { ...parent, protect: args.protect ?? true },
    );
    const upstreams = new FeedUpstreams(
      `${name}-upstreams`,
      { feedsUrl: args.feedsUrl, project: args.projectId, feed: feed.id, upstreams: args.upstreams ?? [] },
      parent,
    );
    new azuredevops.FeedRetentionPolicy(
      `${name}-retention`,
      {
        feedId: feed.id,
        ...ofProject(args.projectId),
        countLimit: args.versionsKept ?? 50,
        daysToKeepRecentlyDownloadedPackages: args.daysToKeepDownloaded ?? 30,
      },
      parent,
    );
    this.declareRole("collaborator", args.collaborators ?? [], name, feed.id, args.projectId);
    this.declareRole("reader", args.readers ?? [], name, feed.id, args.projectId);

    this.feedId = feed.id;
    this.indexUrl = pulumi.all([feed.id, upstreams.id]).apply(() => args.indexUrl);
    this.registerOutputs({ feedId: this.feedId, indexUrl: this.indexUrl });
  }

  private declareRole(
    role: "collaborator" | "reader",
    members: readonly FeedMember[],
    name: string,
    feedId: pulumi.Input<string>,
    projectId: pulumi.Input<string> | undefined,
  ): void {
    for (const member of members) {
      new azuredevops.FeedPermission(
        `${name}-${role}-${nameFrom(member.name)}`,
        { feedId, ...ofProject(projectId), identityDescriptor: member.descriptor, role },
        { parent: this },
      );
    }
  }
}

/** An organization's feed has no project: the property is absent then, not empty. */
function ofProject(projectId: pulumi.Input<string> | undefined): { projectId?: pulumi.Input<string> } {
  return projectId === undefined ? {} : { projectId };
}

function refuseCredentials(indexUrl: string): void {
  const url = new URL(indexUrl);
  if (url.username !== "" || url.password !== "") {
    throw new Error("ArtifactsFeed: indexUrl holds credentials: it goes into images and outputs, so give it without");
  }
}
