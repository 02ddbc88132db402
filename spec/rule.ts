/** What a rule about a text is, and how rules show the text that they refuse. */
import { findCredential } from "./credentials";

/** Why a text is refused, and what to write instead. */
export interface Refusal {
  readonly message: string;
  readonly mend: string;
}

/** A pure check of a text: `undefined` when it is allowed. */
export type Rule = (text: string) => Refusal | undefined;

/** The first refusal of several rules, in their order. */
export function everyRule(...rules: readonly Rule[]): Rule {
  return (text) => {
    for (const rule of rules) {
      const refusal = rule(text);
      if (refusal !== undefined) {
        return refusal;
      }
    }
    return undefined;
  };
}

const LONGEST_SHOWN = 60;

/** The text in quotes for a message: escaped, shortened, and hidden where it looks like a credential. */
export function quote(text: string): string {
  if (findCredential(text) !== undefined) {
    return "(a value that looks like a credential)";
  }
  const shown = Array.from(text).slice(0, LONGEST_SHOWN).join("");
  const escaped = JSON.stringify(shown).replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) =>
    codePoint(character),
  );
  return shown.length < text.length ? `${escaped.slice(0, -1)}…"` : escaped;
}

/** A character as a reader can tell it: itself in quotes, or its code point when it cannot be seen. */
export function showCharacter(character: string): string {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character) ? `"${character}"` : namedCharacter(character);
}

function namedCharacter(character: string): string {
  const names: Readonly<Record<string, string>> = {
    " ": "a space",
    "\n": "a line break",
    "\r": "a carriage return",
    "\t": "a tab",
  };
  return names[character] ?? codePoint(character);
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The first character of the text that the pattern, which describes one allowed character, does not match. */
export function firstCharacterOutside(allowed: RegExp, text: string): string | undefined {
  return Array.from(text).find((character) => !allowed.test(character));
}
