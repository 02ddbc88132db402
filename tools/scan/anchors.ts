/** Finds where any of many short byte sequences begins, in one pass that looks at few of the bytes. */

/** Bytes that are compared of each sequence; a sequence to find has at least as many. */
export const anchorLength = 6;

/** A part of a longer sequence by which that is found. */
export interface Anchor {
  /** Exactly `anchorLength` bytes. */
  readonly bytes: Buffer;
  /** What is reported. */
  readonly id: number;
}

/**
 * Pairs of bytes say how far the next possible end of an anchor is (after Wu and Manber, "A fast algorithm for
 * multi-pattern searching", 1994), so that most bytes of most content are passed over.
 */
export class AnchorTable {
  private readonly shifts = new Uint8Array(1 << 16).fill(anchorLength - 1);
  /** For each last pair, one past the index of its first anchor below; anchors of one pair are chained. */
  private readonly firsts = new Uint32Array(1 << 16);
  private readonly nexts: Uint32Array;
  private readonly bytes: Uint8Array;
  private readonly ids: Uint32Array;

  constructor(anchors: readonly Anchor[]) {
    this.nexts = new Uint32Array(anchors.length + 1);
    this.ids = Uint32Array.from(anchors, ({ id }) => id);
    this.bytes = Buffer.concat(anchors.map(({ bytes }) => bytes));
    anchors.forEach(({ bytes }, index) => this.add(bytes, index));
  }

  /**
   * Calls for each anchor whose first byte lies in [from, to). Bytes behind `to` are looked at as far as `end`.
   */
  search(content: Uint8Array, from: number, to: number, end: number, onAnchor: (id: number, at: number) => void): void {
    const { shifts, firsts, nexts, bytes, ids } = this;
    // Where an anchor's last pair may begin.
    const limit = Math.min(to + anchorLength - 2, end - 1);
    let position = from + anchorLength - 2;
    while (position < limit) {
      const pair = (content[position] ?? 0) | ((content[position + 1] ?? 0) << 8);
      const shift = shifts[pair] ?? 0;
      if (shift > 0) {
        position += shift;
        continue;
      }
      const at = position - anchorLength + 2;
      for (let entry = firsts[pair] ?? 0; entry !== 0; entry = nexts[entry] ?? 0) {
        const offset = (entry - 1) * anchorLength;
        if (
          bytes[offset] === content[at] &&
          bytes[offset + 1] === content[at + 1] &&
          bytes[offset + 2] === content[at + 2] &&
          bytes[offset + 3] === content[at + 3]
        ) {
          onAnchor(ids[entry - 1] ?? 0, at);
        }
      }
      position += 1;
    }
  }

  private add(bytes: Buffer, index: number): void {
    if (bytes.length !== anchorLength) throw new RangeError(`an anchor has ${anchorLength} bytes, not ${bytes.length}`);
    for (let offset = 0; offset <= anchorLength - 2; offset += 1) {
      const pair = bytes.readUInt16LE(offset);
      this.shifts[pair] = Math.min(this.shifts[pair] ?? 0, anchorLength - 2 - offset);
    }
    const last = bytes.readUInt16LE(anchorLength - 2);
    this.nexts[index + 1] = this.firsts[last] ?? 0;
    this.firsts[last] = index + 1;
  }
}

/** Where in a sequence its anchor lies best: where its last pair is least likely to be met in text. */
export function bestAnchor(bytes: Buffer, from = 0, to = bytes.length - anchorLength): number {
  let best = from;
  let bestScore = -1;
  for (let start = from; start <= Math.min(to, from + 64); start += 1) {
    const last = start + anchorLength - 2;
    const score = rarity(bytes[last] ?? 0) + rarity(bytes[last + 1] ?? 0);
    if (score > bestScore) {
      best = start;
      bestScore = score;
    }
  }
  return best;
}

/** Zero bytes and lower-case letters fill most of what lies in images. */
function rarity(byte: number): number {
  if (byte === 0 || byte === 0x20 || byte === 0x0a) return 0;
  if (byte >= 0x61 && byte <= 0x7a) return 1;
  if (byte >= 0x30 && byte <= 0x39) return 2;
  return byte >= 0x41 && byte <= 0x5a ? 3 : 2;
}
