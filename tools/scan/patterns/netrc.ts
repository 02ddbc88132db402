/** Entries of a netrc file: `machine HOST login USER password PASSWORD`. */
import { type AnchoredPattern } from "./pattern";
import { isPlaceholder, isReservedHost } from "./placeholders";

/** Characters of one entry that are looked at. */
const longest = 12_288;

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
    // Before it, a word ends.
    if (at > region.from && /[\w.-]/.test(String.fromCharCode(content[at - 1] ?? 0)) && !isEscape(content, at))
      return undefined;
    // Prose has "machine" often, and none of these words soon after.
    const near = content.toString("latin1", at, Math.min(region.to, at + 400));
    if (!/password|login/.test(near)) return undefined;
    const short = entry.exec(near);
    // Tokens may be longer than what is read at first.
    const isWhole = short === null ? !/\S{200}$/.test(near) : short[0].length < near.length;
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

/** Whether what comes before is the letter of a `\n`. */
function isEscape(content: Buffer, at: number): boolean {
  return at > 1 && content[at - 2] === 0x5c;
}

function bare(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}
