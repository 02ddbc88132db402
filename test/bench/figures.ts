/** Times things side by side: in turn, so that a machine whose speed drifts treats all of them alike. */

/** Of one measured thing: every run, and what to quote. */
export interface Figure {
  readonly runs: readonly number[];
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** @throws Error for no runs at all */
export function figure(runs: readonly number[]): Figure {
  const sorted = [...runs].sort((left, right) => left - right);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (min === undefined || max === undefined || low === undefined || high === undefined) {
    throw new Error("nothing was measured");
  }
  return { runs, min, median: (low + high) / 2, max };
}

/** Pair by pair: the first runs of both, the second ones, and so on. */
export function ratio(numerator: Figure, denominator: Figure): Figure {
  return figure(
    numerator.runs.map((run, index) => {
      const other = denominator.runs[index];
      if (other === undefined) throw new Error("the two have different numbers of runs");
      return run / other;
    }),
  );
}

/** Seconds that each action takes: one round that does not count, then `runs` rounds of all of them in turn. */
export async function measure(
  runs: number,
  actions: Readonly<Record<string, () => Promise<void> | void>>,
): Promise<Readonly<Record<string, Figure>>> {
  const taken = new Map(Object.keys(actions).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= runs; round++) {
    for (const [name, action] of Object.entries(actions)) {
      const began = performance.now();
      await action();
      if (round > 0) taken.get(name)?.push((performance.now() - began) / 1000);
    }
  }
  return Object.fromEntries([...taken].map(([name, seconds]) => [name, figure(seconds)]));
}
