/** Finds the name that somebody meant who wrote a slightly different one. */

/** The nearest of `candidates`, where it is near enough to be meant; case does not count as a difference. */
export function suggest(written: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(written.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "…"?`, or the list of what there is where that is short, or nothing. */
export function hint(written: string, candidates: readonly string[]): string {
  const meant = suggest(written, candidates);
  if (meant !== undefined) {
    return `; did you mean "${meant}"?`;
  }
  return candidates.length > 0 && candidates.length <= 30 ? `; there are ${[...candidates].sort().join(", ")}` : "";
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
