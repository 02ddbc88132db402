/** What a bench of builds found, and how it is told: a table, the targets, and what is written to a file. */

/** The ways to build, in the order in which they are shown. */
export const ways = {
  a: "build argument, one stage",
  b: "build argument, two stages",
  c: "as b, cache from the latest image",
  d: "secret mount, no cache",
  e: "copied netrc",
  f: "wheels, an image for each script",
  g: "Wheelhouse",
} as const;

export type Way = keyof typeof ways;

/** What differs from the build before; each but the first is one change. */
export const cases = {
  first: "first build",
  token: "only the token rotated",
  source: "source changed",
  base: "base refreshed",
  requirement: "one requirement changed",
} as const;

export type Case = keyof typeof cases;

/** A `fresh` agent's builder is empty; a `warm` one's has seen the builds before. */
export type Agent = "fresh" | "warm";

/** One build. Seconds of whole processes; bytes as they went over the wire to and from registry and feed. */
export interface Result {
  readonly way: Way;
  readonly case: Case;
  readonly agent: Agent;
  readonly resolveSeconds: number;
  readonly buildSeconds: number;
  readonly scanSeconds: number;
  /** From and to the registry, while building. */
  readonly fetchedBytes: number;
  readonly pushedBytes: number;
  /** From the feed: packages and lists of packages. */
  readonly feedBytes: number;
  /** Compressed layers of all images together, each layer once. */
  readonly imageBytes: number;
  /** Places in which the scan found the job's token. */
  readonly leaks: number;
}

export function wholeSeconds({ resolveSeconds, buildSeconds, scanSeconds }: Result): number {
  return resolveSeconds + buildSeconds + scanSeconds;
}

/**
 * Of several runs of each build, the one in the middle by its whole time, in the order in which the builds first ran.
 * @param samples Of an even number of runs of a build, the slower one of both in the middle.
 */
export function middle(samples: readonly Result[]): Result[] {
  const builds = new Map<string, Result[]>();
  for (const sample of samples) {
    const key = [sample.agent, sample.case, sample.way].join();
    builds.set(key, [...(builds.get(key) ?? []), sample]);
  }
  return [...builds.values()].flatMap((runs) => {
    const sorted = runs.sort((left, right) => wholeSeconds(left) - wholeSeconds(right));
    const one = sorted[sorted.length >> 1];
    return one === undefined ? [] : [one];
  });
}

/** Bytes for people, in decimal units. */
export function bytes(count: number): string {
  if (count < 1e3) return `${count.toFixed(0)} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(0)} kB`;
  return `${(count / 1e6).toFixed(1)} MB`;
}

const columns: readonly { readonly head: string; readonly width: number; readonly text: (of: Result) => string }[] = [
  { head: "resolve", width: 9, text: (of) => (of.resolveSeconds === 0 ? "-" : of.resolveSeconds.toFixed(1)) },
  { head: "build", width: 8, text: (of) => of.buildSeconds.toFixed(1) },
  { head: "scan", width: 7, text: (of) => (of.scanSeconds === 0 ? "-" : of.scanSeconds.toFixed(1)) },
  { head: "whole s", width: 9, text: (of) => wholeSeconds(of).toFixed(1) },
  { head: "fetched", width: 10, text: (of) => bytes(of.fetchedBytes) },
  { head: "pushed", width: 10, text: (of) => bytes(of.pushedBytes) },
  { head: "from feed", width: 11, text: (of) => bytes(of.feedBytes) },
  { head: "image", width: 10, text: (of) => bytes(of.imageBytes) },
  { head: "leaks", width: 7, text: (of) => (of.leaks === 0 ? "none" : of.leaks.toString()) },
];

