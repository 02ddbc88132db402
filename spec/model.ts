/** What users write, after validation: plain data with every default filled in, that the other rooms read. */

/** Who may pull packages: `project` keeps the feed inside one Azure DevOps project, `organization` shares it. */
export type FeedScope = "project" | "organization";

/** Azure's tiers of a container registry. `Premium` alone has untagged-manifest retention and network rules. */
export type RegistrySku = "Basic" | "Standard" | "Premium";

/** Where the three HTTP services of Azure DevOps answer for one organization. No trailing slash. */
export interface ServiceAddresses {
  /** `https://dev.azure.com/<organization>` unless configured. */
  readonly organization: string;
  /** `https://feeds.dev.azure.com/<organization>` unless configured. */
  readonly feeds: string;
  /** `https://pkgs.dev.azure.com/<organization>` unless configured. */
  readonly packages: string;
}

/** One package index behind the feed: what the feed does not hold itself it saves from here. */
export interface Upstream {
  readonly name: string;
  /** Address of the index, as Azure DevOps shows it under Feed settings, Upstream sources. */
  readonly location: string;
  readonly kind: "public" | "internal";
}

/** One package index beside the feed, of any make, that applications can ask for by name (compatibility mode). */
export interface PackageIndex {
  readonly name: string;
  /** Its simple index, without credentials. */
  readonly url: string;
  /** Service connection ("Python package download") that has its credentials; absent: it wants none. */
  readonly connection: string | undefined;
}

/** Agents to run on: Microsoft's hosted image, or a pool by name. */
export type Pool =
  | { readonly kind: "hosted"; readonly vmImage: string }
  | { readonly kind: "named"; readonly name: string; readonly demands: readonly string[] };

/** A pool whose agents are the machines of an Azure scale set. */
export interface ElasticPoolSettings {
  /** Name of the pool, by which `pool` names it. */
  readonly name: string;
  /** Azure's id of the scale set. */
  readonly scaleSet: string;
  /** Name of the project's service connection to Azure that changes the scale set. */
  readonly connection: string;
  /** Machines at most. Default 4. */
  readonly maxAgents: number;
  /** Machines that wait for jobs. Default 1. */
  readonly idleAgents: number;
  /** Minutes that a machine beyond those stays without a job. Default 30. */
  readonly idleMinutes: number;
  /** Whether each job gets a new machine. Default `true`. */
  readonly recycle: boolean;
}

/** Which stacks the pull requests on the platform's own repository preview, and how they get at the state. */
export interface PreviewSettings {
  /** Where the state is, as `pulumi login` takes it; no credentials. */
  readonly backend: string;
  /** Names of stacks; one at least. */
  readonly stacks: readonly string[];
  /** Name of the project's existing service connection to Azure. Default `wheelhouse-preview`. */
  readonly connection: string;
  /**
   * Number of the project's existing variable group with the secret `PULUMI_CONFIG_PASSPHRASE`, for state that is encrypted with a
   * passphrase; absent: the connection's identity decrypts it, as with a key vault.
   */
  readonly variableGroup: number | undefined;
}

/** What BuildKit gets of a Kubernetes cluster, in Kubernetes' own units; absent: what the cluster gives by itself. */
export interface ResourceAmounts {
  readonly cpu: string | undefined;
  readonly memory: string | undefined;
}

/** The BuildKit that builds images: a container on each agent, a daemon that is there already, or pods of a cluster. */
export type BuilderSettings =
  | {
      readonly driver: "docker-container";
      /** Image of BuildKit; absent: buildx's own. */
      readonly image: string | undefined;
    }
  | {
      readonly driver: "remote";
      /** `tcp://<host>:<port>` or `unix://<path>`. */
      readonly address: string;
      /** Names of secure files of the project; there for a `tcp:` address, and for no other. */
      readonly certificates: { readonly ca: string; readonly certificate: string; readonly key: string } | undefined;
    }
  | {
      readonly driver: "kubernetes";
      /** Default `wheelhouse`. */
      readonly namespace: string;
      /** Default 1. */
      readonly replicas: number;
      readonly image: string | undefined;
      /** Default 1 CPU and 2Gi. */
      readonly requests: ResourceAmounts;
      /** Default none. */
      readonly limits: ResourceAmounts;
    };

