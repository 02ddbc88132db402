/** Searches content that goes by, of any length, through a window of fixed size. */
import { createHash } from "node:crypto";
import { AnchorTable, anchorLength, bestAnchor, type Anchor } from "./anchors";
import { comparers } from "./compare";
import { literalRun, needlesOf, type Needle } from "./encodings";
import { patterns, streamPatterns, type AnchoredPattern, type PatternHit, type PatternKind } from "./patterns";
import { type LiteralSecret } from "./secrets";

/** A secret that was found. */
export interface Hit {
  /** Bytes from the start of the content. */
  readonly offset: number;
  /** Bytes that it takes there. */
  readonly length: number;
  readonly kind: "literal" | PatternKind;
  readonly encoding: string;
  /** First 12 hex digits of the SHA-256 of the secret. */
  readonly secret: string;
  /** Where a literal secret was taken from. */
  readonly source?: string;
  /** The rule by which it counts as no secret, such as `placeholder`. */
  readonly excluded?: string;
}

/** Who searches: tells which part of the content belongs together, and takes what is found. */
export interface SearchSink {
  /** The file that an offset lies in, as [start, end) in the whole content; patterns do not reach beyond it. */
  regionAt(offset: number): { readonly start: number; readonly end: number; readonly path: string };
  onHit(hit: Hit): void;
}

/** What to look for, made once and used for any number of contents. */
export class SearchRules {
  readonly table: AnchorTable;
  readonly needles: readonly Needle[];
  /** Bytes that lie before and after an anchor when it is looked at, if the content has as many. */
  readonly reach: number;
  private readonly targets: (
    | { readonly kind: "needle"; readonly index: number; readonly offset: number }
    | { readonly kind: "pattern"; readonly pattern: AnchoredPattern }
  )[] = [];

  constructor(
    secrets: readonly LiteralSecret[],
    readonly withPatterns: boolean,
  ) {
    this.needles = secrets.flatMap(needlesOf);
    const anchors: Anchor[] = [];
    this.needles.forEach((needle, index) => {
      for (const offset of anchorOffsets(needle)) {
        anchors.push({ id: this.targets.length, bytes: needle.bytes.subarray(offset, offset + anchorLength) });
        this.targets.push({ kind: "needle", index, offset });
      }
    });
    for (const pattern of withPatterns ? patterns : []) {
      for (const anchor of pattern.anchors) {
        anchors.push({ id: this.targets.length, bytes: Buffer.from(anchor) });
        this.targets.push({ kind: "pattern", pattern });
      }
    }
    this.table = new AnchorTable(anchors);
    const longest = Math.max(0, ...this.needles.map(({ bytes }) => bytes.length));
    // Line breaks make base64 longer, by less than a quarter.
    this.reach = Math.max(16 << 10, Math.ceil(longest * 1.25) + 1024);
  }

  target(id: number): (typeof this.targets)[number] | undefined {
    return this.targets[id];
  }
}

/** Bytes that are searched in one go. */
const stride = 1 << 18;

/** One search at a time; `end` makes it ready for the next content. */
export class Search {
  private readonly window: Buffer;
  /** Offset of the window in the content. */
  private base = 0;
  private filled = 0;
  /** Anchors before this place of the window have been looked at. */
  private done = 0;
  private readonly lastStarts = new Map<number, number>();

  constructor(
    private readonly rules: SearchRules,
    private readonly sink: SearchSink,
  ) {
    this.window = Buffer.alloc(2 * rules.reach + stride);
  }

  /** Offset of the first byte of the content that may be looked at again. */
  get windowStart(): number {
    return this.base;
  }

  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length) {
      const taken = Math.min(this.window.length - this.filled, chunk.length - offset);
      chunk.copy(this.window, this.filled, offset, offset + taken);
      this.filled += taken;
      offset += taken;
      if (this.filled === this.window.length) this.look(this.filled - this.rules.reach);
    }
  }

  end(): void {
    this.look(this.filled);
    this.base = 0;
    this.filled = 0;
    this.done = 0;
    this.lastStarts.clear();
  }

  /** Looks at all anchors that begin before a place of the window, then makes room for more content. */
  private look(limit: number): void {
    const { window, done, filled, rules } = this;
    rules.table.search(window, done, limit, filled, this.onAnchor);
    if (rules.withPatterns) {
      for (const pattern of streamPatterns) {
        pattern.search(window, done, limit, filled, (at) => this.check(pattern, at));
      }
    }
    const kept = Math.max(0, limit - rules.reach);
    window.copyWithin(0, kept, filled);
    this.base += kept;
    this.filled -= kept;
    this.done = limit - kept;
  }

  private readonly onAnchor = (id: number, at: number): void => {
    const target = this.rules.target(id);
    if (target?.kind === "pattern") this.check(target.pattern, at);
    else if (target?.kind === "needle") this.compare(target.index, at, target.offset);
  };

  private compare(index: number, at: number, offset: number): void {
    const needle = this.rules.needles[index];
    if (needle === undefined) return;
    const match = comparers[needle.form](this.window, this.filled, at, needle.bytes, offset);
    if (match === undefined) return;
    const { start, end } = match;
    if (this.lastStarts.get(index) === this.base + start) return;
    // A wrapped form has two anchors, which lead to the same place.
    this.lastStarts.set(index, this.base + start);
    this.sink.onHit({
      offset: this.base + start,
      length: end - start,
      kind: "literal",
      encoding: this.nameOf(needle, start),
      secret: hashOf(needle.secret.value),
      source: needle.secret.source,
    });
  }

  private check(pattern: Pick<AnchoredPattern, "kind" | "check">, at: number): void {
    const region = this.sink.regionAt(this.base + at);
    const from = Math.max(region.start - this.base, 0);
    const to = Math.min(region.end - this.base, this.filled);
    const hit: PatternHit | undefined = pattern.check(this.window, at, { from, to, path: region.path });
    if (hit === undefined) return;
    this.sink.onHit({
      offset: this.base + hit.start,
      length: hit.end - hit.start,
      kind: hit.kind ?? pattern.kind,
      encoding: "raw",
      secret: hashOf(hit.value),
      ...(hit.excluded === undefined ? {} : { excluded: hit.excluded }),
    });
  }

  /** Says so where base64 is of `user:secret`, as in headers and in docker's configuration. */
  private nameOf({ encoding, alignment }: Needle, start: number): string {
    if (alignment === undefined || encoding.startsWith("base64 of")) return encoding;
    // Four characters are three bytes; the secret begins `alignment` bytes into the group that begins here.
    const group = start - Math.ceil((alignment * 8) / 6);
    const text = this.window.toString("latin1", Math.max(0, group - 4), group + 4);
    const readable = /^[\w+/-]{8}$/.test(text) ? text : text.slice(-4);
    const bytes = Buffer.from(readable.replaceAll("-", "+").replaceAll("_", "/"), "base64");
    const before = bytes.toString("latin1", 0, bytes.length - (3 - alignment));
    return /[\x20-\x7e]:$/.test(before) ? `${encoding} of user:secret` : encoding;
  }
}

/** First 12 hex digits of the SHA-256 of a secret, by which it can be told from others and found again by its owner. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value, "utf8").digest("hex").slice(0, 12);
}

/** One anchor; for a wrapped form a second one besides, since a line break may lie within one, but not within both. */
function anchorOffsets({ bytes, form }: Needle): number[] {
  if (form === "wrapped") return bytes.length >= 2 * anchorLength ? [0, anchorLength] : [0];
  if (form === "percent") return [literalRun(bytes) ?? 0];
  return [bestAnchor(bytes)];
}
