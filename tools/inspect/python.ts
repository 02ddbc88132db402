/** Which Python a repository wants, out of every file that says something of it. */
import { specifierTakes } from "../resolve/versions";
import type { WantedPython } from "./inspection";

/** One file's word on it. */
export interface PythonClaim {
  readonly from: string;
  readonly minor?: string | undefined;
  readonly requires?: string | undefined;
}

/** Minor versions that have come out or are to come; the platform takes 3.9 and newer. */
const MINORS = Array.from({ length: 32 }, (_, minor) => minor + 9);

/**
 * The first version that is plain, with what the project requires.
 * @param claims those that count most first.
 * @param notes gets a line for each claim that differs.
 */
export function wantedPython(claims: readonly PythonClaim[], notes: string[]): WantedPython | undefined {
  const exact = claims.find(({ minor }) => minor !== undefined);
  const ranged = claims.find(({ requires }) => requires !== undefined);
  const only = exact?.minor ?? onlyMinor(ranged?.requires);
  const from = exact?.from ?? ranged?.from;
  if (from === undefined) return undefined;
  for (const claim of claims) {
    if (claim.minor !== undefined && claim.minor !== only) {
      notes.push(`${claim.from} says Python ${claim.minor}, and ${from} says ${only ?? "another"}`);
    }
  }
  const requires = ranged?.requires;
  return {
    ...(requires === undefined ? {} : { requires }),
    ...(only === undefined ? {} : { minor: only }),
    from,
  };
}

/** The one minor version that a specifier such as `==3.12.*` or `>=3.12,<3.13` takes. */
function onlyMinor(specifier: string | undefined): string | undefined {
  if (specifier === undefined) return undefined;
  const taken = MINORS.filter((minor) => specifierTakes(specifier, { major: 3, minor }) !== false);
  // What takes the last of them takes whatever comes after, too.
  return taken.length === 1 && taken[0] !== MINORS.at(-1) ? `3.${taken[0]}` : undefined;
}

/** `3.12` of `3.12.4`, `python-3.12.4` or `3.12`, as `.python-version` and `runtime.txt` have it. */
export function minorOf(text: string): string | undefined {
  const line = text
    .split("\n")
    .map((one) => one.replace(/#.*$/, "").trim())
    .find((one) => one !== "");
  return /^(?:c?python-)?(3\.[0-9]{1,2})(?:\.[0-9]+)?$/i.exec(line ?? "")?.[1];
}
