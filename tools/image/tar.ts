/** Walks a tar stream without copying it: says where each member lies, and follows the long names of pax and GNU. */
import { BrokenImageError } from "./model";
import { isZeroBlock, parsePax, parseTarHeader, textOf, type TarHeader } from "./tar-header";

/** One member; offsets are bytes from the start of the stream. */
export interface TarMember {
  /** As the archive has it, long names applied, without `./` or `/` before it and without `/` behind. */
  readonly path: string;
  readonly type: "file" | "hardlink" | "symlink" | "directory" | "other";
  readonly linkPath: string;
  /** Start of the member's first header block, those with its long names included. */
  readonly start: number;
  readonly contentStart: number;
  /** One past the last byte of content; padding follows. */
  readonly contentEnd: number;
}

const blockSize = 512;

/** Bytes of long names and extended headers that are read at most; paths have 4,096 at most. */
const extensionLimit = 1 << 20;

type State = "header" | "sparse" | "extension" | "content" | "trailing";

/** Takes a tar stream piece by piece, of any size. */
export class TarWalker {
  /** Bytes taken so far. */
  position = 0;
  /** Where the archive's end marker was; `undefined` before it. What follows it belongs to no member. */
  endMarker: number | undefined;
  private state: State = "header";
  private remaining = 0;
  private readonly block = Buffer.alloc(blockSize);
  private filled = 0;
  private zeroBlocks = 0;
  private memberStart: number | undefined;
  private header: TarHeader | undefined;
  private extension: Buffer[] = [];
  private longPath: string | undefined;
  private longLink: string | undefined;
  private paxSize: string | undefined;

  constructor(
    /** For messages. */
    private readonly where: string,
    /** Called when a member's headers are complete, before its content. */
    private readonly onMember: (member: TarMember) => void,
  ) {}

  /** Bytes of content that may be left out with `skip`, for who can seek. */
  get skippable(): number {
    return this.state === "content" ? this.remaining : 0;
  }

  /** @throws BrokenImageError for what is no tar. */
  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.state === "trailing") {
        this.position += chunk.length - offset;
        return;
      }
      if (this.state === "content" || this.state === "extension") {
        const taken = Math.min(this.remaining, chunk.length - offset);
        if (this.state === "extension") this.extension.push(Buffer.from(chunk.subarray(offset, offset + taken)));
        offset += taken;
        this.skip(taken);
        continue;
      }
      // A block that lies within the piece is read in place.
      if (this.filled === 0 && chunk.length - offset >= blockSize) {
        this.position += blockSize;
        this.takeBlock(chunk, offset);
        offset += blockSize;
        continue;
      }
      const taken = Math.min(blockSize - this.filled, chunk.length - offset);
      chunk.copy(this.block, this.filled, offset, offset + taken);
      this.filled += taken;
      this.position += taken;
      offset += taken;
      if (this.filled === blockSize) {
        this.filled = 0;
        this.takeBlock(this.block, 0);
      }
    }
  }

  /** Passes over bytes of content as if they had been pushed. */
  skip(count: number): void {
    this.position += count;
    this.remaining -= count;
    if (this.remaining > 0) return;
    if (this.state === "extension") this.finishExtension();
    this.state = "header";
  }

  /** @throws BrokenImageError when the stream ended within a member. */
  end(): void {
    const complete = this.state === "trailing" || (this.state === "header" && this.filled === 0);
    if (complete && this.memberStart === undefined) return;
    throw new BrokenImageError(
      `${this.where}: the tar archive ends in the middle of a member, after ${this.position} bytes`,
      "It was cut off: build, export or fetch it again.",
    );
  }

  private takeBlock(buffer: Buffer, offset: number): void {
    const start = this.position - blockSize;
    if (this.state === "sparse") {
      // Each further block of a sparse map says whether another one follows.
      if (buffer[offset + 504] === 0) this.openContent();
      return;
    }
    if (isZeroBlock(buffer, offset)) {
      this.zeroBlocks += 1;
      if (this.zeroBlocks === 2) {
        this.state = "trailing";
        this.endMarker = start - blockSize;
      }
      return;
    }
    this.zeroBlocks = 0;
    this.header = parseTarHeader(buffer, offset, this.where, start);
    this.memberStart ??= start;
    if (this.header.extension !== undefined) {
      this.openExtension(this.header);
    } else if (this.header.sparseContinues) {
      this.state = "sparse";
    } else {
      this.openContent();
    }
  }

  private openExtension(header: TarHeader): void {
    if (header.size > extensionLimit) {
      throw new BrokenImageError(
        `${this.where}: the tar archive has an extended header of ${header.size} bytes at ${this.memberStart ?? 0}`,
        "No tool writes such a one. Do not use this image.",
      );
    }
    this.extension = [];
    this.remaining = padded(header.size);
    this.state = "extension";
    if (this.remaining === 0) this.skip(0);
  }

  private finishExtension(): void {
    const kind = this.header?.extension;
    const content = Buffer.concat(this.extension).subarray(0, this.header?.size ?? 0);
    this.extension = [];
    if (kind === "long-path") this.longPath = textOf(content, 0, content.length);
    if (kind === "long-link") this.longLink = textOf(content, 0, content.length);
    if (kind === "pax") {
      const records = parsePax(content, this.where);
      this.longPath = records.get("GNU.sparse.name") ?? records.get("path") ?? this.longPath;
      this.longLink = records.get("linkpath") ?? this.longLink;
      this.paxSize = records.get("size");
    }
    // A global header stands for itself: it has no member after it that it belongs to.
    if (kind === "pax-global") this.memberStart = undefined;
  }

  private openContent(): void {
    const { header } = this;
    if (header === undefined) return;
    const size = header.hasContent ? this.sizeOf(header) : 0;
    const contentStart = this.position;
    const member: TarMember = {
      path: cleanPath(this.longPath ?? header.path),
      type: header.type,
      linkPath: this.longLink ?? header.linkPath,
      start: this.memberStart ?? contentStart - blockSize,
      contentStart,
      contentEnd: contentStart + size,
    };
    this.longPath = undefined;
    this.longLink = undefined;
    this.paxSize = undefined;
    this.memberStart = undefined;
    this.state = "content";
    this.remaining = padded(size);
    if (this.remaining === 0) this.state = "header";
    this.onMember(member);
  }

  private sizeOf(header: TarHeader): number {
    if (this.paxSize === undefined) return header.size;
    const size = Number(this.paxSize);
    if (/^\d+$/.test(this.paxSize) && Number.isSafeInteger(size)) return size;
    throw new BrokenImageError(
      `${this.where}: the tar archive has a member of ${this.paxSize.slice(0, 40)} bytes`,
      "No tool writes such a one. Do not use this image.",
    );
  }
}

function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

/** The form in which paths are compared and shown. */
export function cleanPath(path: string): string {
  // Nearly all paths are clean.
  if (!/(?:^|\/)\.?\/|\/$|^\.$/.test(path)) return path;
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