/** The platform's own configuration: the stack's `wheelhouse:*` keys. */
export interface Settings {
  /** Name of the Azure DevOps organization. */
  readonly organization: string;
  readonly addresses: ServiceAddresses;
  /** Name of the Azure DevOps project that holds pipelines, connections and repositories. */
  readonly project: string;
  /** Whether this stack makes the project; else it must exist. Default `false`. */
  readonly createProject: boolean;
  readonly subscriptionName: string;
  /** Azure region, such as `westeurope`. */
  readonly location: string;
  readonly resourceGroup: string;
  /** Whether this stack makes the resource group; else it must exist. Default `true`. */
  readonly createResourceGroup: boolean;
  readonly registry: {
    /** Unique in all of Azure: 5 to 50 letters and digits. */
    readonly name: string;
    readonly sku: RegistrySku;
    /** Days until an untagged manifest is removed. Default 7. */
    readonly untaggedRetentionDays: number;
    /** Address ranges (CIDR) that may reach the registry; empty: every one. Needs `Premium`. */
    readonly allowedNetworks: readonly string[];
  };
  readonly feed: {
    readonly name: string;
    readonly scope: FeedScope;
    readonly upstreams: readonly Upstream[];
    /** Versions kept of each package. Default 50. */
    readonly versionsKept: number;
    /** Days for which a downloaded version is kept in any case. Default 30. */
    readonly daysToKeepDownloaded: number;
  };
  /** Package indexes that applications can name beside the feed. Default none. */
  readonly indexes: readonly PackageIndex[];
  /** Image, by digest, that makes a list of an image's software (SBOM); absent: images get none. */
  readonly sbomGenerator: string | undefined;
  /**
   * Registry, with a path or without, that upstream images without a host of their own are taken from: a mirror of the
   * public registry. Absent: the public one.
   */
  readonly upstreamRegistry: string | undefined;
  /** Repository that this stack fills with templates and recipes. Default `wheelhouse`. */
  readonly templateRepository: string;
  /** Existing repository with this program, whose pull requests are to show a preview; absent: no preview pipeline. */
  readonly platformRepository: string | undefined;
  /** What those pull requests preview; absent: whoever keeps the repository sets the pipeline's variables by hand. */
  readonly preview: PreviewSettings | undefined;
  /** Pool for every pipeline that names none. Default hosted `ubuntu-24.04`. */
  readonly pool: Pool;
  /** Pool over a scale set that this stack makes; absent: none. */
  readonly elasticPool: ElasticPoolSettings | undefined;
  /** What builds images. Default: a container on each agent. */
  readonly builder: BuilderSettings;
  /** Minutes after which a run is stopped. Defaults 60 and 120. */
  readonly timeoutMinutes: { readonly application: number; readonly baseImage: number };
  /** Whether the first run of each base image's pipeline is queued when all is declared. Default `queue`. */
  readonly firstRun: "queue" | "none";
  /** Tags on every Azure resource. */
  readonly tags: Readonly<Record<string, string>>;
  /** Whether feed, registry and template repository refuse to be deleted. Default `true`. */
  readonly protect: boolean;
}

/** One base image: `base-images/<name>/base-image.yaml` and the files beside it. */
export interface BaseImage {
  readonly name: string;
  readonly description: string | undefined;
  /** Upstream image without tag, such as `python`. */
  readonly upstream: string;
  /** Python version `major.minor`. */
  readonly python: string;
  /** Tag of the upstream image. Default `<python>-slim`. */
  readonly tag: string;
  /** Cron line of the daily refresh, UTC. Default `0 4 * * *`. */
  readonly schedule: string;
  readonly platforms: readonly ImagePlatform[];
  /** Text of `requirements.in`. */
  readonly requirements: string;
  /** Text of `bindep.txt`, where the base image has one. */
  readonly systemPackages: string | undefined;
  /** Name of the user that applications run as. Default `app`. */
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pool: Pool | undefined;
}

export type ImagePlatform = "linux/amd64" | "linux/arm64";

/** Where an application's source lives. */
export type AppRepository =
  | { readonly kind: "create"; readonly name: string }
  | { readonly kind: "existing"; readonly name: string; readonly pipelineFile: string };

/** What the application's container must answer to be called healthy. */
export interface HealthCheck {
  /** The command as a list, run without a shell. */
  readonly command: readonly string[];
  /** Seconds. Defaults 30, 5, 10. */
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  /** Default 3. */
  readonly retries: number;
}

/** One application: `apps/<name>.yaml`. */
export interface App {
  readonly name: string;
  readonly description: string | undefined;
  /** Azure DevOps group that owns it. */
  readonly team: string | undefined;
  readonly baseImage: string;
  readonly repository: AppRepository;
  /** Python version it wants; must be the base image's. */
  readonly python: string | undefined;
  /** `pyproject.toml` or a requirements file, relative to the application's repository. Default `pyproject.toml`. */
  readonly requirements: string;
  /** A lock that the team keeps itself, relative to its repository. */
  readonly lock: string | undefined;
  /** Console scripts; one image each. Empty: one image named as the application. */
  readonly scripts: readonly string[];
  /** Extras by script; `*` is for every image. */
  readonly extras: Readonly<Record<string, readonly string[]>>;
  /** Names of package indexes beside the feed: compatibility mode. */
  readonly indexes: readonly string[];
  /** bindep file, relative to its repository. */
  readonly systemPackages: string | undefined;
  /** Dockerfile that the team brings, relative to its repository. */
  readonly dockerfile: string | undefined;
  /** User that the image runs as. Default: the base image's. */
  readonly user: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly healthcheck: HealthCheck | undefined;
  /** Branches whose pushes publish. Default `main`. The first is the default branch. */
  readonly branches: readonly string[];
  readonly pool: Pool | undefined;
}

/** A text that a renderer made and a repository is to hold. */
export interface RenderedFile {
  /** Path in the repository, with `/`, not starting with one. */
  readonly path: string;
  readonly content: string;
}
