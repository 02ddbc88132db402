/** Passwords in a `.pypirc`: `password = …` in a section of an index. */
import { type AnchoredPattern } from "./pattern";
import { isPlaceholder } from "./placeholders";

/** Characters before the password in which the file has to show what it is. */
const before = 4096;

export const pypircPattern: AnchoredPattern = {
  kind: "pypirc",
  anchors: ["passwo"],
  check(content, at, region) {
    // Only at the beginning of a line.
    const previous = at > region.from ? content[at - 1] : 0x0a;
    if (previous !== 0x0a && previous !== 0x0d && previous !== 0x6e) return undefined;
    const line = content.toString("latin1", at, Math.min(region.to, at + 2048));
    const [match, value] = /^password[ \t]*[=:][ \t]*([^\s\\"']+)/.exec(line) ?? [];
    if (match === undefined || value === undefined) return undefined;
    const head = content.toString("latin1", Math.max(region.from, at - before), at);
    const named = /(?:^|\/)\.?pypirc$/.test(region.path);
    // Many a settings file has a password of its own; this one is for uploads of packages.
    const shown = /(?:^|\n|\\n)\[(?:distutils|pypi|testpypi)\]|(?:^|\n|\\n)index-servers/.test(head);
    if (!named && !(shown && /(?:^|\n|\\n)\[[^\]\n]+\](?:(?!\n\[|\\n\[)[^])*$/.test(head))) return undefined;
    return { start: at, end: at + match.length, value, ...(isPlaceholder(value) ? { excluded: "placeholder" } : {}) };
  },
};
