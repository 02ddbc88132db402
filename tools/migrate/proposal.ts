/** What a migration proposes: whole files before and after, a reason for each change, and what is left for people. */

/** Which repository a file is in. */
export type Place = "team" | "platform";

/** One change within a file, and why. */
export interface Reason {
  /** What becomes of it, in one line. */
  readonly what: string;
  readonly why: string;
}

/** A file that is written, changed or removed. */
export interface FileChange {
  readonly place: Place;
  /** Relative to its repository, with `/`. */
  readonly file: string;
  /** `undefined`: there is no such file yet. */
  readonly before: string | undefined;
  /** `undefined`: the file is removed. */
  readonly after: string | undefined;
  readonly reasons: readonly Reason[];
}

/** Something that the old set-up did and the new one does not, or that no tool can know. */
export interface Remaining {
  /** File and line, such as `azure-pipelines.yml:12`, or `""`. */
  readonly at: string;
  readonly what: string;
  /** Where it goes, or what to do. */
  readonly todo: string;
}

/** A credential that is written out in a file; its value is nowhere in a proposal. */
export interface FoundCredential {
  /** File and line. */
  readonly at: string;
  readonly what: string;
  /** Always begins with its revocation. */
  readonly todo: string;
}

/** What is taken for granted where no file says it; refused when files are to be written. */
export interface Guess {
  readonly what: string;
  /** Option that says it. */
  readonly option: string;
}

/** Whether the platform's rendered recipe takes the place of the team's Dockerfile. */
export interface DockerfileDecision {
  readonly kind: "recipe" | "own";
  /** The Dockerfile, relative; `undefined` where the team has none. */
  readonly file: string | undefined;
  /** Why, one line each. */
  readonly reasons: readonly string[];
}

export interface Proposal {
  readonly name: string;
  readonly dockerfile: DockerfileDecision;
  readonly changes: readonly FileChange[];
  /** Steps and settings of the old pipeline whose work the template does. */
  readonly replaced: readonly Remaining[];
  readonly remaining: readonly Remaining[];
  readonly credentials: readonly FoundCredential[];
  readonly guesses: readonly Guess[];
  /** Every credential that was found, so that whatever is shown goes without: never shown itself. */
  readonly secrets: readonly string[];
}
