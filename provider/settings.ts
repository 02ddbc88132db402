/** The settings of a platform as a program in any language writes them, key for key as the stack's configuration has them. */
import type { AgentPool, PackageIndex, RegistrySku, Upstream } from "./values";

/** Whose feed it is: that of the project, or of the whole organization. */
export const FeedScope = { Project: "project", Organization: "organization" } as const;
export type FeedScope = (typeof FeedScope)[keyof typeof FeedScope];

/** Whether each base image comes into being by itself. */
export const FirstRunMode = { Queue: "queue", None: "none" } as const;
export type FirstRunMode = (typeof FirstRunMode)[keyof typeof FirstRunMode];

/** The BuildKit that builds images: a container on each agent, a daemon that is there already, or pods of a cluster. */
export const BuilderDriver = {
  DockerContainer: "docker-container",
  Remote: "remote",
  Kubernetes: "kubernetes",
} as const;
export type BuilderDriver = (typeof BuilderDriver)[keyof typeof BuilderDriver];

/** A pool over an Azure scale set. */
export interface ElasticPool {
  /** Name of the pool, which `pool` names then. */
  readonly name: string;
  /** Azure's id of the scale set. */
  readonly scaleSet: string;
  /** Name of the project's service connection to Azure that may change it. */
  readonly connection: string;
  /** Machines at most. Default 4. */
  readonly maxAgents?: number;
  /** Machines that wait for jobs. Default 1. */
  readonly idleAgents?: number;
  /** Minutes that a machine beyond those stays without a job. Default 30. */
  readonly idleMinutes?: number;
  /** Whether each job gets a new machine. Default `true`. */
  readonly recycle?: boolean;
}

/** Names of the project's secure files for a builder at a `tcp:` address. */
export interface BuilderCertificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** What BuildKit gets of a cluster, in Kubernetes' own units. */
export interface ResourceAmounts {
  readonly cpu?: string;
  readonly memory?: string;
}

/** What builds images. */
export interface Builder {
  readonly driver: BuilderDriver;
  /** Image of BuildKit, for `docker-container` and `kubernetes`. */
  readonly image?: string;
  /** `tcp://<host>:<port>` or `unix://<path>`, for `remote`. */
  readonly address?: string;
  /** For `remote` at a `tcp:` address. */
  readonly certificates?: BuilderCertificates;
  /** For `kubernetes`. Default `wheelhouse`. */
  readonly namespace?: string;
  /** For `kubernetes`. Default 1. */
  readonly replicas?: number;
  /** For `kubernetes`. Default 1 CPU and 2Gi. */
  readonly requests?: ResourceAmounts;
  /** For `kubernetes`. Default: none. */
  readonly limits?: ResourceAmounts;
}

/** Which stacks the pull requests on the platform's own repository preview, and how they get at the state. */
export interface Preview {
  /** Where the state is, as `pulumi login` takes it; no credentials. */
  readonly backend: string;
  /** Names of stacks; one at least. */
  readonly stacks: string[];
  /** Name of the project's existing service connection to Azure. Default `wheelhouse-preview`. */
  readonly connection?: string;
  /** Number of the project's existing variable group with the secret `PULUMI_CONFIG_PASSPHRASE`. Default: none. */
  readonly variableGroup?: number;
}

/** The settings of a platform: the keys that `Pulumi.yaml` of the program in TypeScript lists. */
export interface PlatformSettings {
  /** Name of the Azure DevOps organization, as in `https://dev.azure.com/<organization>`. */
  readonly organization: string;
  /** Address of Azure DevOps for the organization. Default `https://dev.azure.com/<organization>`. */
  readonly organizationUrl?: string;
  /** Address of the feeds service. Default `https://feeds.dev.azure.com/<organization>`. */
  readonly feedsUrl?: string;
  /** Address that packages are installed from. Default `https://pkgs.dev.azure.com/<organization>`. */
  readonly packagesUrl?: string;
  /** Name of the Azure DevOps project that holds pipelines, connections and repositories. */
  readonly project: string;
  /** Whether the project is made here; else it must exist. Default `false`. */
  readonly createProject?: boolean;
  /** Name of the Azure subscription. */
  readonly subscriptionName: string;
  /** Azure region, such as `westeurope`. */
  readonly location: string;
  /** Name of the resource group that holds the registry and the identities. */
  readonly resourceGroup: string;
  /** Whether the resource group is made here; else it must exist. Default `true`. */
  readonly createResourceGroup?: boolean;
  /** Name of the container registry, unique in all of Azure, 5 to 50 letters and digits. */
  readonly registryName: string;
  /** Default `Standard`. */
  readonly registrySku?: RegistrySku;
  /** Days until a manifest without a tag is removed from the registry, 0 to 365. Default 7. */
  readonly untaggedRetentionDays?: number;
  /** Address ranges (CIDR) that may reach the registry; needs `Premium`. Default: every one. */
  readonly allowedNetworks?: string[];
  /** Name of the Azure Artifacts feed, the one index that every image installs from. */
  readonly feedName: string;
  /** Default `project`. */
  readonly feedScope?: FeedScope;
  /** Package indexes behind the feed, in order; an empty list means none. */
  readonly upstreams: Upstream[];
  /** Versions that the feed keeps of each package, 1 to 5000. Default 50. */
  readonly versionsKept?: number;
  /** Days for which a downloaded version is kept in any case, 1 to 365. Default 30. */
  readonly daysToKeepDownloaded?: number;
  /** Package indexes beside the feed that applications may name (compatibility mode). Default: none. */
  readonly indexes?: PackageIndex[];
  /** Image, by digest, that lists the software of each published image. Default: no lists. */
  readonly sbomGenerator?: string;
  /** Registry that upstream images without a host of their own are taken from. Default: the public one. */
  readonly upstreamRegistry?: string;
  /** Name of the repository that is filled with templates and recipes. Default `wheelhouse`. */
  readonly templateRepository?: string;
  /** Name of the existing repository with the program, whose pull requests show a preview. Default: none. */
  readonly platformRepository?: string;
  /** What those pull requests preview. Default: the pipeline's variables are set by hand. */
  readonly preview?: Preview;
  /** Agents for every pipeline that names none. Default `ubuntu-24.04`, hosted by Microsoft. */
  readonly pool?: AgentPool;
  /** Agents of your own that come and go. Default: none. */
  readonly elasticPool?: ElasticPool;
  /** Default: a container on each agent. */
  readonly builder?: Builder;
  /** Minutes after which a run of an application's pipeline is stopped, 5 to 1440. Default 60. */
  readonly applicationTimeoutMinutes?: number;
  /** Minutes after which a run of a base image's pipeline is stopped, 5 to 1440. Default 120. */
  readonly baseImageTimeoutMinutes?: number;
  /** Default `queue`. */
  readonly firstRun?: FirstRunMode;
  /** Tags on every Azure resource. */
  readonly tags?: Record<string, string>;
  /** Whether feed, registry and template repository refuse to be deleted. Default `true`. */
  readonly protect?: boolean;
}
