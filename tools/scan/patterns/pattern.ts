/** What a pattern is: how a place where a credential may be is found, and how it is looked at. */

/** Kinds of credentials that are told by their form. */
export type PatternKind =
  | "url-credentials"
  | "index-url"
  | "netrc"
  | "pypirc"
  | "pypi-token"
  | "docker-auth"
  | "azure-devops-token"
  | "jwt"
  | "private-key";

/** The part of the content that may be looked at: that of one file, as far as it is in the window. */
export interface Region {
  readonly from: number;
  readonly to: number;
  /** Path of the file; "" where there is none. */
  readonly path: string;
}

export interface PatternHit {
  /** Place in the window: [start, end). */
  readonly start: number;
  readonly end: number;
  /** The credential itself. */
  readonly value: string;
  /** Where another kind is meant than the pattern's own. */
  readonly kind?: PatternKind;
  /** The rule by which it is no credential, such as `placeholder`. */
  readonly excluded?: string;
}

/** Looks at one place. @returns `undefined` where there is nothing of its form. */
export type Check = (content: Buffer, at: number, region: Region) => PatternHit | undefined;

/** A pattern that begins with, or is near, one of some byte sequences of exactly 6 bytes. */
export interface AnchoredPattern {
  readonly kind: PatternKind;
  readonly anchors: readonly string[];
  readonly check: Check;
}

/** A pattern whose places are found in another way. */
export interface StreamPattern {
  readonly kind: PatternKind;
  /** Calls for each place in [from, to); content may be looked at as far as `end`. */
  search(content: Buffer, from: number, to: number, end: number, onPlace: (at: number) => void): void;
  readonly check: Check;
}
