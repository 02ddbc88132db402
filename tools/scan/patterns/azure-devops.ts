/** Personal access tokens of Azure DevOps, in both forms. */
import { type StreamPattern } from "./pattern";

/** Since 2024: 84 letters and digits, of which the 77th to the 80th are these. */
const signature = Buffer.from("AZDO");
const before = 76;
const after = 4;

/** Before: 52 characters of base32 in lower case. */
const oldLength = 52;

/** What tells one drawn by chance from words in a row; 3 of 1,000 that are drawn are outside of these. */
const fewestDigits = 3;
const fewestDifferent = 15;
const mostVowels = 17;

const alphanumeric = new Uint8Array(256);
const base32 = new Uint8Array(256);
for (const byte of Buffer.from("abcdefghijklmnopqrstuvwxyz234567")) base32[byte] = 1;
for (const byte of Buffer.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
  alphanumeric[byte] = 1;

export const azureDevOpsPattern: StreamPattern = {
  kind: "azure-devops-token",

  search(content, from, to, end, onPlace) {
    const view = content.subarray(0, Math.min(to + signature.length - 1, end));
    for (let place = view.indexOf(signature, from); place >= 0; place = view.indexOf(signature, place + 1))
      onPlace(place);
  },

  check(content, place, region) {
    const start = place - before;
    const end = place + signature.length + after;
    if (start < region.from || end > region.to) return undefined;
    for (let index = start; index < end; index += 1) {
      if (alphanumeric[content[index] ?? 0] === 0) return undefined;
    }
    if (!isAlone(content, start, end, region.from, region.to)) return undefined;
    return { start, end, value: content.toString("latin1", start, end) };
  },
};

export const oldAzureDevOpsPattern: StreamPattern = {
  kind: "azure-devops-token",

  /** Looks at every 52nd byte, and goes back from there only as long as it may be one: few bytes of most content. */
  search(content, from, to, end, onPlace) {
    let start = afterEscape(content, from);
    while (start < to && start + oldLength <= end) {
      let position = start + oldLength - 1;
      while (position >= start && base32[content[position] ?? 0] === 1) position -= 1;
      if (position >= start) {
        start = afterEscape(content, position + 1);
        continue;
      }
      onPlace(start);
      // A run that goes on is longer than a token: nothing within it is one.
      start += oldLength;
      while (start < end && base32[content[start] ?? 0] === 1) start += 1;
    }
  },

  check(content, start, region) {
    const end = start + oldLength;
    if (start < region.from || end > region.to || !isAlone(content, start, end, region.from, region.to))
      return undefined;
    const value = content.toString("latin1", start, end);
    // The alphabet itself, as documentation has it.
    if (value.includes("abcdefg")) return undefined;
    const digits = value.replace(/[^2-7]/g, "").length;
    const vowels = value.replace(/[^aeiou]/g, "").length;
    if (digits < fewestDigits || vowels > mostVowels || new Set(value).size < fewestDifferent) return undefined;
    return { start, end, value };
  },
};

/** The letter of an escaped line end, as in `\n`, is no part of what follows it. */
function afterEscape(content: Buffer, start: number): number {
  const isEscape =
    start > 0 &&
    content[start - 1] === 0x5c &&
    (content[start] === 0x6e || content[start] === 0x72 || content[start] === 0x74);
  return isEscape ? start + 1 : start;
}

/** Whether letters and digits end where the token does. */
function isAlone(content: Buffer, start: number, end: number, from: number, to: number): boolean {
  const previous = start > from ? (content[start - 1] ?? 0) : 0;
  const next = end < to ? (content[end] ?? 0) : 0;
  const escaped = start - 1 > from && afterEscape(content, start - 1) === start;
  return (escaped || (alphanumeric[previous] === 0 && previous !== 0x5f)) && alphanumeric[next] === 0 && next !== 0x5f;
}
