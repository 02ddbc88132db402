/** Private keys in PEM form: PKCS #1, PKCS #8, SEC 1, OpenSSH and OpenPGP, encrypted ones too. */
import { type AnchoredPattern } from "./pattern";

/** Characters of a key that are looked at: 16,384 bits of RSA have 13,000. */
const longest = 16_000;

/** Bytes of the smallest key: 32 of Ed25519, and what says so. */
const smallest = 40;

const opening = /^-----BEGIN ((?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?)-----/;

/** Between the lines: their ends, also escaped, and the quotes and commas of strings in source text. */
const between = String.raw`(?:\s|\\[nrt]|\\?["',+])`;
const header = String.raw`(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset)[ \t]?:[^\r\n\\]*`;
const body = new RegExp(
  String.raw`^(?:${between}+${header})*((?:${between}|[A-Za-z0-9/=]|(?<=[A-Za-z0-9/+])\+|\+(?=[A-Za-z0-9/+=]))+)`,
);

export const privateKeyPattern: AnchoredPattern = {
  kind: "private-key",
  anchors: ["-BEGIN"],
  check(content, at, region) {
    const start = at - 4;
    if (start < region.from) return undefined;
    const text = content.toString("latin1", start, Math.min(region.to, start + longest));
    const match = opening.exec(text);
    if (match?.[1] === undefined) return undefined;
    const key = bodyOf(text.slice(match[0].length));
    if (key === undefined || !isKey(match[1], key)) return undefined;
    return { start, end: start + match[0].length + key.length, value: key.base64 };
  },
};

interface Key {
  readonly base64: string;
  readonly bytes: Buffer;
  readonly encrypted: boolean;
  /** Characters of the text that it takes. */
  readonly length: number;
}

function bodyOf(text: string): Key | undefined {
  const match = body.exec(text);
  if (match?.[1] === undefined) return undefined;
  // OpenPGP ends with a checksum after a further equals sign.
  const base64 = match[1].replace(/\\[nrt]|[\s"',\\]/g, "").replace(/=[A-Za-z0-9/+]{4}$/, "");
  const clean = base64.replace(/^\+|[^A-Za-z0-9+/=]/g, "");
  const encrypted = /Proc-Type[ \t]?:[ \t]*4,[ \t]*ENCRYPTED/.test(text.slice(0, 200));
  return { base64: clean, bytes: Buffer.from(clean, "base64"), encrypted, length: match[0].length };
}

/** Whether the content is that of a key: many a program has the opening line alone. */
function isKey(label: string, { bytes, encrypted }: Key): boolean {
  if (bytes.length < smallest) return false;
  if (encrypted) return true;
  if (label.startsWith("OPENSSH")) return bytes.toString("latin1", 0, 14) === "openssh-key-v1";
  if (label.startsWith("PGP")) return ((bytes[0] ?? 0) & 0x80) !== 0;
  // A sequence in DER, with a length that fits.
  if (bytes[0] !== 0x30) return false;
  const second = bytes[1] ?? 0;
  const lengthBytes = second < 0x80 ? 0 : second & 0x7f;
  if (lengthBytes > 3) return false;
  const length = lengthBytes === 0 ? second : bytes.readUIntBE(2, lengthBytes);
  return 2 + lengthBytes + length <= bytes.length + 2;
}
