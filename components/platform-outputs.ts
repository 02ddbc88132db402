/** What users of a platform get to know of it. */
import type * as pulumi from "@pulumi/pulumi";

/** What a platform tells those who use it. */
export interface PlatformOutputs {
  /** Address of the feed's simple index, without credentials. */
  readonly feedUrl: pulumi.Output<string>;
  /** Login server of the registry. */
  readonly registry: pulumi.Output<string>;
  /** By name. */
  readonly baseImages: Readonly<Record<string, { readonly pipelineId: pulumi.Output<number> }>>;
  /** By name. */
  readonly applications: Readonly<
    Record<
      string,
      {
        readonly repositoryUrl: pulumi.Output<string>;
        readonly pipelineId: pulumi.Output<number>;
        readonly images: pulumi.Output<string[]>;
      }
    >
  >;
}
