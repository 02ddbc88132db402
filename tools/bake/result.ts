/** What a run of `bake` gives: for other programs as data, for people as a table. */
import type { BaseReference } from "../resolve/locks-file";
import { describeSize } from "../size";
import type { Leak } from "./leaks";
import type { PublishedImage, PublishedPlatform } from "./published";

/** One image of the run. */
export interface BakedImage {
  readonly name: string;
  readonly script?: string;
  /** With registry and digest; absent where nothing was pushed. */
  readonly reference?: string;
  readonly digest?: string;
  readonly tags: readonly string[];
  readonly platforms: readonly PublishedPlatform[];
  /** Packages that it adds to its base image; absent where the recipe does not say. */
  readonly packages?: number;
}

export interface BakeResult {
  readonly kind: string;
  readonly name: string;
  readonly pushed: boolean;
  readonly base?: BaseReference;
  readonly images: readonly BakedImage[];
  /** Intermediate images that this run made, as the registry was without them. */
  readonly built: readonly { readonly name: string; readonly tag: string }[];
  readonly leaks: readonly Leak[];
}

export interface BakeReport extends BakeResult {
  readonly seconds: Readonly<Record<string, number>>;
  /** What the tool itself moved; not what the builder did. */
  readonly transferred: { readonly requests: number; readonly fetchedBytes: number; readonly pushedBytes: number };
}

/** An image that was pushed, for the result. */
export function bakedImage(registry: string, published: PublishedImage, tags: readonly string[]): BakedImage {
  return {
    name: published.repository,
    reference: `${registry}/${published.repository}@${published.digest}`,
    digest: published.digest,
    platforms: published.platforms,
    tags,
  };
}

/** Columns in the order of a reader's questions: what, how big, on what, with how much, how fast, safe? */
export function table(report: BakeReport): string[] {
  const rows = report.images.map((image) => [
    image.name,
    image.platforms[0] === undefined ? "not pushed" : describeSize(image.platforms[0].size),
    report.base === undefined ? "" : `${shortName(report.base.reference)}@${shortDigest(report.base.digest)}`,
    image.packages === undefined ? "" : String(image.packages),
    `${(report.seconds.total ?? 0).toFixed(1)} s`,
    report.leaks.length === 0 ? "none" : String(report.leaks.length),
  ]);
  const all = [["image", "size", "base", "adds", "built in", "leaks"], ...rows];
  const used = all[0]?.map((_title, column) => rows.some((row) => row[column] !== "")) ?? [];
  const shown = all.map((row) => row.filter((_cell, column) => used[column]));
  const widths = shown[0]?.map((_title, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0))) ?? [];
  return shown.map((row) => ` ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}

function shortName(reference: string): string {
  return reference.replace(/[@:][^/]*$/, "").replace(/^.*\//, "");
}

function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 7);
}
