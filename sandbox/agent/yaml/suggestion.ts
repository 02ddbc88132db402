/** "Did you mean", for words that application teams wrote: there can be very many of them, and very long ones. */
import { suggest as suggestAmong } from "../../../spec/nearest";

const MOST = 50;
const LONGEST = 100;

/** A mend that names the nearest of the words that would have been right, and the first fifty of them. */
export function suggest(word: string, candidates: readonly string[]): string {
  const some = candidates.filter((candidate) => candidate.length <= LONGEST).slice(0, MOST);
  return suggestAmong(word, some);
}
