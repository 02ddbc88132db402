/** What the sandbox's services offer to those who use them: a registry, a feed, builders and an upstream image. */

export interface ServicesOptions {
  /**
   * Where everything is kept; made where it does not exist. One `startServices` at a time uses a folder. A later one takes up what
   * the registry and the feed hold; tokens and passwords are new each time.
   */
  readonly folder: string;
  /** Default: this process' own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Progress, a line at a time. Never holds a secret. */
  readonly write: (line: string) => void;
  /** Address of the feed's upstream, a PEP 503 index. Default: the public index that this machine's pip uses. */
  readonly publicIndex?: string;
  /** Where the feed is. Defaults: `wheelhouse-sandbox`, `Platform`, `python`; without `project` it is the organization's. */
  readonly feed?: { readonly organization: string; readonly project?: string; readonly name: string };
  /** Seconds for which the feed takes the upstream's list of a package for current. Default 1800. */
  readonly upstreamFreshSeconds?: number;
  /**
   * Signs the job tokens: who has it, too, knows them, as the stand-in cloud does for git. At least 32 characters. Default: one that
   * nobody else has, new at each start.
   */
  readonly jobTokenKey?: string;
}

/** `AcrPull`, `AcrPush` (which may pull too), and `AcrPush` together with `AcrDelete`. */
export type RegistryRole = "pull" | "push" | "delete";

export interface RegistryUser {
  readonly name: string;
  /** A file, mode 0600, with the password and nothing else. */
  readonly passwordFile: string;
  /** A folder to be used as `DOCKER_CONFIG` with this user's credentials, and with buildx in its `cli-plugins`. */
  readonly dockerConfig: string;
}

export interface RegistryCounters {
  /** Bytes of manifests and blobs that clients were sent. */
  readonly fetchedBytes: number;
  /** Bytes of manifests and blobs that clients sent. */
  readonly pushedBytes: number;
  readonly requests: number;
  /** Requests without right credentials, or without the right. Each client's first request is one. */
  readonly refused: number;
}

export interface Registry {
  /** `127.0.0.1:<port>`; plain HTTP. */
  readonly host: string;
  /** A folder to be used as `DOCKER_CONFIG`: that of the user with the role `push`. */
  readonly dockerConfig: string;
  counters(): RegistryCounters;
  /** A user with that role; the same one each time. */
  user(role: RegistryRole): RegistryUser;
  /** Makes a user's password another one. Access tokens that were given for the old one end. */
  rotate(role: RegistryRole): RegistryUser;
}

/** Who may download what the feed holds; who may save packages of the upstream in it, too; who may publish, too. */
export type FeedRole = "reader" | "collaborator" | "contributor";

/** Which git repositories a job may fetch from. */
export interface JobReach {
  /** Id of the only project whose repositories it may fetch. Default: every project's of the organization. */
  readonly project?: string | undefined;
  /** Ids of the only repositories that it may fetch. Default: all of the above. */
  readonly repositories?: readonly string[] | undefined;
}

export interface IssueOptions {
  /** At the feed. */
  readonly role: FeedRole;
  readonly seconds: number;
  /** Default: it is good for the feed alone. */
  readonly job?: JobReach;
}

export interface FeedCounters {
  readonly requests: number;
  /** Requests answered with 400, 401 or 403. */
  readonly refused: number;
  /** What the feed asked of its upstream: lists and files, those included that the machine had kept from an earlier run. */
  readonly upstreamRequests: number;
  /** Bytes of packages that clients were sent. */
  readonly fetchedBytes: number;
}

export interface Feed {
  /** Ends with `/pypi/simple/`; holds no credentials. */
  readonly indexUrl: string;
  /** Where twine and `uv publish` upload to; ends with `/pypi/upload/`. */
  readonly uploadUrl: string;
  /** A new job token, to be used as the password with any user name. */
  issueToken(options: IssueOptions): string;
  /** Ends a token before its time. */
  revoke(token: string): void;
  /**
   * Writes `netrc`, `pip.conf` and `pip_index_url`, mode 0600, as the image recipes mount them. Files that are there are replaced
   * whole.
   */
  writeSecrets(folder: string, token: string): void;
  counters(): FeedCounters;
  /**
   * Makes the upstream look as it did before a release: that version of a package and all later ones are neither listed nor served,
   * until `release` or the end of these services. What the feed itself holds by publication stays.
   * @throws RangeError for what is no package's name or no version
   */
  holdBack(name: string, version: string): void;
  /** Shows all versions of a package of the upstream again. */
  release(name: string): void;
  /** Versions of a package as the feed shows them to a collaborator, the earliest first; none where it has no such package. */
  versions(name: string): Promise<string[]>;
}

export interface Builder {
  /** Of the buildx builder, and `BUILDX_BUILDER` in the environment. */
  readonly name: string;
  /** Makes it what a fresh agent has: it knows no image, no cache and no credential. */
  empty(): Promise<void>;
  /** Stops it and removes its files. */
  dispose(): Promise<void>;
  /**
   * For buildx: `DOCKER_CONFIG`, `PATH` and `BUILDX_BUILDER`. Where a docker client is, `docker buildx` finds buildx as its plugin;
   * else `docker-buildx` is on this `PATH`.
   */
  readonly environment: NodeJS.ProcessEnv;
}

export interface UpstreamImage {
  /** With the registry's host and a tag. */
  readonly reference: string;
  /** Of the manifest, with `sha256:` before it. */
  readonly digest: string;
  /** Version of its Python, such as `3.13`. */
  readonly python: string;
}

/** All of it answers in this process: code that blocks the process, such as `spawnSync`, makes it hang. */
export interface Services {
  readonly registry: Registry;
  readonly feed: Feed;
  /** A new and empty BuildKit daemon, with a buildx builder in the registry's `dockerConfig`. Default name: one not used yet. */
  builder(name?: string): Promise<Builder>;
  /** What stands for the public Python image: Debian with Python, made once on this machine, pushed to the registry. */
  upstreamImage(): Promise<UpstreamImage>;
  /** Stops all of it. What the registry and the feed hold stays in the folder. */
  close(): Promise<void>;
}
