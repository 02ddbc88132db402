/** Package indexes' addresses: whether one has credentials, whose they are, and the same address without them. */

/** `scheme://` with a user part; that ends at the last `@` before the path. A substitution can have a slash of its own. */
const USER_PART = /([a-z][a-z0-9+.-]{0,30}:\/\/)((?:\$\([^)\n]{0,500}\)|\$\{[^}\n]{0,200}\}|[^\s/?#@"'])+)@/gi;

export interface UserPart {
  readonly text: string;
  /** Offsets within the text that was searched; `end` is behind the `@`. */
  readonly start: number;
  readonly end: number;
}

/** The user parts of all addresses in a text, such as `build:token` of `https://build:token@feed.example/simple/`. */
export function userParts(text: string): UserPart[] {
  return Array.from(text.matchAll(USER_PART), (match) => {
    const start = match.index + (match[1] ?? "").length;
    return { text: match[2] ?? "", start, end: match.index + match[0].length };
  });
}

/** Names of the variables that a text expands, `$NAME` and `${NAME…}`. */
export function variablesIn(text: string): string[] {
  return Array.from(
    text.matchAll(/(?<!\\)\$(?:\{([A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*))/g),
    (match) => match[1] ?? match[2] ?? "",
  );
}

/** The variable whose value a text is, as `$NAME` or `${NAME}`; with `${NAME:-…}` it may be another. */
export function soleVariable(text: string): string | undefined {
  const match = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))$/.exec(text.trim());
  return match?.[1] ?? match?.[2];
}

/** How an index's path tells its make. Azure Artifacts asks for credentials; of the others, many do. */
const MAKES: readonly (readonly [RegExp, string, boolean])[] = [
  [/^https?:\/\/[^/\s]+\/(?:[^\s?#]*\/)?_packaging\/[^/\s]+\/pypi\//i, "Azure Artifacts", true],
  [/^https?:\/\/[^/\s]+\/(?:[^\s?#]*\/)?repository\/[^/\s]+\/simple/i, "Nexus", false],
  [/^https?:\/\/[^/\s]+\/(?:[^\s?#]*\/)?api\/pypi\/[^/\s]+\/simple/i, "Artifactory", false],
  [/^https?:\/\/[^/\s]+\/(?:[^\s?#]*\/)?api\/v4\/(?:projects|groups)\/[^\s]+\/packages\/pypi/i, "GitLab", false],
];

export interface PrivateIndex {
  readonly make: string;
  /** Whether it is known to ask for credentials. */
  readonly certain: boolean;
}

/** What private index an address is of, going by its path; `undefined` for the public one and for those that are not known. */
export function privateIndex(address: string): PrivateIndex | undefined {
  const plain = withoutUser(address);
  const found = MAKES.find(([pattern]) => pattern.test(plain));
  return found === undefined ? undefined : { make: found[1], certain: found[2] };
}

export function withoutUser(text: string): string {
  return text.replace(USER_PART, "$1");
}
