/** What a Dockerfile does, as data: what a specification says of it, and what no recipe does. */
import type { Health } from "./start-command";
import type { WantedPackage } from "./system-packages";

/** What is known of the repository beside the Dockerfile. */
export interface Surroundings {
  readonly scripts: readonly string[];
  /** What each console script calls, such as `orders.api:main`. */
  readonly targets: ReadonlyMap<string, string>;
  /** Whether a path of the repository is part of the Python project: a package, or a file that describes it. */
  isProjectFile(path: string): boolean;
}

/** Something that a reader should know of, with its line. */
export interface Told {
  readonly line: number;
  readonly what: string;
  readonly todo: string;
}

/** What a Dockerfile does, in the words of a specification. */
export interface ImageFacts {
  /** Line and text of everything that a recipe does not do; empty: it can take the Dockerfile's place. */
  readonly obstacles: readonly string[];
  readonly script: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly healthcheck: Health | undefined;
  /** A number, where one is written; else the base image's. */
  readonly user: string | undefined;
  readonly packages: readonly WantedPackage[];
  /** As RUNs name them. */
  readonly requirements: readonly string[];
  readonly installsProject: boolean;
  readonly projectWithPackages: boolean;
  readonly extras: readonly string[];
  readonly told: readonly Told[];
}
