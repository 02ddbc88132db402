/** Searches a content for tests: cut into pieces, and without an image around it. */
import { SearchRules, Search, type Hit } from "../../../tools/scan/search";

export interface Found {
  readonly hits: readonly Hit[];
  /** Without those that count as no secret. */
  readonly leaks: readonly Hit[];
}

/** @param cuts where the content is cut into pieces. */
export function find(
  content: Buffer | string,
  options: { secrets?: readonly string[]; patterns?: boolean; cuts?: readonly number[]; path?: string } = {},
): Found {
  const { secrets = [], patterns = secrets.length === 0, cuts = [], path = "" } = options;
  const rules = new SearchRules(
    secrets.map((value) => ({ value, source: "test" })),
    patterns,
  );
  const hits: Hit[] = [];
  const bytes = Buffer.from(content);
  const search = new Search(rules, {
    regionAt: () => ({ start: 0, end: bytes.length, path }),
    onHit: (hit) => hits.push(hit),
  });
  let start = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
    search.push(bytes.subarray(start, cut));
    start = cut;
  }
  search.end();
  return { hits, leaks: hits.filter(({ excluded }) => excluded === undefined) };
}
