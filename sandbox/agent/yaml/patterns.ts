/** Patterns of branches and paths in triggers. */

/**
 * Whether a text matches: `?` is one character, `*` any number of them. Letter case counts.
 * @param within a character that `?` and `*` do not go over; `**` goes over it
 */
export function matches(pattern: string, text: string, within?: string): boolean {
  const wildcard = pattern.search(/[*?]/);
  if (wildcard === -1) return pattern === text;
  if (!text.startsWith(pattern.slice(0, wildcard))) return false;
  // A row of what can match so far, so that no pattern takes more than the product of the lengths.
  let row = Array.from({ length: text.length + 1 }, (_, end) => end === 0);
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const crosses = character === "*" && pattern.charAt(index + 1) === "*";
    if (crosses) index++;
    row = next(row, text, character, crosses ? undefined : within);
  }
  return row[text.length] === true;
}

function next(row: readonly boolean[], text: string, character: string, within: string | undefined): boolean[] {
  const result: boolean[] = [];
  for (let end = 0; end <= text.length; end++) {
    const last = text.charAt(end - 1);
    if (character === "*") {
      result.push(row[end] === true || (end > 0 && result[end - 1] === true && last !== within));
    } else {
      const same = character === "?" ? last !== within : last === character;
      result.push(end > 0 && same && row[end - 1] === true);
    }
  }
  return result;
}

/** Whether a pattern has a `*` or `?`. */
export function hasWildcard(pattern: string): boolean {
  return /[*?]/.test(pattern);
}
