/** The enumerations and objects that arguments of several components have in common. */
import type * as pulumi from "@pulumi/pulumi";

/**
 * A value of whatever form, which the component checks itself: what another stack puts out. The analyzer knows no other
 * type for it than that of parsed JSON.
 */
export type Json = ReturnType<typeof JSON.parse>;

/** Azure's tiers of a container registry. */
export const RegistrySku = { Basic: "Basic", Standard: "Standard", Premium: "Premium" } as const;
export type RegistrySku = (typeof RegistrySku)[keyof typeof RegistrySku];

/** Role of a service connection on the registry. */
export const ConnectionAccess = { Push: "push", Pull: "pull" } as const;
export type ConnectionAccess = (typeof ConnectionAccess)[keyof typeof ConnectionAccess];

/** Whose an upstream source is: a public index, or a feed of an organization. */
export const UpstreamKind = { Public: "public", Internal: "internal" } as const;
export type UpstreamKind = (typeof UpstreamKind)[keyof typeof UpstreamKind];

/** One package index behind the feed. */
export interface Upstream {
  readonly name: string;
  /** Address of the index, as Azure DevOps shows it under Feed settings, Upstream sources. */
  readonly location: string;
  /** Default `public`. */
  readonly kind?: UpstreamKind;
}

/** Someone with a role on the feed. */
export interface FeedMember {
  /** Who it is, in words that never change: the resource is named by it. */
  readonly name: string;
  /** Graph descriptor, such as a group's (`vssgp.…`). Replaces on change. */
  readonly descriptor: pulumi.Input<string>;
}

/** A template that a pipeline must extend to use a connection. */
export interface RequiredTemplate {
  /** `<project>/<repository>`. */
  readonly repositoryName: pulumi.Input<string>;
  /** Full name of the branch, such as `refs/heads/main`. */
  readonly repositoryRef: pulumi.Input<string>;
  /** Path in the repository. */
  readonly templatePath: pulumi.Input<string>;
}

/** A file to be in the template repository. */
export interface TemplateFile {
  /** Path in the repository; the resource is named by its last part. */
  readonly path: string;
  readonly content: pulumi.Input<string>;
}

/** Agents to run on: `vmImage`, hosted by Microsoft, or `name` and `demands` of a pool. */
export interface AgentPool {
  /** Microsoft's image of Ubuntu, such as `ubuntu-24.04`. */
  readonly vmImage?: string;
  /** Name of a pool of the organization. */
  readonly name?: string;
  /** What an agent of the pool must have. Default: nothing. */
  readonly demands?: string[];
}

/** One package index beside the feed, which applications name in `indexes` (compatibility mode). */
export interface PackageIndex {
  readonly name: string;
  /** Its simple index, without credentials. */
  readonly url: string;
  /** Service connection "Python package download" that has its credentials. Default: it wants none. */
  readonly connection?: string;
}

/** Pipeline of a base image. */
export interface BaseImageOutputs {
  /** Number of the pipeline. */
  readonly pipelineId: number;
}

/** What became of an application. */
export interface ApplicationOutputs {
  /** Where people look at its repository. */
  readonly repositoryUrl: string;
  /** Number of its pipeline. */
  readonly pipelineId: number;
  /** Names of its published images, without tag. */
  readonly images: string[];
}
