/** Base images and applications as a program in any language writes them, key for key as the YAML files have them. */
import type { AgentPool } from "./values";

/** Platform that images are built for. */
export const ImagePlatform = { Amd64: "linux/amd64", Arm64: "linux/arm64" } as const;
export type ImagePlatform = (typeof ImagePlatform)[keyof typeof ImagePlatform];

/** A base image: the keys of `base-image.yaml`, and the text of the files beside it. */
export interface BaseImageSpecification {
  /** Name of its pipeline and image: lowercase letters, digits and single hyphens. */
  readonly name: string;
  readonly description?: string;
  /** Image to start from, without its tag. Default `python`. */
  readonly upstream?: string;
  /** Python version, `major.minor`. */
  readonly python: string;
  /** Tag of the upstream image. Default `<python>-slim`. */
  readonly tag?: string;
  /** When it is refreshed: a cron line of five fields, in UTC. Default `0 4 * * *`. */
  readonly schedule?: string;
  /** Default `linux/amd64`. */
  readonly platforms?: ImagePlatform[];
  /** Name of the user that applications run as. Default `app`. */
  readonly user?: string;
  /** Environment variables of the image, readable by everyone who can pull it: no secrets. */
  readonly env?: Record<string, string>;
  /** Default: the platform's pool. */
  readonly pool?: AgentPool;
  /** Text of `requirements.in`. Default: no packages. */
  readonly requirements?: string;
  /** Text of `bindep.txt`. Default: no system packages. */
  readonly systemPackages?: string;
}

/** Where an application's source lives: `create`, or `existing` with the path of its pipeline's file. */
export interface ApplicationRepository {
  /** Name of a repository to make. */
  readonly create?: string;
  /** Name of an existing repository of the project. */
  readonly existing?: string;
  /** Where its pipeline is; for `existing`. Default `azure-pipelines.yml`. */
  readonly pipelineFile?: string;
}

/** What tells whether a container is healthy. */
export interface HealthCheck {
  /** The command as a list of words; it runs in the container, without a shell. */
  readonly command: string[];
  /** Seconds between two checks. Default 30. */
  readonly interval?: number;
  /** Seconds after which a check has failed. Default 5. */
  readonly timeout?: number;
  /** Seconds in which failures do not count. Default 10. */
  readonly startPeriod?: number;
  /** Failures in a row after which the container is unhealthy. Default 3. */
  readonly retries?: number;
}

/** An application: the keys of `apps/<name>.yaml`. */
export interface ApplicationSpecification {
  /** Name of its pipeline, repository and image: lowercase letters, digits and single hyphens. */
  readonly name: string;
  readonly description?: string;
  /** Azure DevOps group that owns it; it may read the feed. */
  readonly team?: string;
  /** Name of the base image. */
  readonly baseImage: string;
  /** Default: a new repository named as the application. */
  readonly repository?: ApplicationRepository;
  /** Python version it wants; must be the base image's. */
  readonly python?: string;
  /** `pyproject.toml` or a requirements file, relative to its repository. Default `pyproject.toml`. */
  readonly requirements?: string;
  /** Lock with hashes that the team keeps itself, relative to its repository. Default: the pipeline resolves one. */
  readonly lock?: string;
  /** Console scripts: one image each. Default: one image, named as the application. */
  readonly scripts?: string[];
  /** Extras to install, by console script; `*` is for every image. */
  readonly extras?: Record<string, string[]>;
  /** Compatibility mode: names of package indexes beside the feed. Default: the feed alone. */
  readonly indexes?: string[];
  /** bindep file, relative to its repository. Default: none. */
  readonly systemPackages?: string;
  /** Dockerfile of the team's own, relative to its repository; it then says all that the image is. */
  readonly dockerfile?: string;
  /** User that the image runs as. Default: the base image's. */
  readonly user?: string;
  /** Environment variables of the image, readable by everyone who can pull it: no secrets. */
  readonly env?: Record<string, string>;
  /** TCP ports that it listens on. */
  readonly ports?: number[];
  /** Default: none. */
  readonly healthcheck?: HealthCheck;
  /** Branches whose pushes publish images; the first is the default branch. Default `main`. */
  readonly branches?: string[];
  /** Default: the platform's pool. */
  readonly pool?: AgentPool;
}

/** What an application's recipe takes from its base image. */
export interface ApplicationBase {
  readonly name: string;
  /** Python version, `major.minor`. */
  readonly python: string;
  /** Default `linux/amd64`. */
  readonly platforms?: ImagePlatform[];
  /** Name of the user that applications run as. Default `app`. */
  readonly user?: string;
}