/** A table for each agent and case, way by way. */
export function table(results: readonly Result[]): string {
  const lines: string[] = [];
  for (const agent of ["fresh", "warm"] as const) {
    for (const [name, title] of Object.entries(cases)) {
      const rows = results.filter((result) => result.agent === agent && result.case === name);
      if (rows.length === 0) continue;
      lines.push("", `${title}, ${agent} agent`);
      lines.push(`  ${"".padEnd(38)}${columns.map(({ head, width }) => head.padStart(width)).join("")}`);
      for (const row of rows) {
        const label = `(${row.way}) ${ways[row.way]}`.padEnd(38);
        lines.push(`  ${label}${columns.map(({ width, text }) => text(row).padStart(width)).join("")}`);
      }
    }
  }
  return lines.join("\n");
}

/** A promise about Wheelhouse's own way, and whether this run keeps it. */
export interface Target {
  readonly text: string;
  readonly limit: number;
  readonly measured: number;
  /** Whether more is better. */
  readonly atLeast: boolean;
  readonly kept: boolean;
}

/** What must be known besides the builds to judge them. */
export interface References {
  /** Seconds of Wheelhouse's own build on a warm agent when nothing at all has changed. */
  readonly cachedSeconds: number;
  /** Compressed bytes of base image, installed packages and source, measured one by one. */
  readonly partsBytes: number;
  /** Compressed bytes of the source. */
  readonly sourceBytes: number;
}

function target(text: string, measured: number, limit: number, atLeast = false): Target {
  return { text, limit, measured, atLeast, kept: atLeast ? measured >= limit : measured <= limit };
}

/** @throws Error where a build that a target is about was not measured */
export function targets(results: readonly Result[], references: References): Target[] {
  const find = (way: Way, name: Case): Result => {
    const found = results.find((result) => result.agent === "fresh" && result.way === way && result.case === name);
    if (found === undefined) throw new Error(`(${way}) ${cases[name]} was not measured on a fresh agent`);
    return found;
  };
  const own = (name: Case): Result => find("g", name);
  const mega = 1e6;
  const quick = ["token", "base", "source"] as const;
  return [
    ...quick.map((name) =>
      target(
        `${cases[name]}: build, in builds that are all cache hits`,
        own(name).buildSeconds / references.cachedSeconds,
        1.5,
      ),
    ),
    target(`${cases.token}: MB fetched from the registry`, own("token").fetchedBytes / mega, 1),
    target(`${cases.base}: MB fetched from the registry`, own("base").fetchedBytes / mega, 1),
    target(
      `${cases.source}: MB fetched from the registry beyond the source`,
      (own("source").fetchedBytes - references.sourceBytes) / mega,
      1,
    ),
    target(
      `${cases.requirement}: whole, in those of (d)`,
      wholeSeconds(own("requirement")) / wholeSeconds(find("d", "requirement")),
      0.5,
    ),
    target("size: MB over base, packages and source", (own("first").imageBytes - references.partsBytes) / mega, 1),
    ...quick.flatMap((name) =>
      (["a", "b", "c"] as const).flatMap((way) => [
        target(
          `${cases[name]}: build of (${way}) over Wheelhouse's`,
          find(way, name).buildSeconds / own(name).buildSeconds,
          10,
          true,
        ),
        target(
          `${cases[name]}: whole of (${way}) over Wheelhouse's`,
          wholeSeconds(find(way, name)) / wholeSeconds(own(name)),
          4,
          true,
        ),
      ]),
    ),
    target(
      "leaks of Wheelhouse, all cases",
      results.filter(({ way }) => way === "g").reduce((sum, { leaks }) => sum + leaks, 0),
      0,
    ),
    ...(["a", "b", "c", "e"] as const).map((way) =>
      target(`leaks found in (${way}), ${cases.first}`, find(way, "first").leaks, 1, true),
    ),
  ];
}

/** One line a target. */
export function verdict({ text, limit, measured, atLeast, kept }: Target): string {
  return `  ${kept ? "kept  " : "MISSED"} ${text.padEnd(64)}${measured.toFixed(2).padStart(9)}  ${atLeast ? "at least" : "at most"} ${limit.toString()}`;
}
