/** What a scan reports. Secrets are in it as hashes only. */
import { type PatternKind } from "./patterns";

/** One secret in one place; `count` times in it. */
export interface Finding {
  /** `literal` for a given secret; otherwise the pattern. */
  readonly kind: "literal" | PatternKind;
  /** Patterns that it fits too, where it is a given secret or fits several. */
  readonly alsoAs?: readonly PatternKind[];
  /** Such as `raw`, `base64`, `URL-encoded`. */
  readonly encoding: string;
  /** First 12 hex digits of the SHA-256 of the secret. */
  readonly secret: string;
  /** Where a given secret was taken from, such as `variable FEED_TOKEN`. */
  readonly source?: string;
  readonly count: number;
  readonly where: LayerPlace | DocumentPlace | FilePlace;
}

/** In a layer. */
export interface LayerPlace {
  readonly in: "layer";
  /** Digest of the layer's blob. */
  readonly digest: string;
  /** Path in the layer; "" for what belongs to no member. */
  readonly path: string;
  /** In the file itself, in its name or another part of its tar header, or beside all files. */
  readonly part: "content" | "header" | "padding" | "trailer" | "packed";
  /** Bytes from the start of the unpacked layer to the first one. */
  readonly offset: number;
  /** The images that have this layer; empty for a cache's. */
  readonly images: readonly LayerUse[];
}

export interface LayerUse {
  /** Digest of the image's manifest. */
  readonly manifest: string;
  /** Such as `linux/amd64`. */
  readonly platform?: string;
  /** From 1, the lowest. */
  readonly layer: number;
  readonly layers: number;
  /** The command that made the layer, as the image's history has it. */
  readonly command?: string;
  /** What later layers do to the file. Whatever it is: the layer is still there for everyone to read. */
  readonly state: "present" | "deleted" | "overwritten";
  /** Number of the layer that did so. */
  readonly byLayer?: number;
}

/** In a document of the image. */
export interface DocumentPlace {
  readonly in: "document";
  readonly document: "index" | "manifest" | "config" | "attestation" | "cache" | "other";
  readonly digest: string;
  /** Where in the document, such as `history[3].created_by`; absent where it is not JSON. */
  readonly pointer?: string;
  readonly platform?: string;
  /** The command, where the place is an entry of the history. */
  readonly command?: string;
}

/** In a file: of a folder, or one that an archive has besides its images. */
export interface FilePlace {
  readonly in: "file";
  readonly path: string;
  readonly part: "content" | "name";
  readonly offset: number;
}

/** Something in the form of a credential that counts as none, by a rule or by the allow list. */
export interface Excluded {
  readonly finding: Finding;
  /** Such as `placeholder`, or `allowed: <reason>`. */
  readonly rule: string;
}

export interface ScanReport {
  readonly schema: 1;
  /** As it was named. */
  readonly name: string;
  /** Digests of the top documents; one for a reference. */
  readonly digests: readonly string[];
  /** Names of the secrets that were looked for, never the secrets. */
  readonly lookedFor: readonly string[];
  readonly patterns: boolean;
  readonly findings: readonly Finding[];
  /** Further findings that are not listed, beyond the first 1,000. */
  readonly unlisted: number;
  /** The first 200; `excludedCount` has all. */
  readonly excluded: readonly Excluded[];
  readonly excludedCount: Readonly<Record<string, number>>;
  /** What was not looked at, and why. */
  readonly notes: readonly string[];
  readonly scanned: Scanned;
}

export interface Scanned {
  readonly images: number;
  readonly layers: number;
  /** Layers that were left out on request. */
  readonly skippedLayers: number;
  readonly documents: number;
  readonly files: number;
  /** Bytes of blobs as they lie, and unpacked. */
  readonly packedBytes: number;
  readonly bytes: number;
  readonly seconds: number;
}
