/** Takes the lines that name indexes out of requirements files, and credentials out of a project's own sources. */
import { userParts, withoutUser } from "../lint/addresses";
import type { Reason } from "./proposal";

export interface Edited {
  readonly text: string;
  readonly reasons: readonly Reason[];
  /** Addresses of the indexes, without credentials. */
  readonly indexes: readonly string[];
}

const INDEX_LINE = /^\s*(-i|--index-url|--extra-index-url|--trusted-host)(?:\s+|=)(\S+)/;
const PUBLIC = /^https?:\/\/(?:[\w-]+\.)*(?:pypi\.org|pypi\.python\.org|files\.pythonhosted\.org)(?:\/|$)/i;

/** Whether an address is of the public index. */
export function isPublicIndex(address: string): boolean {
  return PUBLIC.test(withoutUser(address));
}

/** A requirements file without its index lines; every other line stays as it is. */
export function withoutIndexLines(text: string): Edited {
  const reasons: Reason[] = [];
  const indexes: string[] = [];
  const kept = text.split("\n").filter((line) => {
    const [, flag = "", value = ""] = INDEX_LINE.exec(line) ?? [];
    if (flag === "") return true;
    if (flag !== "--trusted-host" && !isPublicIndex(value)) indexes.push(withoutUser(value));
    reasons.push({ what: `${flag} goes`, why: whyOf(flag, userParts(value).length > 0) });
    return false;
  });
  return { text: kept.join("\n").replace(/^\n+/, ""), reasons, indexes };
}

function whyOf(flag: string, hasUser: boolean): string {
  if (flag === "--trusted-host") return "it turns the check of the index's certificate off";
  const index =
    flag === "--extra-index-url"
      ? "pip takes the highest version of any index, so a stranger's package of the same name would win; the feed, with the public index behind it, is the only index"
      : "the build names the feed itself";
  return hasUser ? `it has a user part, which everyone who reads the repository sees; ${index}` : index;
}

/** Requirements that no index has: by URL, by path, editable, and options that name other places. */
export function directRequirements(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) =>
      /^(?:-e|--editable|-f|--find-links|--no-index)\b|:\/\/|^[^\s;]+\s*@\s|^\.{0,2}\/|^[~\\]/.test(line),
    )
    .filter((line) => !INDEX_LINE.test(line));
}

/** A `pyproject.toml` or Pipfile whose sources have no user part any more. */
export function withoutSourceCredentials(text: string): Edited {
  const indexes: string[] = [];
  const reasons: Reason[] = [];
  const lines = text.split("\n").map((line) => {
    const [, before = "", address = ""] = /^(\s*url\s*=\s*["'])(https?:\/\/[^"']+)/.exec(line) ?? [];
    if (address === "") return line;
    const bare = withoutUser(address);
    if (!isPublicIndex(bare)) indexes.push(bare);
    if (bare === address) return line;
    reasons.push({
      what: "the source's address goes without its user part",
      why: "the credentials are a netrc, which is there while packages are installed and nowhere else",
    });
    return `${before}${bare}${line.slice(before.length + address.length)}`;
  });
  return { text: lines.join("\n"), reasons, indexes };
}

/** Names of the variables in the user parts of addresses, such as `FEED_TOKEN` of `https://build:${FEED_TOKEN}@…`. */
export function credentialVariables(text: string): readonly string[] {
  return userParts(text).flatMap(({ text: part }) =>
    Array.from(part.matchAll(/\$\{?([A-Za-z_]\w*)\}?/g), (match) => match[1] ?? ""),
  );
}
