/** "Did you mean": the nearest of the words that would have been right. */

/** Number of single-character insertions, deletions, replacements and swaps of neighbours between two words. */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const replaced = at(last, column - 1) + (same ? 0 : 1);
      let best = Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced);
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        best = Math.min(best, at(beforeLast, column - 2) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

/** The candidate that a reader would take the word for; `undefined` where none is near. Letter case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase().slice(0, 80);
  let found: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase());
    const limit = Math.max(1, Math.floor(Math.max(lower.length, candidate.length) / 3));
    if (distance <= limit && (found === undefined || distance < found.distance)) {
      found = { candidate, distance };
    }
  }
  return (
    found?.candidate ??
    candidates.find((candidate) => lower.length >= 4 && sameBeginning(lower, candidate.toLowerCase()))
  );
}

/** Whether two words differ in their endings only, such as `retry` and `retries`. */
function sameBeginning(left: string, right: string): boolean {
  return left.slice(0, 4) === right.slice(0, 4);
}

/** A mend that names the nearest candidate, and all of them. */
export function suggest(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  const all = `known here: ${[...candidates].sort().join(", ")}`;
  return near === undefined ? all : `did you mean ${near}? ${all}`;
}
