/** Follows the frames of a zstd stream (RFC 8878, section 3.1) and refuses one that would take too much memory to unpack. */
import { BrokenImageError } from "./model";

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a5;

/** Longest frame header: magic, descriptor, window, dictionary, content size. */
const longestHeader = 4 + 1 + 1 + 4 + 8;

type State = "header" | "block-header" | "pass";

/** Looks at headers only; takes the stream piece by piece, before the decoder does. */
export class ZstdWindows {
  private state: State = "header";
  private readonly gathered = Buffer.alloc(longestHeader);
  private filled = 0;
  private passing = 0;
  private lastBlock = false;
  private checksumLength = 0;

  constructor(
    private readonly where: string,
    /** Bytes of memory that a frame may ask for. */
    private readonly limit: number,
  ) {}

  /** @throws BrokenImageError for a frame that asks for too much, or for something that is no frame. */
  check(piece: Buffer): void {
    let offset = 0;
    while (offset < piece.length) {
      if (this.state === "pass") {
        const taken = Math.min(this.passing, piece.length - offset);
        this.passing -= taken;
        offset += taken;
        if (this.passing === 0) this.afterPass();
        continue;
      }
      this.gathered[this.filled] = piece[offset] ?? 0;
      this.filled += 1;
      offset += 1;
      if (this.state === "header") this.takeHeader();
      else if (this.filled === 3) this.takeBlockHeader();
    }
  }

  private takeHeader(): void {
    if (this.filled < 5) return;
    const magic = this.gathered.readUInt32LE(0);
    if (magic >>> 4 === skippableMagic) {
      if (this.filled < 8) return;
      this.lastBlock = true;
      this.checksumLength = 0;
      this.pass(this.gathered.readUInt32LE(4));
      return;
    }
    if (magic !== frameMagic) {
      throw new BrokenImageError(
        `${this.where}: after the packed content there is more, which no engine reads`,
        "It is damaged: build, export or fetch it again.",
      );
    }
    const descriptor = this.gathered[4] ?? 0;
    const single = (descriptor & 0x20) !== 0;
    const dictionaryLength = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const sizeLength = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    const length = 5 + (single ? 0 : 1) + dictionaryLength + sizeLength;
    if (this.filled < length) return;
    this.refuseLarge(single ? this.contentSize(length - sizeLength, sizeLength) : windowOf(this.gathered[5] ?? 0));
    this.checksumLength = (descriptor & 4) === 0 ? 0 : 4;
    this.lastBlock = false;
    this.state = "block-header";
    this.filled = 0;
  }

  private takeBlockHeader(): void {
    const header = this.gathered.readUIntLE(0, 3);
    this.lastBlock = (header & 1) !== 0;
    // A run of one byte says how long it is, and has the byte once.
    this.pass(((header >> 1) & 3) === 1 ? 1 : header >> 3);
  }

  private pass(count: number): void {
    this.filled = 0;
    this.passing = count;
    this.state = "pass";
    if (count === 0) this.afterPass();
  }

  private afterPass(): void {
    if (!this.lastBlock) {
      this.state = "block-header";
      return;
    }
    const checksum = this.checksumLength;
    this.checksumLength = 0;
    if (checksum > 0) this.pass(checksum);
    else this.state = "header";
  }

  private contentSize(offset: number, length: number): number {
    if (length === 8) return Number(this.gathered.readBigUInt64LE(offset));
    return this.gathered.readUIntLE(offset, length) + (length === 2 ? 256 : 0);
  }

  private refuseLarge(window: number): void {
    if (window <= this.limit) return;
    throw new BrokenImageError(
      `${this.where}: it was packed with a window of ${Math.ceil(window / (1 << 20))} MiB; up to ${this.limit >> 20} MiB are read`,
      "Pack it without zstd's --long and --ultra, or with gzip.",
    );
  }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
