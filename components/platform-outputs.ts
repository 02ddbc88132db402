/** What users of a platform get to know of it. */
import type * as pulumi from "@pulumi/pulumi";
import type { SharedPlatform } from "./team-shared";

/** What is told of one application. */
export interface ApplicationOutputs {
  readonly repositoryUrl: pulumi.Output<string>;
  readonly pipelineId: pulumi.Output<number>;
  /** Names of its images in the registry, without tag. */
  readonly images: pulumi.Output<string[]>;
}

/** What a platform tells those who use it. */
export interface PlatformOutputs {
  /** Address of the feed's simple index, without credentials. */
  readonly feedUrl: pulumi.Output<string>;
  /** Login server of the registry. */
  readonly registry: pulumi.Output<string>;
  /** By name. */
  readonly baseImages: Readonly<Record<string, { readonly pipelineId: pulumi.Output<number> }>>;
  /** By name. */
  readonly applications: Readonly<Record<string, ApplicationOutputs>>;
  /** For the stacks of teams, which read it by a `StackReference`. Nothing in it is secret. */
  readonly shared: pulumi.Output<SharedPlatform>;
}

/** The applications by name, without what only other resources need of them. */
export function applicationOutputs(
  pipelines: readonly (readonly [string, ApplicationOutputs])[],
): Record<string, ApplicationOutputs> {
  return Object.fromEntries(
    pipelines.map(([name, { repositoryUrl, pipelineId, images }]) => [name, { repositoryUrl, pipelineId, images }]),
  );
}
