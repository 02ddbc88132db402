/** Gathers what is found, each secret in each place once, within bounds. */
import { allowRule, type AllowList } from "./allow";
import { publishedRule } from "./published";
import { type Excluded, type Finding } from "./report";
import { type Hit } from "./search";

/** Findings that are listed at most. A scan that finds more has shown enough. */
const listedFindings = 1000;
const listedExclusions = 200;

interface Entry {
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
    if (rule === undefined) this.entries.set(key, { finding, count: 1 });
    else this.exclusions.set(key, { finding, count: 1, rule });
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

  findings(): Finding[] {
    return [...this.entries.values()].map(({ finding, count }) => ({ ...finding, count }));
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
