/** Gathers what is found, each secret in each place once, within bounds. */
import { allowRule, type AllowList } from "./allow";
import { publishedRule } from "./published";
import { type PatternKind } from "./patterns";
import { type Excluded, type Finding } from "./report";
import { type Hit } from "./search";

/** Findings that are listed at most. A scan that finds more has shown enough. */
const listedFindings = 1000;
const listedExclusions = 200;

interface Entry {
  readonly order: number;
  readonly place: string;
  readonly finding: Finding;
  count: number;
}

/** Where a finding lies, as far as the reader of the content knows it. */
export type Where = Finding["where"];

export class Collector {
  private readonly entries = new Map<string, Entry>();
  private readonly exclusions = new Map<string, Entry & { readonly rule: string }>();
  private readonly ruleCounts = new Map<string, number>();
  private unlistedCount = 0;

  constructor(private readonly allowed: AllowList) {}

  /** Takes a hit. `place` tells one place from others; `where` is asked for once for each. */
  add(hit: Hit, place: string, path: string, where: () => Where): void {
    const rule =
      hit.kind === "literal"
        ? undefined
        : (hit.excluded ?? publishedRule(path, hit.kind) ?? allowRule(this.allowed, hit, path));
    const key = [place, hit.kind, hit.encoding, hit.secret].join("\0");
    if (rule !== undefined) this.ruleCounts.set(rule, (this.ruleCounts.get(rule) ?? 0) + 1);
    const known = rule === undefined ? this.entries.get(key) : this.exclusions.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const full = rule === undefined ? this.entries.size >= listedFindings : this.exclusions.size >= listedExclusions;
    if (full) {
      if (rule === undefined) this.unlistedCount += 1;
      return;
    }
    const { kind, encoding, secret, source } = hit;
    const finding = { kind, encoding, secret, ...(source === undefined ? {} : { source }), count: 1, where: where() };
    if (rule === undefined) this.entries.set(key, { order: this.entries.size, place, finding, count: 1 });
    else this.exclusions.set(key, { order: this.exclusions.size, place, finding, count: 1, rule });
  }

  /** Whether this secret was found in a place whose name begins so. */
  has(placePrefix: string, hit: Hit): boolean {
    for (const [key, { finding }] of this.entries) {
      if (key.startsWith(placePrefix) && finding.secret === hit.secret) return true;
    }
    for (const [key, { finding }] of this.exclusions) {
      if (key.startsWith(placePrefix) && finding.secret === hit.secret) return true;
    }
    return false;
  }

  /** One secret in one place is one finding, whatever else it looks like: given secrets go before patterns. */
  findings(): Finding[] {
    const chosen = new Map<string, Entry & { readonly alsoAs: Set<PatternKind> }>();
    const entries = [...this.entries.values()];
    const isGiven = ({ finding }: Entry): boolean => finding.kind === "literal";
    for (const entry of [...entries.filter(isGiven), ...entries.filter((one) => !isGiven(one))]) {
      const { kind, encoding, secret } = entry.finding;
      const same = `${entry.place}\0${secret}`;
      const known = chosen.get(same);
      if (known === undefined) chosen.set(same, { ...entry, alsoAs: new Set() });
      else if (kind === "literal") chosen.set(`${same}\0${encoding}`, { ...entry, alsoAs: new Set() });
      else if (kind !== known.finding.kind) known.alsoAs.add(kind);
    }
    return [...chosen.values()]
      .toSorted((one, other) => one.order - other.order)
      .map(({ finding, count, alsoAs }) => ({
        ...finding,
        count,
        ...(alsoAs.size === 0 ? {} : { alsoAs: [...alsoAs] }),
      }));
  }

  get unlisted(): number {
    return this.unlistedCount;
  }

  excluded(): Excluded[] {
    return [...this.exclusions.values()].map(({ finding, count, rule }) => ({ finding: { ...finding, count }, rule }));
  }

  excludedCount(): Record<string, number> {
    return Object.fromEntries(this.ruleCounts);
  }
}
