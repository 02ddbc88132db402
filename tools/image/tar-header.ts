/** Reads one tar header block in the forms that are met in images: v7, ustar, pax, GNU. */
import { BrokenImageError } from "./model";

export interface TarHeader {
  readonly path: string;
  readonly linkPath: string;
  readonly type: "file" | "hardlink" | "symlink" | "directory" | "other";
  /** Bytes that follow, before padding. */
  readonly size: number;
  /** Links, folders and devices have none, whatever their size says: this is how container engines read them. */
  readonly hasContent: boolean;
  /** Set where this is no member but says something on the next one. */
  readonly extension?: "pax" | "pax-global" | "long-path" | "long-link";
  /** Whether further blocks of a GNU sparse map come before the content. */
  readonly sparseContinues: boolean;
}

/** Fields of a header block: offset and length in bytes. */
const fields = {
  path: [0, 100],
  size: [124, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkPath: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
  sparseContinues: [482, 1],
} as const;

const extensions: Readonly<Record<string, TarHeader["extension"]>> = {
  x: "pax",
  X: "pax",
  g: "pax-global",
  L: "long-path",
  K: "long-link",
};

const types: Readonly<Record<string, TarHeader["type"]>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  S: "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};

/** Types without content: links, devices, folders, named pipes. */
const contentless = "123456";

/** Whether the 512 bytes at an offset are all zero. */
export function isZeroBlock(buffer: Buffer, offset: number): boolean {
  // The first byte tells for nearly all: it is that of a name.
  if (buffer[offset] !== 0) return false;
  for (let index = offset; index < offset + 512; index += 1) {
    if (buffer[index] !== 0) return false;
  }
  return true;
}

/** Whether the 512 bytes at an offset are a header whose checksum is right. */
export function isTarHeader(buffer: Buffer, offset = 0): boolean {
  if (buffer.length - offset < 512) return false;
  // Spaces stand in the checksum's own place while it is computed. Old programs added signed bytes.
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < 512; index += 1) {
    const byte = index >= 148 && index < 156 ? 32 : (buffer[offset + index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const expected = numberOf(buffer, offset, fields.checksum);
  return expected === unsigned || expected === signed;
}

/** @throws BrokenImageError when the checksum is wrong or the size is none. */
export function parseTarHeader(buffer: Buffer, offset: number, where: string, position: number): TarHeader {
  if (!isTarHeader(buffer, offset)) {
    throw new BrokenImageError(
      `${where}: there is no tar header where one should be, at byte ${position} of the unpacked content`,
      "It is damaged, or no tar archive: build, export or fetch it again.",
    );
  }
  const size = numberOf(buffer, offset, fields.size);
  if (size === undefined) {
    throw new BrokenImageError(
      `${where}: the tar archive has a member with an impossible size, at byte ${position}`,
      "No tool writes such a one. Do not use this image.",
    );
  }
  const flag = String.fromCharCode(buffer[offset + fields.type[0]] ?? 0);
  const [magicStart, magicLength] = fields.magic;
  const magic = buffer.toString("latin1", offset + magicStart, offset + magicStart + magicLength);
  const name = fieldText(buffer, offset, fields.path);
  // GNU tar keeps other things where ustar has the first part of a long path.
  const prefix = magic.startsWith("ustar\0") ? fieldText(buffer, offset, fields.prefix) : "";
  const path = prefix === "" ? name : `${prefix}/${name}`;
  const named = types[flag] ?? "other";
  const extension = extensions[flag];
  return {
    path,
    linkPath: fieldText(buffer, offset, fields.linkPath),
    // Before ustar, a name with a slash at its end was how a folder was told.
    type: named === "file" && path.endsWith("/") ? "directory" : named,
    size,
    hasContent: !contentless.includes(flag),
    sparseContinues: flag === "S" && buffer[offset + fields.sparseContinues[0]] !== 0,
    ...(extension === undefined ? {} : { extension }),
  };
}

/** Records of a pax extended header: `<length> <key>=<value>\n`. @throws BrokenImageError for anything else. */
export function parsePax(content: Buffer, where: string): Map<string, string> {
  const records = new Map<string, string>();
  let offset = 0;
  while (offset < content.length) {
    const space = content.indexOf(0x20, offset);
    const length = space < 0 ? Number.NaN : Number(content.toString("latin1", offset, space));
    const end = offset + length;
    const equals = content.indexOf(0x3d, space);
    if (!(length > 0) || end > content.length || equals < 0 || equals >= end || content[end - 1] !== 0x0a) {
      throw new BrokenImageError(
        `${where}: the tar archive has an extended header that cannot be read`,
        "It is damaged: build, export or fetch it again.",
      );
    }
    records.set(content.toString("utf8", space + 1, equals), content.toString("utf8", equals + 1, end - 1));
    offset = end;
  }
  return records;
}

/** Text up to the first zero byte. */
export function textOf(buffer: Buffer, start: number, end: number): string {
  const zero = buffer.indexOf(0, start);
  return buffer.toString("utf8", start, zero >= 0 && zero < end ? zero : end);
}

function fieldText(buffer: Buffer, offset: number, [start, length]: readonly [number, number]): string {
  let end = offset + start;
  const limit = end + length;
  while (end < limit && buffer[end] !== 0) end += 1;
  return end === offset + start ? "" : buffer.toString("utf8", offset + start, end);
}

/** Octal digits, or a binary number where the first bit is set; `undefined` when it is neither or beyond 2^53. */
function numberOf(buffer: Buffer, offset: number, [start, length]: readonly [number, number]): number | undefined {
  const first = buffer[offset + start] ?? 0;
  let value = 0;
  if ((first & 0x80) !== 0) {
    if ((first & 0x40) !== 0) return undefined;
    for (let index = 0; index < length; index += 1) {
      const byte = buffer[offset + start + index] ?? 0;
      value = value * 256 + (index === 0 ? byte & 0x3f : byte);
    }
    return Number.isSafeInteger(value) ? value : undefined;
  }
  let begun = false;
  let ended = false;
  for (let index = 0; index < length; index += 1) {
    const byte = buffer[offset + start + index] ?? 0;
    if (byte >= 0x30 && byte <= 0x37 && !ended) {
      value = value * 8 + byte - 0x30;
      begun = true;
    } else if (byte === 0x20 || byte === 0) {
      ended = begun;
    } else {
      return undefined;
    }
  }
  return value;
}
