/** Searches one content: a tar archive with its members, or bytes that belong together. */
import { TarWalker, isPacked, isTarHeader, unpacked, type TarMember } from "../image";
import { type Readable } from "node:stream";
import { Search, type Hit, type SearchRules } from "./search";

/** Part of a content that a hit lies in. */
export interface ContentPlace {
  /** Path of the member; "" where there is none. */
  readonly path: string;
  readonly part: "content" | "header" | "padding" | "trailer" | "packed";
}

export interface ContentReader {
  /** For messages. */
  readonly where: string;
  /** Whether it has to be a tar archive; otherwise it is taken for one only when it looks like one. */
  readonly mustBeTar: boolean;
  onHit(hit: Hit, place: ContentPlace): void;
  onMember?(member: TarMember): void;
  /** Told how many bytes have been unpacked; what it throws ends the scan. */
  onProgress?(bytes: number): void;
}

interface Placed {
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
  readonly path: string;
}

const everything = { start: 0, end: Number.POSITIVE_INFINITY, path: "" };

/** Members whose content is no longer in the window are forgotten once there are more than these. */
const rememberedMembers = 8192;

/** Makes searches for one set of rules; one content at a time. */
export class ContentScanner {
  private readonly search: Search;
  /** Looks for given secrets in packed bytes: in what a packing's own headers carry. */
  private readonly packedSearch: Search | undefined;
  private reader: ContentReader | undefined;
  private walker: TarWalker | undefined;
  private members: Placed[] = [];
  private lastMember = 0;
  private packedHits: Hit[] = [];
  private unpackedSecrets = new Set<string>();

  constructor(rules: SearchRules, packedRules: SearchRules | undefined) {
    const sink = {
      regionAt: (offset: number) => this.regionAt(offset),
      onHit: (hit: Hit) => {
        this.unpackedSecrets.add(hit.secret);
        this.reader?.onHit(hit, this.placeOf(hit.offset));
      },
    };
    this.search = new Search(rules, sink);
    this.packedSearch =
      packedRules === undefined
        ? undefined
        : new Search(packedRules, {
            regionAt: () => everything,
            onHit: (hit: Hit) => this.packedHits.push(hit),
          });
  }

  /**
   * Reads a content to its end. Returns its length as it lies, and unpacked.
   * @throws BrokenImageError when it is cut off, damaged, or not what it has to be.
   */
  async scan(content: Readable, reader: ContentReader): Promise<{ packedBytes: number; bytes: number }> {
    this.reader = reader;
    this.walker = undefined;
    this.members = [];
    this.unpackedSecrets = new Set();
    let packedBytes = 0;
    let bytes = 0;
    let packed: boolean | undefined;
    const onPacked = (part: Buffer): void => {
      packedBytes += part.length;
      packed ??= isPacked(part);
      if (packed) this.packedSearch?.push(part);
    };
    try {
      let first: Buffer | undefined = Buffer.alloc(0);
      for await (const piece of unpacked(content, reader.where, { onPacked })) {
        bytes += piece.length;
        reader.onProgress?.(bytes);
        if (first === undefined) this.take(piece);
        else {
          first = first.length === 0 ? Buffer.from(piece) : Buffer.concat([first, piece]);
          if (first.length < 512) continue;
          this.begin(first, reader);
          first = undefined;
        }
      }
      if (first !== undefined) this.begin(first, reader);
      this.finish();
      this.walkerNow()?.end();
      return { packedBytes, bytes };
    } catch (error) {
      // What was found before is kept; the windows are made ready for the next content.
      this.finish();
      throw error;
    } finally {
      content.destroy();
      this.reader = undefined;
    }
  }

  /** What lies in the packed bytes is said where it does not come out of them: some content is packed as it is. */
  private finish(): void {
    this.search.end();
    this.packedSearch?.end();
    for (const hit of this.packedHits) {
      if (!this.unpackedSecrets.has(hit.secret)) this.reader?.onHit(hit, { path: "", part: "packed" });
    }
    this.packedHits = [];
  }

  /** Searches what lies in memory, as one file. */
  scanText(text: Buffer, path: string, onHit: (hit: Hit) => void): void {
    this.beginFile(path, onHit);
    this.search.push(text);
    this.search.end();
  }

  /** Searches the pieces of one file as they are: neither unpacked nor taken for an archive. Returns its length. */
  async scanFile(pieces: AsyncIterable<Buffer>, path: string, onHit: (hit: Hit) => void): Promise<number> {
    this.beginFile(path, onHit);
    let bytes = 0;
    try {
      for await (const piece of pieces) {
        bytes += piece.length;
        this.search.push(piece);
      }
    } finally {
      this.search.end();
    }
    return bytes;
  }

  private beginFile(path: string, onHit: (hit: Hit) => void): void {
    this.walker = undefined;
    this.members = [{ start: 0, contentStart: 0, end: Number.POSITIVE_INFINITY, path }];
    this.reader = { where: path, mustBeTar: false, onHit };
  }

  /** The walker is set while a content is read, which control flow does not show. */
  private walkerNow(): TarWalker | undefined {
    return this.walker;
  }

  private begin(first: Buffer, reader: ContentReader): void {
    if (reader.mustBeTar || isTarHeader(first)) {
      this.walker = new TarWalker(reader.where, (member) => {
        this.members.push({
          start: member.start,
          contentStart: member.contentStart,
          end: member.contentEnd,
          path: member.path,
        });
        reader.onMember?.(member);
      });
    }
    this.take(first);
  }

  private take(piece: Buffer): void {
    this.walker?.push(piece);
    this.search.push(piece);
    if (this.members.length > rememberedMembers) this.forget();
  }

  private forget(): void {
    const { windowStart } = this.search;
    const index = this.members.findIndex(({ end }) => end >= windowStart);
    this.members = index < 0 ? this.members.slice(-1) : this.members.slice(index);
  }

  private regionAt(offset: number): { start: number; end: number; path: string } {
    if (this.walker === undefined) return this.members[0] ?? everything;
    const index = this.memberAt(offset);
    const member = this.members[index];
    const next = this.members[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    if (member === undefined) return { start: 0, end: next, path: "" };
    if (offset < member.contentStart) return { start: member.start, end: member.contentStart, path: member.path };
    if (offset < member.end) return { start: member.contentStart, end: member.end, path: member.path };
    return { start: member.end, end: next, path: "" };
  }

  private placeOf(offset: number): ContentPlace {
    if (this.walker === undefined) return { path: this.members[0]?.path ?? "", part: "content" };
    const { endMarker } = this.walker;
    if (endMarker !== undefined && offset >= endMarker) return { path: "", part: "trailer" };
    const member = this.members[this.memberAt(offset)];
    if (member === undefined) return { path: "", part: "header" };
    const part = offset < member.contentStart ? "header" : offset < member.end ? "content" : "padding";
    return { path: member.path, part };
  }

  /** Index of the last member that begins at or before an offset; -1 before all of them. */
  private memberAt(offset: number): number {
    // Mostly the same one as before.
    const last = this.members[this.lastMember];
    if (last !== undefined && last.start <= offset && offset < last.end) return this.lastMember;
    let low = 0;
    let high = this.members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.members[middle]?.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    this.lastMember = low - 1;
    return low - 1;
  }
}
