/** Lines as they may be shown: what lint reads can hold credentials, and what it writes goes into logs. */
import { findCredential } from "../../spec/credentials";
import { userParts } from "./addresses";
import { isCredentialName, isHarmlessValue } from "./names";

const HIDDEN = "***";

/** The text with every credential hidden that lint can tell; of the same lines, not of the same length. */
export function shown(text: string): string {
  return text
    .split("\n")
    .map((line) => hidePatterns(hideAssigned(hideUserParts(line))))
    .join("\n");
}

function hideUserParts(line: string): string {
  return userParts(line).reduceRight((text, { text: user, start, end }) => {
    const colon = user.indexOf(":");
    const password = colon < 0 ? user : user.slice(colon + 1);
    if (/^[$%`<]/.test(password) || /^git$/i.test(user)) return text;
    return `${text.slice(0, start)}${colon < 0 ? "" : user.slice(0, colon + 1)}${HIDDEN}@${text.slice(end)}`;
  }, line);
}

/** `NAME=value`, `ENV NAME value` and `--name value` where the name is that of a credential; the password of a netrc. */
function hideAssigned(line: string): string {
  const hide = (all: string, before: string, name: string, sign: string, value: string) =>
    isCredentialName(name.replace(/-/g, "_")) && !isPlain(value) ? `${before}${name}${sign}${HIDDEN}` : all;
  return line
    .replace(/()([A-Za-z_][A-Za-z0-9_-]*)(=)("[^"]*"|'[^']*'|[^\s"',\]]+)/g, hide)
    .replace(/^(\s*ENV\s+)([A-Za-z_]\w*)(\s+)(.+)$/i, hide)
    .replace(/(--?)([A-Za-z][A-Za-z0-9_-]*)(["']?,?\s+["']?)([^\s"',\]]+)/g, hide)
    .replace(/\b(password\s+)(?![$%"'])(\S+)/gi, `$1${HIDDEN}`)
    .replace(/\b((?:Bearer|Basic)\s+)(?![$%])([A-Za-z0-9+/_.=~-]{8,})/g, `$1${HIDDEN}`);
}

/** A variable, a substitution, an operator or another option: nothing to hide. */
function isPlain(value: string): boolean {
  const bare = value.replace(/^["']|["']$/g, "");
  return /^[$%<&|;\\]|^--?[a-z]|\$[({A-Za-z_]/.test(bare) || isHarmlessValue(bare);
}

/** Words that look like a token, in a line in which there is one. */
function hidePatterns(line: string): string {
  if (findCredential(line) === undefined) return line;
  return line.replace(/[A-Za-z0-9+/_=-]{16,}/g, (word) =>
    findCredential(word) !== undefined || /[0-9]/.test(word) ? HIDDEN : word,
  );
}
