/** Reads the header in which a registry says how it wants to be signed in to (RFC 9110, section 11.6.1). */

/** One way to sign in that a registry offers. */
export interface Challenge {
  /** In lower case: `basic`, `bearer` or another. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const pairPattern = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*(?:,|$)/;
const schemePattern = /^[\s,]*([!#$%&'*+.^_`|~\w-]+)(?:\s+|\s*(?:,|$))/;

/** Every challenge in a `WWW-Authenticate` header; what cannot be read ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let rest = header;
  for (;;) {
    const scheme = schemePattern.exec(rest);
    if (scheme?.[1] === undefined) return challenges;
    rest = rest.slice(scheme[0].length);
    const parameters = new Map<string, string>();
    for (let pair = pairPattern.exec(rest); pair !== null; pair = pairPattern.exec(rest)) {
      parameters.set((pair[1] ?? "").toLowerCase(), pair[2]?.replace(/\\(.)/g, "$1") ?? pair[3] ?? "");
      rest = rest.slice(pair[0].length);
    }
    challenges.push({ scheme: scheme[1].toLowerCase(), parameters });
  }
}
