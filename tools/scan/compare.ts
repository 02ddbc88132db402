/** Compares a form of a secret with the content around one of its anchors. */
import { anchorLength } from "./anchors";
import { type Needle } from "./encodings";

/** Place in the content: [start, end). */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/**
 * @param end where the content ends.
 * @param at where the anchor lies in the content, and `offset` where in the bytes.
 */
type Compare = (content: Buffer, end: number, at: number, bytes: Buffer, offset: number) => Match | undefined;

export const comparers: Readonly<Record<Needle["form"], Compare>> = {
  exact: compareExact,
  wrapped: compareWrapped,
  percent: comparePercent,
};

const backslash = 0x5c;
const percentSign = 0x25;

function compareExact(content: Buffer, end: number, at: number, bytes: Buffer, offset: number): Match | undefined {
  const start = at - offset;
  if (start < 0 || start + bytes.length > end) return undefined;
  for (let index = 0; index < bytes.length; index += 1) {
    if (content[start + index] !== bytes[index]) return undefined;
  }
  return { start, end: start + bytes.length };
}

/** Goes from the anchor both ways, over line breaks, also written as `\n`, and the space that may begin a line. */
function compareWrapped(content: Buffer, end: number, at: number, bytes: Buffer, offset: number): Match | undefined {
  let position = at + anchorLength;
  for (let index = offset + anchorLength; index < bytes.length; index += 1) {
    while (position < end && content[position] !== bytes[index]) {
      const skipped = breakAfter(content, position, end);
      if (skipped === 0) return undefined;
      position += skipped;
    }
    if (position >= end) return undefined;
    position += 1;
  }
  let start = at;
  for (let index = offset - 1; index >= 0; index -= 1) {
    start -= 1;
    // A break goes first: the letter of a written `\n` may be the very one that is looked for before it.
    for (let skipped = breakBefore(content, start); skipped > 0; skipped = breakBefore(content, start))
      start -= skipped;
    if (content[start] !== bytes[index]) return undefined;
  }
  return { start, end: position };
}

/** Goes from the anchor both ways; a byte is itself or `%XX`, a space also `+`. All of them themselves is no match. */
function comparePercent(content: Buffer, end: number, at: number, bytes: Buffer, offset: number): Match | undefined {
  let escapes = 0;
  let position = at + anchorLength;
  for (let index = offset + anchorLength; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (position + 2 < end && escapedByte(content, position) === byte) {
      position += 3;
      escapes += 1;
    } else if (position < end && isByte(content[position], byte)) {
      position += 1;
    } else {
      return undefined;
    }
  }
  let start = at;
  for (let index = offset - 1; index >= 0; index -= 1) {
    const byte = bytes[index] ?? 0;
    if (start >= 3 && escapedByte(content, start - 3) === byte) {
      start -= 3;
      escapes += 1;
    } else if (start >= 1 && isByte(content[start - 1], byte)) {
      start -= 1;
    } else {
      return undefined;
    }
  }
  return escapes === 0 ? undefined : { start, end: position };
}

function isByte(found: number | undefined, wanted: number): boolean {
  return found === wanted || (wanted === 0x20 && found === 0x2b);
}

/** The byte that `%XX` stands for, -1 where there is none. */
function escapedByte(content: Buffer, position: number): number {
  if (content[position] !== percentSign) return -1;
  const high = hexDigit(content[position + 1] ?? 0);
  const low = hexDigit(content[position + 2] ?? 0);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function isBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09;
}

/** Bytes of one line break, or of a part of it, that begins here; 0 when none does. */
function breakAfter(content: Buffer, position: number, end: number): number {
  if (isBreak(content[position])) return 1;
  const next = position + 1 < end ? content[position + 1] : undefined;
  return content[position] === backslash && (next === 0x6e || next === 0x72) ? 2 : 0;
}

/** Bytes of one line break that ends here. */
function breakBefore(content: Buffer, position: number): number {
  if (isBreak(content[position])) return 1;
  const letter = content[position];
  return position > 0 && content[position - 1] === backslash && (letter === 0x6e || letter === 0x72) ? 2 : 0;
}
