/** Entries of a netrc file: `machine HOST login USER password PASSWORD`. */
import { type AnchoredPattern, type Region } from "./pattern";
import { isPlaceholder, isReservedHost } from "./placeholders";

/** Characters of one entry that are looked at. */
const longest = 12_288;

const backslash = 0x5c;

/** White space, also written as `\n` and `\t` in scripts. */
const gap = String.raw`(?:\s|\\[nrt])+`;
// Printable, and none of the quotes that end a text in scripts.
const word = String.raw`(?:"(?:[^"\\\r\n]|\\.){1,8192}"|(?:(?!\\[nrt])[\x21\x23-\x26\x28-\x5f\x61-\x7e]){1,8192})`;
const entry = new RegExp(String.raw`^machine${gap}(${word})((?:${gap}(?:login|account|password)${gap}${word}){1,3})`);
const part = new RegExp(String.raw`${gap}(login|account|password)${gap}(${word})`, "g");

export const netrcPattern: AnchoredPattern = {
  kind: "netrc",
  anchors: ["machin"],
  check(content, at, region) {
    if (!mayBegin(content, at, region)) return undefined;
    const near = content.toString("latin1", at, Math.min(region.to, at + 1024));
    const short = entry.exec(near);
    // Tokens may be longer than what is read at first.
    const isWhole = short === null ? /\s/.test(near.slice(-200)) : short[0].length < near.length;
    const match = isWhole ? short : entry.exec(content.toString("latin1", at, Math.min(region.to, at + longest)));
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    const parts = new Map([...match[2].matchAll(part)].map(([, name = "", value = ""]) => [name, bare(value)]));
    const password = parts.get("password");
    // Netrc may leave the user away; prose that has "machine x password y" would then be an entry.
    if (password === undefined || (!parts.has("login") && !region.path.endsWith("netrc"))) return undefined;
    const excluded = isReservedHost(bare(match[1]))
      ? "reserved-host"
      : isPlaceholder(password)
        ? "placeholder"
        : undefined;
    return {
      start: at,
      end: at + match[0].length,
      value: password,
      ...(excluded === undefined ? {} : { excluded }),
    };
  },
};

/** Prose has "machine" often. Few bytes tell that none of the other words comes where it would have to. */
function mayBegin(content: Buffer, at: number, { from, to }: Region): boolean {
  if (at > from && isWordByte(content[at - 1] ?? 0) && !(at - 1 > from && content[at - 2] === backslash)) return false;
  const host = afterGap(content, at + "machine".length, to);
  if (host === at + "machine".length) return false;
  let end = host;
  while (end < to && end - host < 256 && gapAt(content, end) === 0) end += 1;
  const next = afterGap(content, end, to);
  const first = content[next];
  return next > end && next < to && (first === 0x6c || first === 0x70 || first === 0x61);
}

function afterGap(content: Buffer, position: number, to: number): number {
  let next = position;
  while (next < to) {
    const length = gapAt(content, next);
    if (length === 0) break;
    next += length;
  }
  return next;
}

/** Bytes of white space, as it is or as an escape, that begins here. */
function gapAt(content: Buffer, position: number): number {
  const byte = content[position] ?? 0;
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return 1;
  const letter = byte === backslash ? content[position + 1] : undefined;
  return letter === 0x6e || letter === 0x72 || letter === 0x74 ? 2 : 0;
}

function isWordByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x5f ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

function bare(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}
